"""Promises that no plan keeps any more: opened before the day, told, decided by the customer."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales.models import Order, PromiseException
from kit import clock
from kit.errors import Refused
from kit.ids import new_id

CHOICES = {"keep": "kept", "cancel": "cancelled", "all": "cancelled"}
"""What a customer may choose, and how the exception ends then: wait for what is late; cancel it and
have the rest; cancel all that nobody picks yet."""
GOODS_LATE = "goods_late"
"""The cause where goods that somebody waits for come later to us."""


SHOWN = 200
"""Exceptions that the list shows at most: those that press most."""


def open_for(session: Session, order_ref: str, *, lock: bool = False) -> PromiseException | None:
    """Return the open exception of an order; with `lock` nobody else decides it meanwhile."""
    query = select(PromiseException).where(
        PromiseException.order_ref == order_ref, PromiseException.closed_at.is_(None)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def open_(
    session: Session,
    order_ref: str,
    *,
    cause: str,
    promised_on: date,
    earliest_on: date | None,
    facts: Mapping[str, Any],
    decision_id: uuid.UUID | None = None,
) -> PromiseException:
    """Open an exception; an open one of the order ends as superseded, its facts are part of this.

    Args:
        session: the open transaction, which holds the order.
        order_ref: whose promise.
        cause: why it cannot be kept: short_pick, cut_off_missed, location_closed …
        promised_on: the day that was said.
        earliest_on: the earliest day now; None where nobody can send it.
        facts: ``lines`` (line_id, sku, title, quantity, told_on, arrives_on) and ``tried``.
        decision_id: the routing decision that found no better plan.
    """
    known = open_for(session, order_ref, lock=True)
    if known is not None:
        end(known, "superseded")
        promised_on = min(promised_on, known.promised_on)
        session.flush()
    row = PromiseException(
        id=new_id(),
        order_ref=order_ref,
        cause=cause,
        decision_id=decision_id,
        promised_on=promised_on,
        earliest_on=earliest_on,
        facts=dict(facts),
        opened_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def choose(row: PromiseException, choice: str) -> None:
    """Note what the customer has chosen; it ends the locked exception.

    Raises:
        Refused: ``exception_closed`` with its `outcome`.
    """
    if row.closed_at is not None:
        raise Refused("exception_closed", outcome=row.outcome)
    row.choice, row.chosen_at = choice, clock.now()
    end(row, CHOICES[choice])


def end(row: PromiseException, outcome: str) -> None:
    """Close an exception: kept, cancelled, superseded, sent, or solved by somebody here."""
    row.closed_at, row.outcome = clock.now(), outcome


def close_finished(session: Session) -> int:
    """Close the exceptions of orders of which nothing is open any more; return how many."""
    rows = session.scalars(
        select(PromiseException)
        .join(Order, Order.ref == PromiseException.order_ref)
        .where(PromiseException.closed_at.is_(None), Order.state != "confirmed")
        .with_for_update(of=PromiseException, skip_locked=True)
    ).all()
    for row in rows:
        end(row, "sent")
    session.flush()
    return len(rows)


def waiting(session: Session) -> list[PromiseException]:
    """Return the open exceptions: what nobody can send first, then by the day that was said."""
    row = PromiseException
    query = (
        select(row)
        .where(row.closed_at.is_(None))
        .order_by(row.earliest_on.is_not(None), row.promised_on, row.opened_at)
        .limit(SHOWN)
    )
    return list(session.scalars(query))
