"""Rows of messages: what was sent, what was refused, what is owed, who has to be called."""

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row


class Message(Row):
    """A mail or SMS, kept exactly as the customer got it, with the facts it was rendered from.

    `recipient` is a mail address, or a number where the channel is ``sms``; an SMS has no HTML.
    `hold_until` is the end of the quiet hours in which it was written. `failed_at` says that it has
    reached nobody; it is empty again once it was sent anew.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'sms')", name="channel"),
        Index("ix_messages_order_ref", "order_ref"),
        Index("ix_messages_unsent", "created_at", postgresql_where=text("sent_at IS NULL")),
    )

    id: Mapped[Key]
    order_ref: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8), default="mail")
    language: Mapped[str] = mapped_column(String(2), default="de")
    recipient: Mapped[Prose]
    subject: Mapped[Prose]
    body_text: Mapped[Prose]
    body_html: Mapped[Prose]
    facts: Mapped[Json]
    # What goes with it, by name: ``[{kind: "legal", page, version, language}]``.
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[Instant]
    hold_until: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]
    failed_at: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # How often somebody had it sent once more, word for word.
    copies: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[Prose | None]
    # One message per cause: "shipped/<shipment>"; a handler that runs twice writes it once.
    key: Mapped[str] = mapped_column(String(128), unique=True)


class CallTask(Row):
    """A person at `location` calls a customer before the deadline and says what `facts` hold."""

    __tablename__ = "call_tasks"
    __table_args__ = (
        CheckConstraint("outcome IN ('reached', 'voicemail', 'mailed_instead')", name="outcome"),
        Index("ix_call_tasks_order_ref", "order_ref"),
        Index("ix_call_tasks_due", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    customer_name: Mapped[Prose]
    phone: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(32))
    facts: Mapped[Json]
    opened_at: Mapped[Instant]
    due_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    done_by: Mapped[Prose | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[Prose] = mapped_column(default="")
    key: Mapped[str] = mapped_column(String(128), unique=True)


class MessageRefusal(Row):
    """A message that was not written, because it would have said what the data does not.

    `reasons` holds which truths it broke: ``[{truth, said}]``; somebody has to see to it.
    """

    __tablename__ = "message_refusals"
    __table_args__ = (
        Index("ix_message_refusals_open", "refused_at", postgresql_where=text("seen_at IS NULL")),
        Index("ix_message_refusals_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(128), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8))
    order_ref: Mapped[str | None] = mapped_column(String(32))
    recipient: Mapped[Prose]
    reasons: Mapped[list[Any]]
    facts: Mapped[Json]
    refused_at: Mapped[Instant]
    seen_at: Mapped[Instant | None]
    seen_by: Mapped[Prose | None]
    note: Mapped[Prose] = mapped_column(default="")


class Undelivered(Row):
    """A message that reached nobody, and what the mail server said; somebody has to see to it.

    `source` is ``refused`` (at once) or ``bounced`` (later, by a mail of its own); `status` is the
    code of RFC 3463: 5.1.x says that the address is wrong.
    """

    __tablename__ = "undelivered_messages"
    __table_args__ = (
        CheckConstraint("source IN ('refused', 'bounced')", name="source"),
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen"),
        Index(
            "ix_undelivered_messages_open", "failed_at", postgresql_where=text("seen_at IS NULL")
        ),
        Index("ix_undelivered_messages_order_ref", "order_ref"),
        Index("ix_undelivered_messages_message_id", "message_id"),
    )

    id: Mapped[Key]
    # One per message and copy: a server that says it twice is heard once.
    key: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    order_ref: Mapped[str | None] = mapped_column(String(32))
    recipient: Mapped[Prose]
    source: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12))
    words: Mapped[Prose]
    failed_at: Mapped[Instant]
    seen_at: Mapped[Instant | None]
    seen_by: Mapped[Prose | None]
    note: Mapped[Prose] = mapped_column(default="")


class Notice(Row):
    """Something that a customer has to be told before `due_at`: by a message, or by a call.

    It ends when the message has left, or when the call was made, with a note; what has not ended
    when it is due is escalated to a person. One that has ended is never told again.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("told_by IN ('mail', 'sms', 'call')", name="told_by"),
        CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name="told"),
        Index("ix_notices_order_ref", "order_ref"),
        Index("ix_notices_open", "due_at", postgresql_where=text("told_at IS NULL")),
        Index("ix_notices_message_id", "message_id"),
        Index("ix_notices_call_task_id", "call_task_id"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    # How many parcels it speaks of: more than one is the notice that two will come.
    parcels: Mapped[int]
    opened_at: Mapped[Instant]
    due_at: Mapped[Instant]
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    call_task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call_tasks.id"))
    escalated_at: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
    told_by: Mapped[str | None] = mapped_column(String(8))
    actor: Mapped[Prose | None]
    note: Mapped[Prose] = mapped_column(default="")
    key: Mapped[str] = mapped_column(String(128), unique=True)


class Newsletter(Row):
    """An issue of the newsletter: written, looked at, sent once to everybody who has confirmed."""

    __tablename__ = "newsletters"
    __table_args__ = (CheckConstraint("(sent_at IS NULL) = (sent_by IS NULL)", name="sent"),)

    id: Mapped[Key]
    subject_de: Mapped[Prose]
    subject_en: Mapped[Prose]
    text_de: Mapped[Prose]
    text_en: Mapped[Prose]
    made_at: Mapped[Instant]
    made_by: Mapped[Prose]
    sent_at: Mapped[Instant | None]
    sent_by: Mapped[Prose | None]
    recipients: Mapped[int] = mapped_column(default=0)
    held_back: Mapped[int] = mapped_column(default=0)
