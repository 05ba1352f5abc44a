"""Who loses when a place holds less than it has promised.

Reservations that expired lose nothing: they were free already. Then
1. held reservations, the latest deadline first,
2. open allocations, the latest promise first, among equals the last allocated,
3. never a picked unit: it lies in a tote or parcel, so it is there.
Each loss opens a shortage, so that the order is routed again (house rule).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import reservations, shortages
from fulfilment.claims.shortages import Loss
from fulfilment.models.claims import ALLOCATION_STATES, RESERVATION_STATES, became
from fulfilment.stock.balances import Balance, Changes, Place, at, columns, write
from kit import clock
from kit.ids import new_id

_PLACES = "unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)"

_HELD = text(
    f"""
    SELECT id, order_ref, line_id, sku, location, quantity
    FROM stock_reservations JOIN {_PLACES} USING (location, sku)
    WHERE state = 'held'
    ORDER BY expires_at DESC, placed_at DESC, id DESC
    """
)
_OPEN = text(
    f"""
    SELECT id, order_ref, line_id, sku, location, quantity
    FROM stock_allocations JOIN {_PLACES} USING (location, sku)
    WHERE state = 'open'
    ORDER BY promised_on DESC, allocated_at DESC, id DESC
    """
)
_LOSE = "UPDATE {table} SET {became}, ended_at = :now WHERE id = ANY(:ids) AND state = '{state}'"
# Part of a claim is lost: the row keeps what is left, and a new row stands for what is gone.
_LOSE_PART = """
    WITH part AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:new_ids AS uuid[]), CAST(:quantities AS int[])
        ) AS part (id, new_id, quantity)
    ), rest AS (
        UPDATE {table} AS claim SET quantity = claim.quantity - part.quantity
        FROM part WHERE claim.id = part.id
        RETURNING claim.*, part.new_id, part.quantity AS gone
    )
    INSERT INTO {table} (id, quantity, state, ended_at, {kept})
    SELECT new_id, gone, 'lost', :now, {kept} FROM rest
"""
_KEPT = {
    "stock_reservations": "order_ref, line_id, sku, location, placed_at, expires_at",
    "stock_allocations": (
        "order_ref, line_id, sku, location, promised_on, fulfilment_order_id, allocated_at"
    ),
}
_LOST = {
    "stock_reservations": ("held", became(RESERVATION_STATES, "held", "lost")),
    "stock_allocations": ("open", became(ALLOCATION_STATES, "open", "lost")),
}
_LOSE_WHOLE = {
    table: text(_LOSE.format(table=table, state=state, became=lost))
    for table, (state, lost) in _LOST.items()
}
_LOSE_SOME = {
    table: text(_LOSE_PART.format(table=table, kept=kept)) for table, kept in _KEPT.items()
}


@dataclass(slots=True)
class _Taken:
    """Claims of one table that lose: whole rows, and parts of rows."""

    table: str
    whole: list[uuid.UUID] = field(default_factory=list)
    parts: list[tuple[uuid.UUID, int]] = field(default_factory=list)


def drop(
    session: Session, held: dict[Place, Balance], keep: Mapping[Place, int], *, cause: str
) -> list[Loss]:
    """Take claims away until each place promises no more than `keep` units.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances; brought up to date.
        keep: by place, the units that reservations and allocations may add up to; not fewer than
            are picked there.
        cause: of the shortages.

    Returns:
        What was lost, in the order in which it was taken away.
    """
    tight = [place for place in sorted(keep) if _claimed(held, place) > keep[place]]
    if not tight:
        return []
    reservations.end_expired(session, held, tight)
    excess = {place: _claimed(held, place) - keep[place] for place in tight}
    losses, changes = _end_excess(session, excess)
    write(session, changes)
    for place in changes.by_place:
        held[place] = changes.after(held[place])
    shortages.open_all(session, losses, cause=cause)
    return losses


def end(session: Session, excess: Mapping[Place, int], *, cause: str) -> list[Loss]:
    """Take claims away, so many units of each place; the balances are the caller's.

    Args:
        session: the transaction that holds the locks.
        excess: by place, the units of claims that the shelf does not cover.
        cause: of the shortages.

    Returns:
        What was lost, in the order in which it was taken away.
    """
    losses, _ = _end_excess(session, excess)
    shortages.open_all(session, losses, cause=cause)
    return losses


def _end_excess(session: Session, excess: Mapping[Place, int]) -> tuple[list[Loss], Changes]:
    """End claims until `excess` is used up; return them, and what the balances lose by it."""
    left = {place: units for place, units in excess.items() if units > 0}
    changes = Changes()
    losses: list[Loss] = []
    for query, table in ((_HELD, "stock_reservations"), (_OPEN, "stock_allocations")):
        if not left:
            break
        taken = _Taken(table)
        for row in session.execute(query, columns(left)):
            loss = _take(row, left, taken)
            if loss is None:
                continue
            losses.append(loss)
            change = changes.of(loss.location, loss.sku)
            if table == "stock_reservations":
                change.reserved -= loss.quantity
            else:
                change.allocated -= loss.quantity
        _end(session, taken)
        left = {place: units for place, units in left.items() if units > 0}
    return losses, changes


def _claimed(held: Mapping[Place, Balance], place: Place) -> int:
    balance = at(held, place)
    return balance.reserved + balance.allocated


def _take(row: Any, excess: dict[Place, int], taken: _Taken) -> Loss | None:
    place = (row.location, row.sku)
    units = min(row.quantity, excess[place])
    if units <= 0:
        return None
    excess[place] -= units
    if units == row.quantity:
        taken.whole.append(row.id)
    else:
        taken.parts.append((row.id, units))
    return Loss(row.order_ref, row.line_id, row.sku, row.location, units)


def _end(session: Session, taken: _Taken) -> None:
    now = clock.now()
    if taken.whole:
        session.execute(_LOSE_WHOLE[taken.table], {"ids": taken.whole, "now": now})
    if taken.parts:
        session.execute(
            _LOSE_SOME[taken.table],
            {
                "now": now,
                "ids": [number for number, _ in taken.parts],
                "new_ids": [new_id() for _ in taken.parts],
                "quantities": [units for _, units in taken.parts],
            },
        )


def by_sku(losses: Sequence[Loss]) -> dict[str, int]:
    """Add up lost units by SKU."""
    total: dict[str, int] = {}
    for loss in losses:
        total[loss.sku] = total.get(loss.sku, 0) + loss.quantity
    return total
