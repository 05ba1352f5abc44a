"""Notices: what a customer has to be told before a deadline; told once, or escalated, never lost.

A notice is opened in the transaction of the change. It ends when its message has left
(`message_left`) or when the call was made (`called`); a person ends what was escalated (`by_hand`).
A message that comes back has told nothing: what it ended is owed again (`not_reached`).
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.messages.models import CallTask, Message, Notice
from kit import clock
from kit.errors import NotFound, Refused


def open_(
    session: Session,
    order_ref: str,
    *,
    kind: str,
    parcels: int,
    due_at: datetime,
    key: str,
    message: Message | None = None,
    call: CallTask | None = None,
) -> Notice:
    """Note that a customer has to be told; the same key again returns the one that is known.

    Args:
        session: the transaction of the change.
        order_ref: of what.
        kind: of the letter that says it.
        parcels: how many it speaks of.
        due_at: when somebody here is to see to it, if it has not been told by then.
        key: names the cause once.
        message: what was written, if it was.
        call: who is to call, if somebody is. Neither: it was refused, or there is no way to them.
    """
    known = session.scalar(select(Notice).where(Notice.key == key))
    if known is not None:
        return known
    row = Notice(
        order_ref=order_ref,
        kind=kind,
        parcels=parcels,
        opened_at=clock.now(),
        due_at=due_at,
        message_id=message.id if message else None,
        call_task_id=call.id if call else None,
        key=key,
    )
    session.add(row)
    session.flush()
    return row


def message_left(session: Session, message: Message) -> None:
    """End the notices that a message has fulfilled by leaving."""
    for row in _locked(session, Notice.message_id == message.id):
        _end(row, message.channel, "kontor")


def not_reached(session: Session, message: Message) -> None:
    """Owe again, at once, what a message should have told and has not: it came back."""
    rows = session.scalars(
        select(Notice)
        .where(
            Notice.message_id == message.id,
            Notice.told_at.is_(None) | (Notice.told_by == message.channel),
        )
        .order_by(Notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in rows:
        row.told_at = row.told_by = row.actor = None
        row.escalated_at = clock.now()


def called(session: Session, task: CallTask) -> list[Notice]:
    """End the notices of a call that has reached the customer; return those that it has not.

    Args:
        session: the open transaction.
        task: the call, with its outcome and note.
    """
    rows = _locked(session, Notice.call_task_id == task.id)
    if task.outcome != "reached":
        return rows
    for row in rows:
        _end(row, "call", task.done_by or "", task.note)
    return []


def by_hand(session: Session, notice_id: uuid.UUID, *, actor: str, note: str) -> Notice:
    """Note that somebody has told the customer on the telephone.

    Raises:
        NotFound: ``notice``.
        Refused: ``notice_told``: they know already.
    """
    row = one(session, notice_id)
    if row.told_at is not None:
        raise Refused("notice_told", by=row.told_by)
    _end(row, "call", actor, note)
    session.flush()
    return row


def called_instead(session: Session, message_id: uuid.UUID, *, actor: str, note: str) -> None:
    """End what a message should have told: somebody has told it on the telephone."""
    for row in _locked(session, Notice.message_id == message_id):
        _end(row, "call", actor, note)


def one(session: Session, notice_id: uuid.UUID) -> Notice:
    """Return a notice, locked.

    Raises:
        NotFound: ``notice``.
    """
    row = session.get(Notice, notice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("notice")
    return row


def escalate_due(session: Session) -> list[Notice]:
    """Escalate what should have been told by now; return what is escalated just now."""
    rows = _locked(session, Notice.due_at <= clock.now(), Notice.escalated_at.is_(None))
    for row in rows:
        row.escalated_at = clock.now()
    session.flush()
    return rows


def standing(session: Session) -> list[Notice]:
    """Return what is owed, escalated first, and what was told lately."""
    query = (
        select(Notice)
        .order_by(Notice.told_at.is_not(None), Notice.escalated_at.is_(None), Notice.due_at.desc())
        .limit(200)
    )
    return list(session.scalars(query))


def of_order(session: Session, order_ref: str) -> list[Notice]:
    """Return the notices of an order, oldest first."""
    query = select(Notice).where(Notice.order_ref == order_ref).order_by(Notice.id)
    return list(session.scalars(query))


def _locked(session: Session, *conditions: object) -> list[Notice]:
    query = (
        select(Notice)
        .where(Notice.told_at.is_(None), *conditions)  # type: ignore[arg-type]
        .order_by(Notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _end(row: Notice, by: str, actor: str, note: str = "") -> None:
    row.told_at, row.told_by, row.actor, row.note = clock.now(), by, actor, note
