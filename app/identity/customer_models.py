"""Rows of identity, the customers' side: accounts, sessions, and links that are sent by mail.

Secrets are kept as hashes only. What runs out, runs out by real time, not by the shop's clock.
"""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row


class CustomerAccount(Row):
    """A mail address whose owner has proved that it is theirs, and the customer they are."""

    __tablename__ = "customer_accounts"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    number: Mapped[str] = mapped_column(ForeignKey("customers.number"), unique=True)
    made_at: Mapped[Instant]


class CustomerSession(Row):
    """Somebody who is signed in on one device; a token in a cookie of its own stands for it."""

    __tablename__ = "customer_sessions"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer_accounts.id", ondelete="CASCADE"), index=True
    )
    agent: Mapped[Prose]
    started_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    ends_at: Mapped[Instant]


class MailLink(Row):
    """A link that proves, once and for a short time, that its reader reads mail at an address.

    `number` is the customer number that is to be linked with `account_id`, where it is for that.
    """

    __tablename__ = "mail_links"
    __table_args__ = (
        CheckConstraint("purpose IN ('sign_in', 'link_card', 'change_email')", name="purpose"),
        Index("ix_mail_links_email", "email", "made_at"),
    )

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("customer_accounts.id", ondelete="CASCADE")
    )
    number: Mapped[str | None] = mapped_column(String(16))
    next_path: Mapped[Prose]
    made_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
