"""Rows of the community: cards, catalogues and samples, photographs that come back."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row


class Campaign(Row):
    """A card for exactly one parcel of an order; `category` limits it to orders with such goods."""

    __tablename__ = "campaigns"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    text_de: Mapped[Prose]
    text_en: Mapped[Prose]
    category: Mapped[str | None] = mapped_column(String(64))
    next_document: Mapped[str | None] = mapped_column(String(96))
    owner: Mapped[Prose]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    cost_minor: Mapped[int]
    paper_grams: Mapped[int]
    # Only for customers who agreed to this, e.g. to the newsletter; None asks for no consent.
    consent: Mapped[str | None] = mapped_column(String(32))


class Mailing(Row):
    """A catalogue or a sample for those who asked for such things; `cost_minor` is per piece.

    Nothing of it is sent before somebody has released it.
    """

    __tablename__ = "mailings"
    __table_args__ = (
        CheckConstraint("kind IN ('catalogue', 'sample')", name="kind"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("cost_minor >= 0 AND paper_grams > 0", name="amounts"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
    )

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    owner: Mapped[Prose]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    cost_minor: Mapped[int]
    paper_grams: Mapped[int]
    released_at: Mapped[Instant | None]
    released_by: Mapped[Prose | None]


class Mailpiece(Row):
    """One piece of a mailing for one person. It is no parcel: no order knows it."""

    __tablename__ = "mailpieces"
    __table_args__ = (
        UniqueConstraint("mailing", "email"),
        CheckConstraint("state IN ('open', 'sent', 'came_back', 'cancelled')", name="state"),
        CheckConstraint(
            "(state IN ('sent', 'came_back')) = (sent_at IS NOT NULL)",
            name="sent",
        ),
        Index("ix_mailpieces_open", "mailing", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    mailing: Mapped[str] = mapped_column(ForeignKey("mailings.code"))
    email: Mapped[str] = mapped_column(String(254))
    customer_number: Mapped[str] = mapped_column(String(16))
    address: Mapped[Json]
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16), default="open")
    sscc: Mapped[str] = mapped_column(String(18), unique=True)
    opened_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    sent_by: Mapped[Prose | None]
    ended_at: Mapped[Instant | None]


class Photo(Row):
    """A customer's photograph, re-encoded; shown to others only after someone has looked at it."""

    __tablename__ = "photos"
    __table_args__ = (CheckConstraint("state IN ('new', 'shown', 'hidden')", name="state"),)

    id: Mapped[Key]
    insert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcel_inserts.id"), index=True)
    campaign: Mapped[str] = mapped_column(ForeignKey("campaigns.code"))
    path: Mapped[Prose]
    caption: Mapped[Prose] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(8), default="new")
    # The consent to show it: wording and instant (GDPR article 7).
    rights_text: Mapped[Prose]
    rights_at: Mapped[Instant]
    width: Mapped[int]
    height: Mapped[int]
