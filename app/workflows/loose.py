"""What of an order may still come from elsewhere, as a question to the router and as an answer.

1. Loose is what lies in fulfilment orders that nobody picks yet, and what has lost its place.
   Picking that has begun is never touched.
2. The router plans all of it anew. The own units count as free where they are, and so does the
   room in the day of their places.
3. Only the difference moves, in one transaction: what stays keeps its claim and its place in the
   picking list, with its new days.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows.confirm import open_work, plans_of, promises
from fulfilment.claims import allocations, giving_back, shortages
from fulfilment.claims.allocations import AllocationView
from fulfilment.claims.reservations import Want
from fulfilment.claims.shortages import ShortageView
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import fulfilment_orders, picking, refusals
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line, Problem
from fulfilment.stock.locks import lock_balances
from kit import clock

Units = Counter[tuple[uuid.UUID, str]]
"""Units by order line and location."""


@dataclass(frozen=True)
class Loose:
    """Units of a locked order that may go from elsewhere; `gaps` have no place at all."""

    order: Order
    lines: Mapping[uuid.UUID, OrderLine]
    rows: Sequence[AllocationView]
    gaps: Sequence[ShortageView]
    jobs: Sequence[FulfilmentOrder]
    busy: Sequence[FulfilmentOrder]

    @property
    def placed(self) -> Units:
        """Where the units are that have a place."""
        found: Units = Counter()
        for row in self.rows:
            found[row.line_id, row.location] += row.quantity
        return found

    @property
    def wanted(self) -> Counter[uuid.UUID]:
        """Units of each line, with and without a place."""
        found: Counter[uuid.UUID] = Counter()
        for row in (*self.rows, *self.gaps):
            found[row.line_id] += row.quantity
        return found


@dataclass(frozen=True)
class Rerouted:
    """How loose units come now: the plan as stored, where they are, what nobody can send."""

    decision: Decision
    decision_id: uuid.UUID
    placed: Units
    missing: Mapping[uuid.UUID, int]


def gather(
    session: Session,
    order: Order,
    *,
    gaps: Sequence[ShortageView] | None = None,
    lock: bool = True,
) -> Loose:
    """Lock the fulfilment orders of a locked order, and return what is loose of it.

    Args:
        session: the open transaction.
        order: locked.
        gaps: the shortages to solve; all open ones where None.
        lock: False only looks, and nothing may be moved then.
    """
    find = fulfilment_orders.lock_of_order if lock else fulfilment_orders.of_order
    jobs = find(session, order.ref)
    open_jobs = [job for job in jobs if job.state == "open" and job.kind == "parcel"]
    ids = {job.id for job in open_jobs}
    return Loose(
        order=order,
        lines={line.id: line for line in orders.lines_of(session, order)},
        rows=[
            row
            for row in allocations.of_order(session, order.ref)
            if row.state == "open" and row.fulfilment_order_id in ids
        ],
        gaps=shortages.open_for(session, order.ref) if gaps is None else gaps,
        jobs=open_jobs,
        busy=[job for job in jobs if job.id not in ids],
    )


def problem_of(
    session: Session,
    units: Loose,
    *,
    postal_code: str | None = None,
    promise_on: date | None = None,
    need_by_on: date | None = None,
) -> Problem:
    """Return the routing problem of loose units as the shop stands now.

    Args:
        session: the open transaction.
        units: what is to be sent.
        postal_code: where to; the order's address where None.
        promise_on: the day that was said.
        need_by_on: nothing may arrive later.
    """
    refused = refusals.refused_by(session, units.order.ref)
    own: Counter[tuple[str, str]] = Counter()
    for row in units.rows:
        own[row.location, row.sku] += row.quantity
    lines = [
        line_of(units.lines[line_id], quantity, refused.get(line_id, frozenset()))
        for line_id, quantity in units.wanted.items()
    ]
    return snapshot.problem_for(
        session,
        lines=lines,
        postal_code=postal_code or units.order.address["postal_code"],
        now=clock.now(),
        promise_on=promise_on,
        need_by_on=need_by_on,
        extra_available=own,
        besides=units.order.ref,
    )


def line_of(line: OrderLine, quantity: int, refused_by: Collection[str] = frozenset()) -> Line:
    """Return so many units of an order line as the router wants them; its key is the line's id."""
    return Line(
        key=str(line.id),
        sku=line.sku,
        quantity=quantity,
        weight_grams=line.weight_grams,
        group=line.shipping_group,
        margin_minor=line.unit_minor * 30 // 100,
        refused_by=frozenset(refused_by),
        longest_mm=line.longest_mm,
    )


