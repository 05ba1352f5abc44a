"""From the database to a routing problem, and the decision back into it.

One query per call for the stock of all lines; locations, calendars and tariffs change rarely and
are kept for some seconds per process.
"""

import time as process_time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from fulfilment.answers.availability import available
from fulfilment.models import ClosedDay, DayLimit, FulfilmentOrder, Location, RoutingDecision
from fulfilment.models import Tariff as TariffRow
from fulfilment.places import geography
from fulfilment.places.calendars import Calendar, local
from fulfilment.routing.decision import Decision
from fulfilment.routing.network import Network
from fulfilment.routing.problem import (
    LATE_MINOR,
    Destination,
    Line,
    Problem,
    Rates,
    Source,
    Tariff,
    Zone,
)
from kit import clock
from kit.errors import NotFound

# What a parcel beyond the first costs in trouble (packing, questions), minor units.
SPLIT_MINOR = 190
# A day later than the customer was told, per parcel: dearer than any faster service.
BROKEN_PROMISE_MINOR = 2_500
# Parcels of one order, all locations together; a limit on everything.
MAX_PARCELS = 20
_KEPT_SECONDS = 5.0
_Days = dict[tuple[str, date], int]


@dataclass(frozen=True)
class _Network:
    """What changes rarely, as plain values: rows would die with the session that read them.

    `per_day` is what a location sends on a day at most, in parcels. `arrays`: the sources as the
    router looks at them.
    """

    sources: Sequence[Source]
    per_day: Mapping[str, int]
    tariffs: Mapping[str, Tariff]
    arrays: Network
    read_at: float


_kept: list[_Network] = []


def forget() -> None:
    """Read locations and tariffs afresh at the next call: after editing them, and between tests."""
    _kept.clear()


def problem_for(  # noqa: PLR0913 - each is a fact that the question may or may not have
    session: Session,
    *,
    lines: Sequence[Line],
    postal_code: str,
    now: datetime,
    promise_on: date | None = None,
    need_by_on: date | None = None,
    extra_available: Mapping[tuple[str, str], int] | None = None,
    collect_at: str | None = None,
    besides: str | None = None,
) -> Problem:
    """Return the routing problem of some order lines as the shop stands now.

    Args:
        session: any session; nothing is locked.
        lines: what is to be sent; several lines of one SKU share its stock.
        postal_code: of the delivery address, or of the store where the order is collected.
        now: instant from which cut-offs count.
        promise_on: what the customer was told already; a day later costs BROKEN_PROMISE_MINOR.
        need_by_on: what they asked for; nothing may arrive later.
        extra_available: units by (location, SKU) to count as free beside the books.
        collect_at: location code of the store where the order is collected.
        besides: reference of the order that is routed again: what waits for it in fulfilment orders
            that nobody picks yet takes no capacity from it.

    Raises:
        NotFound: ``postal_code``.
    """
    place = geography.locate(postal_code)
    if place is None:
        raise NotFound("postal_code", postal_code=postal_code)
    network = _network(session)
    skus = {line.sku for line in lines}
    free: dict[str, dict[str, int]] = {source.location: {} for source in network.sources}
    for (location, sku), held in available(session, skus, now).items():
        # A location newer than the kept network joins when that is read again.
        if location in free:
            free[location][sku] = held.available
    for (location, sku), units in (extra_available or {}).items():
        free[location][sku] = free[location].get(sku, 0) + units
    today = local(now).date()
    busy, limits = _busy(session, today, besides)
    return Problem(
        now=now,
        destination=Destination(postal_code, place.latitude, place.longitude, place.state),
        lines=tuple(lines),
        sources=tuple(
            replace(
                source,
                available=free[source.location],
                capacity=_left(
                    network.per_day[source.location], busy, limits, source.location, today
                ),
            )
            for source in network.sources
        ),
        tariffs=network.tariffs,
        promise_on=promise_on,
        need_by_on=need_by_on,
        late_minor=LATE_MINOR if promise_on is None else BROKEN_PROMISE_MINOR,
        split_minor=SPLIT_MINOR,
        max_parcels=MAX_PARCELS,
        collect_at=collect_at,
        network=network.arrays,
    )


def _network(session: Session) -> _Network:
    if _kept and process_time.monotonic() - _kept[0].read_at < _KEPT_SECONDS:
        return _kept[0]
    rows = list(session.scalars(select(Location).order_by(Location.position, Location.code)))
    closed: dict[str, set[date]] = {row.code: set() for row in rows}
    for day in session.scalars(select(ClosedDay)):
        closed[day.location].add(day.day)
    sources = [_source(row, calendar(row, closed[row.code])) for row in rows]
    tariffs = {row.code: _tariff(row) for row in session.scalars(select(TariffRow))}
    network = _Network(
        sources=sources,
        per_day={row.code: row.capacity_per_day for row in rows},
        tariffs=tariffs,
        arrays=Network(sources, tariffs),
        read_at=process_time.monotonic(),
    )
    _kept[:] = [network]
    return network


