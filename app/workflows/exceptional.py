"""A promise that no plan keeps any more: noted before its day, told once, decided by the customer.

1. Whoever routes an order again opens an exception for what arrives later than was said, or not at
   all (`open_for`): cause, what was tried, the new earliest day.
2. The letter about the re-routing names the new day and the choice: keep it, or cancel the late
   part and have its money back (`choose`). The right to withdraw stays (section 355 BGB).
3. What nobody can send, and a location keeps, waits for somebody here (`solve_by_hand`).
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.events import OrderRerouted
from app.sales import exceptions, orders
from app.sales.models import Order, OrderLine, PromiseException
from app.workflows import cancel_order, cancelling, loose
from app.workflows.completion import complete_if_done
from app.workflows.confirm import open_work
from app.workflows.keeping import Later, keep_honest
from app.workflows.loose import Rerouted
from fulfilment.claims import allocations, backorders
from fulfilment.claims.allocations import AllocationView
from fulfilment.outbound import fulfilment_orders, picking
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from kit import clock, events
from kit.database import transaction
from kit.errors import Invalid, Refused

_TRIED = 12
"""Locations whose reason is noted with an exception; the decision has all that it told."""


def open_for(
    session: Session,
    order: Order,
    lines: Mapping[uuid.UUID, OrderLine],
    found: Rerouted,
    *,
    cause: str,
    later: Later,
    stuck: Mapping[uuid.UUID, int],
) -> PromiseException | None:
    """Open an exception where a re-routed order breaks its promise; return it.

    Args:
        session: the open transaction.
        order: locked; its lines have their new days already.
        lines: by id.
        found: the decision and its id.
        cause: why it was routed again.
        later: units that arrive later than was said, and the day that was said.
        stuck: units that nobody sends and that are kept where they are.
    """
    if not later and not stuck:
        return None
    told = [
        _fact(lines[line_id], units, said_on, lines[line_id].promised_on)
        for line_id, (units, said_on) in later.items()
    ] + [
        _fact(lines[line_id], units, lines[line_id].promised_on, None)
        for line_id, units in stuck.items()
    ]
    days = [fact["told_on"] for fact in told if fact["told_on"]]
    arrives = max((line.promised_on for line in lines.values() if line.promised_on), default=None)
    row = exceptions.open_(
        session,
        order.ref,
        cause=cause,
        promised_on=min(days) if days else clock.today(),
        earliest_on=None if stuck else arrives,
        facts={"lines": [_plain(fact) for fact in told], "tried": _tried(found.decision)},
        decision_id=found.decision_id,
    )
    orders.note(session, order.ref, "promise_broken", "kontor", cause=cause)
    return row


def _fact(line: OrderLine, units: int, told_on: Any, arrives_on: Any) -> dict[str, Any]:
    return {
        "line_id": line.id,
        "sku": line.sku,
        "title": line.title,
        "quantity": units,
        "told_on": told_on,
        "arrives_on": arrives_on,
    }


def _plain(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in fact.items()
    }


def _tried(decision: Decision) -> list[dict[str, Any]]:
    return [
        {
            "location": row.location,
            "rule": row.rule,
            "arrives_on": row.arrives_on.isoformat() if row.arrives_on else None,
        }
        for row in decision.exclusions[:_TRIED]
    ]


def choose(order_ref: str, choice: str, *, by: str) -> int:
    """Keep the later day, cancel the late part, or cancel all; return what goes back, minor units.

    Args:
        order_ref: which order.
        choice: ``keep``, ``cancel`` (the late part) or ``all`` (what nobody picks yet).
        by: ``customer``, or who noted it for them.

    Raises:
        Invalid: ``choice``.
        NotFound: ``order``.
        Refused: ``exception_closed`` when nothing waits for a choice; ``picking_started`` when
            nothing of the late part can be stopped any more.
    """
    if choice not in exceptions.CHOICES:
        raise Invalid("choice", choice=choice, known=list(exceptions.CHOICES))
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        row = exceptions.open_for(session, order_ref, lock=True)
        if row is None:
            raise Refused("exception_closed")
        back = _CARRIED_OUT[choice](session, order, row)
        exceptions.choose(row, choice)
        orders.note(
            session, order_ref, "late_decided", by, outcome=row.outcome, refunded_minor=back
        )
        complete_if_done(session, order)
        return back


def _keep(_session: Session, _order: Order, _row: PromiseException) -> int:
    return 0


def _cancel_all(session: Session, order: Order, row: PromiseException) -> int:
    units = cancel_order.cancellable(session, order)
    if not units:
        raise Refused("picking_started")
    key = f"exception/{row.id}"
    return cancel_order.cancel_in(session, order, units, key=key, by="customer").refund_minor


def _cancel_late(session: Session, order: Order, row: PromiseException) -> int:
    if row.cause == exceptions.GOODS_LATE:
        return _cancel_awaited(session, order, row)
    late = late_rows(session, order, row)
    if not late:
        raise Refused("picking_started")
    back = cancelling.cancel_rows(session, order, late, key=f"exception/{row.id}")
    picking.cancel_empty(session, order.ref)
    return back


def _cancel_awaited(session: Session, order: Order, row: PromiseException) -> int:
    """Give up what the order waits for; it lies on no shelf yet."""
    waiting = {one.line_id for one in backorders.of_order(session, order.ref)}
    can = cancel_order.cancellable(session, order)
    units = {
        line: min(count, can[line])
        for line, count in units_of(row).items()
        if line in waiting and can.get(line)
    }
    if not units:
        raise Refused("picking_started")
    key = f"exception/{row.id}"
    return cancel_order.cancel_in(session, order, units, key=key, by="customer").refund_minor


def late_rows(session: Session, order: Order, row: PromiseException) -> list[AllocationView]:
    """Return the claims that an exception is about and that nobody picks yet.

    Args:
        session: the open transaction; the fulfilment orders of the order get locked.
        order: whose, locked.
        row: the exception.
    """
    told = {str(fact["line_id"]): fact["told_on"] for fact in row.facts["lines"]}
    jobs = {job.id: job for job in fulfilment_orders.lock_of_order(session, order.ref)}
    found = []
    for claim in allocations.of_order(session, order.ref):
        if claim.state != "open" or str(claim.line_id) not in told:
            continue
        job = jobs.get(claim.fulfilment_order_id) if claim.fulfilment_order_id else None
        if job is not None and job.state != "open":
            continue
        said_on = told[str(claim.line_id)]
        if job is None or said_on is None or job.arrives_on.isoformat() > said_on:
            found.append(claim)
    return found


_CARRIED_OUT = {"keep": _keep, "cancel": _cancel_late, "all": _cancel_all}


def all_minor(session: Session, order: Order, lines: Mapping[uuid.UUID, OrderLine]) -> int:
    """Return what goes back if all that nobody picks yet is cancelled, minor units."""
    return cancelling.refund_of(order, lines, cancel_order.cancellable(session, order))


def untold(session: Session) -> list[str]:
    """Return the orders whose broken promise nobody has told the customer, most urgent first."""
    return [row.order_ref for row in exceptions.waiting(session) if row.told_at is None]


def late_minor(order: Order, lines: Mapping[uuid.UUID, OrderLine], row: PromiseException) -> int:
    """Return what goes back if all of an exception is cancelled, minor units."""
    return cancelling.refund_of(order, lines, units_of(row))


def units_of(row: PromiseException) -> Counter[uuid.UUID]:
    """Return the units of each line that an exception is about."""
    found: Counter[uuid.UUID] = Counter()
    for fact in row.facts["lines"]:
        found[uuid.UUID(fact["line_id"])] += fact["quantity"]
    return found


def solve_by_hand(order_ref: str, *, actor: str) -> None:
    """Note that somebody here has solved it otherwise, e.g. by sending it from elsewhere by hand.

    Raises:
        Refused: ``exception_closed``.
    """
    with transaction() as session:
        orders.by_ref(session, order_ref, lock=True)
        row = exceptions.open_for(session, order_ref, lock=True)
        if row is None:
            raise Refused("exception_closed")
        exceptions.end(row, "solved")
        orders.note(session, order_ref, "late_decided", actor, outcome="solved")


def ask_again(order_ref: str, *, actor: str) -> list[str]:
    """Give what is kept where it was refused back to the picking list there: a person decides so.

    Returns:
        The codes of the locations.

    Raises:
        NotFound: ``order``.
        Refused: ``exception_closed`` when nothing is kept; ``option_gone`` when it cannot be sent
            from there at all.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        row = exceptions.open_for(session, order_ref, lock=True)
        kept = [
            claim
            for claim in allocations.of_order(session, order_ref)
            if claim.state == "open" and claim.fulfilment_order_id is None
        ]
        if row is None or not kept or order.collect_at is not None:
            raise Refused("exception_closed")
        decision = loose.from_there(session, order, kept)
        if not decision.complete:
            raise Refused("option_gone")
        stored = snapshot.store(session, order_ref, decision, cause="asked_again")
        open_work(session, order, kept, decision)
        exceptions.end(row, "solved")
        lines = {line.id: line for line in orders.lines_of(session, order)}
        later = keep_honest(order, lines, decision)
        found = Rerouted(decision, stored.id, Counter(), {})
        open_for(session, order, lines, found, cause="asked_again", later=later, stuck={})
        if later:
            said = OrderRerouted(
                order_ref=order_ref, decision_id=str(stored.id), cause="asked_again"
            )
            events.record(session, said)
        orders.note(
            session,
            order_ref,
            "order_rerouted",
            actor,
            cause="asked_again",
            decision=str(stored.id),
            locations=list(decision.locations),
        )
        return list(decision.locations)
