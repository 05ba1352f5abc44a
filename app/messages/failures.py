"""Messages that reached nobody: an address that the mail server refuses, a mail that comes back.

What they should have told is owed again (`notices.not_reached`), and somebody has to see to it:
correct the address, or call. Reports of mail servers are read by `read` (RFC 3464).
"""

import email
import email.policy
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.message import Message as Part

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.events import MessageFailed
from app.messages import notices
from app.messages.kinds import KINDS
from app.messages.models import Message, Undelivered
from kit import clock, events
from kit.errors import NotFound

REFUSED, BOUNCED = "refused", "bounced"
_LONGEST_WORDS = 500
# RFC 3463: class 5 is for good; subject 1 is the address.
_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_UNSAID = "5.0.0"
_WRONG_ADDRESS = "5.1."
# As `channels.mail` writes it: the message's id, and which copy.
_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(\d{1,6}))?@")


class Unreachable(Exception):
    """A channel says that this recipient will never get the message."""

    def __init__(self, status: str, words: str) -> None:
        """Keep the code of RFC 3463 and what the server said."""
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True)
class Report:
    """What a mail server says of one mail: which one, whose address, why."""

    message_id: uuid.UUID
    copy: int
    recipient: str
    status: str
    words: str


def status_of(words: str) -> str:
    """Return the code of RFC 3463 in a server's answer; 5.0.0 where it says none."""
    found = _STATUS.search(words)
    return found[0] if found else _UNSAID


def wrong_address(row: Undelivered) -> bool:
    """Tell whether the address itself is wrong: no such mailbox, no such domain."""
    return row.status.startswith(_WRONG_ADDRESS)


def note(
    session: Session, message: Message, source: str, status: str, words: str
) -> Undelivered | None:
    """Note that a message has reached nobody; None where that is known.

    Args:
        session: the open transaction.
        message: locked.
        source: ``refused`` or ``bounced``.
        status: the code of RFC 3463.
        words: what the server said.
    """
    key = f"{message.id}.{message.copies}"
    if session.scalar(select(Undelivered.id).where(Undelivered.key == key)):
        return None
    kind = KINDS.get(message.kind)
    # A sign-in link can be asked for again, and nobody calls about a newsletter.
    nobodys = kind is None or kind.secret or kind.topic == "advertising"
    row = Undelivered(
        key=key,
        message_id=message.id,
        order_ref=message.order_ref,
        recipient=message.recipient,
        source=source,
        status=status,
        words=" ".join(words.replace("\0", " ").split())[:_LONGEST_WORDS],
        failed_at=clock.now(),
        seen_at=clock.now() if nobodys else None,
        seen_by="kontor" if nobodys else None,
        note="",
    )
    session.add(row)
    message.failed_at, message.last_error = row.failed_at, row.words
    notices.not_reached(session, message)
    session.flush()
    events.record(session, MessageFailed(undelivered_id=str(row.id)))
    return row


def standing(session: Session, *, seen: bool = False) -> Sequence[Undelivered]:
    """Return what somebody has to see to, oldest first; or what was seen to by a person lately."""
    if not seen:
        query = select(Undelivered).where(Undelivered.seen_at.is_(None))
        return session.scalars(query.order_by(Undelivered.failed_at).limit(200)).all()
    done = Undelivered.seen_at.is_not(None) & (Undelivered.seen_by != "kontor")
    query = select(Undelivered).where(done).order_by(Undelivered.seen_at.desc())
    return session.scalars(query.limit(20)).all()


def open_count() -> Select[tuple[int]]:
    """Return the question how many wait for somebody."""
    return select(func.count()).where(Undelivered.seen_at.is_(None))


def locked(session: Session, undelivered_id: uuid.UUID) -> Undelivered:
    """Return a row for a change.

    Raises:
        NotFound: ``message``.
    """
    row = session.get(Undelivered, undelivered_id, with_for_update=True)
    if row is None:
        raise NotFound("message")
    return row


def same(session: Session, row: Undelivered) -> Sequence[Undelivered]:
    """Return what waits for somebody by the same address about the same order, locked."""
    query = select(Undelivered).where(
        Undelivered.order_ref.is_not_distinct_from(row.order_ref),
        Undelivered.recipient == row.recipient,
        Undelivered.seen_at.is_(None),
    )
    return session.scalars(query.order_by(Undelivered.id).with_for_update()).all()


def see(row: Undelivered, *, by: str, note: str) -> None:
    """Note who has seen to it, and how; the first one counts."""
    if row.seen_at is None:
        row.seen_at, row.seen_by, row.note = clock.now(), by, note


def see_message(session: Session, message_id: uuid.UUID, *, by: str, note: str) -> None:
    """Note that what a message should have told was told otherwise."""
    query = select(Undelivered).where(
        Undelivered.message_id == message_id, Undelivered.seen_at.is_(None)
    )
    for row in session.scalars(query.with_for_update()):
        see(row, by=by, note=note)


def read(raw: bytes) -> list[Report]:
    """Return what a mail server reports as failed for good; nothing where it is no such report.

    Only a report with the head of our own mail counts: its Message-ID holds an id that nobody
    else knows, so nobody can have an address of somebody else called wrong.

    Args:
        raw: a mail as it came (RFC 3464, multipart/report).
    """
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    if mail.get_content_type() != "multipart/report":
        return []
    parts = list(mail.walk())
    about = _about(parts)
    status = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if about is None or not status:
        return []
    blocks = status[0].get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        # Either may carry a comment: "5.1.1 (bad destination mailbox address)".
        action = str(block.get("Action", "")).partition("(")[0].strip().lower()
        code = _STATUS.match(str(block.get("Status", "")).strip())
        if action != "failed" or code is None:
            continue
        recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        words = str(block.get("Diagnostic-Code") or code[0]).partition(";")
        said = words[2].strip() or words[0]
        found.append(Report(*about, recipient.rpartition(";")[2].strip(" <>"), code[0], said))
    return found


def _about(parts: Sequence[EmailMessage | Part]) -> tuple[uuid.UUID, int] | None:
    """Return the id and copy of the mail that comes back, out of its head."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            head = email.message_from_string(str(part.get_payload()))
        elif part.get_content_type() == "message/rfc822":
            head = part.get_payload(0)  # type: ignore[assignment]
        else:
            continue
        found = _ID.search(str(head.get("Message-ID", "")))
        if found:
            return uuid.UUID(found[1]), int(found[2] or 0)
    return None
