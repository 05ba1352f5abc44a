"""What the counters have offered when the demo starts: one that stands, one that has expired.

So the till shows a list of offers, the mail sink their letters, and one waits to be quoted again.
"""

from datetime import timedelta

from sqlalchemy import select

from app.identity.models import Device
from app.sales.offer_models import CounterOffer
from app.tills import cashiers
from app.workflows import counter_offers
from app.workflows.counter_offers import NewOffer, Wish
from demo import people
from kit import clock
from kit.database import reading

# Who, how many days ago, for how many days, put aside, what, and the adviser's words.
_OFFERS = (
    ("abendroth", 0, 7, False, (("RS9-FEU", 2), ("PT75-UKE", 1)),
     "Für den Zander am Abend: langsam führen, dicht über dem Grund."),
    ("akguen", 12, 7, False, (("AS12-PER", 1), ("RS7-ROT", 2)),
     "Die Rute dazu zeige ich Ihnen gern beim nächsten Mal."),
)  # fmt: skip


def put_all() -> int:
    """Make the offers, each at its own time; a second time does nothing. Return how many."""
    with reading() as session:
        if session.scalar(select(CounterOffer.id).limit(1)) is not None:
            return len(_OFFERS)
        till = session.scalars(
            select(Device).where(Device.location == "bonn").order_by(Device.code).limit(1)
        ).one()
        advisers = cashiers.at(session, "bonn")
    rows = {row["key"]: row for row in people.customer_rows()}
    now = clock.now()
    for key, days_ago, days, hold, lines, note in _OFFERS:
        who = rows[key]
        new = NewOffer(
            offer_id=f"demo-offer-{key}",
            lines=[Wish(sku, quantity) for sku, quantity in lines],
            name=who["name"],
            email=who["email"],
            days=days,
            hold=hold,
            note=note,
            cashier=advisers[0].code if advisers else None,
            customer_number=who["number"],
            address={name: who[name] for name in ("street", "postal_code", "city")},
        )
        with clock.frozen(now - timedelta(days=days_ago)):
            counter_offers.make(till, new)
    return len(_OFFERS)
