"""Rows of the community: campaigns that put a card into a parcel, photographs that come back."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row


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
