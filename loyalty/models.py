"""Rows of loyalty: customers by their number, and the ledger of their points."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, Serial, ledger


class Customer(Row):
    """A person with a customer number: the same one on the web, at the till and on the phone."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("contact_by IN ('mail', 'call')", name="contact_by"),
        Index("ix_customers_email", "email"),
        Index("ix_customers_phone", "phone"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    salutation: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[Prose]
    email: Mapped[Prose]
    phone: Mapped[str | None] = mapped_column(String(20))
    street: Mapped[Prose] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    city: Mapped[Prose] = mapped_column(default="")
    price_group: Mapped[str] = mapped_column(String(32), default="standard")
    contact_by: Mapped[str] = mapped_column(String(8), default="mail")
    home_location: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2), default="de")
    since_on: Mapped[date]


@ledger
class PointsEntry(Row):
    """Points earned (positive) or taken back and redeemed (negative), for a cause; append-only."""

    __tablename__ = "points_entries"
    __table_args__ = (CheckConstraint("points <> 0", name="points"),)

    id: Mapped[Serial]
    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), index=True)
    points: Mapped[int]
    cause: Mapped[str] = mapped_column(String(32))
    document: Mapped[Prose]
    entered_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class PointsBalance(Row):
    """The sum of a customer's entries, kept in the same transaction."""

    __tablename__ = "points_balances"

    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), primary_key=True)
    points: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[Instant]
