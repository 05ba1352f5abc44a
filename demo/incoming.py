"""What is on its way when the demo starts: three orders with suppliers and a transfer to Köln.

- the hooks of the story are ordered: the warehouse gets sixty more six days after the start;
- one order is late, so that the list has something to put first;
- of a third a part has come and is on its way to Köln already: the shelves hold what `stock.toml`
  says, to the unit.
"""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from fulfilment.inbound import purchases, transfers
from fulfilment.inbound.purchases import Wanted
from fulfilment.models import PurchaseOrder
from kit import clock
from kit.database import transaction

WAREHOUSE = "lager"
SENT_ON = "RS9-PER"
_SENT = 12
_BY = {"actor": "demo"}


def put_all(start: datetime) -> int:
    """Order goods, take a part in and send it on; a second time does nothing.

    Args:
        start: the demo's first instant; days are counted from it.

    Returns:
        How many documents bring goods.
    """
    with transaction() as session:
        if session.get(PurchaseOrder, "EK-2611") is not None:
            return 0
    today = clock.berlin(start).date()
    with clock.frozen(start - timedelta(days=9)), transaction() as session:
        _order_from_suppliers(session, today)
    with clock.frozen(start - timedelta(days=2)), transaction() as session:
        purchases.receive(
            session, "EK-2611", [(SENT_ON, _SENT)], key="WE-1", note="LS 80417", **_BY
        )
    with clock.frozen(start - timedelta(days=1)), transaction() as session:
        _send_on(session, today + timedelta(days=1))
    return 4


def _order_from_suppliers(session: Session, today: date) -> None:
    soon, late = today + timedelta(days=6), today - timedelta(days=1)
    orders = {
        "EK-2611": ("Kunstköder Nord", [Wanted(SENT_ON, 36, soon), Wanted("RS9-MOT", 48, soon)]),
        "EK-2612": ("Hakenkontor Solingen", [Wanted("OH-3-0", 60, soon)]),
        "EK-2613": ("Rheinwerk Haushalt AG", [Wanted("KM-X100-CRE", 8, late)]),
    }
    for number, (supplier, lines) in orders.items():
        purchases.place(
            session, supplier=supplier, location=WAREHOUSE, lines=lines, number=number, **_BY
        )


def _send_on(session: Session, arrives_on: date) -> None:
    number = transfers.request(
        session,
        origin=WAREHOUSE,
        location="koeln",
        lines=[(SENT_ON, _SENT)],
        expected_on=arrives_on,
        number="UL-2611",
        **_BY,
    )
    transfers.send(session, number, **_BY)
