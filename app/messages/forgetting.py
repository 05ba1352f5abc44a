"""Forget what was written to people about nothing that they bought: nobody has to keep it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.messages.models import Message, MessageRefusal, Undelivered


def to_address(session: Session, email: str) -> None:
    """Delete what was written to an address beside orders, and that it came back or was refused."""
    wanted = email.lower()
    _delete(
        session,
        (Message.order_ref.is_(None), func.lower(Message.recipient) == wanted),
        (MessageRefusal.order_ref.is_(None), func.lower(MessageRefusal.recipient) == wanted),
    )


def about(session: Session, refs: Collection[str]) -> None:
    """Delete what was written about these, which are no orders, to whomever and however."""
    if refs:
        _delete(session, (Message.order_ref.in_(refs),), (MessageRefusal.order_ref.in_(refs),))


def _delete(
    session: Session,
    messages: tuple[ColumnElement[bool], ...],
    refused: tuple[ColumnElement[bool], ...],
) -> None:
    gone = select(Message.id).where(*messages)
    session.execute(delete(Undelivered).where(Undelivered.message_id.in_(gone)))
    session.execute(delete(Message).where(*messages))
    session.execute(delete(MessageRefusal).where(*refused))
