"""Route an order again: until somebody picks, it comes from where it comes best, or is refunded.

1. Take what is loose: what lost its place, and what nobody picks yet (`loose.py`).
2. Ask the router for the cheapest plan that keeps the promise the customer was given. A location
   that has refused a line is not asked for it again.
3. Move the difference, in one transaction with the stored reason; a race for the last unit asks
   again. What was to be collected is not moved: its customer is asked (`collecting.py`).
4. What nobody can send is cancelled and refunded, unless a location that refused has it: then it
   is kept there, and somebody here decides.
5. A promise that cannot be kept opens an exception (`exceptional.py`); the customer is told.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.events import OrderRerouted
from app.sales import counter_offers, orders, store_holds
from app.sales.models import Order, OrderLine
from app.workflows import cancelling, collecting, exceptional, keeping, loose
from app.workflows.completion import complete_if_done
from app.workflows.loose import Loose, Rerouted
from fulfilment.claims import shortages
from fulfilment.claims.shortages import ShortageView
from fulfilment.events import ShortageOpened
from fulfilment.outbound import picking, shipments
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from kit import events
from kit.errors import Refused

_TRIES = 3
Lines = Mapping[uuid.UUID, OrderLine]


def on_shortage(session: Session, event: ShortageOpened) -> None:
    """Solve every open shortage of the order (handler of `ShortageOpened`).

    What a store had put aside for somebody is no order: `reserve_in_store` and
    `counter_offers` tell them.
    """
    kept = store_holds.known(session, event.order_ref)
    if not kept and not counter_offers.known(session, event.order_ref):
        reroute(session, event.order_ref, cause=event.cause)


def reroute(session: Session, order_ref: str, *, cause: str, actor: str = "kontor") -> None:
    """Find a new place for what an order lacks.

    Args:
        cause: why it lacks something: ``short_pick``, ``till_sale``, ``rejection``,
            ``reservation_lapsed`` …
    """
    order = orders.by_ref(session, order_ref, lock=True)
    gaps = shortages.open_for(session, order_ref)
    if not gaps or order.state not in {"confirmed", "completed"}:
        return
    gaps = collecting.leave_to_customer(session, order, gaps, cause)
    if gaps:
        solve(session, order, gaps, cause=cause, actor=actor)
    else:
        picking.cancel_empty(session, order.ref)


def solve(
    session: Session,
    order: Order,
    gaps: Sequence[ShortageView],
    *,
    cause: str,
    actor: str = "kontor",
) -> None:
    """Send what has lost its place by parcel, or give its money back; tell the customer.

    Args:
        session: the open transaction.
        order: locked.
        gaps: open shortages of it.
        cause: why they are.
        actor: who asks.
    """
    units = loose.gather(session, order, gaps=gaps)
    found = route(session, units, cause=cause)
    later = keeping.keep_honest(order, units.lines, found.decision)
    kept = keeping.keep_where_refused(session, units, found)
    missing = _cancel(session, order, units.lines, gaps, found.missing, kept)
    for gap in gaps:
        shortages.resolve(session, gap.id, _resolution(gap, missing, kept))
    orders.note(
        session,
        order.ref,
        "order_rerouted",
        actor,
        cause=cause,
        decision=str(found.decision_id),
        locations=list(found.decision.locations),
        cancelled=missing,
    )
    exceptional.open_for(session, order, units.lines, found, cause=cause, later=later, stuck=kept)
    if found.decision.assignments or missing:
        _say(session, order, found, cause)
    picking.cancel_empty(session, order.ref)
    complete_if_done(session, order)


def replan(session: Session, order_ref: str, *, cause: str, actor: str = "kontor") -> bool:
    """Plan what nobody picks yet once more, because its plan does not hold; keep it if it is best.

    Args:
        session: the open transaction.
        order_ref: which order.
        cause: why: ``cut_off_missed``, ``location_closed`` …
        actor: who asks.

    Returns:
        Whether anything of it was loose.
    """
    order = orders.by_ref(session, order_ref, lock=True)
    if order.state != "confirmed":
        return False
    units = loose.gather(session, order, gaps=())
    if not units.rows:
        return False
    before = outlook(session, order)
    found = route(session, units, cause=cause)
    later = keeping.keep_honest(order, units.lines, found.decision)
    orders.note(
        session,
        order.ref,
        "order_rerouted",
        actor,
        cause=cause,
        decision=str(found.decision_id),
        locations=list(found.decision.locations),
    )
    stuck = {uuid.UUID(key): left for key, left in found.decision.unfilled.items()}
    exceptional.open_for(session, order, units.lines, found, cause=cause, later=later, stuck=stuck)
    if later or len(outlook(session, order)) != len(before):
        _say(session, order, found, cause)
    return True


def outlook(session: Session, order: Order) -> list[tuple[str, str]]:
    """Return the parcels that an order comes in, as (location, day of arrival)."""
    return [
        (view.location, view.arrives_on.isoformat())
        for view in shipments.for_order(session, order.ref)
    ]


def route(session: Session, units: Loose, *, cause: str) -> Rerouted:
    """Ask the router, move the difference, and store the decision with its cause.

    Raises:
        Refused: ``stock_short`` when others were quicker again and again.
    """
    for attempt in range(_TRIES):
        decision = decide(loose.problem_of(session, units, promise_on=units.order.promised_on))
        try:
            with session.begin_nested():
                placed = loose.settle(session, units, decision)
        except Refused as refusal:
            if refusal.code != "stock_short" or attempt == _TRIES - 1:
                raise
            continue
        stored = snapshot.store(session, units.order.ref, decision, cause=cause)
        there: Counter[uuid.UUID] = Counter()
        for (line_id, _), quantity in placed.items():
            there[line_id] += quantity
        return Rerouted(decision, stored.id, placed, units.wanted - there)
    raise AssertionError("unreachable")


def _resolution(
    gap: ShortageView, missing: Mapping[str, int], kept: Mapping[uuid.UUID, int]
) -> str:
    if gap.line_id in kept:
        return "kept"
    return "cancelled" if str(gap.line_id) in missing else "rerouted"


def _say(session: Session, order: Order, found: Rerouted, cause: str) -> None:
    events.record(
        session,
        OrderRerouted(order_ref=order.ref, decision_id=str(found.decision_id), cause=cause),
    )


def _cancel(
    session: Session,
    order: Order,
    lines: Lines,
    gaps: Sequence[ShortageView],
    unfilled: Mapping[uuid.UUID, int],
    kept: Mapping[uuid.UUID, int],
) -> dict[str, int]:
    """Cancel and refund what nobody can send and nobody keeps; return it by line key."""
    missing = +(Counter(unfilled) - Counter(kept))
    if not missing:
        return {}
    first = next(gap for gap in gaps if gap.line_id in missing)
    cancelling.cancel_units(
        session, order, lines, missing, cause="not_deliverable", key=f"shortage/{first.id}"
    )
    return {str(line_id): units for line_id, units in missing.items()}
