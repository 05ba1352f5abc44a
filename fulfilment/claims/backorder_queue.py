"""The queue of those who wait for goods: when each will be served, and what the sweeper does."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from fulfilment.claims import backorder_dates, covering
from fulfilment.claims.backorders import COLUMNS, BackorderView
from fulfilment.claims.covering import Covered
from fulfilment.events import BackorderDelayed
from fulfilment.models.backorders import Backorder
from fulfilment.stock.balances import Place
from fulfilment.stock.locks import lock_balances
from kit import clock, events


@dataclass(frozen=True, slots=True)
class Queued:
    """A waiting backorder with the day on which it will be served as things stand now.

    `expected_on` None: nothing that is known to come will be left for it. `late`: it was promised
    for an earlier day than that.
    """

    backorder: BackorderView
    expected_on: date | None

    @property
    def late(self) -> bool:
        """Whether the promise does not hold as things stand."""
        return self.expected_on is None or self.expected_on > self.backorder.promised_on


_DUE_PLACES = text(
    """
    SELECT DISTINCT location, sku FROM (
        SELECT location, sku FROM stock_backorders
        WHERE state = 'waiting' AND expires_at <= :now
        LIMIT :limit
    ) AS due
    """
)
_SERVABLE = text(
    """
    SELECT DISTINCT balance.location, balance.sku
    FROM stock_backorders AS waiting JOIN stock_balances AS balance USING (location, sku)
    WHERE waiting.state = 'waiting'
        AND balance.on_hand - balance.quarantined - balance.reserved - balance.allocated
            > balance.safety_stock + balance.doubt
    LIMIT :limit
    """
)
_QUEUE = text(
    f"""
    SELECT {COLUMNS} FROM stock_backorders
    WHERE state = 'waiting' AND (expires_at IS NULL OR expires_at > :now)
        AND location = coalesce(:location, location) AND sku = coalesce(:sku, sku)
    ORDER BY promised_on, placed_at, id
    """
)
_REDATE = text(
    """
    UPDATE stock_backorders AS waiting SET promised_on = later.day
    FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS later (id, day)
    WHERE waiting.id = later.id AND waiting.state = 'waiting'
    """
)


def expire_due(session: Session, now: datetime | None = None, limit: int = 500) -> int:
    """End backorders past their deadline; the sweeper calls it every few seconds.

    Args:
        session: the open transaction.
        now: the instant that counts; the shop's clock where None.
        limit: look at so many at most, so that no lock is held for long.

    Returns:
        How many ended.
    """
    due = {"now": now or clock.now(), "limit": limit}
    places = [(location, sku) for location, sku in session.execute(_DUE_PLACES, due)]
    held = lock_balances(session, places, create=False)
    return covering.end_expired(session, held, places, now)


def cover_due(session: Session, limit: int = 200) -> list[Covered]:
    """Serve backorders where units became free without a movement; the sweeper calls it.

    Args:
        session: the open transaction.
        limit: look at so many places at most.
    """
    found = session.execute(_SERVABLE, {"limit": limit})
    places = [(location, sku) for location, sku in found]
    return covering.cover(session, lock_balances(session, places, create=False))


def queue(session: Session, *, location: str | None = None, sku: str | None = None) -> list[Queued]:
    """Return what waits, with the day on which it will be served as things stand: late ones first.

    Args:
        session: any session.
        location: only there.
        sku: only of this.
    """
    asked = {"location": location, "sku": sku, "now": clock.now()}
    waiting: dict[Place, list[BackorderView]] = {}
    for row in session.execute(_QUEUE, asked):
        waiting.setdefault((row.location, row.sku), []).append(BackorderView(*row))
    outlooks = backorder_dates.look(session, waiting.keys())
    queued = [
        Queued(row, day)
        for place, rows in waiting.items()
        for row, day in zip(
            rows, outlooks[place].expected(one.quantity for one in rows), strict=True
        )
    ]
    return sorted(
        queued, key=lambda one: (not one.late, one.backorder.promised_on, one.backorder.placed_at)
    )


def redate(session: Session, location: str, sku: str) -> list[Queued]:
    """Give those who wait at a place the day on which they will be served, where that is later.

    A promise never gets an earlier day, so nobody changes places in the queue. Where nobody knows
    when the goods come, the day stays: it is late, and a person has to find out.

    Args:
        session: the open transaction.
        location: a location code.
        sku: of what.

    Returns:
        The backorders that got a later day, as they were, with that day. Each order is told of by
        `BackorderDelayed`.
    """
    lock_balances(session, [(location, sku)], create=False)
    waiting = queue(session, location=location, sku=sku)
    moved = [one for one in waiting if one.late and one.expected_on is not None]
    if not moved:
        return []
    session.execute(
        _REDATE,
        {
            "ids": [one.backorder.id for one in moved],
            "days": [one.expected_on for one in moved],
        },
    )
    for order_ref in dict.fromkeys(one.backorder.order_ref for one in moved):
        events.record(session, BackorderDelayed(order_ref=order_ref))
    return moved


def overdue(today: date) -> Select[int]:
    """Return the query that counts the backorders whose promised day has passed."""
    late = Backorder.state == "waiting", Backorder.promised_on < today
    return select(func.count(Backorder.id)).where(*late)
