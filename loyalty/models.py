"""Rows of loyalty: customers, their addresses, consents, points and gift cards."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, Serial, ledger


class Customer(Row):
    """A person with a customer number: the same one on the web, at the till and on the phone."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("contact_by IN ('mail', 'call', 'sms')", name="contact_by"),
        Index("ix_customers_email", "email"),
        Index("ix_customers_email_folded", text("lower(email)")),
        Index("ix_customers_phone", "phone"),
        Index(
            "ix_customers_name",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
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
    # The number that this one was joined with: both find the same person from then on.
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("customers.number"), index=True)
    erased_at: Mapped[Instant | None]


class CustomerAddress(Row):
    """Where a customer has goods sent; one of them is the one that is meant without a word."""

    __tablename__ = "customer_addresses"
    __table_args__ = (
        Index(
            "uq_customer_addresses_default",
            "number",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        Index("ix_customer_addresses_number", "number"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(ForeignKey("customers.number"))
    name: Mapped[Prose]
    street: Mapped[Prose]
    postal_code: Mapped[str] = mapped_column(String(10))
    city: Mapped[Prose]
    is_default: Mapped[bool]
    changed_at: Mapped[Instant]


@ledger
class ConsentEntry(Row):
    """What somebody was asked, confirmed or took back, word for word; append-only.

    It stands for a mail address, because a newsletter needs no customer number. `token_hash` is
    that of the link in the mail that asks for the confirmation.
    """

    __tablename__ = "consent_entries"
    __table_args__ = (
        CheckConstraint("step IN ('asked', 'confirmed', 'withdrawn')", name="step"),
        Index("ix_consent_entries_email", "email", "purpose", "id"),
    )

    id: Mapped[Serial]
    email: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16))
    wording: Mapped[Prose]
    language: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(32))
    ip: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    entered_at: Mapped[Instant]


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
            " OR (cause IN ('redeemed', 'expired') AND amount_minor < 0)",
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


class KeptGiftCard(Row):
    """A gift card that a customer keeps in their account: they have shown its code once."""

    __tablename__ = "kept_gift_cards"

    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), primary_key=True)
    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("gift_cards.id"), primary_key=True)
    kept_at: Mapped[Instant]


class PointsBalance(Row):
    """The sum of a customer's entries, kept in the same transaction."""

    __tablename__ = "points_balances"

    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), primary_key=True)
    points: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[Instant]
