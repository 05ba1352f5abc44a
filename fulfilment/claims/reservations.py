"""Reservations: units of a placed order, held at a location until a deadline.

Each one ends exactly once: claimed, released, expired or lost. Its state changes only under the
lock of its place, with a statement that asks for `held`.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import covering, shortages
from fulfilment.models.claims import RESERVATION_STATES, became
from fulfilment.stock.balances import Balance, Changes, Place, at, columns, whole, write
from fulfilment.stock.locks import lock_balances, note_locked
from kit import clock
from kit.arrays import literal
from kit.errors import Refused
from kit.ids import new_id
from kit.plain import ClosingFailed, Plain, close_with, execute_plain


@dataclass(frozen=True, slots=True)
class Want:
    """Units of an order line that are wanted at a location."""

    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int


class ReservationView(NamedTuple):
    """A reservation as it was when it was read."""

    id: uuid.UUID
    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int
    state: str
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None


COLUMNS = "id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at, ended_at"

_HOLD = b"SELECT hold_stock($1, $2, $3, $4, $5, $6, $7, $8, false)"
_HOLD_OR_FAIL = b"SELECT hold_stock($1, $2, $3, $4, $5, $6, $7, $8, true)"
_HOLD_NOW = b"CALL hold_stock_now($1, $2, $3, $4, $5, $6, $7, $8)"
_NOT_FREE = "KS001"
_by_place = attrgetter("location", "sku")
_PLACE = text(
    """
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT wanted.id, :order_ref, wanted.line_id, wanted.sku, wanted.location, wanted.quantity,
        'held', :now, :expires_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:line_ids AS uuid[]), CAST(:skus AS text[]),
        CAST(:locations AS text[]), CAST(:quantities AS int[])
    ) AS wanted (id, line_id, sku, location, quantity)
    """
)
_EXPIRE = text(
    f"""
    UPDATE stock_reservations AS held
    SET {became(RESERVATION_STATES, "held", "expired")}, ended_at = :now
    FROM unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)
    WHERE held.state = 'held' AND held.expires_at <= :now
        AND held.location = place.location AND held.sku = place.sku
    RETURNING held.location, held.sku, held.quantity
    """
)
_OF_ORDER = text(
    f"SELECT {COLUMNS} FROM stock_reservations WHERE order_ref = :order_ref"
    " ORDER BY placed_at, sku, location, id"
)
_EXTEND = text(
    """
    UPDATE stock_reservations SET expires_at = :expires_at
    WHERE id = ANY(:ids) AND state = 'held' AND expires_at < :expires_at
    """
)
_RELEASE = text(
    f"""
    UPDATE stock_reservations
    SET {became(RESERVATION_STATES, "held", "released")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'held'
    RETURNING {COLUMNS}
    """
)
_DUE_PLACES = text(
    """
    SELECT DISTINCT location, sku FROM (
        SELECT location, sku FROM stock_reservations
        WHERE state = 'held' AND expires_at <= :now
        LIMIT :limit
    ) AS due
    """
)


def place(
    session: Session,
    *,
    order_ref: str,
    wants: Sequence[Want],
    expires_at: datetime,
    last: bool = False,
) -> list[ReservationView]:
    """Hold units for an order until a deadline: all of them, or none.

    Args:
        session: the open transaction.
        order_ref: whose they are.
        wants: which line wants how many units from where; several may share one SKU and place.
        expires_at: UTC instant from which they count as free again.
        last: hold as the last thing of the transaction, together with its COMMIT. A place that
            everybody wants is locked for a moment only; see `refused_at_once` for when it fails.

    Returns:
        One held reservation per want, in order.

    Raises:
        Invalid: ``quantity``.
        Refused: ``stock_short`` with `short`: a list of sku, location, wanted and available.
        ClosingFailed: with `last`, at the end of the transaction.
    """
    for want in wants:
        whole(want.quantity)
    if not wants:
        return []
    now = clock.now()
    placed = [
        ReservationView(
            new_id(), order_ref, want.line_id, want.sku, want.location, want.quantity,
            "held", now, expires_at, None,
        )
        for want in wants
    ]  # fmt: skip
    if last:
        close_with(session, _hold(placed, _HOLD_OR_FAIL, _HOLD_NOW))
    elif execute_plain(session, _hold(placed, _HOLD)) == b"t":
        note_locked(session, [(row.location, row.sku) for row in placed])
    else:
        _hold_slowly(session, placed)
    return placed


def refused_at_once(error: ClosingFailed) -> bool:
    """Tell whether a transaction failed because what it was to hold `last` is not simply free.

    Nothing of it happened. Done again without `last`, expired reservations are ended first, and a
    refusal says what is short.
    """
    return error.sqlstate == _NOT_FREE


def _hold(rows: Sequence[ReservationView], statement: bytes, alone: bytes = b"") -> Plain:
    """Write the statement that holds units which are free without a further look."""
    rows = sorted(rows, key=_by_place)
    first = rows[0]
    parameters = (
        first.order_ref,
        str(first.placed_at),
        str(first.expires_at),
        literal([row.id for row in rows]),
        literal([row.line_id for row in rows]),
        literal([row.sku for row in rows]),
        literal([row.location for row in rows]),
        literal([row.quantity for row in rows]),
    )
    return Plain(statement, [text.encode() for text in parameters], alone)


def _hold_slowly(session: Session, rows: Sequence[ReservationView]) -> None:
    """Hold units of places that have enough only when expired reservations are ended, or refuse."""
    changes = Changes()
    for row in rows:
        changes.of(row.location, row.sku).reserved += row.quantity
    held = lock_balances(session, changes.by_place, create=False)
    require(session, held, {place: change.reserved for place, change in changes.by_place.items()})
    session.execute(
        _PLACE,
        {
            "order_ref": rows[0].order_ref,
            "now": rows[0].placed_at,
            "expires_at": rows[0].expires_at,
            "ids": [row.id for row in rows],
            "line_ids": [row.line_id for row in rows],
            "skus": [row.sku for row in rows],
            "locations": [row.location for row in rows],
            "quantities": [row.quantity for row in rows],
        },
    )
    write(session, changes)


def require(session: Session, held: dict[Place, Balance], wanted: Mapping[Place, int]) -> None:
    """Make sure that locked places can promise so many units, ending what has expired there.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances; those of places where reservations expired are replaced.
        wanted: units by place.

    Raises:
        Refused: ``stock_short``; nothing has changed but that expired reservations are ended.
    """
    tight = [place for place, units in wanted.items() if at(held, place).available < units]
    if tight:
        end_expired(session, held, tight)
    short = [
        {
            "sku": place[1],
            "location": place[0],
            "wanted": wanted[place],
            "available": at(held, place).available,
        }
        for place in sorted(tight)
        if at(held, place).available < wanted[place]
    ]
    if short:
        raise Refused("stock_short", short=short)


def end_expired(
    session: Session,
    held: dict[Place, Balance],
    places: Collection[Place],
    now: datetime | None = None,
) -> int:
    """End the reservations past their deadline at locked places, and give their units back.

    Unpaid backorders past theirs end with them: nothing is owed to them any more.

    Args:
        session: the transaction that holds the locks.
        held: the locked balances.
        places: where to look.
        now: the instant that counts; the shop's clock where None.

    Returns:
        How many reservations ended. `held` is brought up to date.
    """
    covering.end_expired(session, held, places, now)
    reserved = [place for place in places if at(held, place).reserved > 0]
    if not reserved:
        return 0
    ended = expire_rows(session, reserved, now)
    changes = Changes()
    for location, sku, quantity in ended:
        changes.of(location, sku).reserved -= quantity
    write(session, changes)
    for place in changes.by_place:
        held[place] = changes.after(held[place])
    return len(ended)


def expire_rows(
    session: Session, places: Collection[Place], now: datetime | None = None
) -> list[tuple[str, str, int]]:
    """End the reservations past their deadline at locked places; the balances are the caller's.

    Returns:
        (location, SKU, units) of each that ended.
    """
    rows = session.execute(_EXPIRE, {**columns(places), "now": now or clock.now()})
    return [(row.location, row.sku, row.quantity) for row in rows]


def of_order(session: Session, order_ref: str) -> list[ReservationView]:
    """Return all reservations of an order, whatever became of them."""
    rows = session.execute(_OF_ORDER, {"order_ref": order_ref})
    return [ReservationView(*row) for row in rows]


def extend(session: Session, order_ref: str, expires_at: datetime) -> int:
    """Move the deadline of an order's held reservations, never to an earlier instant.

    A reservation past its deadline that nobody needed yet is held again by this.

    Returns:
        How many reservations of the order are held until `expires_at` or later.
    """
    rows = [row for row in of_order(session, order_ref) if row.state == "held"]
    lock_balances(session, [(row.location, row.sku) for row in rows], create=False)
    session.execute(_EXTEND, {"ids": [row.id for row in rows], "expires_at": expires_at})
    return sum(row.state == "held" for row in of_order(session, order_ref))


def release(session: Session, order_ref: str) -> list[ReservationView]:
    """Give back what an order holds, e.g. because it was not paid. Harmless when repeated.

    Returns:
        The reservations that this call released.
    """
    rows = [row for row in of_order(session, order_ref) if row.state == "held"]
    shortages.forget_unpaid(session, order_ref, "released")
    if not rows:
        return []
    lock_balances(session, [(row.location, row.sku) for row in rows], create=False)
    released = [
        ReservationView(*row)
        for row in session.execute(_RELEASE, {"ids": [row.id for row in rows], "now": clock.now()})
    ]
    changes = Changes()
    for row in released:
        changes.of(row.location, row.sku).reserved -= row.quantity
    write(session, changes)
    return released


def expire_due(session: Session, now: datetime | None = None, limit: int = 500) -> int:
    """End reservations past their deadline; the sweeper calls it every few seconds.

    Args:
        session: the open transaction.
        now: the instant that counts; the shop's clock where None.
        limit: look at so many reservations at most, so that no lock is held for long.

    Returns:
        How many reservations ended.
    """
    due = {"now": now or clock.now(), "limit": limit}
    places = [(location, sku) for location, sku in session.execute(_DUE_PLACES, due)]
    held = lock_balances(session, places, create=False)
    return end_expired(session, held, places, now)
