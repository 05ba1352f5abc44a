"""A person sends an order otherwise than the router said: looked at first, and with a reason.

1. `options` and `preview` say what could be chosen, what it costs more and which day changes.
2. `carry_out` takes the order and its fulfilment orders, looks again, and refuses if anything that
   was shown has changed meanwhile: somebody picks, somebody else was quicker, a cut-off passed.
3. Claims move in this one transaction; the decision, who, why and what the router had said are
   stored with it. A day that the customer was told and that is not kept any more is told anew.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales import orders
from app.sales.models import Order
from app.workflows import override_plans, tell
from app.workflows.confirm import open_work, promises
from app.workflows.override_plans import Movable, Proposal, Spread
from fulfilment.claims import allocations
from fulfilment.claims.reservations import Want
from fulfilment.models import RoutingOverride
from fulfilment.outbound import picking
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.database import transaction
from kit.errors import Invalid, KontorError, Refused

KINDS = ("plan", "hand", "router")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Overridden:
    """A plan that a person chose, as it was stored."""

    decision_id: uuid.UUID
    kind: str
    actor: str
    reason: str
    dearer_minor: int
    router: Decision
    overridden_at: datetime


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen for an order: its movable units and ready plans, the router's first.

    `free`: units of each line at each location that are free or the order's own.
    """

    units: Movable
    plans: list[Decision]
    free: Mapping[str, Mapping[str, int]]


def movable(session: Session, order: Order) -> bool:
    """Tell whether anything of an order may still be sent from elsewhere."""
    try:
        override_plans.movable(session, order)
    except KontorError:
        return False
    return True


def options(session: Session, order_ref: str) -> Options:
    """Return what may be chosen for an order now.

    Raises:
        NotFound: ``order``.
        Refused: ``order_state``, ``collected``, ``picking_started``.
    """
    units = override_plans.movable(session, orders.by_ref(session, order_ref))
    problem = override_plans.problem_of(session, units)
    free = {
        line.key: {one.location: one.available.get(line.sku, 0) for one in problem.sources}
        for line in problem.lines
    }
    return Options(units, override_plans.ready(problem), free)


def preview(session: Session, order_ref: str, wanted: Spread) -> Proposal:
    """Price a choice before anybody decides.

    Args:
        session: any session; nothing is locked or changed.
        order_ref: whose.
        wanted: units by line id and location, all that is movable.

    Raises:
        NotFound: ``order``.
        Invalid: ``choice``.
        Refused: as `options`; ``plan_impossible``.
    """
    units = override_plans.movable(session, orders.by_ref(session, order_ref))
    return override_plans.propose(override_plans.problem_of(session, units), units, wanted)


def by_hand(session: Session, order_ref: str, chosen: Mapping[str, str]) -> Spread:
    """Return where everything goes if some lines are to come from a location; the rest stays.

    Args:
        chosen: location code by line id.

    Raises:
        NotFound: ``order``.
        Invalid: ``choice``, ``location``.
        Refused: as `options`.
    """
    units = override_plans.movable(session, orders.by_ref(session, order_ref))
    return override_plans.by_hand(units, override_plans.problem_of(session, units), chosen)


