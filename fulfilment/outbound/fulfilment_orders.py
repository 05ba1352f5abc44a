"""Fulfilment orders: the part of an order that one location sends, and the floor's list of them."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from fulfilment.claims.allocations import AllocationView
from fulfilment.models import Allocation, FulfilmentOrder
from fulfilment.models.parcels import FULFILMENT_ORDER_STATES
from kit import clock
from kit.database import Json
from kit.errors import Invalid, NotFound

WAITING = ("open", "picking")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the router decided for a location: service, cut-off to make (UTC), days.

    `kind` is parcel, or collect: then it is to be laid out by `due_at`.
    """

    tariff: str
    due_at: datetime
    ships_on: date
    arrives_on: date
    kind: str = "parcel"


@dataclass(frozen=True, slots=True)
class JobLine:
    """An order line of a job, in units. `left` are still to pick, `short` were not on the shelf."""

    line_id: uuid.UUID
    sku: str
    left: int
    picked: int
    short: int


@dataclass(frozen=True, slots=True)
class Job:
    """A fulfilment order as the floor sees it; `lines` leave out what went to other places."""

    id: uuid.UUID
    order_ref: str
    location: str
    state: str
    tariff: str
    address: Json
    opened_at: datetime
    due_at: datetime
    ships_on: date
    arrives_on: date
    picker: str | None
    kind: str = "parcel"
    wave_id: uuid.UUID | None = None
    tote: str | None = None
    shelf_place: str | None = None
    escalated_at: datetime | None = None
    lines: list[JobLine] = field(default_factory=list)


_ATTACH = text(
    """
    UPDATE stock_allocations AS allocation SET fulfilment_order_id = job.id
    FROM unnest(CAST(:locations AS text[]), CAST(:ids AS uuid[])) AS job (location, id)
    WHERE allocation.id = ANY(:allocations) AND allocation.location = job.location
        AND allocation.state = 'open' AND allocation.fulfilment_order_id IS NULL
    """
)
_LINES = text(
    """
    SELECT fulfilment_order_id, line_id, sku,
        coalesce(sum(quantity) FILTER (WHERE state = 'open'), 0) AS left,
        coalesce(sum(quantity) FILTER (WHERE state IN ('picked', 'shipped')), 0) AS picked,
        coalesce(sum(quantity) FILTER (WHERE state = 'short'), 0) AS short
    FROM stock_allocations
    WHERE fulfilment_order_id = ANY(:ids) AND state IN ('open', 'picked', 'shipped', 'short')
    GROUP BY fulfilment_order_id, line_id, sku
    ORDER BY sku, line_id
    """
)


def open_orders(
    session: Session,
    *,
    order_ref: str,
    allocations: Sequence[AllocationView],
    plans: Mapping[str, Plan],
    address: Json,
) -> list[FulfilmentOrder]:
    """Open a fulfilment order per location and put the allocations into it.

    Where the order has an open one that nobody picks yet, the allocations join it: one parcel
    less. Allocations that are in a fulfilment order already stay there.

    Args:
        session: the open transaction.
        order_ref: whose allocations they are.
        allocations: open ones, e.g. from `allocations.from_reservations`.
        plans: the router's facts by location code.
        address: where the parcels go.

    Returns:
        The fulfilment orders that the allocations went into, by location code.

    Raises:
        Invalid: ``plan``; a location has none.
    """
    new = [row for row in allocations if row.fulfilment_order_id is None]
    wanted = sorted({row.location for row in new})
    for location in wanted:
        if location not in plans:
            raise Invalid("plan", location=location)
    if not wanted:
        return []
    jobs = _joinable(session, order_ref, plans, wanted)
    for location in wanted:
        plan = plans[location]
        if location not in jobs:
            jobs[location] = _new(order_ref, location, plan, address)
            session.add(jobs[location])
        elif plan.arrives_on > jobs[location].arrives_on:
            jobs[location].ships_on = plan.ships_on
            jobs[location].arrives_on = plan.arrives_on
    session.flush()
    session.execute(
        _ATTACH,
        {
            "locations": wanted,
            "ids": [jobs[location].id for location in wanted],
            "allocations": [row.id for row in new],
        },
    )
    return [jobs[location] for location in wanted]


