"""Goods that come back to a counter: of any channel, of any store, in the same document as a sale.

They go to this store's stock. The money goes to what had paid, or pays for something new; where a
cashier gave it another way, it stands and opens a task.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.payments import charges, paybacks
from app.payments.models import Payment
from app.sales import orders, worth
from app.sales.models import Order, OrderLine
from app.tills.conflicts import Found
from app.tills.models import TillReceipt
from app.workflows import bring_back, return_order, tenders
from app.workflows.return_order import Returned
from app.workflows.till import returnable, settling
from app.workflows.till.documents import ROUNDING, ReturnPart, Sale, Tender
from app.workflows.till.returnable import goes_back, order_ref
from fulfilment.stock import ledger
from fulfilment.stock.locks import lock_balances
from kit.errors import Invalid, NotFound, Refused
from loyalty import points

_VAT = 1900


@dataclass
class _Out:
    """Money that goes out, by the means that the till chose."""

    method: str
    left_minor: int


def lock(session: Session, device: Device, sale: Sale) -> None:
    """Lock everything that a document touches, in the house's order: orders, then stock."""
    if not sale.returns:
        return
    skus = {line.sku for line in sale.lines if not line.home}
    for ref in sorted({order_ref(session, part.order_ref) or "" for part in sale.returns} - {""}):
        order = orders.by_ref(session, ref, lock=True)
        skus |= {line.sku for line in orders.lines_of(session, order)}
    skus |= {part.sku for part in sale.returns if part.sku}
    lock_balances(session, [(device.location, sku) for sku in sorted(skus)])


def _line(session: Session, ref: str, line_id: str) -> OrderLine:
    """Return a line of an order, by its id or by its place.

    Raises:
        NotFound: ``order_line``.
    """
    lines = orders.lines_of(session, orders.by_ref(session, ref))
    for line in lines:
        if line_id in (str(line.id), str(line.position)):
            return line
    raise NotFound("order_line", line_id=line_id)


def take_back(
    session: Session, device: Device, sale: Sale, printed: str, found: Found
) -> list[dict[str, Any]]:
    """Book what comes back with a document; return its lines as they are printed.

    Raises:
        Invalid: ``return_amount`` where the till is online and gives another sum than was paid.
        NotFound: ``order`` or ``order_line``.
        Refused: ``return_too_large``; ``refund_tender``.
    """
    if not sale.returns:
        return []
    outs = [_Out(settling.EXCHANGE, settling.credit_minor(sale)), *_outs(sale)]
    lines: list[dict[str, Any]] = []
    known: dict[str, list[tuple[Returned, OrderLine, ReturnPart]]] = {}
    for place, part in enumerate(sale.returns):
        try:
            ref, line = _known(session, part)
        except (NotFound, Refused) as problem:
            if not sale.offline:
                raise
            found.add(
                "return_unmatched", order_ref=part.order_ref, line_id=part.line_id,
                quantity=part.quantity, amount_minor=part.amount_minor, sku=part.sku,
                why=problem.code,
            )  # fmt: skip
            lines.append(_loose(session, device, sale, part, place, printed))
            continue
        known.setdefault(ref, []).append((_returned(line, part), line, part))
        lines.append(_printed(line, part, ref))
    for ref in sorted(known):
        _book(session, (device, sale), ref, known[ref], outs, found)
    return lines


def _outs(sale: Sale) -> list[_Out]:
    """Return what goes out by which means; what cash was rounded by belongs to the cash."""
    outs = [
        _Out(tender.method, -tender.amount_minor)
        for tender in sale.tenders
        if tender.amount_minor < 0 and tender.method != ROUNDING
    ]
    for out in outs:
        if out.method == "cash" and sale.total_minor < 0:
            out.left_minor -= sale.rounding_minor
            break
    return outs


def _known(session: Session, part: ReturnPart) -> tuple[str, OrderLine]:
    ref = order_ref(session, part.order_ref)
    if ref is None:
        raise NotFound("order", ref=part.order_ref)
    line = _line(session, ref, part.line_id)
    left = line.shipped - line.returned
    if part.quantity > left:
        raise Refused("return_too_large", sku=line.sku, asked=part.quantity, left=left)
    return ref, line


def _returned(line: OrderLine, part: ReturnPart) -> Returned:
    return Returned(
        line_id=line.id,
        quantity=part.quantity,
        disposition=part.disposition,
        reason=part.reason,
        lot=part.lot,
    )


def _printed(line: OrderLine, part: ReturnPart, ref: str) -> dict[str, Any]:
    return {
        "sku": line.sku, "title": line.title, "quantity": part.quantity,
        "amount_minor": part.amount_minor, "vat_basis_points": line.vat_basis_points,
        "order_ref": ref, "line_id": str(line.id), "disposition": part.disposition,
    }  # fmt: skip


def _loose(
    session: Session, device: Device, sale: Sale, part: ReturnPart, place: int, printed: str
) -> dict[str, Any]:
    """Take goods in of which nobody knows the receipt: aside, until somebody has looked."""
    if part.sku:
        one = ledger.Move(
            sku=part.sku,
            quantity=part.quantity,
            from_account="customer",
            from_location=None,
            to_account="quarantine",
            to_location=device.location,
            cause="return",
            document=printed,
            key=f"loose/{sale.sale_id}/{place}",
            lot=part.lot,
        )
        ledger.move(session, [one], actor=f"till {device.code}", channel="till")
    vat = _VAT if part.vat_basis_points is None else part.vat_basis_points
    return {
        "sku": part.sku or "", "title": part.title or part.sku or part.order_ref,
        "quantity": part.quantity, "amount_minor": part.amount_minor, "vat_basis_points": vat,
        "order_ref": part.order_ref, "line_id": part.line_id, "disposition": "inspect",
    }  # fmt: skip