def carry_out(
    order_ref: str, wanted: Spread, *, seen: str, kind: str, actor: str, reason: str
) -> Overridden:
    """Send an order as a person chose. All of it moves in one transaction, or nothing does.

    Args:
        order_ref: whose.
        wanted: units by line id and location, as in the preview.
        seen: the preview's print.
        kind: one of `KINDS`.
        actor: the person's name.
        reason: why, in their words.

    Raises:
        NotFound: ``order``.
        Invalid: ``reason`` when it is missing or longer than 500 letters; ``choice``.
        Refused: ``override_changed`` when what was shown holds no more; ``nothing_moves``;
            ``stock_short`` when somebody took the units; as `options`; ``plan_impossible``.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or kind not in KINDS:
        raise Invalid("reason")
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        units = override_plans.movable(session, order, lock=True)
        problem = override_plans.problem_of(session, units)
        proposal = override_plans.propose(problem, units, wanted)
        if proposal.seen != seen:
            raise Refused("override_changed")
        if proposal.wanted == units.spread:
            raise Refused("nothing_moves")
        return _apply(session, units, proposal, kind=kind, actor=actor, reason=reason)


def _apply(
    session: Session, units: Movable, proposal: Proposal, *, kind: str, actor: str, reason: str
) -> Overridden:
    order = units.order
    moving = {key for key, at in proposal.wanted.items() if at != units.spread[key]}
    later = _later(units, proposal)
    _promise(units, proposal, moving)
    _move(session, units, proposal, moving)
    decision = _with_the_routers_sight(proposal)
    stored = snapshot.store(session, order.ref, decision, cause="override")
    row = RoutingOverride(
        order_ref=order.ref,
        decision_id=stored.id,
        kind=kind,
        reason=reason,
        actor=actor,
        dearer_minor=proposal.dearer_minor,
        router=proposal.router.to_json(),
        overridden_at=clock.now(),
    )
    session.add(row)
    session.flush()
    orders.note(
        session,
        order.ref,
        "order_overridden",
        actor,
        reason=reason,
        decision=str(stored.id),
        locations=list(decision.locations),
        dearer_minor=proposal.dearer_minor,
    )
    if later or _parcels_differ(proposal):
        tell.order_changed(session, order.ref, later, sends=decision.locations, key=str(stored.id))
    return _overridden(row)


def _later(units: Movable, proposal: Proposal) -> dict[uuid.UUID, tuple[int, date]]:
    """Units and the day that was told, of lines that will arrive after it."""
    return {
        uuid.UUID(key): (sum(units.spread[key].values()), told)
        for key, (told, _day) in proposal.later.items()
    }


def _parcels_differ(proposal: Proposal) -> bool:
    # The customer counts parcels, not cents; where one comes from is on the order's page.
    return proposal.now is None or len(proposal.now.parcels) != len(proposal.decision.parcels)


def _promise(units: Movable, proposal: Proposal, moving: set[str]) -> None:
    """A line that moves keeps the day the customer was told, unless it will be later."""
    for key in moving:
        line, day = units.lines[key], proposal.decision.promise_on[key]
        if day is not None and (line.promised_on is None or day > line.promised_on):
            line.promised_on = day
    dates = [line.promised_on for line in units.lines.values() if line.promised_on]
    units.order.promised_on = max(dates, default=units.order.promised_on)


def _move(session: Session, units: Movable, proposal: Proposal, moving: set[str]) -> None:
    rows = [row for row in units.rows if str(row.line_id) in moving]
    wants = [
        Want(uuid.UUID(key), units.lines[key].sku, code, count)
        for key in sorted(moving)
        for code, count in sorted(proposal.wanted[key].items())
    ]
    old = {(row.location, row.sku) for row in rows}
    lock_balances(session, old | {(want.location, want.sku) for want in wants})
    allocations.release(session, allocation_ids=[row.id for row in rows])
    claimed = allocations.allocate(
        session,
        order_ref=units.order.ref,
        wants=wants,
        promised=promises(units.order, list(units.lines.values())),
    )
    open_work(session, units.order, claimed, proposal.decision)
    picking.cancel_empty(session, units.order.ref)


def _with_the_routers_sight(proposal: Proposal) -> Decision:
    """The person's plan with what the router saw: who had what, who was out, what is the least."""
    chosen, router = proposal.decision, proposal.router
    least = router.lower_bound_minor
    return replace(
        chosen,
        stock=router.stock,
        exclusions=router.exclusions,
        cut_offs_passed=router.cut_offs_passed,
        alternatives=(),
        problem=router.problem,
        lower_bound_minor=least,
        proved=router.proved and chosen.cost.total <= least,
    )


def of_order(session: Session, order_ref: str) -> dict[uuid.UUID, Overridden]:
    """Return what people have chosen for an order, by the id of the decision it became."""
    query = select(RoutingOverride).where(RoutingOverride.order_ref == order_ref)
    return {row.decision_id: _overridden(row) for row in session.scalars(query)}


def _overridden(row: RoutingOverride) -> Overridden:
    return Overridden(
        decision_id=row.decision_id,
        kind=row.kind,
        actor=row.actor,
        reason=row.reason,
        dearer_minor=row.dearer_minor,
        router=Decision.from_json(row.router),
        overridden_at=row.overridden_at,
    )
