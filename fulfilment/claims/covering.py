"""What a place owes is served first: waiting backorders at places whose locks are held.

A backorder may have what could otherwise be promised to somebody new: what is free on the shelf
beyond the safety stock. Who was promised first is served first, at one date who ordered first; the
last one may get a part. A paid backorder becomes an open allocation, an unpaid one a reservation
with the same deadline; either carries the backorder's id. One past its deadline is owed nothing.

`movements.move` calls this whenever a shelf has grown. What becomes free in another way (a claim
is given back, a safety stock goes down) is found by `backorders.cover_due`; until then nobody else
can have it, because what is owed is not available.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.events import BackorderCovered
from fulfilment.models.backorders import BACKORDER_STATES
from fulfilment.models.claims import became
from fulfilment.stock.balances import Balance, Changes, Place, at, columns, write
from kit import clock, events
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Covered:
    """Units of an order that are there now; `paid` says whether as allocation or reservation."""

    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int
    paid: bool


@dataclass(slots=True)
class _Taken:
    """Backorders that are covered: whole rows, and parts of rows under an id of their own."""

    whole: list[uuid.UUID] = field(default_factory=list)
    parts: list[tuple[uuid.UUID, uuid.UUID, int]] = field(default_factory=list)

    @property
    def ids(self) -> list[uuid.UUID]:
        return [*self.whole, *(new for _, new, _ in self.parts)]


_PLACES = "unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)"
_EXPIRE = text(
    f"""
    UPDATE stock_backorders AS waiting
    SET {became(BACKORDER_STATES, "waiting", "expired")}, ended_at = :now
    FROM {_PLACES}
    WHERE waiting.state = 'waiting' AND waiting.expires_at <= :now
        AND waiting.location = place.location AND waiting.sku = place.sku
    RETURNING waiting.location, waiting.sku, waiting.quantity
    """
)
_WAITING = text(
    f"""
    SELECT id, order_ref, line_id, sku, location, quantity, confirmed_at IS NOT NULL AS paid
    FROM stock_backorders JOIN {_PLACES} USING (location, sku)
    WHERE state = 'waiting'
    ORDER BY promised_on, placed_at, id
    """
)
_COVER = text(
    f"""
    UPDATE stock_backorders
    SET {became(BACKORDER_STATES, "waiting", "covered")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'waiting'
    """
)
# A part is covered: the row keeps what still waits, and a new row stands for what is covered.
_COVER_PART = text(
    """
    WITH part AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:new_ids AS uuid[]), CAST(:quantities AS int[])
        ) AS part (id, new_id, quantity)
    ), rest AS (
        UPDATE stock_backorders AS waiting SET quantity = waiting.quantity - part.quantity
        FROM part WHERE waiting.id = part.id AND waiting.state = 'waiting'
        RETURNING waiting.*, part.new_id, part.quantity AS gone
    )
    INSERT INTO stock_backorders (
        id, order_ref, line_id, sku, location, quantity, promised_on, state, placed_at,
        expires_at, confirmed_at, ended_at
    )
    SELECT new_id, order_ref, line_id, sku, location, gone, promised_on, 'covered', placed_at,
        expires_at, confirmed_at, :now
    FROM rest
    """
)
_RESERVE = text(
    """
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT id, order_ref, line_id, sku, location, quantity, 'held', :now, expires_at
    FROM stock_backorders WHERE id = ANY(:ids) AND confirmed_at IS NULL
    """
)
_ALLOCATE = text(
    """
    INSERT INTO stock_allocations (
        id, order_ref, line_id, sku, location, quantity, promised_on, state, allocated_at
    )
    SELECT id, order_ref, line_id, sku, location, quantity, promised_on, 'open', :now
    FROM stock_backorders WHERE id = ANY(:ids) AND confirmed_at IS NOT NULL
    """
)


def cover_grown(session: Session, held: Mapping[Place, Balance], changes: Changes) -> list[Covered]:
    """Serve the places whose shelf the changes have made larger; costs nothing where none owes.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances as they were before the changes.
        changes: what was written.
    """
    grown = {
        place: changes.after(held[place])
        for place in changes.by_place
        if at(held, place).backordered and changes.after(held[place]).shelf > held[place].shelf
    }
    return cover(session, grown)


def cover(session: Session, held: dict[Place, Balance]) -> list[Covered]:
    """Give what is free at locked places to the backorders that wait there.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances of the places to look at; brought up to date.

    Returns:
        What was covered, in the order in which it was served. Each order that got something is
        told by `BackorderCovered`.
    """
    end_expired(session, held, held)
    left = {
        place: balance.to_cover
        for place, balance in held.items()
        if balance.backordered and balance.to_cover
    }
    if not left:
        return []
    taken, covered = _Taken(), []
    for row in session.execute(_WAITING, columns(left)):
        units = min(row.quantity, left[row.location, row.sku])
        if units:
            left[row.location, row.sku] -= units
            covered.append(_take(row, units, taken))
    _end(session, taken)
    _claim(session, taken, covered)
    _count(session, held, covered)
    for order_ref in dict.fromkeys(one.order_ref for one in covered):
        events.record(session, BackorderCovered(order_ref=order_ref))
    return covered


def _take(row: Any, units: int, taken: _Taken) -> Covered:
    if units == row.quantity:
        taken.whole.append(row.id)
    else:
        taken.parts.append((row.id, new_id(), units))
    return Covered(row.order_ref, row.line_id, row.sku, row.location, units, row.paid)


def _end(session: Session, taken: _Taken) -> None:
    now = clock.now()
    if taken.whole:
        session.execute(_COVER, {"ids": taken.whole, "now": now})
    if taken.parts:
        session.execute(
            _COVER_PART,
            {
                "now": now,
                "ids": [waiting for waiting, _, _ in taken.parts],
                "new_ids": [new for _, new, _ in taken.parts],
                "quantities": [units for _, _, units in taken.parts],
            },
        )


def _claim(session: Session, taken: _Taken, covered: Iterable[Covered]) -> None:
    claims = {"ids": taken.ids, "now": clock.now()}
    kinds = {one.paid for one in covered}
    if False in kinds:
        session.execute(_RESERVE, claims)
    if True in kinds:
        session.execute(_ALLOCATE, claims)


def _count(session: Session, held: dict[Place, Balance], covered: Iterable[Covered]) -> None:
    changes = Changes()
    for one in covered:
        change = changes.of(one.location, one.sku)
        change.backordered -= one.quantity
        if one.paid:
            change.allocated += one.quantity
        else:
            change.reserved += one.quantity
    _write(session, held, changes)


def end_expired(
    session: Session,
    held: dict[Place, Balance],
    places: Iterable[Place],
    now: datetime | None = None,
) -> int:
    """End the unpaid backorders past their deadline at locked places.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances; brought up to date.
        places: where to look; a place that owes nothing costs nothing.
        now: the instant that counts; the shop's clock where None.

    Returns:
        How many ended.
    """
    owing = [place for place in places if at(held, place).backordered]
    if not owing:
        return 0
    ended = session.execute(_EXPIRE, {**columns(owing), "now": now or clock.now()}).all()
    changes = Changes()
    for location, sku, quantity in ended:
        changes.of(location, sku).backordered -= quantity
    _write(session, held, changes)
    return len(ended)


def _write(session: Session, held: dict[Place, Balance], changes: Changes) -> None:
    write(session, changes)
    for place in changes.by_place:
        held[place] = changes.after(held[place])
