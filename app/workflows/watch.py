"""Look ahead: find plans that do not hold any more before the customer does (the scheduler's duty).

1. A cut-off has passed and nobody has begun to pick: the rest is planned anew.
2. It has passed and somebody has begun: it leaves later, and its days say so.
3. A location closes for a day, or is closed by a setup that was published: what nobody picks there
   yet is planned anew.
4. Customers who were asked something are reminded once; what nobody can send is told in time.
Each order is a transaction of its own; one that fails does not keep the others waiting.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.events import OrderRerouted, PlanFailed
from app.sales import collect_questions, exceptions, orders, terms
from app.sales.models import Order, PromiseException
from app.workflows import collecting, exceptional, keeping, loose, route_order, tell_choices
from app.workflows.loose import Rerouted
from fulfilment.claims import allocations
from fulfilment.events import DayClosed, SetupPublished
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import fulfilment_orders
from fulfilment.places import day_limits
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import KontorError

log = logging.getLogger(__name__)

MISSED, CLOSED = "cut_off_missed", "location_closed"
_AT_ONCE = 50
_STARTED = ("picking", "picked", "packed")
_TELL_STUCK = timedelta(days=1)
"""What nobody can send is told at the latest so long before its day."""


def tend() -> int:
    """Do all of it once; return how many orders were planned anew."""
    with reading() as session:
        waiting = _refs(session, _overdue("open"))
        begun = _refs(session, _overdue(*_STARTED))
        to_remind = collect_questions.to_remind(session, clock.now())
        untold = _untold(session)
    replanned = _each(waiting, lambda session, ref: route_order.replan(session, ref, cause=MISSED))
    _each(begun, leaves_later)
    _each(to_remind, collecting.remind)
    _each(untold, _tell_stuck)
    with transaction() as session:
        exceptions.close_finished(session)
    return replanned


def _each(refs: Sequence[str], step: Callable[[Session, str], bool]) -> int:
    done = 0
    for ref in refs:
        try:
            with transaction() as session:
                done += step(session, ref)
        except (KontorError, DBAPIError):
            log.exception("order %s could not be looked after", ref)
    return done


def _refs(session: Session, query: Select[Any]) -> list[str]:
    return list(session.scalars(query.limit(_AT_ONCE)))


def _overdue(*states: str) -> Select[Any]:
    """Paid orders with parcels that have missed their cut-off and are planned for today still."""
    job = FulfilmentOrder
    stuck = select(PromiseException.id).where(
        PromiseException.order_ref == job.order_ref,
        PromiseException.closed_at.is_(None),
        PromiseException.earliest_on.is_(None),
    )
    return (
        select(job.order_ref)
        .join(Order, Order.ref == job.order_ref)
        .where(
            Order.state == "confirmed",
            job.kind == "parcel",
            job.state.in_(states),
            job.due_at <= clock.now(),
            job.ships_on <= clock.today(),
            ~stuck.exists(),
        )
        .distinct()
        .order_by(job.order_ref)
    )


def leaves_later(session: Session, order_ref: str) -> bool:
    """Give parcels that somebody works on, and that have missed their cut-off, their new days.

    Returns:
        Whether any of them leaves on a later day than was planned.
    """
    order = orders.by_ref(session, order_ref, lock=True)
    jobs = {
        job.id: job
        for job in fulfilment_orders.lock_of_order(session, order_ref)
        if job.state in _STARTED and job.kind == "parcel" and job.due_at <= clock.now()
    }
    rows = [
        row
        for row in allocations.of_order(session, order_ref)
        if row.state in {"open", "picked"} and row.fulfilment_order_id in jobs
    ]
    if not rows:
        return False
    decision = loose.from_there(session, order, rows)
    leaves = {parcel.location: parcel for parcel in decision.parcels}
    moved = False
    for job in jobs.values():
        parcel = leaves.get(job.location)
        if parcel is not None and parcel.ships_on > job.ships_on:
            job.ships_on, job.arrives_on = parcel.ships_on, parcel.arrives_on
            moved = True
    if moved:
        _note_later(session, order, decision)
    return moved


def _note_later(session: Session, order: Order, decision: Decision) -> None:
    lines = {line.id: line for line in orders.lines_of(session, order)}
    stored = snapshot.store(session, order.ref, decision, cause=MISSED)
    found = Rerouted(decision, stored.id, Counter(), {})
    later = keeping.keep_honest(order, lines, decision)
    orders.note(
        session,
        order.ref,
        "leaves_later",
        "kontor",
        cause=MISSED,
        decision=str(stored.id),
        locations=list(decision.locations),
    )
    broken = exceptional.open_for(session, order, lines, found, cause=MISSED, later=later, stuck={})
    if broken is not None:
        said = OrderRerouted(order_ref=order.ref, decision_id=str(stored.id), cause=MISSED)
        events.record(session, said)


def on_plan_failed(session: Session, event: PlanFailed) -> None:
    """Plan what nobody picks yet anew (handler of its event)."""
    route_order.replan(session, event.order_ref, cause=event.cause)


def on_day_closed(session: Session, event: DayClosed) -> None:
    """Have every order planned anew that still waits at a closed location (handler)."""
    job = FulfilmentOrder
    waiting = (
        select(job.order_ref)
        .where(
            job.location == event.location,
            job.state == "open",
            job.kind == "parcel",
            job.ships_on <= date.fromisoformat(event.day),
        )
        .distinct()
        .order_by(job.order_ref)
    )
    for ref in session.scalars(waiting):
        events.record(session, PlanFailed(order_ref=ref, cause=CLOSED))


def on_setup_published(session: Session, event: SetupPublished) -> None:
    """Have every order planned anew that waits for a day on which its location is closed now."""
    problem = snapshot.problem_for(
        session, lines=(), postal_code=terms.DEFAULT_POSTAL_CODE, now=clock.now()
    )
    calendars = {source.location: source.calendar for source in problem.sources}
    job = FulfilmentOrder
    waiting = (
        select(job.order_ref, job.location, job.ships_on)
        .where(job.state == "open", job.kind == "parcel", job.ships_on >= clock.today())
        .order_by(job.order_ref)
    )
    broken = {
        ref
        for ref, location, day in session.execute(waiting)
        if location in calendars and not calendars[location].is_open(day)
    }
    for ref in sorted(broken):
        events.record(session, PlanFailed(order_ref=ref, cause=CLOSED))


def close_day(location: str, *, reason: str, actor: str) -> None:
    """Let a location send nothing more today; what waits there is planned anew.

    Raises:
        Invalid: ``reason``.
        NotFound: ``location``.
    """
    today = clock.today()
    with transaction() as session:
        day_limits.put(session, location, today, 0, reason=reason, actor=actor)
        closed = DayClosed(location=location, day=today.isoformat(), actor=actor)
        events.record(session, closed)


def reopen_day(location: str, *, actor: str) -> None:
    """Let a location send as usual again today.

    Raises:
        NotFound: ``location``.
    """
    with transaction() as session:
        day_limits.put(session, location, clock.today(), None, reason="reopened", actor=actor)


def _untold(session: Session) -> list[str]:
    row = PromiseException
    query = select(row.order_ref).where(
        row.closed_at.is_(None),
        row.told_at.is_(None),
        row.earliest_on.is_(None),
        row.promised_on <= clock.today() + _TELL_STUCK,
    )
    return list(session.scalars(query))


def _tell_stuck(session: Session, order_ref: str) -> bool:
    order = orders.by_ref(session, order_ref, lock=True)
    broken = exceptions.open_for(session, order_ref, lock=True)
    if broken is None or broken.told_at is not None:
        return False
    tell_choices.promise(session, order, broken)
    return True
