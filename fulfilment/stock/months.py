"""The months of the stock ledger: each is a partition, opened ahead, closed when it is over.

1. A month is opened before the first movement of it is booked: by the scheduler, ahead of time, or
   by whoever books first.
2. When it is over it is closed: what every account that moved held before and after is written
   down, and nothing is booked into the month any more.
3. A closed month is proved by itself: before plus its movements is after, and before is the after
   of the account's row before. Sums of hashes over all accounts answer both, in two scans; only
   where they differ are the accounts looked at one by one, and named.
4. A closed month can be detached and kept elsewhere; its closing stays, and the books still prove.

Months are those of UTC, by `booked_at`: what an offline till sold in March and sends in April is
booked in April.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, TextClause, select, text
from sqlalchemy.orm import Session

from fulfilment.models.stock import StockMonth
from kit import clock, database
from kit.errors import NotFound, Refused

AHEAD = 2
"""So many months after the present one are open."""

LINGER = timedelta(days=1)
"""A month stays open so long after its end, for clocks that are a little apart."""

# The months that this process has seen open, by the engine through which it saw them.
_open: WeakKeyDictionary[Engine, set[date]] = WeakKeyDictionary()

_IS_OPEN = text("SELECT to_regclass(stock_month_table(CAST(:month AS date))) IS NOT NULL")
_OPEN = text("SELECT open_stock_month(CAST(:month AS date))")
_CLOSE = text("SELECT close_stock_month(CAST(:month AS date), :now)")
_FIRST = text("SELECT min(booked_at) FROM stock_movements")
_LATEST = text("SELECT max(month) FROM stock_months")
_PROVED = text(
    """
    SELECT stock_month_moved(:month) = closed.moved,
        stock_months.standing,
        closed.standing + coalesce((
            SELECT before.standing FROM stock_months AS before
            WHERE before.month < stock_months.month ORDER BY before.month DESC LIMIT 1
        ), 0)
    FROM stock_months CROSS JOIN stock_month_closed(:month) AS closed
    WHERE stock_months.month = :month
    """
)
_ENDS = text(
    """
    SELECT sku, account, location, sum(booked), sum(summed)
    FROM (
        SELECT sku, account, location, 0 AS booked, quantity AS summed
        FROM stock_month_entries(:month)
        UNION ALL
        SELECT sku, account, location, quantity, opening
        FROM stock_closings WHERE month = :month
    ) AS entry
    GROUP BY sku, account, location
    HAVING sum(booked) <> sum(summed)
    ORDER BY sku, account, location
    """
)
_OPENINGS = text(
    """
    SELECT closing.sku, closing.account, closing.location, closing.opening,
        coalesce(earlier.quantity, 0)
    FROM stock_closings AS closing
    LEFT JOIN LATERAL (
        SELECT before.quantity FROM stock_closings AS before
        WHERE before.sku = closing.sku AND before.account = closing.account
            AND before.location = closing.location AND before.month < closing.month
        ORDER BY before.month DESC LIMIT 1
    ) AS earlier ON true
    WHERE closing.month = :month AND closing.opening <> coalesce(earlier.quantity, 0)
    ORDER BY closing.sku, closing.account, closing.location
    """
)


@dataclass(frozen=True, slots=True)
class Gap:
    """An account whose row of a month is wrong: `booked` is what it says, `summed` what is right.

    Either its end is not what the month's movements sum up to, or its beginning is not the end of
    the row before. Where rows have changed and none of them can be named (an older row changed in
    step with this one), one gap without a SKU has the month's two sums of hashes.
    """

    sku: str
    account: str
    location: str
    booked: int
    summed: int


def month_of(instant: datetime) -> date:
    """Return the first day of the ledger's month that an instant falls into."""
    return instant.astimezone(UTC).date().replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def open_for(session: Session, instant: datetime) -> None:
    """Make sure that movements can be booked at an instant.

    The month is opened by a transaction of its own, so that no lock of it lasts; in nearly all
    calls it is known to be open and this costs nothing.

    Raises:
        psycopg.errors.RaiseException: the month is closed; the clock was put back.
    """
    engine = session.get_bind().engine
    known, month = _open.setdefault(engine, set()), month_of(instant)
    if month in known:
        return
    if not session.scalar(_IS_OPEN, {"month": month}):
        with database.apart(engine) as connection:
            connection.execute("SELECT open_stock_month(%s)", [month])
    known.add(month)


def open_ahead(session: Session) -> None:
    """Open this month and the next ones; the scheduler calls it every day."""
    month = month_of(clock.now())
    for _ in range(AHEAD + 1):
        session.execute(_OPEN, {"month": month})
        month = _next(month)


def close_due(session: Session) -> date | None:
    """Close the oldest open month that has been over for `LINGER`.

    Returns:
        The month that this call closed; None when no month is due.
    """
    due = month_of(clock.now() - LINGER)
    latest = session.scalar(_LATEST)
    if latest is not None:
        month = _next(latest)
    else:
        first = session.scalar(_FIRST)
        if first is None:
            return None
        month = month_of(first)
    if month >= due:
        return None
    closed = session.scalar(_CLOSE, {"month": month, "now": clock.now()})
    return month if closed else None


def closed(session: Session) -> list[StockMonth]:
    """Return the closed months, the latest first."""
    return list(session.scalars(select(StockMonth).order_by(StockMonth.month.desc())))


def prove(session: Session, month: date, *, thorough: bool = False) -> list[Gap]:
    """Compare the closing of a month with the closing before it and the month's movements.

    Args:
        session: any session.
        month: the first day of a closed month whose movements are in the database.
        thorough: look at every account that moved, and at its row before, even where the sums
            agree; minutes instead of seconds, for what cannot be taken back.

    Returns:
        What disagrees; empty when the month is right. That the sums agree although an account is
        wrong has a chance of one in 2^63 for each change (weights and fingerprints are hashes of
        64 bits); they are no seal against somebody who forges them.

    Raises:
        NotFound: ``stock_month``; it is not closed.
        Refused: ``stock_month_detached``.
    """
    row = session.get(StockMonth, month)
    if row is None:
        raise NotFound("stock_month", month=month.isoformat())
    if row.detached_at is not None:
        raise Refused("stock_month_detached", month=month.isoformat())
    asked = {"month": month}
    moved_right, standing, computed = session.execute(_PROVED, asked).one()
    gaps = []
    if thorough or not moved_right:
        gaps += _gaps(session, _ENDS, asked)
    if thorough or standing != computed:
        gaps += _gaps(session, _OPENINGS, asked)
    if standing != computed and not gaps:
        gaps.append(Gap("", "standing", "", int(standing), int(computed)))
    return gaps


def _gaps(session: Session, question: TextClause, asked: dict[str, date]) -> list[Gap]:
    return [
        Gap(sku, account, location, int(booked), int(summed))
        for sku, account, location, booked, summed in session.execute(question, asked)
    ]


def prove_all(session: Session) -> Iterator[tuple[date, list[Gap]]]:
    """Prove every closed month that is in the database, the latest first."""
    for row in closed(session):
        if row.detached_at is None:
            yield row.month, prove(session, row.month)
