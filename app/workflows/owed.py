"""See to it that what is owed is told: end a call with its note, fall back to a mail, escalate.

1. A call that reached the customer ends its notices, with what was said.
2. One that reached a mailbox, or nobody, is followed by the letter where there is an address: the
   same notice, by another way, once.
3. What is still owed when it is due is escalated: it stands in the back office until a person has
   told the customer, by mail or on the telephone.
"""

import logging
import uuid

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.messages import calls, failures, letters, notices
from app.messages.models import CallTask, Message, Notice
from app.sales import exceptions, orders
from app.workflows import exceptional, tell, tell_choices
from kit.database import reading, transaction
from kit.errors import KontorError, Refused

log = logging.getLogger(__name__)


def called(
    task_id: uuid.UUID, *, by: str, outcome: str, note: str = "", location: str | None = None
) -> CallTask:
    """Note how a call went; what it has not told is written, where that can be done.

    Args:
        task_id: the call.
        by: who called.
        outcome: see `calls.OUTCOMES`.
        note: what was said.
        location: where the asker works, if that is all that concerns them.

    Raises:
        NotFound: ``call_task``.
        Invalid: ``outcome``.
        Refused: ``call_done``.
    """
    with transaction() as session:
        task = calls.done(session, task_id, by=by, outcome=outcome, note=note, location=location)
        orders.note(session, task.order_ref, "customer_called", by, outcome=task.outcome, note=note)
        for row in notices.called(session, task):
            _write_instead(session, row)
        return task


def write_now(notice_id: uuid.UUID, *, actor: str) -> Message | None:
    """Write what an escalated notice owes; return the message, None where it cannot be written.

    Raises:
        NotFound: ``notice``.
        Refused: ``notice_told``: they know already, or it is on its way.
    """
    with transaction() as session:
        row = notices.one(session, notice_id)
        if row.told_at is not None or _on_its_way(session, row):
            raise Refused("notice_told", by=row.told_by or "mail")
        message = _write_instead(session, row)
        orders.note(session, row.order_ref, "notice_written", actor, kind=row.kind)
        return message


def told_by_hand(notice_id: uuid.UUID, *, actor: str, note: str) -> Notice:
    """Note that somebody here has told the customer on the telephone.

    Raises:
        NotFound: ``notice``.
        Refused: ``notice_told``.
    """
    with transaction() as session:
        known = session.get(Notice, notice_id)
        # What came back is locked before what is owed for it, as in `unreachable.settle`.
        if known is not None and known.message_id:
            failures.see_message(session, known.message_id, by=actor, note=note)
        row = notices.by_hand(session, notice_id, actor=actor, note=note)
        orders.note(session, row.order_ref, "customer_called", actor, outcome="reached", note=note)
        return row


def _on_its_way(session: Session, row: Notice) -> bool:
    if row.message_id is None:
        return False
    message = session.get_one(Message, row.message_id)
    return message.last_error is None and message.sent_at is None and row.escalated_at is None


def _write_instead(session: Session, row: Notice) -> Message | None:
    """Write the order as it stands now; a notice that has a message keeps that one."""
    if row.message_id is not None:
        return session.get_one(Message, row.message_id)
    order = orders.by_ref(session, row.order_ref)
    if not order.email:
        return None
    # What was to be said may have changed since; the letter says how it stands now.
    letter = letters.ChangedLetter(*tell.standing(session, order), ())
    message = letters.write(session, letter, key=f"instead/{row.id}")
    row.message_id = message.id if message else None
    session.flush()
    return message


def tell_untold(*, actor: str) -> int:
    """Tell every customer whose promise is broken and who does not know; return how many.

    Each order is a transaction of its own: one that fails does not keep the others waiting.
    """
    with reading() as session:
        refs = exceptional.untold(session)
    done = 0
    for ref in refs:
        try:
            with transaction() as session:
                order = orders.by_ref(session, ref, lock=True)
                row = exceptions.open_for(session, ref, lock=True)
                if row is None or row.told_at is not None:
                    continue
                tell_choices.promise(session, order, row)
                orders.note(session, ref, "told_with_all", actor)
                done += 1
        except (KontorError, DBAPIError):
            log.exception("the customer of %s could not be told", ref)
    return done


def tend() -> int:
    """Escalate what is due and not told (a duty); return how many."""
    with transaction() as session:
        rows = notices.escalate_due(session)
        for row in rows:
            orders.note(session, row.order_ref, "notice_escalated", "kontor", kind=row.kind)
        return len(rows)
