"""Sales over the counter: the goods in the customer's hand win.

A sale is never refused for stock. What the books lack is booked as found first, and somebody has
to count; if the sale eats units that are promised, those who lose are named by `losses`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment import counts, losses
from fulfilment.balances import Place, summed
from fulfilment.locks import lock_balances
from fulfilment.movements import Move, digest, move
from fulfilment.shortages import Loss

_SOLD = text(
    """
    SELECT movement.sku, movement.quantity, movement.cause
    FROM stock_movement_keys AS used
    JOIN stock_movements AS movement
        ON movement.id = used.movement_id AND movement.booked_at = used.booked_at
    WHERE used.digest = ANY(:digests)
    """
)


@dataclass(frozen=True, slots=True)
class Sold:
    """What a sale did to the books.

    `found` is what they lacked, as (SKU, units); `lost` are the claims that the sale has eaten;
    `repeated` says that the sale had been booked before (then `lost` is empty).
    """

    found: list[tuple[str, int]]
    lost: list[Loss]
    repeated: bool = False


def sell(
    session: Session,
    *,
    location: str,
    lines: Iterable[tuple[str, int]],
    document: str,
    actor: str,
    key: str,
    sold_at: datetime | None = None,
) -> Sold:
    """Book a sale over the counter. The same key again moves nothing.

    Args:
        session: the open transaction.
        location: the store, a location code.
        lines: (SKU, units above 0); a SKU that comes twice is added up.
        document: the receipt number.
        actor: which till, which person.
        key: of this sale.
        sold_at: when it happened, where the till was offline; now where None.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
    """
    quantities = summed(lines)
    places: dict[str, Place] = {sku: (location, sku) for sku in quantities}
    held = lock_balances(session, places.values())
    before = session.execute(_SOLD, {"digests": _digests(key, quantities)}).all()
    if before:
        found = [(row.sku, row.quantity) for row in before if row.cause == "found"]
        return Sold(found, [], repeated=True)
    # Units in a tote are not what the customer holds in the hand.
    free = {sku: held[place].shelf - held[place].picked for sku, place in places.items()}
    found = [
        (sku, quantity - free[sku]) for sku, quantity in quantities.items() if quantity > free[sku]
    ]
    extra = dict(found)
    keep = {
        place: held[place].shelf + extra.get(sku, 0) - quantities[sku]
        for sku, place in places.items()
    }
    lost = losses.drop(session, held, keep, cause="till_sale")
    moves = [
        Move(sku, units, "variance", None, "shelf", location, "found", document, f"{key}/{sku}/+")
        for sku, units in found
    ] + [
        Move(sku, units, "shelf", location, "customer", None, "till_sale", document, f"{key}/{sku}")
        for sku, units in quantities.items()
    ]
    move(session, moves, actor=actor, channel="till", held=held, happened_at=sold_at)
    surprises = {(location, sku): units for sku, units in extra.items()}
    counts.surprised(session, surprises, cause="found", document=document, actor=actor)
    return Sold(found, lost)


def _digests(key: str, skus: Iterable[str]) -> list[uuid.UUID]:
    return [digest(f"{key}/{sku}{ending}") for sku in skus for ending in ("", "/+")]
