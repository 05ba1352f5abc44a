"""From the database to a routing problem, and the decision back into it.

One statement per call for the stock of all lines, what units are worth, and what locations already
have to send (standing.py); what changes rarely is kept (kept.py).
"""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Date, String, cast, func, literal, null, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from fulfilment.models import DayLimit, FulfilmentOrder, RoutingDecision, SetupStamp
from fulfilment.places import geography
from fulfilment.places.calendars import local
from fulfilment.routing import given, kept, standing
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Destination, Line, Problem, Source
from fulfilment.rules import Setup
from kit import clock
from kit.errors import NotFound
from kit.ids import new_id
from kit.plain import Plain, ask
from kit.writing import fresh

_Days = Mapping[tuple[str, date], int]


def forget() -> None:
    """Read locations, tariffs and rules afresh at the next call; see `kept.forget`."""
    kept.forget()


def problem_for(  # noqa: PLR0913 - each is a fact that the question may or may not have
    session: Session,
    *,
    lines: Sequence[Line],
    postal_code: str,
    now: datetime,
    promise_on: date | None = None,
    need_by_on: date | None = None,
    need_by_hard: bool = True,
    extra_available: Mapping[tuple[str, str], int] | None = None,
    collect_at: str | None = None,
    besides: str | None = None,
    setup: Setup | None = None,
) -> Problem:
    """Return the routing problem of some order lines as the shop stands now.

    Args:
        session: any session; nothing is locked.
        lines: what is to be sent; several lines of one SKU share its stock.
        postal_code: of the delivery address, or of the store where the order is collected.
        now: instant from which cut-offs count.
        promise_on: what the customer was told already; a day later breaks a promise.
        need_by_on: what they asked for.
        need_by_hard: nothing may arrive later; False lets the rules' price of a late day decide,
            where there is one.
        extra_available: units by (location, SKU) to count as free beside the books.
        collect_at: location code of the store where the order is collected.
        besides: reference of the order that is routed again: what waits for it in fulfilment orders
            that nobody picks yet takes no capacity from it.
        setup: rules, costs and calendars to ask under; None: those in force. Keep the object for
            the next question: what the router makes of it is kept with it.

    Raises:
        NotFound: ``postal_code``.
    """
    place = geography.locate(postal_code)
    if place is None:
        raise NotFound("postal_code", postal_code=postal_code)
    today = local(now).date()
    skus = sorted({line.sku for line in lines})
    found = standing.of(session, skus, now, today, besides)
    if setup is None:
        network = kept.in_force(session, found.stamp)
    else:
        network = kept.of_setup(session, found.stamp, setup)
    asked = Problem(
        now=now,
        destination=Destination(postal_code, place.latitude, place.longitude, place.state),
        lines=tuple(lines),
        sources=_sources(network, found, extra_available or {}, today),
        tariffs=network.tariffs,
        promise_on=promise_on,
        need_by_on=need_by_on,
        need_by_hard=need_by_on is not None and need_by_hard,
        collect_at=collect_at,
        network=network.arrays,
    )
    return given.with_rules(asked, network)


def _sources(
    network: kept.Kept,
    found: standing.Standing,
    extra: Mapping[tuple[str, str], int],
    today: date,
) -> tuple[Source, ...]:
    """Return the locations with what is free there, what it is worth, and the parcels left."""
    worth, places = found.worth, [source.location for source in network.sources]
    units_at = {place: found.free.get(place, {}) for place in places}
    for (place, sku), units in extra.items():
        units_at[place][sku] = units_at[place].get(sku, 0) + units
    return tuple(
        replace(
            source,
            available=units_at[place],
            capacity=_left(network.per_day[place], found.planned, found.limits, place, today),
            counter_rate=worth.counter.get(place, {}),
            shadow=worth.shadow.get(place, {}),
        )
        for place, source in zip(places, network.sources, strict=True)
    )


