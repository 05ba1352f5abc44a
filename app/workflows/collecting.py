"""Click & collect that a store cannot hand over: the customer is asked and decides.

1. What the store has stays allocated there; what it lacks is an open shortage meanwhile.
2. The question names what can be done now: by parcel at our cost if it is paid, from another store
   that has all of it, or money back (`options`). It is asked once, by the channel that the
   customer prefers.
3. An answer is carried out at once, or refused where it cannot be any more, with what can be now.
4. Without an answer: one reminder, then a task of the back office. Nothing is ever assumed.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.sales import collect_questions, collect_terms, orders
from app.sales.models import CollectQuestion, Order, OrderLine
from app.workflows import cancelling, loose, quoting, tell_choices
from fulfilment.claims import allocations, shortages
from fulfilment.claims.allocations import AllocationView
from fulfilment.claims.shortages import ShortageView
from fulfilment.events import CollectionRefused
from fulfilment.outbound import fulfilment_orders, picking, refusals
from fulfilment.places import locations
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Problem
from kit import clock

PARCEL, CANCEL, STORE = "parcel", "cancel", "store:"
"""Answers; `STORE` is followed by the code of the store."""


@dataclass(frozen=True)
class Asked:
    """The units that a question is about: `held` lie in the store, `gaps` have no place."""

    order: Order
    lines: Mapping[uuid.UUID, OrderLine]
    held: Sequence[AllocationView]
    gaps: Sequence[ShortageView]

    @property
    def units(self) -> Counter[uuid.UUID]:
        """Units of each line."""
        found: Counter[uuid.UUID] = Counter()
        for row in (*self.held, *self.gaps):
            found[row.line_id] += row.quantity
        return found


@dataclass(frozen=True)
class StoreOption:
    """Another store that has all of it, and from when it can be fetched there."""

    code: str
    name: str
    ready_at: datetime


@dataclass(frozen=True)
class Options:
    """What can be done now. `arrives_on` None: it cannot be sent by parcel."""

    arrives_on: date | None
    parcels: int
    stores: Sequence[StoreOption]
    refund_minor: int


def leave_to_customer(
    session: Session, order: Order, gaps: Sequence[ShortageView], cause: str
) -> Sequence[ShortageView]:
    """Ask about what was to be collected; return the gaps that are to be sent."""
    mine = [gap for gap in gaps if order.collect_at and gap.location == order.collect_at]
    if mine:
        picking.cancel_empty(session, order.ref)
        ask(session, order, cause)
    return [gap for gap in gaps if gap not in mine]


def on_refused(session: Session, event: CollectionRefused) -> None:
    """Ask about goods that the store has and cannot hand over (handler of its event)."""
    order = orders.by_ref(session, event.order_ref, lock=True)
    if order.state == "confirmed" and order.collect_at == event.location:
        ask(session, order, event.reason)


def ask(session: Session, order: Order, reason: str) -> None:
    """Ask what is to become of it, or bring the open question up to date."""
    about = concerned(session, order)
    if not about.units or order.collect_at is None:
        return
    can = options(session, about)
    facts = {
        "lines": [
            {"sku": about.lines[one].sku, "title": about.lines[one].title, "quantity": units}
            for one, units in about.units.items()
        ],
        "options": plain(can),
    }
    question, new = collect_questions.ask(
        session, order.ref, location=order.collect_at, reason=reason, facts=facts
    )
    if new:
        orders.note(
            session, order.ref, "collect_asked", "kontor", location=order.collect_at, reason=reason
        )
        tell_choices.collect_question(session, order, question)


def concerned(session: Session, order: Order) -> Asked:
    """Return what of an order was to be collected and cannot be."""
    here = order.collect_at
    return Asked(
        order=order,
        lines={line.id: line for line in orders.lines_of(session, order)},
        held=[
            row
            for row in allocations.of_order(session, order.ref)
            if row.state == "open" and row.fulfilment_order_id is None and row.location == here
        ],
        gaps=[row for row in shortages.open_for(session, order.ref) if row.location == here],
    )


def options(session: Session, about: Asked) -> Options:
    """Return what can be done about it now."""
    # What nobody has paid is not sent.
    sent = None if about.order.pay_on_collection else by_parcel(session, about)
    complete = sent is not None and sent.complete
    return Options(
        arrives_on=sent.arrives_on if sent and complete else None,
        parcels=len(sent.parcels) if sent and complete else 0,
        stores=_stores(session, about),
        refund_minor=cancelling.refund_of(about.order, about.lines, about.units),
    )


def by_parcel(session: Session, about: Asked) -> Decision:
    """Return how the router would send it."""
    return decide(_problem(session, about), alternatives=0)


def _problem(session: Session, about: Asked, collect_at: str | None = None) -> Problem:
    refused = refusals.refused_by(session, about.order.ref)
    here = {about.order.collect_at or ""}
    return snapshot.problem_for(
        session,
        lines=[
            loose.line_of(about.lines[one], units, refused.get(one, frozenset()) | here)
            for one, units in about.units.items()
        ],
        postal_code=about.order.address["postal_code"],
        now=clock.now(),
        collect_at=collect_at,
        besides=about.order.ref,
    )


def at_store(session: Session, about: Asked, code: str) -> Decision | None:
    """Return the plan to collect all of it at another store; None where that lacks something."""
    problem = quoting.only_at(_problem(session, about, collect_at=code), code)
    if not problem.sources:
        return None
    found = decide(problem, alternatives=0)
    return found if found.complete and found.ready_at else None


def _stores(session: Session, about: Asked) -> list[StoreOption]:
    """Other stores that have all of it; none while a part waits in the first one."""
    order = about.order
    if any(job.kind == "collect" for job in fulfilment_orders.of_order(session, order.ref)):
        return []
    found = []
    for place in locations.by_code(session).values():
        if place.kind != "store" or place.code == order.collect_at:
            continue
        if order.pay_on_collection and not collect_terms.of(session, place.code).offered:
            continue
        plan = at_store(session, about, place.code)
        if plan is not None and plan.ready_at is not None:
            found.append(StoreOption(place.code, place.name, plan.ready_at))
    return found


def plain(can: Options) -> dict[str, Any]:
    """Return options as plain JSON, for the question and the letter."""
    return {
        "arrives_on": can.arrives_on.isoformat() if can.arrives_on else None,
        "parcels": can.parcels,
        "stores": [
            {"code": one.code, "name": one.name, "ready_at": one.ready_at.isoformat()}
            for one in can.stores
        ],
        "refund_minor": can.refund_minor,
    }


def remind(session: Session, order_ref: str) -> bool:
    """Remind a customer of a question, once; return whether this call did."""
    order = orders.by_ref(session, order_ref, lock=True)
    question: CollectQuestion | None = collect_questions.open_for(session, order_ref, lock=True)
    if question is None or question.reminded_at is not None or order.state != "confirmed":
        return False
    question.reminded_at = clock.now()
    orders.note(session, order_ref, "collect_reminded", "kontor", location=question.location)
    tell_choices.collect_question(session, order, question, again=True)
    return True
