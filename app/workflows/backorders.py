"""Goods that an order waits for come, late or not at all: send them, keep the promise honest.

1. What came for a paid order is allocated where it came (`fulfilment.claims.covering`); the router,
   asked for that place alone, says how and when it goes, and the fulfilment order opens.
2. The customer is told if it arrives later than was said; the shipping mail says the rest.
3. Goods that come later than expected give those who wait a later day; they are told, all at once,
   and choose: wait, cancel that part, or cancel all.
4. What its place cannot send after all, and goods that will not come, are shortages: routed again.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from app.sales import exceptions, orders
from app.sales.models import Order, OrderLine
from app.workflows import tell, tell_choices
from app.workflows.confirm import open_work
from fulfilment.claims import allocations, backorder_queue, backorders, shortages
from fulfilment.claims.allocations import AllocationView
from fulfilment.claims.backorders import BackorderView
from fulfilment.claims.shortages import Loss
from fulfilment.events import BackorderCovered, BackorderDelayed, IncomingDelayed
from fulfilment.outbound import refusals
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.database import transaction

Lines = Mapping[uuid.UUID, OrderLine]
Units = AllocationView | BackorderView


def on_covered(session: Session, event: BackorderCovered) -> None:
    """Send what has come for an order (handler of `BackorderCovered`). Harmless when repeated.

    An unpaid order has it reserved; payment will claim it like anything else.
    """
    order = orders.by_ref(session, event.order_ref, lock=True)
    if order.state != "confirmed":
        return
    rows = _idle(session, order)
    if not rows:
        return
    lines = {line.id: line for line in orders.lines_of(session, order)}
    decision = _from_there(session, order, lines, rows, clock.now())
    rows = _leave_to_routing(session, rows, decision)
    stored = snapshot.store(session, order.ref, decision, cause="backorder_covered")
    open_work(session, order, rows, decision)
    orders.note(
        session,
        order.ref,
        "backorder_covered",
        "kontor",
        decision=str(stored.id),
        locations=list(decision.locations),
    )
    told = _keep_promises_honest(order, lines, rows, decision)
    if told:
        session.flush()
        tell.order_later(
            session,
            order.ref,
            told,
            sends=decision.locations,
            here=True,
            key=str(stored.id),
        )


def _idle(session: Session, order: Order) -> list[AllocationView]:
    """Lock and return what is allocated and in no fulfilment order yet."""

    def idle() -> list[AllocationView]:
        return [
            row
            for row in allocations.of_order(session, order.ref)
            if row.state == "open" and row.fulfilment_order_id is None
        ]

    lock_balances(session, {(row.location, row.sku) for row in idle()}, create=False)
    # What a location has refused to send lies there until somebody has decided.
    refused = refusals.refused_by(session, order.ref)
    return [row for row in idle() if row.location not in refused.get(row.line_id, ())]


def _from_there(
    session: Session, order: Order, lines: Lines, rows: Sequence[Units], at: datetime
) -> Decision:
    """Ask the router how these units go from where they are, and from nowhere else, at `at`."""
    units: dict[uuid.UUID, int] = {}
    there: dict[str, dict[str, int]] = {}
    for row in rows:
        units[row.line_id] = units.get(row.line_id, 0) + row.quantity
        free = there.setdefault(row.location, {})
        free[row.sku] = free.get(row.sku, 0) + row.quantity
    problem = snapshot.problem_for(
        session,
        lines=[
            Line(
                key=str(line_id),
                sku=lines[line_id].sku,
                quantity=quantity,
                weight_grams=lines[line_id].weight_grams,
                group=lines[line_id].shipping_group,
                longest_mm=lines[line_id].longest_mm,
            )
            for line_id, quantity in units.items()
        ],
        postal_code=order.address["postal_code"],
        now=at,
        promise_on=order.promised_on,
    )
    sources = tuple(
        replace(source, available=there.get(source.location, {})) for source in problem.sources
    )
    return decide(replace(problem, sources=sources, stock="claimed"))


def _leave_to_routing(
    session: Session, rows: Sequence[AllocationView], decision: Decision
) -> list[AllocationView]:
    """Give up what cannot be sent from where it is; return what can."""
    sent = {parcel.location for parcel in decision.parcels}
    stuck = [
        row for row in rows if decision.unfilled.get(str(row.line_id)) or row.location not in sent
    ]
    allocations.release(session, allocation_ids=[row.id for row in stuck])
    losses = [
        Loss(row.order_ref, row.line_id, row.sku, row.location, row.quantity) for row in stuck
    ]
    shortages.open_all(session, losses, cause="not_sendable")
    return [row for row in rows if row not in stuck]


def _keep_promises_honest(
    order: Order, lines: Lines, rows: Sequence[Units], decision: Decision
) -> tell.Told:
    """Give lines that arrive later than was said their new day; return what was said."""
    arrives = {part.location: part.arrives_on for part in decision.parcels}
    told: dict[uuid.UUID, tuple[int, date]] = {}
    for row in rows:
        line, day = lines[row.line_id], arrives[row.location]
        if line.promised_on is None:
            line.promised_on = day
        if day > line.promised_on or row.line_id in told:
            units, said_on = told.get(row.line_id, (0, line.promised_on))
            told[row.line_id] = (units + row.quantity, said_on)
            line.promised_on = max(day, line.promised_on)
    days = [line.promised_on for line in lines.values() if line.promised_on]
    order.promised_on = max(days, default=order.promised_on)
    return told


def on_incoming_delayed(session: Session, event: IncomingDelayed) -> None:
    """Give those who wait for late goods their new day (handler of `IncomingDelayed`)."""
    for sku in sorted({str(line["sku"]) for line in event.lines}):
        backorder_queue.redate(session, event.location, sku)


def on_delayed(session: Session, event: BackorderDelayed) -> None:
    """Say when the goods arrive now, as if they left when they come (handler of its event).

    An unpaid order learns its day when it is paid.
    """
    order = orders.by_ref(session, event.order_ref, lock=True)
    if order.state != "confirmed":
        return
    lines = {line.id: line for line in orders.lines_of(session, order)}
    waiting = [row for row in backorders.of_order(session, order.ref) if row.state == "waiting"]
    told: dict[uuid.UUID, tuple[int, date]] = {}
    for day in sorted({row.promised_on for row in waiting}):
        # They may come late on that day: count from its end.
        at = datetime.combine(day, time(23, 59), clock.BERLIN)
        decision = _from_there(
            session, order, lines, [row for row in waiting if row.promised_on == day], at
        )
        sent = {parcel.location for parcel in decision.parcels}
        rows = [row for row in waiting if row.promised_on == day and row.location in sent]
        for line_id, (units, said_on) in _keep_promises_honest(
            order, lines, rows, decision
        ).items():
            before, first_said_on = told.get(line_id, (0, said_on))
            told[line_id] = (before + units, first_said_on)
    if not told:
        return
    session.flush()
    _tell_with_choice(session, order, lines, told, sends=sorted({row.location for row in waiting}))


def _tell_with_choice(
    session: Session, order: Order, lines: Lines, told: tell.Told, *, sends: Sequence[str]
) -> None:
    """Say the new day before the old one has passed, and let the customer choose."""
    facts = [
        {
            "line_id": str(line_id),
            "sku": lines[line_id].sku,
            "title": lines[line_id].title,
            "quantity": units,
            "told_on": said_on.isoformat(),
            "arrives_on": str(lines[line_id].promised_on),
        }
        for line_id, (units, said_on) in told.items()
    ]
    row = exceptions.open_(
        session,
        order.ref,
        cause=exceptions.GOODS_LATE,
        promised_on=min(said_on for _units, said_on in told.values()),
        earliest_on=order.promised_on,
        facts={"lines": facts, "tried": []},
    )
    orders.note(session, order.ref, "promise_broken", "kontor", cause=exceptions.GOODS_LATE)
    tell_choices.promise(session, order, row, sends)


def give_up(location: str, sku: str, *, actor: str) -> list[Loss]:
    """Note that awaited goods will not come: who waits for them is routed again or refunded."""
    with transaction() as session:
        lost = backorders.give_up(session, location, sku)
        for loss in lost:
            orders.note(
                session,
                loss.order_ref,
                "backorder_given_up",
                actor,
                location=location,
                sku=sku,
                quantity=loss.quantity,
            )
        return lost


def tend() -> int:
    """End what nobody paid in time, and serve who waits where units became free (a duty).

    Returns:
        How many backorders got something.
    """
    with transaction() as session:
        backorder_queue.expire_due(session)
    with transaction() as session:
        return len(backorder_queue.cover_due(session))
