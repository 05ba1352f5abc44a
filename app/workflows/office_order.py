"""What the back office does with an order: hold, release, cancel, refund; always with a reason.

Each is one transaction, writes who and why into the order's timeline, and is done once however
often the form is sent.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.payments.models import Refund
from app.sales import orders, worth
from app.sales.models import Order, OrderLine
from app.workflows import cancel_order, return_order, tenders
from app.workflows.cancel_order import Cancelled
from app.workflows.return_order import Returned
from fulfilment.outbound import stops
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused

LONGEST_REASON = 500
# What becomes of refunded units that were sent: for sale again, aside, lost, with the customer.
RESTOCK = ("shelf", "inspect", "scrap", "kept")
GOODWILL = "goodwill"
_HOLDABLE = ("placed", "confirmed")


@dataclass(frozen=True)
class Left:
    """What can still be done with each line of an order, in units, by line id."""

    cancellable: Mapping[uuid.UUID, int]
    refundable: Mapping[uuid.UUID, int]

    @property
    def anything(self) -> bool:
        """Whether any of it is left."""
        return any(self.cancellable.values()) or any(self.refundable.values())


def left(session: Session, order: Order, lines: Sequence[OrderLine]) -> Left:
    """Return what can be cancelled (nobody picks it) and refunded (it was sent)."""
    sent = {line.id: line.shipped - line.returned for line in lines}
    return Left(cancel_order.cancellable(session, order), {k: n for k, n in sent.items() if n > 0})


def hold(order_ref: str, *, reason: str, actor: str) -> None:
    """Stop an order: nobody picks it or hands it over until it is released.

    Raises:
        NotFound: ``order``.
        Invalid: ``reason``.
        Refused: ``order_state``: it is over; ``order_stopped``: it is already.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        if order.state not in _HOLDABLE:
            raise Refused("order_state", state=order.state)
        row = stops.stop(session, order_ref, reason=reason, actor=actor)
        orders.note(session, order_ref, "order_stopped", actor, reason=row.reason)


def release(order_ref: str, *, actor: str) -> None:
    """Let a stopped order go on.

    Raises:
        NotFound: ``order``.
        Refused: ``order_not_stopped``.
    """
    with transaction() as session:
        orders.by_ref(session, order_ref, lock=True)
        stops.release(session, order_ref, actor=actor)
        orders.note(session, order_ref, "order_released", actor)


def cancel(
    order_ref: str, units: Mapping[uuid.UUID, int], *, reason: str, actor: str, key: str
) -> Cancelled:
    """Cancel units of lines that nobody picks yet; the money goes back and the customer is told.

    Raises:
        Invalid: ``reason``; ``quantity``: nothing was chosen.
        NotFound: ``order``.
        Refused: ``cancel_too_late`` with what can still be cancelled.
    """
    said = _reason(reason)
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        before = _counts(session, order)
        done = cancel_order.cancel_in(session, order, units, key=key, by=actor)
        after = _counts(session, order)
        if after != before:
            orders.note(
                session, order_ref, "office_cancelled", actor,
                reason=said, before=before, after=after, refund_minor=done.refund_minor,
            )  # fmt: skip
        return done


def refund(
    order_ref: str,
    units: Mapping[uuid.UUID, int],
    *,
    restock: str,
    location: str | None,
    reason: str,
    actor: str,
    key: str,
) -> int:
    """Give back the price of units that were sent; return it, minor units.

    Args:
        order_ref: whose.
        units: how many of which line.
        restock: one of `RESTOCK`; ``kept`` leaves the goods with the customer and moves no stock.
        location: where the goods are now; None only for ``kept``.
        reason: for the books and the timeline.
        actor: who does it.
        key: of the form: sent twice, it is done once, and the second answer is 0.

    Raises:
        Invalid: ``reason``, ``quantity``, ``disposition`` or ``location``.
        NotFound: ``order``, ``order_line``.
        Refused: ``return_too_large``; ``refund_too_large``.
    """
    said = _reason(reason)
    wanted = {line: count for line, count in units.items() if count}
    if not wanted or min(wanted.values()) < 1:
        raise Invalid("quantity")
    if restock not in RESTOCK:
        raise Invalid("disposition", disposition=restock, known=list(RESTOCK))
    if restock == "kept":
        return _leave_to_customer(order_ref, wanted, reason=said, actor=actor, key=key)
    if location is None:
        raise Invalid("location")
    parts = [Returned(line, count, restock, said) for line, count in wanted.items()]
    return return_order.take_back(
        order_ref, parts, location=location, actor=actor, key=f"office/{key}"
    )


def _leave_to_customer(
    order_ref: str, units: Mapping[uuid.UUID, int], *, reason: str, actor: str, key: str
) -> int:
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        lines = {line.id: line for line in orders.lines_of(session, order)}
        amount = 0
        for line_id, count in units.items():
            line = lines.get(line_id)
            if line is None:
                raise NotFound("order_line", line_id=str(line_id))
            if count > line.shipped - line.returned:
                most = line.shipped - line.returned
                raise Refused("return_too_large", sku=line.sku, asked=count, left=most)
            amount += worth.returning(line, count)
        goods = [{"sku": lines[i].sku, "quantity": count} for i, count in units.items()]
        return _goodwill(session, order, amount, actor, reason, key, lines=goods)


def goodwill(order_ref: str, amount_minor: int, *, reason: str, actor: str, key: str) -> int:
    """Give money back without goods: a delay, a scratch; return it, minor units.

    Raises:
        Invalid: ``reason``; ``refund_amount``: nothing, or less.
        NotFound: ``order``.
        Refused: ``refund_too_large`` with what is left.
    """
    said = _reason(reason)
    if amount_minor <= 0:
        raise Invalid("refund_amount", amount_minor=amount_minor)
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        return _goodwill(session, order, amount_minor, actor, said, key)


def _goodwill(
    session: Session,
    order: Order,
    amount_minor: int,
    actor: str,
    reason: str,
    key: str,
    *,
    lines: list[dict[str, object]] | None = None,
) -> int:
    own = f"goodwill/{order.ref}/{key}"
    known = select(Refund.id).where(Refund.key.startswith(own, autoescape=True))
    if session.scalar(known.limit(1)):
        return 0
    tenders.give_back(session, order, amount_minor, cause=GOODWILL, key=own)
    orders.note(
        session, order.ref, "goodwill_given", actor,
        reason=reason, refund_minor=amount_minor, lines=lines or [],
    )  # fmt: skip
    return amount_minor


def _counts(session: Session, order: Order) -> dict[str, int]:
    """What is cancelled of each line, by SKU: the timeline shows it before and after."""
    found: dict[str, int] = {}
    for line in orders.lines_of(session, order):
        found[line.sku] = found.get(line.sku, 0) + line.quantity - line.cancelled
    return found


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON:
        raise Invalid("reason")
    return said
