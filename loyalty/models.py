"""Rows of loyalty: customers by their number, and the ledger of their points."""

import uuid
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


class GiftCard(Row):
    """A gift card: what is on it, kept in the same transaction as its entries.

    The code itself is nowhere: only its hash, and its last four characters for the customer.
    """

    __tablename__ = "gift_cards"
    __table_args__ = (
        CheckConstraint("kind IN ('sold', 'goodwill')", name="kind"),
        CheckConstraint("balance_minor >= 0 AND balance_minor <= issued_minor", name="balance"),
        Index("ix_gift_cards_ending", "ending"),
    )

    id: Mapped[Key]
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ending: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(8))
    issued_minor: Mapped[int]
    balance_minor: Mapped[int]
    issued_at: Mapped[Instant]
    expires_on: Mapped[date]
    changed_at: Mapped[Instant]


@ledger
class GiftCardEntry(Row):
    """Money put on a gift card (positive) or paid with it (negative), for a cause; append-only."""

    __tablename__ = "gift_card_entries"
    __table_args__ = (
        CheckConstraint(
            "(cause IN ('issued', 'returned') AND amount_minor > 0)"
            " OR (cause = 'redeemed' AND amount_minor < 0)",
            name="amount",
        ),
        Index("ix_gift_card_entries_card_id", "card_id", "id"),
    )

    id: Mapped[Serial]
    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("gift_cards.id"))
    amount_minor: Mapped[int]
    cause: Mapped[str] = mapped_column(String(16))
    document: Mapped[Prose]
    actor: Mapped[Prose]
    entered_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class PointsBalance(Row):
    """The sum of a customer's entries, kept in the same transaction."""

    __tablename__ = "points_balances"

    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), primary_key=True)
    points: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[Instant]
