"""Orders that somebody has stopped: not picked, not handed over, until they are released.

Claims stay where they are: who releases it does so for the same goods. What somebody picks already
is picked to its end and waits before the hand-over.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfilment.models import OrderStop
from fulfilment.outbound import fulfilment_orders
from kit import clock
from kit.errors import Invalid, Refused
from kit.ids import new_id

LONGEST_REASON = 500


def stop(session: Session, order_ref: str, *, reason: str, actor: str) -> OrderStop:
    """Stop an order.

    Args:
        session: the open transaction; the fulfilment orders get locked, so that nobody begins.
        order_ref: which.
        reason: for those who meet it; 1 to 500 letters.
        actor: who stops it.

    Raises:
        Invalid: ``reason``.
        Refused: ``order_stopped``: it is already.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid("reason")
    fulfilment_orders.lock_of_order(session, order_ref)
    check(session, order_ref)
    row = OrderStop(
        id=new_id(), order_ref=order_ref, reason=reason, stopped_at=clock.now(), stopped_by=actor
    )
    session.add(row)
    session.flush()
    return row


def release(session: Session, order_ref: str, *, actor: str) -> None:
    """Let a stopped order go on.

    Raises:
        Refused: ``order_not_stopped``.
    """
    row = standing(session, order_ref)
    if row is None:
        raise Refused("order_not_stopped", order_ref=order_ref)
    row.released_at, row.released_by = clock.now(), actor
    session.flush()


def standing(session: Session, order_ref: str) -> OrderStop | None:
    """Return who has stopped an order and why; None where nobody has."""
    query = select(OrderStop).where(
        OrderStop.order_ref == order_ref, OrderStop.released_at.is_(None)
    )
    return session.scalar(query)


def among(session: Session, order_refs: Collection[str]) -> set[str]:
    """Return those of some orders that somebody has stopped."""
    query = select(OrderStop.order_ref).where(
        OrderStop.order_ref.in_(sorted(order_refs)), OrderStop.released_at.is_(None)
    )
    return set(session.scalars(query))


def check(session: Session, order_ref: str) -> None:
    """Pass an order that nobody has stopped.

    Raises:
        Refused: ``order_stopped`` with `reason` and `by`.
    """
    row = standing(session, order_ref)
    if row is not None:
        raise Refused("order_stopped", reason=row.reason, by=row.stopped_by)
