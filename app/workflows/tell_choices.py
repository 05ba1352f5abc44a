"""Tell the customer that it comes otherwise, and what they may choose now; once for each cause."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import OrderRerouted
from app.messages import letters
from app.messages.choice_letters import (
    BrokenFact,
    CollectQuestionLetter,
    DeliveryChangedLetter,
    PromiseLetter,
    ReadyLetter,
)
from app.messages.letters import LineFact, SplitLetter
from app.sales import exceptions, orders
from app.sales.models import CollectQuestion, Order, PromiseException
from app.workflows import cancel_order, cancelling, pickups, tell
from fulfilment.events import ReadyForCollection
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import shipments
from fulfilment.places import locations
from fulfilment.routing import snapshot
from kit import clock

# Causes of a re-routing for which "an article was not on its shelf any more" is true.
GOODS_MISSED = frozenset(
    {
        "short_pick", "till_sale", "count", "recall", "reservation_lapsed", "backorder_lapsed",
        "not_coming", "reconciliation",
    }
)  # fmt: skip
_WEEK = 7


def order_rerouted(session: Session, event: OrderRerouted) -> None:
    """Say how the order comes now: a call with a deadline where calls are wanted, else a mail.

    A promise that cannot be kept is a letter of its own, with the choice that it leaves.
    """
    sends = snapshot.by_id(session, event.decision_id).locations
    order = orders.by_ref(session, event.order_ref)
    broken = exceptions.open_for(session, order.ref, lock=True)
    if broken is not None and str(broken.decision_id) == event.decision_id:
        promise(session, order, broken, sends)
        return
    if event.cause not in GOODS_MISSED:
        tell.order_changed(session, event.order_ref, {}, sends=sends, key=event.decision_id)
        return
    letter = SplitLetter(*tell.standing(session, order))
    key = f"split/{event.decision_id}"
    tell.tell_change(session, order, letter, key, sends, noted="split_told")


def promise(
    session: Session, order: Order, broken: PromiseException, sends: Sequence[str] = ()
) -> None:
    """Say which day cannot be kept, the new one, and what they may choose. Once per exception."""
    if broken.told_at is not None:
        return
    broken.told_at = clock.now()
    lines = {line.id: line for line in orders.lines_of(session, order)}
    later = tuple(
        BrokenFact(
            fact["sku"],
            fact["title"],
            fact["quantity"],
            _day(fact["told_on"]) or broken.promised_on,
            _day(fact["arrives_on"]),
        )
        for fact in broken.facts["lines"]
    )
    units: Counter[UUID] = Counter()
    for fact in broken.facts["lines"]:
        units[UUID(fact["line_id"])] += fact["quantity"]
    back = cancelling.refund_of(order, lines, units)
    whole = cancelling.refund_of(order, lines, cancel_order.cancellable(session, order))
    letter = PromiseLetter(*tell.standing(session, order), later, back, whole)
    key = f"promise/{broken.id}"
    tell.tell_change(session, order, letter, key, sends, noted="promise_told")


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def collect_question(
    session: Session, order: Order, question: CollectQuestion, *, again: bool = False
) -> None:
    """Ask what is to become of goods that the store cannot hand over; `again` is the reminder."""
    place = locations.one(session, question.location)
    letter = CollectQuestionLetter(
        *tell.standing(session, order),
        place.name,
        question.reason,
        tuple(LineFact(**line) for line in question.facts["lines"]),
        question.facts["options"],
        again,
    )
    key = f"collect/{question.id}/{'again' if again else 'first'}"
    noted = "collect_question_told"
    tell.tell_change(session, order, letter, key, [question.location], noted=noted)


def ready_for_collection(session: Session, event: ReadyForCollection) -> None:
    """Say that it is laid out, where, and when the store is open (handler of its event)."""
    order = orders.by_ref(session, event.order_ref)
    titles = {line.id: line.title for line in orders.lines_of(session, order)}
    laid_out = [
        view
        for view in shipments.for_order(session, order.ref)
        if view.fulfilment_order_id == UUID(event.fulfilment_order_id) and view.shipment_id is None
    ]
    # Who has fetched it meanwhile needs no letter.
    if not laid_out:
        return
    place = locations.one(session, laid_out[0].location)
    job = session.get_one(FulfilmentOrder, laid_out[0].fulfilment_order_id)
    letter = ReadyLetter(
        tell.order_fact(session, order),
        place.name,
        f"{place.street}, {place.postal_code} {place.city}",
        place.phone,
        tuple(
            " – ".join(place.opening_hours[str(day)]) if place.opening_hours.get(str(day)) else ""
            for day in range(_WEEK)
        ),
        tuple(
            LineFact(part.sku, titles[part.line_id], part.quantity)
            for view in laid_out
            for part in view.lines
        ),
        clock.now(),
        job.pickup_code or "",
        pickups.last_day(session, place.code, job.packed_at or clock.now()),
    )
    letters.write(session, letter, key=f"ready/{event.fulfilment_order_id}")


def delivery_changed(session: Session, order: Order, decision_id: str) -> None:
    """Confirm what the customer has changed: where it goes, in how many parcels, when."""
    if not order.email:
        return
    fact, parcels, _, _ = tell.standing(session, order)
    letter = DeliveryChangedLetter(fact, parcels, order.need_by_on)
    letters.write(session, letter, key=f"delivery_changed/{decision_id}")
