"""Take goods back: any line of any channel, at any location, refunded to its tender."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import GoodsReturned
from app.sales import orders, worth
from app.sales.models import Order, OrderLine, OrderReturn
from app.workflows import invoice_order, tenders
from fulfilment.stock import ledger
from kit import clock, events
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused
from loyalty import points

# What becomes of a returned unit: back on the shelf, aside for inspection, or lost.
DISPOSITIONS = {"shelf": "shelf", "inspect": "quarantine", "scrap": "loss"}


@dataclass(frozen=True)
class Returned:
    """Units of an order line that somebody brings back."""

    line_id: uuid.UUID
    quantity: int
    disposition: str = "shelf"
    reason: str = ""
    # As it stands on the goods. Of a SKU that is kept apart somebody reads it later, if at all.
    lot: str | None = None


def take_back(
    order_ref: str, returned: Sequence[Returned], *, location: str, actor: str, key: str
) -> int:
    """Take units back at a location and return what is refunded, minor units.

    Args:
        key: names this hand-in once; repeating it changes nothing and returns 0.

    Raises:
        NotFound: ``order`` or ``order_line``.
        Invalid: ``quantity`` or ``disposition``.
        Refused: ``return_too_large`` with what can still come back.
    """
    with transaction() as session:
        return take_back_in(session, order_ref, returned, location=location, actor=actor, key=key)


def take_back_in(
    session: Session,
    order_ref: str,
    returned: Sequence[Returned],
    *,
    location: str,
    actor: str,
    key: str,
    settle: Callable[[Order, int], None] | None = None,
) -> int:
    """As `take_back`, inside an open transaction (the replay joins several steps).

    Args:
        settle: gives the money back (order, minor units); to what had paid where it is None.
    """
    order = orders.by_ref(session, order_ref, lock=True)
    if session.scalar(select(OrderReturn.id).where(OrderReturn.key == f"{key}/0")):
        return 0
    lines = {line.id: line for line in orders.lines_of(session, order)}
    refunded = 0
    moves = []
    for place, part in enumerate(returned):
        line = _line(lines, part)
        value = worth.returning(line, part.quantity)
        refunded += value
        line.returned += part.quantity
        session.add(_row(order, line, part, location, f"{key}/{place}", refund_minor=value))
        moves.append(_move(order, line, part, location, f"{key}/{place}"))
    session.flush()
    events.record(session, GoodsReturned(order_ref=order.ref))
    ledger.move(session, moves, actor=actor, channel=order.channel)
    if settle is not None:
        settle(order, refunded)
    else:
        tenders.give_back(session, order, refunded, cause="return", key=f"return/{key}")
    _take_points(session, order, refunded, key)
    invoice_order.keep_up(session, order)
    orders.note(
        session,
        order.ref,
        "returned",
        actor,
        location=location,
        refunded_minor=refunded,
        lines=[{"sku": lines[part.line_id].sku, "quantity": part.quantity} for part in returned],
    )
    return refunded


def _line(lines: dict[uuid.UUID, OrderLine], part: Returned) -> OrderLine:
    if part.quantity < 1:
        raise Invalid("quantity", quantity=part.quantity)
    if part.disposition not in DISPOSITIONS:
        raise Invalid("disposition", disposition=part.disposition, known=sorted(DISPOSITIONS))
    line = lines.get(part.line_id)
    if line is None:
        raise NotFound("order_line", line_id=str(part.line_id))
    left = line.shipped - line.returned
    if part.quantity > left:
        raise Refused("return_too_large", sku=line.sku, asked=part.quantity, left=left)
    return line


def _row(
    order: Order, line: OrderLine, part: Returned, location: str, key: str, *, refund_minor: int
) -> OrderReturn:
    return OrderReturn(
        order_id=order.id,
        line_id=line.id,
        quantity=part.quantity,
        refund_minor=refund_minor,
        location=location,
        disposition=part.disposition,
        reason=part.reason,
        returned_at=clock.now(),
        key=key,
    )


def _move(order: Order, line: OrderLine, part: Returned, location: str, key: str) -> ledger.Move:
    account = DISPOSITIONS[part.disposition]
    return ledger.Move(
        sku=line.sku,
        quantity=part.quantity,
        from_account="customer",
        from_location=None,
        to_account=account,
        to_location=None if account == "loss" else location,
        cause="return",
        document=order.ref,
        key=f"return/{key}",
        lot=part.lot,
    )


def _take_points(session: Session, order: Order, amount_minor: int, key: str) -> None:
    if order.customer_number is None:
        return
    lost = points.points_for(amount_minor)
    if lost:
        points.take_back(
            session,
            number=order.customer_number,
            points=lost,
            cause="return",
            document=order.ref,
            key=f"return/{key}",
        )
