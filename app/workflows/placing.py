"""Place an order in an open transaction: lines, reserved stock, the reason, what is to pay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.payments import charges
from app.payments.models import Payment
from app.sales import orders, terms
from app.sales.models import Order, OrderLine
from app.sales.orders import NewLine, Terms
from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from kit import clock
from kit.database import Row
from kit.plain import Plain
from kit.writing import write


@dataclass(frozen=True)
class PlacedOrder:
    """What was written: the order, its lines, and what is to be paid, if anything is."""

    order: Order
    lines: Sequence[OrderLine]
    payment: Payment | None


def place_order(  # noqa: PLR0913 - one order, all its facts, by keyword
    session: Session,
    agreed: Terms,
    lines: Sequence[NewLine],
    decision: Decision,
    *,
    method: str,
    hold_last: bool = False,
    besides_minor: int = 0,
    also: Callable[[Order], Sequence[Row]] = lambda _order: (),
    along: Callable[[Order], Plain | None] = lambda _order: None,
) -> PlacedOrder:
    """Create an order and reserve its units where the router's decision found them.

    Args:
        lines: each with the `key` by which the decision knows it.
        decision: complete; made from the stock as this transaction sees it.
        method: how it will be paid.
        hold_last: hold the units with the COMMIT; see `reservations.place`.
        besides_minor: what is paid by other means; the method pays the rest, if there is one.
        also: further rows that are written with them.
        along: a statement that goes along; see `kit.writing.write`.

    Returns:
        Rows that no session knows; `orders.by_ref` finds them for whoever goes on.

    Raises:
        Refused: ``stock_short`` when somebody else was quicker; roll the transaction back then.
        ClosingFailed: with `hold_last`, at the end of the transaction.
    """
    promised = [replace(line, promised_on=decision.promise_on[line.key]) for line in lines]
    order, rows = orders.made(agreed, promised)
    line_ids = {line.key: row.id for line, row in zip(lines, rows, strict=True)}
    # The hold waits where it is the last statement; what was not written then is not missed.
    reservations.place(
        session,
        order_ref=order.ref,
        wants=[
            Want(line_ids[part.key], part.sku, part.location, part.quantity)
            for part in decision.assignments
        ],
        expires_at=(agreed.pay_by_at or clock.now()) + terms.HOLD_BEYOND,
        last=hold_last,
    )
    payment = None
    if order.total_minor > besides_minor or not besides_minor:
        rest = order.total_minor - besides_minor
        payment = charges.intended(order.ref, method=method, amount_minor=rest)
    placed = orders.noted(
        order.ref,
        "order_placed",
        "customer",
        total_minor=order.total_minor,
        promised_on=str(order.promised_on),
        locations=list(decision.locations),
    )
    stored = snapshot.made(order.ref, decision, cause="placed")
    made = (order, *rows, stored, placed, *((payment,) if payment else ()), *also(order))
    write(session, made, along=along(order))
    return PlacedOrder(order, rows, payment)
