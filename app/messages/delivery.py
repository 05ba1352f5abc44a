"""Send what was written, by its channel, outside of any transaction, until it is gone."""

import uuid

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.legal import pages as legal_pages
from app.legal import papers as legal_papers
from app.legal import retailers, texts
from app.messages import account_letters, failures, notices
from app.messages.channels import CHANNELS
from app.messages.failures import Unreachable
from app.messages.kinds import SECRET_KINDS
from app.messages.models import Message
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import NotFound


def send(event: MessageWritten) -> None:
    """Send one message (handler of `MessageWritten`, outside).

    A process that dies between sending and noting it sends again; the channel sees to it that the
    receiving side can tell.
    """
    message_id = uuid.UUID(event.message_id)
    with reading() as session:
        message = session.get_one(Message, message_id)
        papers = _papers(session, message)
    if message.sent_at is not None or message.failed_at is not None:
        return
    try:
        CHANNELS[message.channel](message, papers, current_app.config["KONTOR"])
    except Unreachable as error:
        with transaction() as session:
            failed = session.get_one(Message, message_id, with_for_update=True)
            failed.attempts += 1
            account_letters.blot(failed)
            failures.note(session, failed, failures.REFUSED, error.status, error.words)
        return
    except (OSError, RuntimeError) as error:
        _note_failure(message_id, error)
        raise
    with transaction() as session:
        sent = session.get_one(Message, message_id, with_for_update=True)
        sent.sent_at = clock.now()
        sent.attempts += 1
        sent.last_error = None
        account_letters.blot(sent)
        notices.message_left(session, sent)


def _note_failure(message_id: uuid.UUID, error: Exception) -> None:
    with transaction() as session:
        row = session.get_one(Message, message_id, with_for_update=True)
        row.attempts += 1
        row.last_error = f"{type(error).__name__}: {error}"[:500]


def again(session: Session, message_id: uuid.UUID) -> Message | None:
    """Put a message that was sent on its way once more, word for word; None where it was not yet.

    One that has reached nobody is sent anew, too.

    Raises:
        NotFound: ``message``; also for one that holds a secret: a new link is the way then.
    """
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.kind in SECRET_KINDS:
        raise NotFound("message")
    if message.sent_at is None and message.failed_at is None:
        return None
    message.sent_at = message.failed_at = None
    message.copies += 1
    session.flush()
    events.record(session, MessageWritten(message_id=str(message.id)))
    return message


def release_held() -> int:
    """Put on their way what the quiet hours have held back (a duty); return how many."""
    with transaction() as session:
        rows = session.scalars(
            select(Message)
            .where(Message.hold_until <= clock.now(), Message.sent_at.is_(None))
            .order_by(Message.hold_until)
            .limit(500)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.hold_until = None
            events.record(session, MessageWritten(message_id=str(row.id)))
        return len(rows)


def _papers(session: Session, message: Message) -> list[tuple[str, bytes]]:
    """Return the papers that go with a mail: legal texts in the version that it names."""
    found = []
    for one in message.attachments:
        version = (
            texts.version(session, one["page"], one["version"])
            if one["version"]
            else legal_pages.sample(one["page"], message.created_at)
        )
        seller = retailers.in_force(session, message.created_at)
        pdf = legal_papers.pdf(version, one["language"], seller, one["facts"])
        found.append((f"{version.texts[one['language']]['title']}.pdf", pdf))
    return found
