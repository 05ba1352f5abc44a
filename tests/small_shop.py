"""A shop small enough to know by heart: three articles, a warehouse and two stores, two customers.

Built through the domains' own functions, once per test database and day of the shop's clock: later
tests are given a copy. A test reads every figure it asserts from here.
"""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import devices
from app.sales import baskets
from app.workflows.buyers import Buyer
from catalog import pricing, publishing
from fulfilment.models import FulfilmentOrder, StockBalance
from fulfilment.places import locations
from fulfilment.routing import snapshot
from fulfilment.stock import ledger, safety
from kit import clock
from kit.database import transaction
from loyalty import customers
from tests import emptying

WEDNESDAY = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)  # 12:30 in Berlin
FRIDAY = date(2026, 11, 27)
LURE, HOOK, PAN = "RS-9-MO", "OH-30", "PAN-28"
LURE_GTIN, HOOK_GTIN = "9520000000011", "9520000000028"
LURE_MINOR, HOOK_MINOR, PAN_MINOR = 690, 490, 8900
MUELLER = "2104881"
TOKEN = "till-token-of-the-small-shop"

KEPT = "small_shop"
"""Beginning of the name under which a copy is kept."""
_HOURS = {str(day): ["09:00", "19:00"] for day in range(6)} | {"6": None}
_PLACES = {
    "lager": ("warehouse", "Lager Kassel", "34123", "HE", 51.2988, 9.5297, "16:00"),
    "bonn": ("store", "Bonn", "53111", "NW", 50.7362, 7.1002, "16:00"),
    "koeln": ("store", "Köln", "50676", "NW", 50.9312, 6.9515, "12:00"),
}
_MAKER = {"name": "Maker", "address": "Weg 1, 53111 Bonn", "email": "maker@example.org"}


def build(stock: dict[tuple[str, str], int]) -> None:
    """Create the shop with this stock: units by (location, SKU)."""
    snapshot.forget()
    # What stands in it is dated: a shop of another day's clock is another shop.
    kept = f"{KEPT}_{clock.today():%Y_%m_%d}"
    with transaction() as session:
        if not emptying.bring(session, kept):
            _without_stock(session)
            emptying.keep_as(session, kept)
        for (place, sku), units in sorted(stock.items()):
            ledger.receive(
                session,
                place,
                [(sku, units)],
                document="opening",
                actor="test",
                key=f"opening/{place}/{sku}",
            )


def _without_stock(session: Session) -> None:
    _places(session)
    _goods(session)
    publishing.put_price_group(
        session, "stamm", name_de="Stammkunde", name_en="Regular", discount_basis_points=500
    )
    customers.enrol(
        session,
        number=MUELLER,
        name="Jürgen Müller",
        email="mueller@example.org",
        phone="+4926114710777",
        street="Moselweg 3",
        postal_code="56068",
        city="Koblenz",
        price_group="stamm",
        contact_by="call",
        home_location="bonn",
    )
    devices.enrol(session, code="bonn-1", name="Kasse 1", location="bonn", token=TOKEN)


def _places(session: Session) -> None:
    locations.put_tariff(
        session,
        code="paket",
        name="Paket",
        carrier="DHL",
        carrier_days=[0, 1, 2, 3, 4, 5],
        zones=[[2000, 2, 0]],
        groups={"std": {"steps": [2000, 31500], "minor": [490, 890], "max_parcels": 5}},
    )
    for position, (code, facts) in enumerate(_PLACES.items()):
        kind, name, postal_code, state, latitude, longitude, cut_off = facts
        locations.put(
            session,
            code=code,
            kind=kind,
            name=name,
            street="Weg 1",
            postal_code=postal_code,
            city=name,
            state=state,
            phone="+492280000",
            email=f"{code}@example.org",
            contact="Frau Adler",
            latitude=latitude,
            longitude=longitude,
            opening_hours=_HOURS,
            cut_off=cut_off,
            capacity_per_day=50,
            handling_line_minor=50,
            handling_unit_minor=10,
            groups=["std"],
            tariffs=["paket"],
            position=position,
        )


def _goods(session: Session) -> None:
    publishing.put_price_group(
        session, "standard", name_de="Alle", name_en="Everyone", discount_basis_points=0
    )
    publishing.put_category(session, "koeder", name_de="Köder", name_en="Lures")
    goods = (
        (LURE, LURE_GTIN, "Rheinshad 9 cm", LURE_MINOR, 40),
        (HOOK, HOOK_GTIN, "Offset-Haken 3/0", HOOK_MINOR, 12),
        (PAN, "9520000000035", "Schmiedepfanne 28 cm", PAN_MINOR, 1900),
    )
    for sku, gtin, name, price, grams in goods:
        publishing.put_product(
            session,
            sku.lower(),
            category="koeder",
            family="lure_shad",
            name_de=name,
            name_en=name,
            text_de="Text.",
            text_en="Text.",
            brand="Rhein",
            maker=_MAKER,
        )
        publishing.put_item(session, sku, product=sku.lower(), gtin=gtin, weight_grams=grams)
        pricing.set_price(session, sku, price, datetime(2026, 1, 1, tzinfo=UTC))
    publishing.put_link(
        session,
        "needs",
        HOOK,
        source=LURE,
        reason_de="passt zu Rheinshad 9 cm",
        reason_en="fits Rheinshad 9 cm",
    )


def buyer(**changes: object) -> Buyer:
    """Herr Müller, who wants his goods sent to Koblenz and to be called."""
    facts: dict[str, object] = {
        "name": "Jürgen Müller",
        "email": "mueller@example.org",
        "street": "Moselweg 3",
        "postal_code": "56068",
        "city": "Koblenz",
        "phone": "+4926114710777",
        "contact_by": "call",
    }
    return Buyer(**{**facts, **changes})  # type: ignore[arg-type]


def basket_with(*lines: tuple[str, int], number: str | None = None) -> str:
    """Fill a new web basket and return its token."""
    with transaction() as session:
        basket = baskets.open_(session, "web")
        for sku, quantity in lines:
            baskets.add(session, basket, sku, quantity)
        baskets.attach_customer(session, basket, number)
        return basket.token


def books(session: Session) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Return on hand, quarantined, reserved, allocated of every place that ever held something."""
    return {
        (row.location, row.sku): (row.on_hand, row.quarantined, row.reserved, row.allocated)
        for row in session.scalars(select(StockBalance).execution_options(populate_existing=True))
    }


def job_at(session: Session, order_ref: str, location: str) -> uuid.UUID:
    """Return the id of the order's live fulfilment order at a location."""
    return session.execute(
        select(FulfilmentOrder.id).where(
            FulfilmentOrder.order_ref == order_ref,
            FulfilmentOrder.location == location,
            FulfilmentOrder.state != "cancelled",
        )
    ).scalar_one()


def keep_back(session: Session, location: str, sku: str, units: int) -> None:
    """Set a safety stock."""
    safety.put(session, {(location, sku): units}, reason="for the counter", actor="test")
