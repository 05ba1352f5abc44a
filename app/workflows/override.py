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
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import OrderRerouted
from app.sales import orders
from app.sales.models import Order
from app.workflows import exceptional, keeping, loose, override_plans
from app.workflows.loose import Loose, Rerouted
from app.workflows.override_plans import Proposal, Spread
from fulfilment.models import RoutingOverride
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from kit import clock, events
from kit.database import transaction
from kit.errors import Invalid, KontorError, Refused

CAUSE = "override"
"""What a stored decision is for that a person made."""
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

    units: Loose
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
        if proposal.wanted == override_plans.spread_now(units):
            raise Refused("nothing_moves")
        return _apply(session, units, proposal, kind=kind, actor=actor, reason=reason)


def _apply(
    session: Session, units: Loose, proposal: Proposal, *, kind: str, actor: str, reason: str
) -> Overridden:
    order, decision = units.order, _with_the_routers_sight(proposal)
    placed = loose.settle(session, units, decision)
    stored = snapshot.store(session, order.ref, decision, cause=CAUSE)
    later = keeping.keep_honest(order, units.lines, decision)
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
    found = Rerouted(decision, stored.id, placed, {})
    exceptional.open_for(session, order, units.lines, found, cause=CAUSE, later=later, stuck={})
    # The customer counts parcels, not cents; where one comes from is on the order's page.
    if later or proposal.parcels_change:
        event = OrderRerouted(order_ref=order.ref, decision_id=str(stored.id), cause=CAUSE)
        events.record(session, event)
    return _overridden(row)


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
