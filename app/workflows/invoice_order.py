"""Invoices of web orders: one when everything has left us, a correction for what comes back.

1. `on_completed` issues the invoice for what was shipped; what was cancelled before is not on it.
2. `keep_up` issues a correction for every hand-in of returned goods that has none. Who takes goods
   back calls it in the same transaction, so that money, goods and paper move together.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.events import OrderCompleted
from app.invoicing import einvoice, issued
from app.invoicing.models import Invoice
from app.legal import retailers
from app.payments import charges
from app.payments.models import Refund
from app.sales import orders, worth
from app.sales.models import Order, OrderLine, OrderReturn
from app.tills.models import TillReceipt
from fulfilment.outbound import shipments
from kit import clock


def on_completed(session: Session, event: OrderCompleted) -> None:
    """Issue the invoice of a completed order (handler of `OrderCompleted`)."""
    order = orders.by_ref(session, event.order_ref, lock=True)
    if order.channel != "web" or order.state != "completed":
        return
    lines = orders.lines_of(session, order)
    invoice = _issue(session, order, lines)
    if invoice is not None:
        orders.note(session, order.ref, "invoice_issued", "kontor", number=invoice.number)
    keep_up(session, order)


def _issue(session: Session, order: Order, lines: Sequence[OrderLine]) -> Invoice | None:
    sold = [
        _position(place, line, line.shipped, worth.last(line, line.shipped))
        for place, line in enumerate((one for one in lines if one.shipped), start=1)
    ]
    if not sold:
        return None
    facts = _facts(session, order, sold, order.shipping_minor)
    facts["paid"] = _paid(session, order, facts["total_minor"])
    facts["receipts"] = _receipts(session, order)
    return issued.issue(session, facts, total_minor=facts["total_minor"], key=f"order/{order.ref}")


def _receipts(session: Session, order: Order) -> list[str]:
    """Return the receipts of tills that state the same goods: collected, or sent home."""
    row = TillReceipt
    query = select(row.receipt_number).where(
        or_(row.collected_ref == order.ref, row.home_ref == order.ref),
        row.kind.in_(("sale", "exchange")),
    )
    return list(session.scalars(query.order_by(row.sold_at, row.id)))


def keep_up(session: Session, order: Order) -> list[Invoice]:
    """Issue a correction for every hand-in of an invoiced order that has none yet.

    Args:
        session: the open transaction.
        order: locked.
    """
    papers = issued.of_order(session, order.ref)
    if not papers:
        return []
    invoice = papers[0]
    known = {paper.key for paper in papers}
    lines = {line.id: line for line in orders.lines_of(session, order)}
    found = []
    for key, rows in _hand_ins(session, order).items():
        if f"return/{key}" not in known:
            found.append(_correct(session, order, invoice, key, rows, lines))
    return found


def _hand_ins(session: Session, order: Order) -> dict[str, list[OrderReturn]]:
    """Return what came back, by the key of the hand-in: its rows are numbered below it."""
    rows: dict[str, list[OrderReturn]] = {}
    query = (
        select(OrderReturn)
        .where(OrderReturn.order_id == order.id)
        .order_by(OrderReturn.returned_at)
    )
    for row in session.scalars(query):
        rows.setdefault(row.key.rpartition("/")[0], []).append(row)
    return rows


def _correct(
    session: Session,
    order: Order,
    invoice: Invoice,
    key: str,
    rows: Sequence[OrderReturn],
    lines: dict[Any, OrderLine],
) -> Invoice:
    back = [
        _position(place, lines[row.line_id], -row.quantity, -row.refund_minor)
        for place, row in enumerate(rows, start=1)
    ]
    shipping = _shipping_back(session, key)
    facts = _facts(session, order, back, -shipping, seller=invoice.facts["seller"])
    facts["corrects_on"] = invoice.issued_on.isoformat()
    facts["paid"] = _paid(session, order, facts["total_minor"])
    made = issued.issue(
        session,
        facts,
        total_minor=facts["total_minor"],
        key=f"return/{key}",
        corrects=invoice,
    )
    orders.note(session, order.ref, "invoice_corrected", "kontor", number=made.number)
    return made


def _shipping_back(session: Session, key: str) -> int:
    """Return what of the delivery went back with a hand-in, minor units."""
    keys = Refund.key.like(f"return/{key}/shipping%")
    return sum(session.scalars(select(Refund.amount_minor).where(keys)))


def _position(place: int, line: OrderLine, quantity: int, line_minor: int) -> dict[str, Any]:
    return {
        "position": place,
        "sku": line.sku,
        "title": line.title,
        "quantity": quantity,
        "unit_minor": line.unit_minor,
        "discount_minor": line.unit_minor * quantity - line_minor,
        "line_minor": line_minor,
        "vat_basis_points": line.vat_basis_points,
    }


def _facts(
    session: Session,
    order: Order,
    lines: list[dict[str, Any]],
    shipping_minor: int,
    seller: dict[str, Any] | None = None,
) -> dict[str, Any]:
    rate = _main_rate(lines)
    sent = [view.handed_over_at for view in shipments.for_order(session, order.ref)]
    gone = [clock.berlin(at).date() for at in sent if at is not None]
    return {
        "language": order.language,
        "order_ref": order.ref,
        "ordered_on": clock.berlin(order.placed_at).date().isoformat(),
        "delivered_on": max(gone).isoformat() if gone else None,
        "customer_number": order.customer_number,
        "seller": seller or retailers.in_force(session).plain(),
        "buyer": {
            name: str(order.address.get(name, ""))
            for name in ("name", "street", "postal_code", "city", "country")
        },
        "lines": lines,
        "shipping_minor": shipping_minor,
        "shipping_rate": rate,
        "vat": einvoice.add_up(lines, shipping_minor, rate),
        "total_minor": sum(line["line_minor"] for line in lines) + shipping_minor,
    }


def _main_rate(lines: Sequence[dict[str, Any]]) -> int:
    """Return the rate of the largest part of the goods: delivery follows it (UStAE 3.10 (5))."""
    gross: dict[int, int] = {}
    for line in lines:
        rate = line["vat_basis_points"]
        gross[rate] = gross.get(rate, 0) + abs(line["line_minor"])
    return max(gross, key=lambda rate: (gross[rate], rate))


def _paid(session: Session, order: Order, total_minor: int) -> list[dict[str, Any]]:
    """Share a total out over the means that paid, the one with most of it first."""
    left = total_minor
    shares = []
    means = sorted(charges.all_of_order(session, order.ref), key=lambda one: -one.captured_minor)
    for place, payment in enumerate(means):
        last = place == len(means) - 1
        part = left if last else min(left, payment.captured_minor)
        if total_minor < 0:
            part = left
        if part:
            shares.append({"method": payment.method, "amount_minor": part})
            left -= part
    return shares
