"""Rows behind pages: how attributes are called, pages for a theme, notices that the law wants."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row


class AttributeName(Row):
    """How an attribute is called and its values are written; see `catalog.facets.Facet`."""

    __tablename__ = "attribute_names"
    __table_args__ = (CheckConstraint("divide > 0", name="divide"),)

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    unit: Mapped[str] = mapped_column(String(8), server_default=text("''"))
    divide: Mapped[int] = mapped_column(server_default=text("1"))
    # Pairs of value and names: PostgreSQL would sort the keys of an object.
    values: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    position: Mapped[int] = mapped_column(server_default=text("0"))


class LandingPage(Row):
    """A page for a theme: its words, chosen goods first, then those of a narrowed-down shelf."""

    __tablename__ = "landing_pages"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    intro_de: Mapped[Prose] = mapped_column(server_default=text("''"))
    intro_en: Mapped[Prose] = mapped_column(server_default=text("''"))
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.slug"))
    # Facet key → values, as in an address.
    facets: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    # Slugs of products and documents, in their order.
    products: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    documents: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    shown: Mapped[bool] = mapped_column(server_default=text("true"))
    changed_by: Mapped[Prose]
    changed_at: Mapped[Instant]


class LandingPageTerm(Row):
    """A search term, in normal form, that leads to a page for a theme; `typed` is as written."""

    __tablename__ = "landing_page_terms"

    term: Mapped[str] = mapped_column(String(96), primary_key=True)
    typed: Mapped[Prose]
    page: Mapped[str] = mapped_column(
        ForeignKey("landing_pages.slug", ondelete="CASCADE"), index=True
    )


class OfferNotice(Row):
    """What has to stand in or beside an offer from a day on.

    `artwork` is a path below the media folder; without it the page shows a slot marked as a sample.
    """

    __tablename__ = "offer_notices"
    __table_args__ = (
        CheckConstraint("kind IN ('legal', 'durability', 'bin', 'battery', 'age')", name="kind"),
    )

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    text_de: Mapped[Prose]
    text_en: Mapped[Prose]
    artwork: Mapped[Prose | None]
    source: Mapped[Prose]
