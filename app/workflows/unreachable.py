"""See to messages that reached nobody: say so in the order's timeline, correct the address, call.

1. A mail server refuses an address, or sends a mail back (`bounced`): the order's timeline says it.
2. A person corrects the order's address, and what came back is sent there, word for word; or notes
   how the customer was told otherwise.
3. A newsletter that came back because there is no such mailbox ends the consent: whoever wants it
   again confirms an address that works.
"""

import uuid

from sqlalchemy.orm import Session

from app.events import MessageFailed
from app.identity import mail_links
from app.messages import delivery, failures, notices
from app.messages.kinds import KINDS
from app.messages.models import Message, Undelivered
from app.sales import orders
from app.sales.models import Order
from kit.database import transaction
from kit.errors import NotFound, Refused
from loyalty import consents

_LONGEST_NOTE = 500


def on_failed(session: Session, event: MessageFailed) -> None:
    """Say it in the order's timeline, and end a consent whose mailbox is gone (handler)."""
    row = failures.locked(session, uuid.UUID(event.undelivered_id))
    message = session.get_one(Message, row.message_id)
    kind = KINDS.get(message.kind)
    if kind is not None and kind.topic == "advertising":
        if failures.wrong_address(row):
            address = row.recipient.lower()
            consents.withdraw(session, address, consents.NEWSLETTER, source="bounced", ip="")
    elif _order(session, row) is not None:
        said = f"{row.recipient}: {row.words}"
        orders.note(session, str(row.order_ref), "message_failed", "kontor", note=said)


def _order(session: Session, row: Undelivered, *, lock: bool = False) -> Order | None:
    """Return the order that a message is about; holds and personal mails are about none."""
    try:
        return orders.by_ref(session, row.order_ref, lock=lock) if row.order_ref else None
    except NotFound:
        return None


def bounced(raw: bytes) -> int:
    """Read a mail of a mail server; return how many messages it says have reached nobody.

    Args:
        raw: the mail as it came. What is no report, or not about a mail of ours, counts nothing.
    """
    counted = 0
    for report in failures.read(raw):
        with transaction() as session:
            message = session.get(Message, report.message_id, with_for_update=True)
            if message is None or message.recipient.lower() != report.recipient.lower():
                continue
            if message.copies != report.copy:
                # The report is about an earlier copy: the later one speaks for itself.
                continue
            row = failures.note(session, message, failures.BOUNCED, report.status, report.words)
            counted += row is not None
    return counted


def correct(undelivered_id: uuid.UUID, address: str, *, actor: str) -> int:
    """Give an order another mail address, and send there what came back; return how many mails.

    Args:
        undelivered_id: one that came back.
        address: as the customer says it.
        actor: who has asked them.

    Raises:
        Invalid: ``email``.
        NotFound: ``message``.
        Refused: ``message_seen``: somebody has seen to it; ``email_same``; ``email_no_order``: it
            is about none, so there is nothing to correct here.
    """
    wanted = mail_links.normal_email(address)
    with transaction() as session:
        row = failures.locked(session, undelivered_id)
        order = _order(session, row, lock=True)
        if order is None:
            raise Refused("email_no_order")
        if row.seen_at is not None:
            raise Refused("message_seen", by=row.seen_by)
        before = row.recipient
        if wanted == before.lower():
            raise Refused("email_same")
        order.email = wanted
        orders.note(session, order.ref, "email_corrected", actor, before=before, after=wanted)
        sent = 0
        for one in failures.same(session, row):
            message = session.get_one(Message, one.message_id, with_for_update=True)
            message.recipient = wanted
            sent += delivery.again(session, message.id) is not None
            failures.see(one, by=actor, note=wanted)
        return sent


def settle(undelivered_id: uuid.UUID, *, actor: str, note: str) -> None:
    """Note how the customer was told all that came back without another mail.

    Raises:
        NotFound: ``message``.
        Refused: ``message_seen``.
    """
    with transaction() as session:
        row = failures.locked(session, undelivered_id)
        if row.seen_at is not None:
            raise Refused("message_seen", by=row.seen_by)
        said = note.strip()[:_LONGEST_NOTE]
        for one in failures.same(session, row):
            failures.see(one, by=actor, note=said)
            notices.called_instead(session, one.message_id, actor=actor, note=said)
        if _order(session, row) is not None:
            orders.note(session, str(row.order_ref), "failure_seen", actor, note=said)
