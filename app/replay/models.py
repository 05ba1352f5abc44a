"""What a replay has done with each invoice, so that a second start goes on from there."""

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, Serial


class ReplayedInvoice(Row):
    """An invoice that is dealt with, written in the transaction that did it."""

    __tablename__ = "replayed_invoices"

    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    invoice: Mapped[str] = mapped_column(String(32), primary_key=True)
    # web_order, till_sale, return, refused
    outcome: Mapped[str] = mapped_column(String(16))
    lines: Mapped[int]
    units: Mapped[int]
    done_at: Mapped[Instant]


class ReplayRefusal(Row):
    """A line, or a part of one, that could not be played, and why."""

    __tablename__ = "replay_refusals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["source", "invoice"], ["replayed_invoices.source", "replayed_invoices.invoice"]
        ),
    )

    id: Mapped[Serial]
    source: Mapped[str] = mapped_column(String(32))
    invoice: Mapped[str] = mapped_column(String(32), index=True)
    line: Mapped[int]
    sku: Mapped[Prose]
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(32))
