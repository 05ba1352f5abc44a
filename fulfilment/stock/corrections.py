"""A mistake in the books is corrected by a movement the other way; the mistake stays on record.

What other records count beside the ledger is undone where they are kept, so that both agree:
- a till sale and a return by a return or a sale, a shipment by a return;
- a transfer by closing it or by sending the goods back;
- a repair of the books by a count.
"""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.models.stock import StockMovement
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from kit.errors import Invalid, NotFound, Refused

UNDONE_ELSEWHERE = {
    "till_sale": "return",
    "return": "till_sale",
    "shipment": "return",
    "transfer_out": "transfer",
    "transfer_in": "transfer",
    "transfer_lost": "transfer",
    "reconciliation": "count",
}
"""Causes that have a way of their own to be undone, and which."""

_EARLIER = text(
    """
    SELECT id, key FROM stock_movements
    WHERE sku = :sku AND id > :id AND cause = 'correction'
        AND split_part(document, ':', 1) = :document
    """
)


def correct(session: Session, movement_id: int, *, reason: str, actor: str, key: str) -> int:
    """Book a movement the other way, with the cause ``correction``.

    Units of a lot that is called back come back into quarantine instead of onto the shelf.

    Args:
        session: the open transaction.
        movement_id: the movement that was a mistake.
        reason: why it was one, in words.
        actor: who corrects it.
        key: of this correction; the same key again moves nothing.

    Returns:
        The id of the correction. Its document names the movement and the reason.

    Raises:
        Invalid: ``reason`` where there is none.
        NotFound: ``movement``.
        Refused: ``undone_elsewhere`` with `cause` and `way`; ``movement_corrected`` with `by`, the
            id of the correction; ``stock_short``: the units are gone, or promised to customers;
            ``recalled``: goods that are called back would go on sale again.
    """
    if not reason.strip():
        raise Invalid("reason")
    row = session.scalar(select(StockMovement).where(StockMovement.id == movement_id))
    if row is None:
        raise NotFound("movement", movement=movement_id)
    if row.cause in UNDONE_ELSEWHERE:
        way = UNDONE_ELSEWHERE[row.cause]
        raise Refused("undone_elsewhere", movement=movement_id, cause=row.cause, way=way)
    sides = (row.from_location, row.to_location)
    held = lock_balances(session, [(place, row.sku) for place in sides if place])
    name, key = f"movement {movement_id}", f"{key}/correction"
    found = session.execute(_EARLIER, {"sku": row.sku, "id": movement_id, "document": name}).first()
    if found is not None and found.key == key:
        return int(found.id)
    if found is not None:
        raise Refused("movement_corrected", movement=movement_id, by=found.id)
    back = Move(
        row.sku,
        row.quantity,
        row.to_account,
        row.to_location,
        row.from_account,
        row.from_location,
        "correction",
        f"{name}: {reason.strip()}",
        key,
        row.lot,
    )
    return move(session, [back], actor=actor, channel="backoffice", held=held)[0]
