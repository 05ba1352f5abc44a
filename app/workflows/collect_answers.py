"""Carry out what a customer has answered about goods that a store could not hand over."""

from collections import Counter
from uuid import UUID

from sqlalchemy.orm import Session

from app.sales import collect_questions, orders
from app.sales.models import Order
from app.workflows import cancelling, collecting, route_order
from app.workflows.collecting import CANCEL, PARCEL, STORE, Asked
from app.workflows.completion import complete_if_done
from app.workflows.confirm import open_work, promises
from fulfilment.claims import allocations, shortages
from fulfilment.claims.reservations import Want
from fulfilment.claims.shortages import Loss, ShortageView
from fulfilment.outbound import fulfilment_orders, picking
from fulfilment.routing import snapshot
from kit.database import transaction
from kit.errors import Invalid, Refused

CAUSE = "collect_answered"


def answer(order_ref: str, chosen: str, *, by: str) -> None:
    """Do what the customer wants: send it, have it collected elsewhere, or pay it back.

    Args:
        order_ref: which order.
        chosen: ``parcel``, ``cancel``, or ``store:`` and the code of the store.
        by: ``customer``, or who noted it for them.

    Raises:
        Invalid: ``answer``.
        NotFound: ``order``.
        Refused: ``question_answered`` when none is open; ``option_gone`` when that cannot be done
            any more: nothing has changed then.
    """
    if chosen not in {PARCEL, CANCEL} and not chosen.startswith(STORE):
        raise Invalid("answer", answer=chosen)
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        question = collect_questions.open_for(session, order_ref, lock=True)
        if question is None:
            raise Refused("question_answered")
        about = collecting.concerned(session, order)
        collect_questions.answer(question, chosen, by)
        orders.note(session, order_ref, "collect_decided", by, outcome=chosen.partition(":")[0])
        fulfilment_orders.lock_of_order(session, order_ref)
        if chosen == CANCEL:
            _cancel(session, about, key=f"question/{question.id}")
        elif chosen == PARCEL:
            _send(session, about)
        else:
            _collect_elsewhere(session, about, chosen.removeprefix(STORE))


def refresh(order_ref: str) -> None:
    """Bring an open question up to date: what can be done may have changed since it was asked."""
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        question = collect_questions.open_for(session, order_ref)
        if question is not None:
            collecting.ask(session, order, question.reason)


def _send(session: Session, about: Asked) -> None:
    if about.order.pay_on_collection or not collecting.by_parcel(session, about).complete:
        raise Refused("option_gone")
    order = about.order
    gaps = [*about.gaps, *_as_gaps(session, about)]
    # Their own day was the one of the collection; the parcel has its own, which they have chosen.
    for line_id in about.units:
        about.lines[line_id].promised_on = None
    if not _still_collected(session, order):
        order.collect_at = None
        order.promised_on = None
    session.flush()
    route_order.solve(session, order, gaps, cause=CAUSE)


def _as_gaps(session: Session, about: Asked) -> list[ShortageView]:
    """Give up what lies in the store: it is without a place from here on, as the rest is."""
    released = allocations.release(session, allocation_ids=[row.id for row in about.held])
    lost = [
        Loss(row.order_ref, row.line_id, row.sku, row.location, row.quantity) for row in released
    ]
    return shortages.open_all(session, lost, cause=CAUSE)


def _still_collected(session: Session, order: Order) -> bool:
    live = fulfilment_orders.of_order(session, order.ref)
    return any(job.kind == "collect" for job in live)


def _collect_elsewhere(session: Session, about: Asked, code: str) -> None:
    plan = collecting.at_store(session, about, code)
    if plan is None or _still_collected(session, about.order):
        raise Refused("option_gone", location=code)
    order = about.order
    allocations.release(session, allocation_ids=[row.id for row in about.held])
    order.collect_at = code
    for line_id in about.units:
        about.lines[line_id].promised_on = plan.arrives_on
    order.promised_on = plan.arrives_on
    session.flush()
    claimed = allocations.allocate(
        session,
        order_ref=order.ref,
        wants=[
            Want(UUID(part.key), part.sku, part.location, part.quantity)
            for part in plan.assignments
        ],
        promised=promises(order, list(about.lines.values())),
    )
    stored = snapshot.store(session, order.ref, plan, cause=CAUSE)
    for gap in about.gaps:
        shortages.resolve(session, gap.id, "rerouted")
    open_work(session, order, claimed, plan)
    orders.note(
        session,
        order.ref,
        "order_rerouted",
        "kontor",
        cause=CAUSE,
        decision=str(stored.id),
        locations=list(plan.locations),
    )


def _cancel(session: Session, about: Asked, *, key: str) -> None:
    gone: Counter[UUID] = Counter()
    for row in allocations.release(session, allocation_ids=[row.id for row in about.held]):
        gone[row.line_id] += row.quantity
    for gap in about.gaps:
        gone[gap.line_id] += gap.quantity
        shortages.resolve(session, gap.id, "cancelled")
    cancelling.cancel_units(
        session, about.order, about.lines, gone, cause="customer_cancelled", key=key
    )
    picking.cancel_empty(session, about.order.ref)
    complete_if_done(session, about.order)
