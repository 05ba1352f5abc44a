"""Route an order again: what lost its place finds another one, or is refunded, within seconds.

1. Take the order's open shortages; what is picked stays where it is.
2. Ask the router for the cheapest plan that keeps the promise the customer was given.
3. Allocate there, in one transaction with the stored reason; a race for the last unit asks again.
4. What nobody can send is cancelled and refunded; the customer is told either way.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.events import OrderRerouted
from app.payments import charges, paybacks
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows.completion import complete_if_done
from app.workflows.confirm import open_work, promises
from fulfilment.claims import allocations, shortages
from fulfilment.claims.reservations import Want
from fulfilment.claims.shortages import ShortageView
from fulfilment.events import ShortageOpened
from fulfilment.outbound import picking
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line, Problem
from kit import clock, events
from kit.errors import Refused

_TRIES = 3
Lines = Mapping[uuid.UUID, OrderLine]


def on_shortage(session: Session, event: ShortageOpened) -> None:
    """Solve every open shortage of the order (handler of `ShortageOpened`)."""
    reroute(session, event.order_ref, cause=event.cause)


def reroute(session: Session, order_ref: str, *, cause: str, actor: str = "kontor") -> None:
    """Find a new place for what an order lacks.

    Args:
        cause: why it lacks something: ``short_pick``, ``till_sale``, ``reservation_lapsed`` …
    """
    order = orders.by_ref(session, order_ref, lock=True)
    gaps = shortages.open_for(session, order_ref)
    if not gaps or order.state not in {"confirmed", "completed"}:
        return
    lines = {line.id: line for line in orders.lines_of(session, order)}
    decision = _allocate(session, order, lines, gaps, cause)
    stored = snapshot.store(session, order.ref, decision, cause=cause)
    _keep_promises_honest(order, lines, decision)
    missing = _cancel_unfilled(session, order, lines, gaps, decision)
    for gap in gaps:
        shortages.resolve(
            session, gap.id, "cancelled" if str(gap.line_id) in missing else "rerouted"
        )
    orders.note(
        session,
        order.ref,
        "order_rerouted",
        actor,
        cause=cause,
        decision=str(stored.id),
        locations=list(decision.locations),
        cancelled=missing,
    )
    events.record(
        session, OrderRerouted(order_ref=order.ref, decision_id=str(stored.id), cause=cause)
    )
    picking.cancel_empty(session, order.ref)
    complete_if_done(session, order)


def _allocate(
    session: Session,
    order: Order,
    lines: Lines,
    gaps: Sequence[ShortageView],
    cause: str,
) -> Decision:
    for attempt in range(_TRIES):
        decision = decide(_problem(session, order, lines, gaps))
        wants = [
            Want(uuid.UUID(part.key), part.sku, part.location, part.quantity)
            for part in decision.assignments
        ]
        try:
            with session.begin_nested():
                claimed = allocations.allocate(
                    session,
                    order_ref=order.ref,
                    wants=wants,
                    promised=promises(order, list(lines.values())),
                )
        except Refused as refusal:
            if refusal.code != "stock_short" or attempt == _TRIES - 1:
                raise
            continue
        open_work(session, order, claimed, decision)
        return decision
    raise AssertionError("unreachable")


def _problem(
    session: Session,
    order: Order,
    lines: Lines,
    gaps: Sequence[ShortageView],
) -> Problem:
    wanted: dict[str, Line] = {}
    for gap in gaps:
        line = lines[gap.line_id]
        key = str(line.id)
        if key in wanted:
            wanted[key] = replace(wanted[key], quantity=wanted[key].quantity + gap.quantity)
            continue
        wanted[key] = Line(
            key=key,
            sku=line.sku,
            quantity=gap.quantity,
            weight_grams=line.weight_grams,
            group=line.shipping_group,
            margin_minor=line.unit_minor * 30 // 100,
        )
    return snapshot.problem_for(
        session,
        lines=list(wanted.values()),
        postal_code=order.address["postal_code"],
        now=clock.now(),
        promise_on=order.promised_on,
    )


def _keep_promises_honest(order: Order, lines: Lines, decision: Decision) -> None:
    # A line that still arrives in time keeps the date the customer was told; a later one is told.
    for part in decision.assignments:
        line = lines[uuid.UUID(part.key)]
        if line.promised_on is None or part.arrives_on > line.promised_on:
            line.promised_on = part.arrives_on
    dates = [line.promised_on for line in lines.values() if line.promised_on]
    order.promised_on = max(dates, default=order.promised_on)


def _cancel_unfilled(
    session: Session,
    order: Order,
    lines: Lines,
    gaps: Sequence[ShortageView],
    decision: Decision,
) -> dict[str, int]:
    missing = {key: units for key, units in decision.unfilled.items() if units}
    if not missing:
        return missing
    before = orders.not_delivered_minor(order, lines.values())
    for key, units in missing.items():
        lines[uuid.UUID(key)].cancelled += units
    session.flush()
    amount_minor = orders.not_delivered_minor(order, lines.values()) - before
    if amount_minor:
        first = next(gap for gap in gaps if str(gap.line_id) in missing)
        paybacks.intend(
            session,
            charges.of_order(session, order.ref),
            amount_minor,
            cause="not_deliverable",
            key=f"shortage/{first.id}",
        )
    return missing
