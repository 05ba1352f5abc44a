"""Payments that somebody has to look at, until they have: a worklist that must reach zero."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.payments.models import UnclearPayment
from kit import clock
from kit.errors import Invalid, NotFound
from kit.ids import new_id

AMOUNT_DIFFERS, REFUND_FAILED = "amount_differs", "refund_failed"


def note(
    session: Session, order_ref: str, kind: str, facts: Mapping[str, Any], *, key: str
) -> None:
    """Note that a payment is unclear; the same key again changes nothing.

    Args:
        session: the open transaction.
        order_ref: whose.
        kind: `AMOUNT_DIFFERS` or `REFUND_FAILED`.
        facts: amounts in minor units and what the provider calls it.
        key: names the cause once.
    """
    row = insert(UnclearPayment).values(
        id=new_id(),
        order_ref=order_ref,
        kind=kind,
        facts=dict(facts),
        opened_at=clock.now(),
        note="",
        key=key,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["key"]))


def listed(session: Session, *, closed: bool = False, limit: int = 100) -> list[UnclearPayment]:
    """Return what is to be looked at, oldest first; or what was, newest first."""
    query = select(UnclearPayment).limit(limit)
    if closed:
        query = query.where(UnclearPayment.closed_at.is_not(None))
        return list(session.scalars(query.order_by(UnclearPayment.closed_at.desc())))
    query = query.where(UnclearPayment.closed_at.is_(None))
    return list(session.scalars(query.order_by(UnclearPayment.opened_at)))


def of_order(session: Session, order_ref: str) -> list[UnclearPayment]:
    """Return what is or was unclear about an order."""
    query = select(UnclearPayment).where(UnclearPayment.order_ref == order_ref)
    return list(session.scalars(query.order_by(UnclearPayment.opened_at)))


def open_count() -> Select[tuple[int]]:
    """Return the query for how many wait for somebody."""
    return select(func.count()).where(UnclearPayment.closed_at.is_(None))


def close(session: Session, unclear_id: uuid.UUID, *, by: str, text: str) -> UnclearPayment:
    """Note what somebody found out and did.

    Raises:
        NotFound: ``unclear_payment``.
        Invalid: ``note``: nothing was said.
    """
    row = session.get(UnclearPayment, unclear_id, with_for_update=True)
    if row is None:
        raise NotFound("unclear_payment")
    if not text.strip():
        raise Invalid("note")
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.note = clock.now(), by, text.strip()[:1000]
        session.flush()
    return row
