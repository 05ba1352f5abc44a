"""Bring the story's goods back to what the seed offers: counted and delivered, never set.

The story may be played again and again. Each time it uses up hooks and lures, and the hooks that a
picker has reported missing stay locked until somebody counts them.
"""

from sqlalchemy.orm import Session

from demo import stockroom
from fulfilment.answers import availability
from fulfilment.models import StockBalance
from fulfilment.stock import counts, ledger
from fulfilment.stock.balances import Place
from kit import clock
from kit.ids import reference

# Where the story finds what: the warehouse picks, Bonn helps out and sells.
STORY = (("lager", "OH-3-0"), ("lager", "RS9-MOT"), ("bonn", "OH-3-0"), ("bonn", "RS9-MOT"))
_ACTOR = "demo"


def restage(session: Session) -> dict[Place, int]:
    """Count what waits to be counted and deliver what is missing.

    Args:
        session: the open transaction.

    Returns:
        Units delivered by (location, SKU); nothing where all of it was there.
    """
    _count(session)
    missing = {place: units for place in STORY if (units := _missing(session, place)) > 0}
    for (location, sku), units in missing.items():
        document = reference("WE")
        ledger.receive(
            session,
            location,
            [(sku, units)],
            document=document,
            actor=_ACTOR,
            key=f"demo/restage/{document}",
        )
    return missing


def _count(session: Session) -> None:
    """Find what the picker found: what is locked is not there."""
    for location in {location for location, _ in STORY}:
        for task in counts.open_tasks(session, location):
            if (location, task.sku) in STORY:
                held = session.get_one(StockBalance, {"location": location, "sku": task.sku})
                there = held.on_hand - held.picked - held.quarantined
                counts.post(session, task.id, there, actor=_ACTOR)


def _missing(session: Session, place: Place) -> int:
    """Return how many fewer are free than the seed offers."""
    location, sku = place
    there = availability.available(session, [sku], clock.now())[place]
    return stockroom.quantities()[sku][location] - there.safety - there.available
