"""Rows of what comes after a sale: withdrawals word for word, and announced returns."""

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, Serial, ledger


@ledger
class Withdrawal(Row):
    """A declared withdrawal (section 356a BGB), as it was typed and when it came; append-only.

    `typed_ref` is what the form said; `order_ref` is set where such an order was made with this
    mail address. `lines` name units where only a part is meant: ``[{line_id, sku, title,
    quantity}]``; empty means all of it, or what `what` says in words.
    """

    __tablename__ = "withdrawals"
    __table_args__ = (Index("ix_withdrawals_order_ref", "order_ref"),)

    id: Mapped[Serial]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[Prose]
    email: Mapped[Prose]
    typed_ref: Mapped[Prose]
    order_ref: Mapped[str | None] = mapped_column(String(32))
    what: Mapped[Prose]
    lines: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(2))
    received_at: Mapped[Instant]
    # Of the form that was sent: pressing twice declares once.
    key: Mapped[str] = mapped_column(String(64), unique=True)


@ledger
class WithdrawalStep(Row):
    """What we did about a withdrawal: who, when, in words; the last step says how it stands."""

    __tablename__ = "withdrawal_steps"
    __table_args__ = (
        CheckConstraint("step IN ('asked', 'cancelled', 'returned', 'done')", name="step"),
        Index("ix_withdrawal_steps_number", "number", "id"),
    )

    id: Mapped[Serial]
    number: Mapped[str] = mapped_column(ForeignKey("withdrawals.number"))
    step: Mapped[str] = mapped_column(String(16))
    note: Mapped[Prose]
    actor: Mapped[Prose]
    entered_at: Mapped[Instant]


class ReturnRequest(Row):
    """Goods that a customer has said they will bring back or send back."""

    __tablename__ = "return_requests"
    __table_args__ = (
        CheckConstraint("how IN ('parcel', 'store')", name="how"),
        CheckConstraint("state IN ('open', 'received', 'cancelled')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_return_requests_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(String(16), unique=True)
    order_ref: Mapped[str] = mapped_column(String(32))
    withdrawal: Mapped[str | None] = mapped_column(ForeignKey("withdrawals.number"))
    how: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[Prose | None]


class ReturnRequestLine(Row):
    """Units of an order line that are to come back, and why."""

    __tablename__ = "return_request_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("return_requests.id", ondelete="CASCADE"), primary_key=True
    )
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[Prose]


class Inspection(Row):
    """What somebody found who looked at goods that had come back: how many may be sold again."""

    __tablename__ = "return_inspections"
    __table_args__ = (CheckConstraint("good >= 0 AND scrapped >= 0", name="units"),)

    return_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_returns.id"), primary_key=True)
    good: Mapped[int]
    scrapped: Mapped[int]
    note: Mapped[Prose]
    at: Mapped[Instant]
    actor: Mapped[Prose]
