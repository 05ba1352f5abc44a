"""Rows of invoicing: invoices and corrections as they were issued, append-only."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row, Serial, ledger


@ledger
class Invoice(Row):
    """An invoice, or the correction of one; `facts` hold everything that is printed on it.

    `layout` names the form it was printed with, so that it can be printed again as it was.
    The total of a correction is negative.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'invoice' AND corrects IS NULL AND total_minor >= 0)"
            " OR (kind = 'correction' AND corrects IS NOT NULL AND total_minor <= 0)",
            name="kind",
        ),
        Index("ix_invoices_order_ref", "order_ref"),
    )

    id: Mapped[Serial]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    # Counted per range without gaps; the number above carries range and count.
    range: Mapped[str] = mapped_column(String(32))
    count: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    order_ref: Mapped[str] = mapped_column(String(32))
    corrects: Mapped[str | None] = mapped_column(ForeignKey("invoices.number"))
    issued_on: Mapped[date]
    issued_at: Mapped[Instant]
    total_minor: Mapped[int]
    facts: Mapped[Json]
    layout: Mapped[int]
    # Names the cause once: "order/<ref>", "return/<key>".
    key: Mapped[Prose] = mapped_column(unique=True)
