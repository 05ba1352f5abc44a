"""What we know about a customer: as a file for them (Art. 15 and 20 GDPR), and forgotten (Art. 17).

Invoices, receipts and orders are kept for as long as law wants it (section 147 AO, section 257 HGB:
eight years and six, from the end of the year); their customer is nobody any more. What is kept, the
page says before anything is deleted.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.aftersales.models import Withdrawal
from app.community import mailings
from app.identity import customers as accounts
from app.identity.customer_models import CustomerAccount
from app.invoicing import issued
from app.messages.models import Message
from app.sales import counter_offers, store_holds
from app.workflows import bought, forgetting
from app.workflows.bought import Purchase
from catalog import questions
from kit import clock
from kit.database import transaction
from kit.errors import Refused
from loyalty import addresses, consents, customers, points

INVOICE_YEARS = 8


def export(session: Session, account: CustomerAccount) -> dict[str, Any]:
    """Return everything that is known about a customer, as plain JSON."""
    known = customers.by_number(session, account.number)
    purchases = bought.everything(session, account.number, account.email)
    return {
        "made_at": clock.now().isoformat(),
        "account": {
            "email": account.email,
            "made_at": account.made_at.isoformat(),
            "signed_in": [
                {"device": one.agent, "since": one.started_at.isoformat()}
                for one in accounts.sessions_of(session, account.id)
            ],
        },
        "customer": _plain(vars(known)),
        "numbers": customers.numbers_of(session, account.number),
        "addresses": [_plain(vars(one)) for one in addresses.of(session, account.number)],
        "points": {
            "balance": points.balance(session, account.number),
            "entries": [
                _plain(vars(one)) for one in points.entries(session, account.number, limit=10_000)
            ],
        },
        "consents": [_plain(vars(one)) for one in consents.history(session, account.email)],
        "purchases": [_purchase(session, one) for one in purchases],
        "mailings": [
            {
                "what": one.mailing,
                "state": one.state,
                "opened_at": one.opened_at.isoformat(),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
                "address": dict(one.address),
            }
            for one in mailings.of_customer(session, account.number, account.email)
        ],
        "reservations": _reservations(session, account),
        "offers": _offers(session, account),
        "questions": _questions(session, account),
        "withdrawals": _withdrawals(session, account, purchases),
        "messages": _messages(session, account),
    }


def _purchase(session: Session, found: Purchase) -> dict[str, Any]:
    order = found.order
    return {
        "ref": order.ref,
        "receipt": order.receipt_number,
        "channel": order.channel,
        "placed_at": order.placed_at.isoformat(),
        "state": order.state,
        "address": dict(order.address),
        "email": order.email,
        "phone": order.phone,
        "total_minor": order.total_minor,
        "shipping_minor": order.shipping_minor,
        "currency": order.currency,
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "cancelled": line.cancelled,
                "returned": line.returned,
                "line_minor": line.line_minor,
            }
            for line in found.lines
        ],
        "invoices": [paper.number for paper in issued.of_order(session, order.ref)],
    }


def _reservations(session: Session, account: CustomerAccount) -> list[dict[str, Any]]:
    held = store_holds.of_customer(session, account.number, account.email)
    lines = store_holds.lines_by_hold(session, held)
    told = ("ref", "location", "state", "name", "email", "phone", "placed_at", "expires_at")
    return [
        {
            **_plain({name: getattr(one, name) for name in told}),
            "receipt": one.document,
            "lines": [
                {"sku": line.sku, "title": line.title, "quantity": line.quantity}
                for line in lines[one.id]
            ],
        }
        for one in held
    ]


def _offers(session: Session, account: CustomerAccount) -> list[dict[str, Any]]:
    told = ("ref", "location", "name", "email", "address", "note", "made_at", "valid_until_at")
    return [
        {
            **_plain({name: getattr(one, name) for name in told}),
            "state": counter_offers.state(one),
            "lines": [{"sku": line["sku"], "quantity": line["quantity"]} for line in one.lines],
        }
        for one in counter_offers.of_customer(session, account.number, account.email)
    ]


def _questions(session: Session, account: CustomerAccount) -> list[dict[str, Any]]:
    told = ("kind", "about", "note", "store", "asked_at", "closed_at", "outcome")
    return [
        _plain({name: getattr(one, name) for name in told})
        for one in questions.of_address(session, account.email)
    ]


def _withdrawals(
    session: Session, account: CustomerAccount, purchases: list[Purchase]
) -> list[dict[str, Any]]:
    refs = [one.order.ref for one in purchases]
    query = select(Withdrawal).where(
        or_(Withdrawal.email == account.email, Withdrawal.order_ref.in_(refs))
    )
    return [
        {
            "number": row.number,
            "order": row.typed_ref,
            "name": row.name,
            "what": row.what,
            "lines": row.lines,
            "received_at": row.received_at.isoformat(),
        }
        for row in session.scalars(query.order_by(Withdrawal.id))
    ]


def _messages(session: Session, account: CustomerAccount) -> list[dict[str, Any]]:
    query = select(Message).where(Message.recipient == account.email).order_by(Message.created_at)
    return [
        {
            "subject": row.subject,
            "written_at": row.created_at.isoformat(),
            "text": row.body_text,
        }
        for row in session.scalars(query)
    ]


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else str(value)
        if isinstance(value, UUID)
        else value
        for name, value in facts.items()
    }


def kept_until(session: Session, account: CustomerAccount) -> date | None:
    """Return until when papers of a customer are kept at the longest; None where there are none."""
    found, _total = bought.purchases(session, account.number, account.email)
    if not found:
        return None
    return date(clock.berlin(found[0].order.placed_at).year + INVOICE_YEARS, 12, 31)


def forget(account_id: UUID) -> None:
    """Delete an account and forget the person: addresses, name, mail, telephone, consents.

    Points lapse. Orders and invoices stay as documents; mails about orders lie with them.

    Raises:
        Refused: ``account_busy``: an order is not at its end, or a store keeps something for them.
    """
    with transaction() as session:
        account = accounts.account(session, account_id, lock=True)
        if _busy(session, account):
            raise Refused("account_busy")
        balance = points.balance(session, account.number)
        if balance > 0:
            points.take_back(
                session,
                number=account.number,
                points=balance,
                cause="erased",
                document="Konto gelöscht",
                key=f"erased/{account.id}",
            )
        for purpose in consents.PURPOSES:
            consents.withdraw(session, account.email, purpose, source="erased", ip="")
        forgetting.person(session, account.number, account.email)
        mailings.erase(session, account.number, account.email)
        customers.erase(session, account.number)
        session.delete(account)


def _busy(session: Session, account: CustomerAccount) -> bool:
    """Tell whether something is on its way to a customer, or lies in a store for them."""
    if bought.open_orders(session, account.number, account.email):
        return True
    offered = counter_offers.of_customer(session, account.number, account.email)
    held = store_holds.of_customer(session, account.number, account.email)
    return any(one.state in store_holds.OPEN for one in held) or any(
        one.held and counter_offers.state(one) == "open" for one in offered
    )