def _joinable(
    session: Session, order_ref: str, plans: Mapping[str, Plan], locations: Collection[str]
) -> dict[str, FulfilmentOrder]:
    # The places of the allocations are locked already: skip what a picker holds (see locks).
    query = (
        select(FulfilmentOrder)
        .where(
            FulfilmentOrder.order_ref == order_ref,
            FulfilmentOrder.location.in_(locations),
            FulfilmentOrder.state == "open",
        )
        .order_by(FulfilmentOrder.location, FulfilmentOrder.opened_at)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {
        job.location: job for job in session.scalars(query) if job.kind == plans[job.location].kind
    }


def _new(order_ref: str, location: str, plan: Plan, address: Json) -> FulfilmentOrder:
    return FulfilmentOrder(
        order_ref=order_ref,
        location=location,
        kind=plan.kind,
        state="open",
        tariff=plan.tariff,
        address=address,
        opened_at=clock.now(),
        due_at=plan.due_at,
        ships_on=plan.ships_on,
        arrives_on=plan.arrives_on,
    )


def of_order(session: Session, order_ref: str) -> list[FulfilmentOrder]:
    """Return the fulfilment orders of an order that still have something to do; oldest first."""
    query = (
        select(FulfilmentOrder)
        .where(
            FulfilmentOrder.order_ref == order_ref,
            FulfilmentOrder.state.in_((*WAITING, "picked", "packed")),
        )
        .order_by(FulfilmentOrder.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def lock_of_order(session: Session, order_ref: str) -> list[FulfilmentOrder]:
    """Lock the fulfilment orders of an order that still have something to do; oldest first.

    Nobody starts to pick them until the transaction ends. As in `locked`, the lock is `NO KEY`.
    """
    query = (
        select(FulfilmentOrder)
        .where(
            FulfilmentOrder.order_ref == order_ref,
            FulfilmentOrder.state.in_((*WAITING, "picked", "packed")),
        )
        .order_by(FulfilmentOrder.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def reschedule(job: FulfilmentOrder, plan: Plan) -> None:
    """Give a fulfilment order that is locked another service, cut-off and days.

    Args:
        job: one that has not been handed over.
        plan: as the router decided it now.
    """
    job.tariff = plan.tariff
    job.due_at = plan.due_at
    job.ships_on = plan.ships_on
    job.arrives_on = plan.arrives_on


def cancel_empty(session: Session, order_ref: str) -> list[uuid.UUID]:
    """Cancel the fulfilment orders of an order that have nothing left to send.

    One that somebody works on at this moment is left alone: `picking.finish` cancels it.

    Returns:
        The ids of those that this call cancelled.
    """
    live = select(Allocation.id).where(
        Allocation.fulfilment_order_id == FulfilmentOrder.id,
        Allocation.state.in_(("open", "picked")),
    )
    empty = (
        select(FulfilmentOrder.id)
        .where(
            FulfilmentOrder.order_ref == order_ref,
            FulfilmentOrder.state.in_((*WAITING, "picked")),
            ~live.exists(),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    ids = list(session.scalars(empty))
    if ids:
        session.execute(
            update(FulfilmentOrder)
            .where(FulfilmentOrder.id.in_(ids))
            .values(state="cancelled")
            .execution_options(synchronize_session="fetch")
        )
    return ids


def locked(session: Session, job_id: uuid.UUID) -> FulfilmentOrder:
    """Lock a fulfilment order and return it as it is now.

    The lock is `NO KEY`: who splits an allocation of it under the lock of a balance has a foreign
    key checked, and must not wait for a picker who waits for that balance.

    Raises:
        NotFound: ``fulfilment_order``.
    """
    unshared = {"key_share": True}
    job = session.get(FulfilmentOrder, job_id, with_for_update=unshared, populate_existing=True)
    if job is None:
        raise NotFound("fulfilment_order", id=str(job_id))
    return job


def advance(job: FulfilmentOrder, state: str) -> None:
    """Move a fulfilment order along a declared edge.

    Raises:
        Refused: ``fulfilment_order_state``.
    """
    FULFILMENT_ORDER_STATES.check(job.state, state)
    job.state = state


def jobs(session: Session, location: str, states: Iterable[str] = WAITING) -> list[Job]:
    """Return the floor list of a location: what is due first stands first. Two queries.

    What is open and has lost everything that it was to send is left out: it is being cancelled.

    Args:
        session: any session.
        location: a location code.
        states: states of the fulfilment orders to list.
    """
    query = (
        select(FulfilmentOrder)
        .where(FulfilmentOrder.location == location, FulfilmentOrder.state.in_(tuple(states)))
        .order_by(FulfilmentOrder.due_at, FulfilmentOrder.opened_at)
    )
    listed = _with_lines(session, list(session.scalars(query)))
    return [one for one in listed if one.lines or one.state != "open"]


def job(session: Session, job_id: uuid.UUID) -> Job:
    """Return one fulfilment order as the floor sees it.

    Raises:
        NotFound: ``fulfilment_order``.
    """
    row = session.get(FulfilmentOrder, job_id)
    if row is None:
        raise NotFound("fulfilment_order", id=str(job_id))
    return _with_lines(session, [row])[0]


def _with_lines(session: Session, rows: Sequence[FulfilmentOrder]) -> list[Job]:
    found = {
        row.id: Job(
            id=row.id,
            order_ref=row.order_ref,
            location=row.location,
            state=row.state,
            tariff=row.tariff,
            address=row.address,
            opened_at=row.opened_at,
            due_at=row.due_at,
            ships_on=row.ships_on,
            arrives_on=row.arrives_on,
            picker=row.picker,
            kind=row.kind,
            wave_id=row.wave_id,
            tote=row.tote,
            shelf_place=row.shelf_place,
            escalated_at=row.escalated_at,
        )
        for row in rows
    }
    for line in session.execute(_LINES, {"ids": list(found)}) if found else ():
        found[line.fulfilment_order_id].lines.append(
            JobLine(line.line_id, line.sku, int(line.left), int(line.picked), int(line.short))
        )
    return list(found.values())