def calendar(row: Location, closed: set[date]) -> Calendar:
    """Return a location's calendar: opening hours, its own closed days, its state's holidays."""
    hours = {
        int(weekday): (time.fromisoformat(span[0]), time.fromisoformat(span[1]))
        for weekday, span in row.opening_hours.items()
        if span
    }
    return Calendar(
        hours=hours,
        cut_off=time.fromisoformat(row.cut_off),
        state=row.state,
        closed_on=frozenset(closed),
    )


def _tariff(row: TariffRow) -> Tariff:
    return Tariff(
        zones=tuple(Zone(km, days, surcharge) for km, days, surcharge in row.zones),
        groups={
            name: Rates(tuple(group["steps"]), tuple(group["minor"]), group["max_parcels"])
            for name, group in row.groups.items()
        },
        weekdays=frozenset(row.carrier_days),
    )


def _busy(session: Session, today: date, besides: str | None) -> tuple[_Days, _Days]:
    """Return the parcels that each location has to send, per day from today, and its limits."""
    job, limit = FulfilmentOrder, DayLimit
    own = (job.order_ref == besides) & (job.state == "open")
    planned = (
        select(job.location, job.ships_on, func.count(), literal("planned"))
        .where(
            job.state.in_(("open", "picking", "picked", "packed")),
            job.kind == "parcel",
            job.ships_on >= today,
            ~own if besides else true(),
        )
        .group_by(job.location, job.ships_on)
    )
    most = (
        select(limit.location, limit.day, limit.parcels, literal("limit"))
        .where(limit.day.in_((today, today + timedelta(days=1))))
        .ext(distinct_on(limit.location, limit.day))
        .order_by(limit.location, limit.day, limit.id.desc())
    )
    busy: _Days = {}
    limits: _Days = {}
    for location, day, parcels, what in session.execute(
        union_all(planned, most.subquery().select())
    ):
        if parcels is not None:
            (busy if what == "planned" else limits)[location, day] = parcels
    return busy, limits


def _left(
    per_day: int,
    busy: _Days,
    limits: _Days,
    location: str,
    today: date,
) -> tuple[int, ...]:
    """Return the parcels that a location can still send today, tomorrow and later."""

    def left(day: date) -> int:
        most = min(per_day, limits.get((location, day), per_day))
        return max(0, most - busy.get((location, day), 0))

    days = (today, today + timedelta(days=1))
    return (*(left(day) for day in days), per_day)


def _source(row: Location, hours: Calendar) -> Source:
    return Source(
        location=row.code,
        name=row.name,
        kind=row.kind,
        latitude=row.latitude,
        longitude=row.longitude,
        calendar=hours,
        tariffs=tuple(row.tariffs),
        available={},
        groups=frozenset(row.groups),
        handling_line_minor=row.handling_line_minor,
        handling_unit_minor=row.handling_unit_minor,
    )


def store(session: Session, order_ref: str, decision: Decision, cause: str) -> RoutingDecision:
    """Keep a decision with its reasons and the plans that lost.

    Args:
        session: an open transaction.
        order_ref: whose order.
        decision: what the router answered.
        cause: what it was made for: ``placed``, ``short_pick``, ``till_sale`` …
    """
    row = RoutingDecision(
        order_ref=order_ref,
        cause=cause,
        decided_at=clock.now(),
        cost_minor=decision.cost.total,
        proved=decision.proved,
        decision=decision.to_json(),
    )
    session.add(row)
    session.flush()
    return row


def latest(session: Session, order_ref: str) -> Decision:
    """Return the newest decision of an order.

    Raises:
        NotFound: ``routing_decision``.
    """
    rows = history(session, order_ref)
    if not rows:
        raise NotFound("routing_decision", order_ref=order_ref)
    return Decision.from_json(rows[-1].decision)


def by_id(session: Session, decision_id: str) -> Decision:
    """Return a stored decision.

    Raises:
        NotFound: ``routing_decision``.
    """
    row = session.get(RoutingDecision, uuid.UUID(decision_id))
    if row is None:
        raise NotFound("routing_decision", id=decision_id)
    return Decision.from_json(row.decision)


def history(session: Session, order_ref: str) -> list[RoutingDecision]:
    """Return every decision of an order as stored, oldest first."""
    rows = (
        select(RoutingDecision)
        .where(RoutingDecision.order_ref == order_ref)
        .order_by(RoutingDecision.decided_at, RoutingDecision.id)
    )
    return list(session.scalars(rows))