def from_there(session: Session, order: Order, rows: Sequence[AllocationView]) -> Decision:
    """Return how claimed units go from where they are, and from nowhere else.

    Args:
        session: any session.
        order: whose.
        rows: claims of it, in the tote or not.
    """
    lines = {line.id: line for line in orders.lines_of(session, order)}
    units: Counter[uuid.UUID] = Counter()
    there: dict[str, Counter[str]] = {}
    for row in rows:
        units[row.line_id] += row.quantity
        there.setdefault(row.location, Counter())[row.sku] += row.quantity
    problem = snapshot.problem_for(
        session,
        lines=[line_of(lines[line_id], quantity) for line_id, quantity in units.items()],
        postal_code=order.address["postal_code"],
        now=clock.now(),
        promise_on=order.promised_on,
        besides=order.ref,
    )
    sources = tuple(
        replace(source, available=there.get(source.location, {})) for source in problem.sources
    )
    return decide(replace(problem, sources=sources, stock="claimed"), alternatives=0)


def settle(session: Session, units: Loose, decision: Decision) -> Units:
    """Bring loose units to where a decision wants them; what it leaves out stays where it is.

    Shortages are resolved by the caller.

    Returns:
        Where the units are now; what is missing there has no place.

    Raises:
        Refused: ``stock_short`` when somebody else was quicker; roll back then.
    """
    placed, wanted = units.placed, _wanted(units, decision)
    lock_balances(
        session,
        {(place, units.lines[line_id].sku) for line_id, place in placed | wanted},
        create=False,
    )
    giving_back.give_back(session, _given_back(units, placed - wanted))
    new = wanted - placed
    claimed = allocations.allocate(
        session,
        order_ref=units.order.ref,
        wants=[
            Want(line_id, units.lines[line_id].sku, place, quantity)
            for (line_id, place), quantity in new.items()
        ],
        promised=promises(units.order, list(units.lines.values())),
    )
    plans = plans_of(units.order, decision)
    for job in units.jobs:
        job.address = units.order.address
        if job.location in plans:
            fulfilment_orders.reschedule(job, plans[job.location])
    session.flush()
    open_work(session, units.order, claimed, decision)
    picking.cancel_empty(session, units.order.ref)
    return wanted


def _wanted(units: Loose, decision: Decision) -> Units:
    """Where the units shall be: as decided, and what nobody can send where it is."""
    wanted: Units = Counter()
    for part in decision.assignments:
        wanted[uuid.UUID(part.key), part.location] += part.quantity
    for key, missing in decision.unfilled.items():
        line_id, left = uuid.UUID(key), missing
        for (owner, place), there in units.placed.items():
            if owner == line_id and left > 0:
                stays = min(left, there - wanted[owner, place])
                wanted[owner, place] += max(0, stays)
                left -= max(0, stays)
    return +wanted


def _given_back(units: Loose, excess: Units) -> dict[uuid.UUID, int]:
    """Choose the claims that are given up, the newest first."""
    left, given = Counter(excess), {}
    for row in reversed(units.rows):
        quantity = min(row.quantity, left[row.line_id, row.location])
        if quantity > 0:
            given[row.id] = quantity
            left[row.line_id, row.location] -= quantity
    return given
