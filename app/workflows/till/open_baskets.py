"""What customers began elsewhere and finish at the counter: reserved goods, a web basket."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills.conflicts import Found
from app.workflows import reserve_in_store, saved_baskets
from app.workflows.till.documents import Sale
from kit.errors import NotFound, Refused


def hand_over(session: Session, device: Device, sale: Sale, printed: str, found: Found) -> None:
    """Free what was put aside for this customer, so that the sale takes those very units.

    Raises:
        NotFound: ``store_hold``, of a till that is online.
        Refused: ``store_hold_state``, of a till that is online: expired, or handed over before.
    """
    if sale.hold_ref is None:
        return
    try:
        reserve_in_store.collect_in(
            session,
            sale.hold_ref,
            location=device.location,
            actor=f"till {device.code}",
            document=printed,
        )
    except (NotFound, Refused) as problem:
        if not sale.offline:
            raise
        found.add("store_hold", hold_ref=sale.hold_ref, why=problem.code)


def close(session: Session, sale: Sale, order_refs: Sequence[str], found: Found) -> None:
    """Note that a web basket was bought at the counter: nobody orders it a second time."""
    if sale.basket_code is None or not order_refs:
        return
    try:
        saved_baskets.sold_in(session, sale.basket_code, order_refs[0])
    except (NotFound, Refused) as problem:
        found.add("basket", basket_code=sale.basket_code, why=problem.code)
