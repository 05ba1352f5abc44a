"""What did we believe on Wednesday at 12:30, and what do we know now about Wednesday at 12:30?

The ledger knows two times of every movement: when it happened (`moved_at`) and when the books
learned of it (`booked_at`). Nothing is booked before it happens.
1. What the books said at an instant: the movements booked by then.
2. What we know now about that instant: the movements that had happened by then, booked or not.
3. The difference is what was booked later and had happened before: a till that was offline.
Claims and settings have one time only; both views share them. A reservation counts until its
deadline, as it did then; one that was extended later counts with its later deadline.

Closings of months are used where there are any, so that only the months in between are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.stock.movements import Movement
from kit import clock
from kit.errors import Invalid, Refused

LATEST = datetime(9999, 12, 31, tzinfo=UTC)

POINTS = 240
"""A plot of stock over time has at most so many steps."""

_ATTACHED = text("SELECT max(month) FROM stock_months WHERE detached_at IS NOT NULL")
_CLOSED_BY = text(
    "SELECT max(month) FROM stock_months"
    " WHERE stock_month_start((month + interval '1 month')::date) <= :instant"
)
# What an account of the place held when `month` ended, and what moved since then until `instant`.
_SAID = text(
    """
    SELECT coalesce(sum(quantity) FILTER (WHERE account IN ('shelf', 'quarantine')), 0),
        coalesce(sum(quantity) FILTER (WHERE account = 'quarantine'), 0),
        coalesce(sum(quantity) FILTER (WHERE account = 'transit'), 0)
    FROM (
        SELECT account, quantity FROM stock_held_at_end_of(CAST(:month AS date)) AS closing
        WHERE sku = :sku AND location = :location
        UNION ALL
        SELECT to_account, quantity FROM stock_movements
        WHERE sku = :sku AND to_location = :location
            AND booked_at >= :since AND booked_at <= :instant
        UNION ALL
        SELECT from_account, -quantity FROM stock_movements
        WHERE sku = :sku AND from_location = :location
            AND booked_at >= :since AND booked_at <= :instant
    ) AS entry
    """
)
_LATE = text(
    """
    SELECT id, sku, quantity, from_account, from_location, to_account, to_location, lot, cause,
        document, actor, channel, moved_at, booked_at
    FROM stock_movements
    WHERE sku = :sku AND booked_at > :instant AND moved_at <= :instant
        AND (from_location = :location OR to_location = :location)
    ORDER BY booked_at, id
    """
)
_SPOKEN_FOR = text(
    """
    SELECT
        (SELECT coalesce(sum(quantity), 0) FROM stock_reservations
         WHERE sku = :sku AND location = :location AND placed_at <= :instant
            AND expires_at > :instant AND coalesce(ended_at, 'infinity') > :instant),
        (SELECT coalesce(sum(quantity), 0) FROM stock_allocations
         WHERE sku = :sku AND location = :location AND allocated_at <= :instant
            AND coalesce(ended_at, 'infinity') > :instant),
        (SELECT coalesce(sum(quantity), 0) FROM stock_backorders
         WHERE sku = :sku AND location = :location AND placed_at <= :instant
            AND coalesce(ended_at, 'infinity') > :instant
            AND (confirmed_at <= :instant OR expires_at > :instant)),
        coalesce((SELECT safety_stock FROM stock_settings
         WHERE sku = :sku AND location = :location AND set_at <= :instant
         ORDER BY id DESC LIMIT 1), 0),
        (SELECT coalesce(sum(greatest(1, abs(difference))), 0) FROM stock_surprises
         WHERE sku = :sku AND location = :location AND cause <> 'count' AND seen_at <= :instant
            AND id > coalesce((SELECT max(id) FROM stock_surprises
                WHERE sku = :sku AND location = :location AND cause = 'count'
                    AND seen_at <= :instant), 0))
    """
)
_STEPS = text(
    """
    SELECT max(booked_at) AS at, sum(signed) AS change
    FROM (
        SELECT booked_at, quantity AS signed FROM stock_movements
        WHERE sku = :sku AND to_location = :location
            AND to_account IN ('shelf', 'quarantine')
            AND booked_at > :since AND booked_at <= :until
        UNION ALL
        SELECT booked_at, -quantity FROM stock_movements
        WHERE sku = :sku AND from_location = :location
            AND from_account IN ('shelf', 'quarantine')
            AND booked_at > :since AND booked_at <= :until
    ) AS entry
    GROUP BY date_bin(CAST(:width AS interval), booked_at, :since)
    ORDER BY at
    """
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a place held of a SKU and who had a claim on it, in units.

    `safety` is the safety stock that was set, `doubt` what surprises of the shelf had added.
    """

    on_hand: int
    quarantined: int
    in_transit: int
    reserved: int
    allocated: int
    backordered: int
    safety: int
    doubt: int

    @property
    def available(self) -> int:
        """Units that could be promised."""
        taken = self.reserved + self.allocated + self.backordered + self.quarantined
        return max(0, self.on_hand - taken - self.safety - self.doubt)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A place at an instant: what the books said then, and what we know now about then.

    `late` are the movements that make the difference: they had happened, the books did not know.
    """

    location: str
    sku: str
    instant: datetime
    said: Holdings
    known: Holdings
    late: list[Movement]


def attached_since(session: Session) -> tuple[date | None, datetime]:
    """Return the last month that was taken out of the database, and the instant after it.

    Returns:
        None and the beginning of time where every month is still there.
    """
    detached = session.scalar(_ATTACHED)
    return detached, _start_after(detached)


def as_of(session: Session, sku: str, location: str, instant: datetime) -> AsOf:
    """Return what the books said at an instant, and what is known now about it.

    Args:
        session: any session.
        sku: which.
        location: where, a location code.
        instant: aware; movements booked or happened at that very instant count.

    Raises:
        Invalid: ``instant``; it has not come yet, or has no time zone.
        Refused: ``stock_month_detached`` with the month and `since`, the oldest instant that can
            be asked for.
    """
    if instant.tzinfo is None or instant > clock.now():
        raise Invalid("instant", instant=instant.isoformat())
    detached, since = attached_since(session)
    if detached is not None and instant < since:
        raise Refused("stock_month_detached", month=detached.isoformat(), since=since.isoformat())
    place = {"sku": sku, "location": location, "instant": instant}
    on_hand, quarantined, in_transit = entries(session, sku, location, instant)
    reserved, allocated, backordered, safety, doubt = session.execute(_SPOKEN_FOR, place).one()
    said = Holdings(
        on_hand=on_hand,
        quarantined=quarantined,
        in_transit=in_transit,
        reserved=int(reserved),
        allocated=int(allocated),
        backordered=int(backordered),
        safety=safety,
        doubt=int(doubt),
    )
    late = [Movement(**row) for row in session.execute(_LATE, place).mappings()]
    return AsOf(location, sku, instant, said, _with(said, location, late), late)


def entries(
    session: Session, sku: str, location: str, instant: datetime = LATEST
) -> tuple[int, int, int]:
    """Return what the entries booked by an instant sum up to: on hand, quarantined, in transit.

    The sum starts from the last month that was closed by then.
    """
    place = {"sku": sku, "location": location, "instant": instant}
    closed = session.scalar(_CLOSED_BY, place)
    bounds = {"month": closed, "since": _start_after(closed)}
    on_hand, quarantined, in_transit = session.execute(_SAID, {**place, **bounds}).one()
    return int(on_hand), int(quarantined), int(in_transit)


def steps(
    session: Session, sku: str, location: str, since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """Return on hand over time, as the books had it: the start, then each change.

    Many changes are put together, so that there are about `POINTS` at most.

    Args:
        session: any session.
        sku: which.
        location: where.
        since: where to begin; not before the oldest month in the database.
        until: where to end.

    Returns:
        (instant, units from then on), by instant; the first at `since`.

    Raises:
        Invalid, Refused: as `as_of` for `since`.
    """
    units = as_of(session, sku, location, since).said.on_hand
    width = max(timedelta(seconds=1), (until - since) / POINTS)
    asked = {"sku": sku, "location": location, "since": since, "until": until, "width": width}
    points = [(since, units)]
    for at, change in session.execute(_STEPS, asked):
        units += int(change)
        points.append((at, units))
    return points


def _start_after(month: date | None) -> datetime:
    """Return the first instant after a month (UTC), or the beginning of time."""
    if month is None:
        return datetime(1, 1, 1, tzinfo=UTC)
    following = (month + timedelta(days=32)).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=UTC)


def _with(said: Holdings, location: str, late: Sequence[Movement]) -> Holdings:
    """Return holdings with movements added that the books did not know of."""
    on_hand, quarantined, in_transit = said.on_hand, said.quarantined, said.in_transit
    for one in late:
        sides = ((one.to_account, one.to_location, 1), (one.from_account, one.from_location, -1))
        for account, place, sign in sides:
            if place != location:
                continue
            on_hand += sign * one.quantity * (account in {"shelf", "quarantine"})
            quarantined += sign * one.quantity * (account == "quarantine")
            in_transit += sign * one.quantity * (account == "transit")
    return replace(said, on_hand=on_hand, quarantined=quarantined, in_transit=in_transit)
