"""A customer cancels what nobody picks yet, line by line; the money goes back at once.

What somebody holds in their hands already is sent, and may be sent back.
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.messages import account_letters, letters
from app.messages.account_letters import PersonalMail
from app.sales import orders
from app.sales.models import Order, OrderLine, TimelineEntry
from app.workflows import cancelling, tell
from app.workflows.completion import complete_if_done
from fulfilment.claims import allocations, backorders, giving_back
from fulfilment.claims.allocations import AllocationView
from fulfilment.outbound import fulfilment_orders
from fulfilment.outbound.fulfilment_orders import FulfilmentOrder
from kit.database import transaction
from kit.errors import Invalid, Refused

CAUSE = "customer_cancelled"


@dataclass(frozen=True)
class Cancelled:
    """What was cancelled, by line id, and what goes back, minor units."""

    units: Mapping[uuid.UUID, int]
    refund_minor: int


def cancellable(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """Return the units of each line that nobody picks yet; empty where there are none."""
    if order.state != "confirmed" or order.channel != "web":
        return {}
    jobs = {job.id: job for job in fulfilment_orders.of_order(session, order.ref)}
    found = Counter(_waiting(session, order))
    for claim in _loose(session, order, jobs):
        found[claim.line_id] += claim.quantity
    return dict(found)


def _waiting(session: Session, order: Order) -> Counter[uuid.UUID]:
    found: Counter[uuid.UUID] = Counter()
    for row in backorders.of_order(session, order.ref):
        if row.state == "waiting":
            found[row.line_id] += row.quantity
    return found


def _loose(
    session: Session, order: Order, jobs: Mapping[uuid.UUID, FulfilmentOrder]
) -> list[AllocationView]:
    """Return the claims that lie on a shelf and on nobody's list of today's work."""
    return [
        claim
        for claim in allocations.of_order(session, order.ref)
        if claim.state == "open"
        and (
            claim.fulfilment_order_id is None
            or claim.fulfilment_order_id not in jobs
            or jobs[claim.fulfilment_order_id].state == "open"
        )
    ]


def cancel(order_ref: str, units: Mapping[uuid.UUID, int], *, key: str, by: str) -> Cancelled:
    """Cancel units of an order's lines; the same key again changes nothing and returns the same.

    Args:
        order_ref: which order.
        units: how many of which line, by line id.
        key: of the form that was sent.
        by: ``customer``, or who does it for them.

    Raises:
        Invalid: ``quantity``: nothing is to be cancelled.
        NotFound: ``order``.
        Refused: ``cancel_too_late`` with what can still be cancelled: somebody picks the rest.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        return cancel_in(session, order, units, key=key, by=by)


def cancel_in(
    session: Session, order: Order, units: Mapping[uuid.UUID, int], *, key: str, by: str
) -> Cancelled:
    """As `cancel`, inside an open transaction; the order is locked."""
    done = _done(session, order, key)
    if done is not None:
        return done
    wanted = {line: quantity for line, quantity in units.items() if quantity}
    if not wanted or min(wanted.values()) < 1:
        raise Invalid("quantity")
    jobs = {job.id: job for job in fulfilment_orders.lock_of_order(session, order.ref)}
    owed = _waiting(session, order)
    given = _taken(_loose(session, order, jobs), owed, wanted)
    whole = [line for line in wanted if wanted[line] > sum(given.get(line, {}).values())]
    backorders.release(session, order.ref, whole)
    giving_back.give_back(
        session, {claim: count for claims in given.values() for claim, count in claims.items()}
    )
    lines = {line.id: line for line in orders.lines_of(session, order)}
    refund = cancelling.cancel_units(
        session, order, lines, wanted, cause=CAUSE, key=f"cancel/{order.ref}/{key}"
    )
    fulfilment_orders.cancel_empty(session, order.ref)
    _tell(session, order, lines, wanted, refund, key=key, by=by)
    complete_if_done(session, order)
    return Cancelled(wanted, refund)


def _taken(
    claims: list[AllocationView], owed: Counter[uuid.UUID], wanted: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, dict[uuid.UUID, int]]:
    """Return which claims give how much, per line; what is still to come is given up first."""
    given: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    for line, quantity in wanted.items():
        own = [claim for claim in claims if claim.line_id == line]
        most = sum(claim.quantity for claim in own) + owed[line]
        # What is owed is given up as a whole, or stays: half a delivery date helps nobody.
        left = quantity - owed[line] if quantity == most else quantity
        if left > sum(claim.quantity for claim in own):
            raise Refused("cancel_too_late", line=str(line), most=most)
        given[line] = {}
        for claim in reversed(own):
            part = min(left, claim.quantity)
            if part:
                given[line][claim.id] = part
                left -= part
    return given


def _done(session: Session, order: Order, key: str) -> Cancelled | None:
    known = session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.order_ref == order.ref,
            TimelineEntry.what == CAUSE,
            TimelineEntry.facts["key"].astext == key,
        )
    )
    if known is None:
        return None
    units = {uuid.UUID(line["line_id"]): line["quantity"] for line in known.facts["lines"]}
    return Cancelled(units, known.facts["refund_minor"])


def _tell(
    session: Session,
    order: Order,
    lines: Mapping[uuid.UUID, OrderLine],
    units: Mapping[uuid.UUID, int],
    refund_minor: int,
    *,
    key: str,
    by: str,
) -> None:
    gone = [
        {
            "line_id": str(line),
            "sku": lines[line].sku,
            "title": lines[line].title,
            "quantity": count,
        }
        for line, count in units.items()
    ]
    orders.note(session, order.ref, CAUSE, by, key=key, lines=gone, refund_minor=refund_minor)
    if not order.email:
        return
    facts = {
        "ref": order.ref,
        "lines": gone,
        "refund_minor": refund_minor,
        "collect": order.collect_at is not None,
        "order_url": letters.order_url(tell.order_fact(session, order)),
    }
    mail = PersonalMail("cancelled", order.email, order.language, facts, order_ref=order.ref)
    account_letters.write(session, mail, key=f"cancelled/{order.ref}/{key}")
