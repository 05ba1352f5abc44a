"""A shelf that holds less than the books say: believed at once, counted as soon as may be."""

from typing import Any

from sqlalchemy.orm import Session

from fulfilment.claims.shortages import Loss
from fulfilment.stock import counts, losses
from fulfilment.stock.balances import Balance, Place
from fulfilment.stock.movements import move
from fulfilment.tracing import picked_lots


def doubt_shelf(
    session: Session,
    held: dict[Place, Balance],
    place: Place,
    missing: int,
    *,
    cause: str,
    key: str,
    **noted: Any,
) -> tuple[int, list[Loss]]:
    """Believe nothing that the books still see on a shelf until somebody has counted it.

    Other claims on it are lost and open shortages; what is left of the shelf goes to quarantine.
    The place is to be counted, and the doubt there grows by what was missing.

    Args:
        session: the transaction that holds the lock of the place.
        held: the locked balances, without the claims on what is missing; brought up to date.
        place: location and SKU.
        missing: units that were looked for and not found.
        cause: of the shortages, the surprise and the count task: short_pick or rejection.
        key: of the movement to quarantine.
        noted: `document`, the order that it was noticed with; `actor`, who looked.

    Returns:
        Units put into quarantine, and the claims of others that had to give way.
    """
    lost = losses.drop(session, held, {place: held[place].picked}, cause=cause)
    rest = held[place].shelf - held[place].picked
    if rest > 0:
        document = f"{noted['document']}: short pick"
        moves = picked_lots.doubted(session, held, place, rest, document=document, base=key)
        move(session, moves, actor=noted["actor"], channel="floor", held=held)
    counts.surprised(session, {place: -missing}, cause=cause, **noted)
    return rest, lost
