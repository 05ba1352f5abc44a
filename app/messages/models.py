"""Rows of messages: letters as they were sent, and calls that someone has to make."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row


class Message(Row):
    """A mail, kept exactly as the customer got it, with the facts that it was rendered from."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_order_ref", "order_ref"),
        Index("ix_messages_unsent", "created_at", postgresql_where=text("sent_at IS NULL")),
    )

    id: Mapped[Key]
    order_ref: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[Prose]
    subject: Mapped[Prose]
    body_text: Mapped[Prose]
    body_html: Mapped[Prose]
    facts: Mapped[Json]
    # What goes with it, by name: ``[{kind: "legal", page, version, language}]``.
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(default=0)
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
    key: Mapped[str] = mapped_column(String(128), unique=True)
