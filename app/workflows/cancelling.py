"""Cancel units of a paid order and give their money back, in an open transaction."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.sales import orders, worth
from app.sales.models import Order, OrderLine
from app.workflows import tenders
from fulfilment.claims import allocations
from fulfilment.claims.allocations import AllocationView


def cancel_units(
    session: Session,
    order: Order,
    lines: Mapping[uuid.UUID, OrderLine],
    units: Mapping[uuid.UUID, int],
    *,
    cause: str,
    key: str,
) -> int:
    """Cancel units that have no claim any more, and intend their refund; return its minor units.

    Args:
        session: the open transaction.
        order: locked.
        lines: its lines by id.
        units: how many of which line.
        cause: of the refund: not_deliverable, customer_cancelled.
        key: names the refund once.
    """
    before = orders.not_delivered_minor(order, lines.values())
    for line_id, quantity in units.items():
        lines[line_id].cancelled += quantity
    session.flush()
    amount_minor = orders.not_delivered_minor(order, lines.values()) - before
    if amount_minor:
        tenders.give_back(session, order, amount_minor, cause=cause, key=key)
    return amount_minor


def refund_of(
    order: Order, lines: Mapping[uuid.UUID, OrderLine], units: Mapping[uuid.UUID, int]
) -> int:
    """Return what goes back if units are cancelled, minor units; the last ones bring the delivery.

    Args:
        order: whose.
        lines: its lines by id.
        units: how many of which line; more than are open count as those that are.

    Of an order that is paid on collection nothing goes back: nothing of it was paid.
    """
    if order.pay_on_collection:
        return 0
    gone = {
        line.id: line.cancelled
        + min(units.get(line.id, 0), line.quantity - line.cancelled - line.shipped)
        for line in lines.values()
    }
    goods = sum(worth.first(line, gone[line.id]) for line in lines.values())
    all_gone = all(gone[line.id] == line.quantity for line in lines.values())
    before = orders.not_delivered_minor(order, lines.values())
    return goods + (order.shipping_minor if all_gone else 0) - before


def cancel_rows(session: Session, order: Order, rows: Sequence[AllocationView], *, key: str) -> int:
    """Give claims back because the customer does not want the units any more; return the refund.

    Args:
        session: the open transaction; it holds the order and the fulfilment orders of the rows.
        order: locked.
        rows: open allocations of it.
        key: names the refund once.
    """
    gone: Counter[uuid.UUID] = Counter()
    for row in allocations.release(session, allocation_ids=[row.id for row in rows]):
        gone[row.line_id] += row.quantity
    lines = {line.id: line for line in orders.lines_of(session, order)}
    return cancel_units(session, order, lines, gone, cause="customer_cancelled", key=key)