def _busy(session: Session, today: date, besides: str | None) -> tuple[_Days, _Days, uuid.UUID]:
    """Return the parcels that each location has to send, per day from today, and its limits.

    And the stamp of the setup in force: one query brings all three.
    """
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
    stamp = select(cast(SetupStamp.stamp, String), cast(null(), Date), literal(0), literal("stamp"))
    found: dict[str, dict[tuple[str, date], int]] = {"planned": {}, "limit": {}}
    stamped = ""
    for location, day, parcels, what in session.execute(
        union_all(planned, most.subquery().select(), stamp)
    ):
        if what == "stamp":
            stamped = location
        elif parcels is not None:
            found[what][location, day] = parcels
    return found["planned"], found["limit"], uuid.UUID(stamped)


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


def full(session: Session, today: date) -> frozenset[tuple[str, date]]:
    """Return the locations that can send no more today or tomorrow, with the day."""
    busy, limits, stamp = _busy(session, today, None)
    return frozenset(
        (location, today + timedelta(days=number))
        for location, per_day in kept.in_force(session, stamp).per_day.items()
        for number, left in enumerate(_left(per_day, busy, limits, location, today)[:2])
        if not left
    )


def turns(session: Session) -> tuple[int, ...]:
    """Return the minutes of a day at which a location opens, closes or has its cut-off."""
    sources = kept.in_force(session, _busy(session, clock.today(), None)[2]).sources
    times = {
        at
        for source in sources
        for at in (
            source.calendar.cut_off,
            *(at for hours in source.calendar.hours.values() for at in hours),
        )
    }
    return tuple(sorted({at.hour * 60 + at.minute for at in times}))


def store(session: Session, order_ref: str, decision: Decision, cause: str) -> RoutingDecision:
    """Keep a decision with its reasons and the plans that lost.

    Args:
        session: an open transaction.
        order_ref: whose order.
        decision: what the router answered.
        cause: what it was made for: ``placed``, ``short_pick``, ``till_sale`` …
    """
    row = made(order_ref, decision, cause)
    session.add(row)
    session.flush()
    return row


def made(order_ref: str, decision: Decision, cause: str) -> RoutingDecision:
    """Return the row that `store` writes, for who writes it with other rows (`kit.writing`)."""
    return fresh(
        RoutingDecision,
        id=new_id(),
        order_ref=order_ref,
        cause=cause,
        decided_at=clock.now(),
        cost_minor=decision.cost.total,
        proved=decision.proved,
        decision=decision.to_json(),
        given=None if decision.problem is None else given.of(decision.problem).to_json(),
    )


LATEST = """(
    SELECT decision FROM routing_decisions WHERE order_ref = $1
    ORDER BY decided_at DESC, id DESC LIMIT 1
)"""
"""The newest decision of an order, ``$1``, as a term of SQL; `read` makes a decision of it."""
_LATEST = f"SELECT {LATEST}".encode()


def latest(session: Session, order_ref: str) -> Decision:
    """Return the newest decision of an order.

    Raises:
        NotFound: ``routing_decision``.
    """
    found = ask(session, Plain(_LATEST, [order_ref.encode()]))
    if found is None or found[0] is None:
        raise NotFound("routing_decision", order_ref=order_ref)
    return read(found[0])


def read(text: bytes) -> Decision:
    """Return a decision as it was read with `LATEST`."""
    return Decision.from_json(json.loads(text))


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


def newest(session: Session, refs: Collection[str]) -> dict[str, Mapping[str, object]]:
    """Return the last decision of each of some orders as stored, by reference. One query."""
    row = RoutingDecision
    query = (
        select(row.order_ref, row.decision)
        .where(row.order_ref.in_(sorted(refs)))
        .ext(distinct_on(row.order_ref))
        .order_by(row.order_ref, row.decided_at.desc(), row.id.desc())
    )
    return dict(session.execute(query).all())
