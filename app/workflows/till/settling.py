"""The money of a till's document: tenders become payments of its orders, cash goes to the drawer.

What comes back pays first for what is new: that part is a payment `exchange` of the new order, and
only the difference is paid or paid out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.payments import charges
from app.payments.models import Payment
from app.sales.models import Order
from app.tills import cash
from app.tills.cash import Entry
from app.tills.conflicts import Found
from app.tills.models import CardPayment, CashEntry, TillSession
from app.workflows import tenders
from app.workflows.till.documents import ROUNDING, Sale, Tender
from kit.errors import Refused
from loyalty import gift_cards

EXCHANGE = "exchange"
_BY_CODE = {"gift_card", "voucher"}


@dataclass
class _Fund:
    tender: Tender
    left_minor: int
    place: int
    intent: str | None = None


def credit_minor(sale: Sale) -> int:
    """Return how much of what comes back pays for what is new."""
    return sale.lines_minor - sale.paid_in_minor


def by_code(sale: Sale) -> bool:
    """Tell whether a gift card pays: the orders have to be written before that."""
    return any(one.method in _BY_CODE and one.code for one in sale.tenders)


def pay(
    session: Session, device: Device, sale: Sale, bought: Sequence[tuple[Order, int]], found: Found
) -> list[Payment]:
    """Pay the orders of a document with its tenders, one after the other.

    Args:
        bought: each with what is to be paid of it now, minor units.

    Returns:
        The payments in their order; those that are not by gift card have still to be written.
    """
    funds = [
        _Fund(tender, tender.amount_minor, place)
        for place, tender in enumerate(sale.tenders)
        if (tender.amount_minor > 0 or (tender.amount_minor == 0 and not sale.returns))
        and (tender.method != ROUNDING or sale.total_minor > 0)
    ]
    if sale.returns and credit_minor(sale) > 0:
        funds.insert(0, _Fund(Tender(EXCHANGE, credit_minor(sale)), credit_minor(sale), -1))
    for fund in funds:
        fund.intent = _reader(session, device, sale, fund.tender, found)
    paid: list[Payment] = []
    for place, (order, due_minor) in enumerate(bought):
        owed = due_minor
        for fund in funds:
            part = min(owed, fund.left_minor)
            if part > 0 or (fund.tender.amount_minor == 0 and place == 0):
                paid.append(_paid(session, (device, sale), order, fund, part, found))
                owed, fund.left_minor = owed - part, fund.left_minor - part
    # Ids of one millisecond have no order; payments are listed by theirs.
    new = [one for one in paid if one not in session]
    for payment, key in zip(new, sorted(one.id for one in new), strict=True):
        payment.id = key
    return paid


def _paid(
    session: Session,
    of: tuple[Device, Sale],
    order: Order,
    fund: _Fund,
    amount: int,
    found: Found,
) -> Payment:
    device, sale = of
    tender = fund.tender
    if tender.method in _BY_CODE and tender.code:
        key = f"sale/{sale.sale_id}/{fund.place}"
        key = key if fund.left_minor == tender.amount_minor else f"{key}/{order.ref}"
        payment = _from_card(session, device, sale, order, (tender, amount, key), found)
        charges.capture(session, payment, amount, fund.intent)
    else:
        payment = charges.paid_at_once(
            order.ref, method=tender.method, amount_minor=amount, intent=fund.intent
        )
    # A provider's id stands for one payment; the first part has it, and refunds go there first.
    fund.intent = None
    return payment


def _from_card(
    session: Session,
    device: Device,
    sale: Sale,
    order: Order,
    wanted: tuple[Tender, int, str],
    found: Found,
) -> Payment:
    tender, amount, key = wanted
    try:
        card = gift_cards.by_code(session, tender.code or "")
        return tenders.take_from_card(
            session, order, card.id, amount, actor=f"till {device.code}", key=key
        )
    except Refused as refusal:
        if not sale.offline:
            raise
        # The goods are gone, the card is too small now: somebody has to ask for the money.
        found.add("gift_card_short", amount_minor=amount, **refusal.facts)
        return _left_open(session, order, amount)


def _left_open(session: Session, order: Order, amount: int) -> Payment:
    known = select(Payment).where(Payment.order_ref == order.ref, Payment.state == "intended")
    for half_done in session.scalars(known):
        session.delete(half_done)
    session.flush()
    return charges.intend(session, order.ref, method=tenders.CARD, amount_minor=amount)


def _reader(
    session: Session, device: Device, sale: Sale, tender: Tender, found: Found
) -> str | None:
    """Return the provider's id of a payment at the reader, and note that this sale has used it."""
    if tender.card_payment_id is None:
        return None
    query = select(CardPayment).where(
        CardPayment.card_payment_id == tender.card_payment_id, CardPayment.device == device.code
    )
    row = session.scalar(query.with_for_update())
    fits = (
        row is not None
        and row.state == "succeeded"
        and row.amount_minor == tender.amount_minor
        and row.sale_id in (None, sale.sale_id)
    )
    if row is None or not fits:
        found.add(
            "card_payment",
            card_payment_id=tender.card_payment_id,
            amount_minor=tender.amount_minor,
            state=row.state if row else None,
        )
        return None
    row.sale_id = sale.sale_id
    return row.intent


def drawer(row: TillSession, sale: Sale) -> list[CashEntry]:
    """Return the cash of a document, for its drawer."""
    return [
        cash.made(
            row,
            Entry(
                "sale" if tender.amount_minor > 0 else "refund",
                tender.amount_minor,
                sale.sale_id,
                f"sale/{sale.sale_id}/{place}",
                cashier=sale.cashier,
                happened_at=sale.sold_at,
            ),
        )
        for place, tender in enumerate(sale.tenders)
        if tender.method == "cash" and tender.amount_minor
    ]


def printed(given: Sequence[Tender]) -> list[dict[str, Any]]:
    """Return tenders as receipts keep them: no code of a gift card, only its end."""
    return [
        {
            "method": tender.method,
            "amount_minor": tender.amount_minor,
            "given_minor": tender.given_minor,
            "ending": tender.code[-4:] if tender.code else None,
        }
        for tender in given
    ]
