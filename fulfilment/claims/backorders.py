"""Backorders and pre-orders: units promised beyond what is on hand, with a limit and a day.

1. A place owes no more than its policy allows at once (`backorder_policies`); nothing is promised
   without a day (`backorder_dates`).
2. `place` owes units to an order until a deadline, all or none; `confirm` takes the deadline away.
   One past its deadline is owed nothing, whether or not the sweeper came.
3. When goods come, those who wait are served first (`covering`).
4. A backorder ends exactly once: covered, released, expired, or lost because the goods will not
   come (then it is a shortage, and the order is routed again).
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import backorder_dates, covering, reservations, shortages
from fulfilment.claims.allocations import Missing
from fulfilment.claims.backorder_dates import Outlook
from fulfilment.claims.reservations import Want
from fulfilment.claims.shortages import Loss
from fulfilment.models.backorders import BACKORDER_STATES
from fulfilment.models.claims import became
from fulfilment.stock.balances import Balance, Changes, Place, whole, write
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.errors import Refused
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class BackorderView:
    """A backorder as it was when it was read. `promised_on`: the units are there to be sent."""

    id: uuid.UUID
    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int
    promised_on: date
    state: str
    placed_at: datetime
    expires_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None


class Confirmed(NamedTuple):
    """What a paid order waits for, and what was owed to it and is not any more."""

    waiting: list[BackorderView]
    missing: list[Missing]


COLUMNS = (
    "id, order_ref, line_id, sku, location, quantity, promised_on, state, placed_at, expires_at,"
    " confirmed_at, ended_at"
)
_PLACE = text(
    """
    INSERT INTO stock_backorders (
        id, order_ref, line_id, sku, location, quantity, promised_on, state, placed_at,
        expires_at, confirmed_at
    )
    SELECT owed.id, :order_ref, owed.line_id, owed.sku, owed.location, owed.quantity,
        owed.promised_on, 'waiting', :now, :expires_at, :confirmed_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:line_ids AS uuid[]), CAST(:skus AS text[]),
        CAST(:locations AS text[]), CAST(:quantities AS int[]), CAST(:promised AS date[])
    ) AS owed (id, line_id, sku, location, quantity, promised_on)
    """
)
_OF_ORDER = text(
    f"SELECT {COLUMNS} FROM stock_backorders WHERE order_ref = :order_ref"
    " ORDER BY placed_at, sku, location, id"
)
# Units may turn from owed to reserved before the lock is there: lock the order's places together.
_PLACES_OF_ORDER = text(
    """
    SELECT location, sku FROM stock_backorders WHERE order_ref = :order_ref
    UNION SELECT location, sku FROM stock_reservations WHERE order_ref = :order_ref
    UNION SELECT location, sku FROM stock_allocations
        WHERE order_ref = :order_ref AND state IN ('open', 'picked')
    """
)
_EXTEND = text(
    """
    UPDATE stock_backorders SET expires_at = :expires_at
    WHERE order_ref = :order_ref AND state = 'waiting' AND expires_at < :expires_at
    """
)
_CONFIRM = text(
    f"""
    UPDATE stock_backorders
    SET confirmed_at = :now, expires_at = CASE WHEN state <> 'waiting' THEN expires_at END
    WHERE order_ref = :order_ref AND confirmed_at IS NULL AND state <> 'covered'
    RETURNING {COLUMNS}
    """
)
_RELEASE = text(
    f"""
    UPDATE stock_backorders
    SET {became(BACKORDER_STATES, "waiting", "released")}, ended_at = :now
    WHERE order_ref = :order_ref AND state = 'waiting'
        AND (CAST(:line_ids AS uuid[]) IS NULL
            OR line_id = ANY(CAST(:line_ids AS uuid[])))
    RETURNING {COLUMNS}
    """
)
_LOSE = text(
    f"""
    UPDATE stock_backorders
    SET {became(BACKORDER_STATES, "waiting", "lost")}, ended_at = :now
    WHERE location = :location AND sku = :sku AND state = 'waiting'
        AND order_ref = coalesce(:order_ref, order_ref)
    RETURNING {COLUMNS}
    """
)


def place(
    session: Session, *, order_ref: str, wants: Sequence[Want], expires_at: datetime | None
) -> list[BackorderView]:
    """Owe units to an order: all of them, or none.

    A line that is partly in stock wants the rest here: the caller locks all places of the order
    first (`locks.lock_balances`), then calls `reservations.place` and this.

    Args:
        session: the open transaction.
        order_ref: whose they are.
        wants: which line wants how many units from where; several may share one SKU and place.
        expires_at: UTC instant from which they are owed no longer; None for a paid order.

    Returns:
        One waiting backorder per want, in order, each with its day.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
        Refused: ``backorder_limit`` with `short`: a list of sku, location, wanted and left;
            ``no_date`` with `short`: a list of sku, location and wanted. Nothing is owed then.
    """
    wanted: Counter[Place] = Counter()
    for want in wants:
        wanted[want.location, want.sku] += whole(want.quantity)
    held = lock_balances(session, wanted)
    reservations.end_expired(session, held, wanted)
    outlooks = backorder_dates.outlooks(session, held)
    over = [
        {"sku": sku, "location": code, "wanted": units, "left": max(0, outlooks[code, sku].left)}
        for (code, sku), units in sorted(wanted.items())
        if units > outlooks[code, sku].left
    ]
    if over:
        raise Refused("backorder_limit", short=over)
    dates = [_promise(outlooks, want) for want in wants]
    undated = [
        {"sku": want.sku, "location": want.location, "wanted": want.quantity}
        for want, day in zip(wants, dates, strict=True)
        if day is None
    ]
    if undated:
        raise Refused("no_date", short=undated)
    owed = [(want, day) for want, day in zip(wants, dates, strict=True) if day is not None]
    return _owe(session, order_ref, owed, expires_at)


def _promise(outlooks: dict[Place, Outlook], want: Want) -> date | None:
    outlook = outlooks[want.location, want.sku]
    day = outlook.promise(want.quantity)
    if day is not None:
        outlook.owe(want.quantity, day)
    return day


def _owe(
    session: Session,
    order_ref: str,
    owed: Sequence[tuple[Want, date]],
    expires_at: datetime | None,
) -> list[BackorderView]:
    if not owed:
        return []
    now = clock.now()
    confirmed_at = now if expires_at is None else None
    rows = [
        BackorderView(
            id=new_id(),
            order_ref=order_ref,
            line_id=want.line_id,
            sku=want.sku,
            location=want.location,
            quantity=want.quantity,
            promised_on=day,
            state="waiting",
            placed_at=now,
            expires_at=expires_at,
            confirmed_at=confirmed_at,
            ended_at=None,
        )
        for want, day in owed
    ]
    session.execute(
        _PLACE,
        {
            "order_ref": order_ref,
            "now": now,
            "expires_at": expires_at,
            "confirmed_at": confirmed_at,
            "ids": [row.id for row in rows],
            "line_ids": [row.line_id for row in rows],
            "skus": [row.sku for row in rows],
            "locations": [row.location for row in rows],
            "quantities": [row.quantity for row in rows],
            "promised": [row.promised_on for row in rows],
        },
    )
    changes = Changes()
    for row in rows:
        changes.of(row.location, row.sku).backordered += row.quantity
    write(session, changes)
    return rows


def of_order(session: Session, order_ref: str) -> list[BackorderView]:
    """Return all backorders of an order, whatever became of them, oldest first."""
    rows = session.execute(_OF_ORDER, {"order_ref": order_ref})
    return [BackorderView(*row) for row in rows]


def _lock_order(session: Session, order_ref: str) -> dict[Place, Balance]:
    places = [
        (location, sku)
        for location, sku in session.execute(_PLACES_OF_ORDER, {"order_ref": order_ref})
    ]
    return lock_balances(session, places, create=False)


def extend(session: Session, order_ref: str, expires_at: datetime) -> int:
    """Move the deadline of what an unpaid order waits for, never to an earlier instant.

    Call it before `reservations.extend`: what was covered meanwhile is a reservation then.

    Returns:
        How many of the order's backorders wait until `expires_at` or later, paid ones too.
    """
    if not any(row.state == "waiting" for row in of_order(session, order_ref)):
        return 0
    _lock_order(session, order_ref)
    session.execute(_EXTEND, {"order_ref": order_ref, "expires_at": expires_at})
    return sum(row.state == "waiting" for row in of_order(session, order_ref))


def confirm(session: Session, order_ref: str) -> Confirmed:
    """Take the deadline away: the order is paid. Harmless when repeated.

    What still waits does so even past its deadline, since nobody needed it. What had ended is owed
    again as far as limit and day allow; the rest is missing, and the caller opens shortages.
    Call it before `allocations.from_reservations`: what was covered meanwhile is reserved then.

    Returns:
        What this call confirmed, and what is missing.
    """
    if all(row.confirmed_at or row.state == "covered" for row in of_order(session, order_ref)):
        return Confirmed([], [])
    held = _lock_order(session, order_ref)
    paid = {"order_ref": order_ref, "now": clock.now()}
    rows = [BackorderView(*row) for row in session.execute(_CONFIRM, paid)]
    ended = [row for row in rows if row.state != "waiting"]
    again = _again(session, held, order_ref, [row for row in ended if row.state != "lost"])
    owed_again = Counter[tuple[uuid.UUID, str]]()
    for row in again:
        owed_again[row.line_id, row.location] += row.quantity
    missing = []
    for row in ended:
        lacking = row.quantity - min(row.quantity, owed_again[row.line_id, row.location])
        owed_again[row.line_id, row.location] -= row.quantity - lacking
        if lacking:
            missing.append(Missing(row.line_id, row.sku, row.location, lacking))
    if missing:
        # What an unpaid order had lost is part of what is missing; it is opened anew.
        shortages.forget_unpaid(session, order_ref, "claimed")
    return Confirmed([*(row for row in rows if row.state == "waiting"), *again], missing)


def _again(
    session: Session,
    held: dict[Place, Balance],
    order_ref: str,
    ended: Sequence[BackorderView],
) -> list[BackorderView]:
    """Owe what had ended once more, each part for which limit and day allow it."""
    if not ended:
        return []
    # Reservations stay as they are: this order's own are claimed even past their deadline.
    covering.end_expired(session, held, held)
    outlooks = backorder_dates.outlooks(session, held)
    owed: list[tuple[Want, date]] = []
    for row in ended:
        outlook = outlooks[row.location, row.sku]
        if row.quantity > outlook.left:
            continue
        want = Want(row.line_id, row.sku, row.location, row.quantity)
        day = _promise(outlooks, want)
        if day is not None:
            owed.append((want, max(day, row.promised_on)))
    return _owe(session, order_ref, owed, None)


def release(
    session: Session, order_ref: str, line_ids: Sequence[uuid.UUID] | None = None
) -> list[BackorderView]:
    """Owe an order nothing any more: it was not paid, or it was cancelled. Harmless when repeated.

    Call it before `reservations.release`: what was covered meanwhile is a reservation then.

    Args:
        session: the open transaction.
        order_ref: which order.
        line_ids: only what is owed for these lines.

    Returns:
        The backorders that this call released.
    """
    if not any(row.state == "waiting" for row in of_order(session, order_ref)):
        return []
    _lock_order(session, order_ref)
    lines = None if line_ids is None else list(line_ids)
    asked = {"order_ref": order_ref, "line_ids": lines, "now": clock.now()}
    rows = session.execute(_RELEASE, asked)
    return _ended(session, [BackorderView(*row) for row in rows])


def give_up(
    session: Session,
    location: str,
    sku: str,
    *,
    cause: str = "not_coming",
    order_ref: str | None = None,
) -> list[Loss]:
    """Say that goods will not come: what waits for them is lost, and each loss is a shortage.

    Paid orders are routed again or refunded; an unpaid one is looked after when it is paid.

    Args:
        session: the open transaction.
        location: where they were awaited.
        sku: which.
        cause: of the shortages.
        order_ref: only what this order waits for.

    Returns:
        What was lost.
    """
    held = lock_balances(session, [(location, sku)], create=False)
    covering.end_expired(session, held, held)
    asked = {"location": location, "sku": sku, "order_ref": order_ref, "now": clock.now()}
    rows = _ended(session, [BackorderView(*row) for row in session.execute(_LOSE, asked)])
    lost = [Loss(row.order_ref, row.line_id, row.sku, row.location, row.quantity) for row in rows]
    shortages.open_all(session, lost, cause=cause)
    return lost


def _ended(session: Session, rows: list[BackorderView]) -> list[BackorderView]:
    changes = Changes()
    for row in rows:
        changes.of(row.location, row.sku).backordered -= row.quantity
    write(session, changes)
    return rows
