"""Rows of payments: what was to be paid, what came, what went back, what the provider said."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row
from kit.states import States

PAYMENT_STATES = States(
    "payment",
    {
        "intended": {"open", "pending", "captured", "failed", "expired"},
        "open": {"pending", "captured", "failed", "expired"},
        # The bank has been asked, and takes days.
        "pending": {"captured", "failed", "expired"},
        "expired": {"captured"},
        "failed": {"captured"},
    },
)


class Payment(Row):
    """A tender of an order. Intended before the provider is asked, captured in full when paid."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= captured_minor"
            " AND captured_minor <= amount_minor",
            name="refunded",
        ),
        CheckConstraint(
            "state IN ('intended', 'open', 'pending', 'captured', 'failed', 'expired')",
            name="state",
        ),
        Index("ix_payments_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    # One of: stripe, cash, card_terminal, gift_card, imported.
    method: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="intended")
    amount_minor: Mapped[int]
    captured_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    provider_session: Mapped[str | None] = mapped_column(String(255), unique=True)
    provider_intent: Mapped[str | None] = mapped_column(String(255), unique=True)
    page_url: Mapped[Prose | None]
    gift_card_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("gift_cards.id"))
    created_at: Mapped[Instant]
    captured_at: Mapped[Instant | None]


class Refund(Row):
    """Money on its way back: intended → called with `key` → succeeded or failed."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('intended', 'succeeded', 'failed')", name="state"),
    )

    id: Mapped[Key]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_minor: Mapped[int]
    cause: Mapped[Prose]
    state: Mapped[str] = mapped_column(String(16), default="intended")
    provider_refund: Mapped[str | None] = mapped_column(String(255), unique=True)
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class WebhookReceipt(Row):
    """A provider's event, by its id: counts once, however often it is sent."""

    __tablename__ = "webhook_receipts"

    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[Json]
    received_at: Mapped[Instant]


class UnclearPayment(Row):
    """Money that somebody has to look at: another sum than asked for, a refund that failed."""

    __tablename__ = "unclear_payments"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index("ix_unclear_payments_open", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_unclear_payments_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    facts: Mapped[Json]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[Prose | None]
    note: Mapped[Prose] = mapped_column(default="")
    key: Mapped[str] = mapped_column(String(128), unique=True)
