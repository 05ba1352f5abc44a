"""What may come back over the counter: found by whatever a scanner reads."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.aftersales import returns
from app.payments import charges, paybacks
from app.payments.models import Payment
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.tills.fiscal.models import FiscalRecord
from app.tills.models import TillReceipt
from kit.errors import NotFound

_TRANSACTION = 4


def order_ref(session: Session, given: str) -> str | None:
    """Return the order that a reference, a receipt's number or a sale's id stands for."""
    query = select(Order.ref).where(
        (Order.ref == given) | (Order.receipt_number == given) | (Order.sale_id == given)
    )
    found = session.scalars(query.limit(1)).first()
    if found is not None:
        return found
    papers = select(TillReceipt).where(
        (TillReceipt.receipt_number == given)
        | (TillReceipt.sale_id == given)
        | (TillReceipt.token == given)
    )
    row = session.scalars(papers.limit(1)).first()
    return (row.order_ref or row.home_ref or row.collected_ref) if row is not None else None


def goes_back(payment: Payment) -> bool:
    """Tell whether a payment goes back to where it came from, without cash."""
    return payment.gift_card_id is not None or paybacks.is_remote(payment)


@dataclass(frozen=True)
class Returnable:
    """An order or receipt that goods may come back of."""

    order: Order
    lines: Sequence[OrderLine]
    tenders: Sequence[dict[str, Any]]
    receipt: TillReceipt | None
    voidable: bool
    announced: Mapping[uuid.UUID, int]


def look_up(session: Session, scanned: str) -> Returnable:
    """Return what may come back of what a scanner read: a receipt's number or code, an order.

    Raises:
        NotFound: ``receipt``.
    """
    given = scanned.strip()
    if given.startswith("V0;"):
        given = _signed(session, given)
    # An order's page: its reference stands in the path.
    for piece in (given, *reversed(given.split("?")[0].split("/"))):
        ref = order_ref(session, piece) or _of_slip(session, piece) if piece else None
        if ref is not None:
            return of_order(session, orders.by_ref(session, ref))
    raise NotFound("receipt", scanned=given[:64])


def _signed(session: Session, code: str) -> str:
    """Return the number of the receipt whose signature this is, or what was scanned.

    Source: DSFinV-K 2.4, annex I: the second field is the till, the fifth its transaction.
    """
    fields = code.split(";")
    if len(fields) <= _TRANSACTION or not fields[_TRANSACTION].isdecimal():
        return code
    query = (
        select(TillReceipt.receipt_number)
        .join(FiscalRecord, FiscalRecord.receipt == TillReceipt.id)
        .where(FiscalRecord.client_id == fields[1])
        .where(FiscalRecord.transaction_number == int(fields[_TRANSACTION][:18]))
    )
    return session.scalar(query) or code


def _of_slip(session: Session, piece: str) -> str | None:
    """Return the order whose announced return a slip's number stands for."""
    try:
        return returns.by_ref(session, piece.upper()).order_ref
    except NotFound:
        return None


def of_order(session: Session, order: Order) -> Returnable:
    """Return what may come back of an order."""
    lines = orders.lines_of(session, order)
    receipt = session.scalar(
        select(TillReceipt).where(
            (TillReceipt.order_ref == order.ref)
            | (TillReceipt.home_ref == order.ref)
            | (TillReceipt.collected_ref == order.ref),
            TillReceipt.kind.in_(("sale", "exchange")),
        )
    )
    left: dict[str, int] = {}
    for payment in charges.all_of_order(session, order.ref):
        method = payment.method
        if (method == "card_terminal" and paybacks.is_remote(payment)) or goes_back(payment):
            method = "original"
        left[method] = left.get(method, 0) + payment.captured_minor - payment.refunded_minor
    return Returnable(
        order=order,
        lines=lines,
        tenders=[{"method": name, "refundable_minor": left[name]} for name in sorted(left)],
        receipt=receipt,
        voidable=receipt is not None
        and receipt.kind == "sale"
        and receipt.home_ref is None
        and receipt.collected_ref is None
        and not any(line.returned for line in lines),
        announced=returns.announced(session, order.ref),
    )
