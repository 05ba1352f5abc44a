"""Payments as rows: intended, opened at the provider, captured in full, refunded in part."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.payments.models import PAYMENT_STATES, Payment
from kit import clock
from kit.errors import NotFound, Refused
from kit.ids import new_id
from kit.plain import Plain
from kit.writing import fresh


def intend(session: Session, order_ref: str, *, method: str, amount_minor: int) -> Payment:
    """Note that an order is to be paid by a method, before anybody outside is asked."""
    payment = intended(order_ref, method=method, amount_minor=amount_minor)
    session.add(payment)
    session.flush()
    return payment


def intended(order_ref: str, *, method: str, amount_minor: int) -> Payment:
    """Return the row that `intend` writes, for who writes it with other rows (`kit.writing`)."""
    return fresh(
        Payment,
        id=new_id(),
        order_ref=order_ref,
        method=method,
        state="intended",
        amount_minor=amount_minor,
        captured_minor=0,
        refunded_minor=0,
        created_at=clock.now(),
    )


def paid_at_once(order_ref: str, *, method: str, amount_minor: int, intent: str | None) -> Payment:
    """Return a payment that was made when the goods went, for who writes it with other rows."""
    return fresh(
        Payment,
        id=new_id(),
        order_ref=order_ref,
        method=method,
        state="captured",
        amount_minor=amount_minor,
        captured_minor=amount_minor,
        refunded_minor=0,
        provider_intent=intent or None,
        created_at=clock.now(),
        captured_at=clock.now(),
    )


def of_order(session: Session, order_ref: str) -> Payment:
    """Return the newest payment of an order, beside what gift cards pay of it.

    Raises:
        NotFound: ``payment``.
    """
    mine = (Payment.order_ref == order_ref, Payment.method != "gift_card")
    query = select(Payment).where(*mine).order_by(Payment.id.desc())
    payment = session.scalars(query.limit(1)).first()
    if payment is None:
        raise NotFound("payment", order_ref=order_ref)
    return payment


def all_of_order(session: Session, order_ref: str) -> list[Payment]:
    """Return every payment of an order, oldest first; a till sale may have several tenders."""
    query = select(Payment).where(Payment.order_ref == order_ref).order_by(Payment.id)
    return list(session.scalars(query))


def waiting_for_banks(session: Session, order_refs: Collection[str]) -> set[str]:
    """Return which of these orders are paid by a direct debit that is on its way."""
    if not order_refs:
        return set()
    query = select(Payment.order_ref).where(
        Payment.order_ref.in_(order_refs), Payment.state == "pending"
    )
    return set(session.scalars(query))


def by_id(session: Session, payment_ref: str, *, lock: bool = False) -> Payment:
    """Return a payment by the id that the provider knows it by.

    Raises:
        NotFound: ``payment``, also for text that is no id.
    """
    try:
        key = uuid.UUID(payment_ref)
    except ValueError:
        raise NotFound("payment", ref=payment_ref) from None
    payment = session.get(Payment, key, with_for_update=lock or None, populate_existing=lock)
    if payment is None:
        raise NotFound("payment", ref=payment_ref)
    return payment


def by_session(session: Session, session_id: str) -> Payment | None:
    """Return the payment whose page this is, or None."""
    return session.scalar(select(Payment).where(Payment.provider_session == session_id))


def opened(session: Session, payment_id: uuid.UUID, session_id: str, url: str) -> None:
    """Note the provider's page. A payment that was settled meanwhile stays as it is."""
    payment = session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    payment.provider_session = session_id
    payment.page_url = url
    if payment.state == "intended":
        _advance(payment, "open")
    session.flush()


_OPENED = b"""
    WITH opened AS (
        UPDATE payments SET provider_session = $2, page_url = $3,
            state = CASE state WHEN 'intended' THEN 'open' ELSE state END
        WHERE id = $1 RETURNING order_ref
    )
    INSERT INTO order_timeline (order_ref, happened_at, actor, what, facts)
    SELECT order_ref, $4, 'kontor', 'payment_opened', '{}' FROM opened
    CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS without_waiting
"""


def opening(payment_id: uuid.UUID, session_id: str, url: str) -> Plain:
    """Return the statement that does what `opened` does and tells the order's timeline.

    Nobody waits until it is on the disk: a database that dies in that moment leaves what a process
    leaves that dies before it, and asking again opens the same page (ADR 0023).
    """
    parameters = [payment_id.hex, session_id, url, clock.now().isoformat()]
    return Plain(_OPENED, [text.encode() for text in parameters])


def capture(session: Session, payment: Payment, captured_minor: int, intent: str | None) -> None:
    """Book the money as captured. `payment` must be locked.

    Raises:
        Refused: ``amount_differs``; all or nothing was asked for, so somebody has to look at it.
    """
    if captured_minor != payment.amount_minor:
        raise Refused("amount_differs", asked=payment.amount_minor, captured=captured_minor)
    _advance(payment, "captured")
    payment.captured_minor = captured_minor
    payment.provider_intent = intent or None
    payment.captured_at = clock.now()
    session.flush()


def wait(session: Session, payment: Payment) -> bool:
    """Note that the bank was asked and takes days; tell whether that is news. Locked `payment`."""
    if payment.state not in {"intended", "open"}:
        return False
    _advance(payment, "pending")
    session.flush()
    return True


def fail(session: Session, payment: Payment) -> None:
    """Note that the bank has refused. `payment` must be locked.

    Raises:
        Refused: ``payment_state``.
    """
    _advance(payment, "failed")
    session.flush()


def expire(session: Session, payment_id: uuid.UUID) -> None:
    """Note that the provider's page is closed; money that arrives all the same is still booked."""
    payment = session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment.state in {"intended", "open", "pending"}:
        _advance(payment, "expired")
        session.flush()


def _advance(payment: Payment, state: str) -> None:
    PAYMENT_STATES.check(payment.state, state)
    payment.state = state
