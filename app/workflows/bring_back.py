"""Goods come back: announced by the customer with a slip, received by us, refunded at once.

1. `announce` notes what is to come back and sends the slip; nothing moves, no money flows.
2. `receive` takes the goods in where they are, refunds them, and corrects the invoice. After a
   withdrawal of everything the delivery is refunded too (section 357 (2) BGB).
"""

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from app.aftersales import returns
from app.aftersales.models import ReturnRequest
from app.aftersales.returns import Part
from app.messages import account_letters, letters
from app.messages.account_letters import PersonalMail
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows import return_order, tell, tenders
from app.workflows.return_order import Returned
from kit.database import transaction
from kit.errors import Refused


def returnable(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """Return the units of each line that left us and are neither back nor announced."""
    coming = returns.announced(session, order.ref)
    left = {
        line.id: line.shipped - line.returned - coming[line.id]
        for line in orders.lines_of(session, order)
    }
    return {line: units for line, units in left.items() if units > 0}


def announce(
    order_ref: str, parts: Sequence[Part], *, how: str, withdrawal: str | None = None
) -> ReturnRequest:
    """Note what a customer wants to bring or send back, and send them the slip for it.

    Raises:
        Invalid: ``return_way``, ``return_reason`` or ``quantity``.
        NotFound: ``order``.
        Refused: ``return_too_large``.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        request = returns.announce(
            session,
            order.ref,
            parts,
            how=how,
            most=returnable(session, order),
            withdrawal=withdrawal,
        )
        titles = {line.id: line for line in orders.lines_of(session, order)}
        facts = [
            {
                "sku": titles[part.line_id].sku,
                "title": titles[part.line_id].title,
                "quantity": part.quantity,
            }
            for part in parts
        ]
        orders.note(
            session,
            order.ref,
            "return_announced",
            "customer",
            number=request.ref,
            how=how,
            lines=facts,
        )
        _mail(session, order, request, facts)
        return request


def _mail(
    session: Session, order: Order, request: ReturnRequest, lines: list[dict[str, object]]
) -> None:
    if not order.email:
        return
    page = letters.order_url(tell.order_fact(session, order))
    facts = {
        "number": request.ref,
        "ref": order.ref,
        "how": request.how,
        "lines": lines,
        "order_url": page,
        "slip_url": page.replace("?t=", f"/ruecksendung/{request.ref}.pdf?t="),
    }
    mail = PersonalMail("return_announced", order.email, order.language, facts, order_ref=order.ref)
    account_letters.write(session, mail, key=f"return_announced/{request.ref}")


def cancel(order_ref: str, request_ref: str) -> None:
    """The customer keeps the goods after all.

    Raises:
        NotFound: ``return_request``, also where it is another order's.
        Refused: ``return_request_state``.
    """
    with transaction() as session:
        request = returns.by_ref(session, request_ref, lock=True)
        if request.order_ref != order_ref:
            raise Refused("return_request_state")
        returns.end(request, "cancelled", "customer")
        orders.note(session, order_ref, "return_cancelled", "customer", number=request.ref)


def receive(
    request_ref: str,
    dispositions: Mapping[uuid.UUID, tuple[int, str]],
    *,
    location: str,
    actor: str,
) -> int:
    """Take in what has come back of an announced return; return what is refunded, minor units.

    Args:
        request_ref: of the slip.
        dispositions: per line how many have come, and what becomes of them (``shelf``,
            ``inspect``, ``scrap``); a line that is missing here has not come.
        location: where the goods are now.
        actor: who took them in.

    Raises:
        NotFound: ``return_request``.
        Refused: ``return_request_state``; ``return_too_large``.
    """
    with transaction() as session:
        found = returns.by_ref(session, request_ref)
        order = orders.by_ref(session, found.order_ref, lock=True)
        request = returns.by_ref(session, request_ref, lock=True)
        reasons = {line.line_id: line for line in returns.lines_of(session, request)}
        parts = [
            Returned(line, units, disposition, reasons[line].reason if line in reasons else "")
            for line, (units, disposition) in dispositions.items()
            if units
        ]
        returns.end(request, "received", actor)
        key = f"request/{request.ref}"
        shipping = 0

        def settle(order: Order, refund_minor: int) -> None:
            nonlocal shipping
            tenders.give_back(session, order, refund_minor, cause="return", key=f"return/{key}")
            shipping = _shipping(session, order, request)
            if shipping:
                tenders.give_back(
                    session, order, shipping, cause="withdrawal", key=f"return/{key}/shipping"
                )

        goods = return_order.take_back_in(
            session, order.ref, parts, location=location, actor=actor, key=key, settle=settle
        )
        return goods + shipping


def close_at_counter(
    session: Session, order: Order, brought: Collection[uuid.UUID], *, actor: str
) -> int:
    """End what was announced of an order and came over the counter, inside the till's transaction.

    A line of it that is not among the goods has not come, as when a parcel is taken in. After a
    withdrawal of everything the delivery goes back to what had paid.

    Returns:
        The delivery that is refunded, minor units.
    """
    refunded = 0
    for known in returns.of_order(session, order.ref):
        if known.state != "open":
            continue
        request = returns.by_ref(session, known.ref, lock=True)
        lines = {line.line_id for line in returns.lines_of(session, request)}
        if request.state != "open" or not lines & set(brought):
            continue
        returns.end(request, "received", actor)
        session.flush()
        shipping = _shipping(session, order, request)
        if shipping:
            key = f"return/request/{request.ref}/shipping"
            tenders.give_back(session, order, shipping, cause="withdrawal", key=key)
        refunded += shipping
    return refunded


def _shipping(session: Session, order: Order, request: ReturnRequest) -> int:
    """Return what of the delivery goes back: all of it, where a withdrawal leaves nothing."""
    if request.withdrawal is None or not order.shipping_minor:
        return 0
    lines: Sequence[OrderLine] = orders.lines_of(session, order)
    kept = any(line.shipped - line.returned for line in lines)
    sent = any(line.shipped for line in lines)
    return order.shipping_minor if sent and not kept else 0