def _book(
    session: Session,
    of: tuple[Device, Sale],
    ref: str,
    parts: Sequence[tuple[Returned, OrderLine, ReturnPart]],
    outs: Sequence[_Out],
    found: Found,
) -> None:
    device, sale = of
    given = sum(part.amount_minor for _, _, part in parts)
    owed = _worth([(line, part.quantity) for _, line, part in parts])
    if given != owed:
        if not sale.offline:
            raise Invalid("return_amount", given=given, owed=owed)
        found.add("return_amount", order_ref=ref, given=given, owed=owed)

    def settle(order: Order, refunded: int) -> None:
        _refund(session, sale, order, refunded, outs, found)

    return_order.take_back_in(
        session,
        ref,
        [returned for returned, _, _ in parts],
        location=device.location,
        actor=f"till {device.code}",
        key=f"sale/{sale.sale_id}/{ref}",
        settle=settle,
    )
    brought = {line.id for _, line, _ in parts}
    order = orders.by_ref(session, ref)
    if order.customer_number and (left := points.balance(session, order.customer_number)) < 0:
        # What the goods had earned is no longer there: it is owed, and somebody looks at it.
        found.add("points_short", customer_number=order.customer_number, points=-left)
    bring_back.close_at_counter(session, order, brought, actor=f"till {device.code}")


def _worth(parts: Sequence[tuple[OrderLine, int]]) -> int:
    """Return what units of lines cost; several parts of one line follow one another."""
    units: dict[uuid.UUID, tuple[OrderLine, int]] = {}
    for line, quantity in parts:
        units[line.id] = (line, units.get(line.id, (line, 0))[1] + quantity)
    return sum(worth.returning(line, quantity) for line, quantity in units.values())


def _refund(
    session: Session, sale: Sale, order: Order, amount: int, outs: Sequence[_Out], found: Found
) -> None:
    for out in outs:
        part = min(amount, out.left_minor)
        if part <= 0:
            continue
        out.left_minor -= part
        amount -= part
        rest = _give(session, sale, order, out.method, part, found)
        if rest:
            if not sale.offline:
                raise Refused("refund_tender", method=out.method, left_minor=part - rest)
            found.add("refund_tender", order_ref=order.ref, method=out.method, amount_minor=rest)


def _give(
    session: Session, sale: Sale, order: Order, method: str, amount: int, found: Found
) -> int:
    """Give money of an order back by a means; return what of it had not been paid that way."""
    original = method == "original"
    for payment in _payments(session, order, method):
        left = payment.captured_minor - payment.refunded_minor
        if original and not goes_back(payment):
            continue
        part = min(left, amount)
        if part <= 0:
            continue
        key = f"sale/{sale.sale_id}/{method}/{payment.id}"
        if original:
            tenders.pay_back(session, payment, part, cause="return", key=key)
        else:
            cause = "exchange" if method == settling.EXCHANGE else "return"
            paybacks.intend(session, payment, part, cause=cause, key=key, here=True)
            if method not in (settling.EXCHANGE, payment.method) and payment.method != ROUNDING:
                found.add(
                    "refund_tender", order_ref=order.ref, method=method, paid_by=payment.method,
                    amount_minor=part,
                )  # fmt: skip
        amount -= part
    return amount


def _payments(session: Session, order: Order, method: str) -> list[Payment]:
    """Return what paid an order, what is of the same means first."""
    paid = [one for one in charges.all_of_order(session, order.ref) if one.captured_minor]
    return sorted(paid, key=lambda one: one.method != method)


def voiding(session: Session, sale: Sale) -> Sale:
    """Return the document that takes a whole sale back: every line, every tender the other way.

    Raises:
        NotFound: ``sale``.
        Refused: ``void_too_late``: something came back already, or is being sent.
    """
    row = session.scalar(select(TillReceipt).where(TillReceipt.sale_id == sale.voids))
    if row is None:
        raise NotFound("sale", sale_id=sale.voids)
    if row.order_ref is None or row.kind != "sale":
        raise Refused("void_too_late", receipt=row.receipt_number)
    can = returnable.of_order(session, orders.by_ref(session, row.order_ref, lock=True))
    if not can.voidable:
        raise Refused("void_too_late", receipt=row.receipt_number)
    parts = tuple(
        ReturnPart(
            order_ref=can.order.ref,
            line_id=str(line.id),
            quantity=line.quantity,
            amount_minor=line.line_minor,
            reason=sale.reason or "",
            lot=line.lot,
        )
        for line in can.lines
    )
    back = tuple(
        Tender(_mirror(payment), -payment.captured_minor)
        for payment in charges.all_of_order(session, can.order.ref)
        if payment.captured_minor
    )
    return replace(sale, returns=parts, tenders=_as_rounded(row, back))


def _as_rounded(row: TillReceipt, back: tuple[Tender, ...]) -> tuple[Tender, ...]:
    """Return tenders with the coins that were really in the drawer, where cash was rounded."""
    if not any(one["method"] == ROUNDING for one in row.tenders):
        return back
    kinds = ("cash", ROUNDING)
    coins = [one for one in row.tenders if one["method"] in kinds]
    return (
        *(one for one in back if one.method not in kinds),
        *(Tender(one["method"], -one["amount_minor"]) for one in coins),
    )


def _mirror(payment: Payment) -> str:
    """Return by which means a payment goes back."""
    if goes_back(payment):
        return "original"
    return "card_terminal" if payment.method == "card_terminal" else "cash"
