"""Rows of the catalog. Texts come in German and English, side by side: `name_de`, `name_en`."""

import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, Serial, ledger


class Category(Row):
    """A shelf of the shop; a category without parent is a department."""

    __tablename__ = "categories"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("categories.slug"))
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    # What its page is headed with, where that is not the name.
    title_de: Mapped[Prose] = mapped_column(default="")
    title_en: Mapped[Prose] = mapped_column(default="")
    intro_de: Mapped[Prose] = mapped_column(default="")
    intro_en: Mapped[Prose] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    # The attributes by which its goods are narrowed down, in the order in which they are shown.
    facets: Mapped[list[Any]] = mapped_column(default=list)


class Product(Row):
    """Something with a name and a text, sold as one or more items (SKUs)."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("weapon_class IN ('none', 'blade', 'banned')", name="weapon_class"),
        CheckConstraint("weapon_class <> 'banned' OR state <> 'published'", name="never"),
    )

    slug: Mapped[str] = mapped_column(String(96), primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("categories.slug"), index=True)
    family: Mapped[str] = mapped_column(String(32))
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    text_de: Mapped[Prose]
    text_en: Mapped[Prose]
    brand: Mapped[Prose]
    type_number: Mapped[str | None] = mapped_column(String(64), index=True)
    # Maker's name, postal and electronic address, country; outside the EU also who is responsible
    # inside it (`eu_name`, `eu_address`, `eu_email`): GPSR (EU) 2023/988, articles 16 and 19.
    maker: Mapped[Json]
    safety_de: Mapped[Prose] = mapped_column(default="")
    safety_en: Mapped[Prose] = mapped_column(default="")
    age_min: Mapped[int] = mapped_column(default=0)
    weee_number: Mapped[str | None] = mapped_column(String(16))
    attributes: Mapped[Json]
    position: Mapped[int] = mapped_column(default=0)
    # What people rarely type but look for: filled by `search.reindex`.
    keywords: Mapped[Prose] = mapped_column(default="")
    # Only what is published can be bought; see `catalog.release`.
    state: Mapped[str] = mapped_column(String(12), server_default=text("'published'"))
    published_at: Mapped[Instant | None]
    # Products of one series are sizes or kinds of each other: their pages link to one another.
    series: Mapped[str | None] = mapped_column(String(64), index=True)
    electrical: Mapped[bool] = mapped_column(server_default=text("false"))
    batteries: Mapped[bool] = mapped_column(server_default=text("false"))
    battery_number: Mapped[str | None] = mapped_column(String(32))
    # `blade`: a weapon for adults; `banned`: may not be sold at all (WaffG, annex 2).
    weapon_class: Mapped[str] = mapped_column(String(8), server_default=text("'none'"))
    # Why nothing has to be warned of, where there is no safety text.
    no_warning: Mapped[Prose] = mapped_column(server_default=text("''"))
    # What proves the words about the environment that its texts use (Directive (EU) 2024/825).
    eco_proof: Mapped[Prose] = mapped_column(server_default=text("''"))
    # The maker's guarantee of durability: ``years``, ``model``, ``giver``; empty for none.
    guarantee: Mapped[Json] = mapped_column(server_default=text("'{}'"))


class Item(Row):
    """What is scanned, priced and stocked: one variant of a product, with its own SKU and GTIN."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("weight_grams > 0", name="weight"),
        CheckConstraint("vat_basis_points IN (0, 700, 1900)", name="vat"),
        CheckConstraint("shipping_group IN ('std', 'haz', 'bulky')", name="shipping_group"),
        CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="size"),
    )

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey("products.slug"), index=True)
    # 14 digits with leading zeros, as GS1 stores them; shown with 13.
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)
    variant_de: Mapped[Prose] = mapped_column(default="")
    variant_en: Mapped[Prose] = mapped_column(default="")
    weight_grams: Mapped[int]
    vat_basis_points: Mapped[int] = mapped_column(default=1900)
    shipping_group: Mapped[str] = mapped_column(String(8), default="std")
    # Content for the unit price (PAngV section 4): 5 pieces, 150 m, 0.25 kg as 250 g.
    content_quantity: Mapped[int | None]
    content_unit: Mapped[str | None] = mapped_column(String(8))
    attributes: Mapped[Json]
    position: Mapped[int] = mapped_column(default=0)
    sellable: Mapped[bool] = mapped_column(default=True)
    # Path of its picture below the media folder.
    picture: Mapped[Prose | None]
    # Further ones: ``path`` below the media folder, ``de`` and ``en`` say what is seen.
    pictures: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    # The packed unit: what a carrier measures.
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]


class PriceGroup(Row):
    """Whose prices: `standard` for everyone, others with a discount in basis points."""

    __tablename__ = "price_groups"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    discount_basis_points: Mapped[int] = mapped_column(default=0)


@ledger
class Price(Row):
    """A gross price from an instant on; the history stays (PAngV section 11: lowest of 30 days)."""

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        UniqueConstraint("sku", "valid_from"),
    )

    id: Mapped[Serial]
    sku: Mapped[str] = mapped_column(ForeignKey("items.sku"))
    amount_minor: Mapped[int]
    valid_from: Mapped[Instant]
    # A reduction that is announced as one shows the lowest price of the 30 days before it.
    reduced: Mapped[bool] = mapped_column(default=False)


class Document(Row):
    """A manual, a guide, a table or a film, for a product, a category or a type number."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'guide', 'table', 'safety', 'film')", name="kind"),
    )

    slug: Mapped[str] = mapped_column(String(96), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    summary_de: Mapped[Prose] = mapped_column(default="")
    summary_en: Mapped[Prose] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="de")
    # Path below the media folder (PDF) or below static (film).
    path: Mapped[Prose]
    pages: Mapped[int | None]
    seconds: Mapped[int | None]
    bytes: Mapped[int] = mapped_column(default=0)
    type_number: Mapped[str | None] = mapped_column(String(64), index=True)
    facts: Mapped[Json]
    position: Mapped[int] = mapped_column(default=0)


class DocumentLink(Row):
    """A document belongs to a product or a category."""

    __tablename__ = "document_links"
    __table_args__ = (
        CheckConstraint("(product IS NULL) <> (category IS NULL)", name="target"),
        UniqueConstraint("document", "product", "category", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Key]
    document: Mapped[str] = mapped_column(ForeignKey("documents.slug"))
    product: Mapped[str | None] = mapped_column(ForeignKey("products.slug"), index=True)
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.slug"), index=True)


class ItemLink(Row):
    """`source` needs or fits `target`, and why in words; a film or guide can say so too."""

    __tablename__ = "item_links"
    __table_args__ = (
        CheckConstraint("kind IN ('needs', 'fits')", name="kind"),
        CheckConstraint("(source IS NULL) <> (document IS NULL)", name="origin"),
        UniqueConstraint("source", "document", "target", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(ForeignKey("items.sku"), index=True)
    document: Mapped[str | None] = mapped_column(ForeignKey("documents.slug"), index=True)
    target: Mapped[str] = mapped_column(ForeignKey("items.sku"), index=True)
    reason_de: Mapped[Prose]
    reason_en: Mapped[Prose]
    rank: Mapped[int] = mapped_column(default=0)


class LandingTerm(Row):
    """A search term, in normal form, that leads to a category page."""

    __tablename__ = "landing_terms"

    term: Mapped[str] = mapped_column(String(96), primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("categories.slug"))


class Synonym(Row):
    """Words that mean the same to a searcher; edited by the back office."""

    __tablename__ = "synonyms"
    __table_args__ = (CheckConstraint("language IN ('de', 'en')", name="language"),)

    word: Mapped[str] = mapped_column(String(96), primary_key=True)
    meaning: Mapped[str] = mapped_column(String(96), primary_key=True)
    # For which language people type the word; both are always searched.
    language: Mapped[str] = mapped_column(String(2), server_default=text("'de'"))
    stem: Mapped[str] = mapped_column(
        Text,
        Computed("coalesce((ts_lexize('german_stem', word))[1], word)", persisted=True),
        index=True,
    )


@ledger
class SynonymEdit(Row):
    """Who had a word find something more, or no longer, and when."""

    __tablename__ = "synonym_edits"
    __table_args__ = (CheckConstraint("action IN ('added', 'removed')", name="action"),)

    id: Mapped[Serial]
    action: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(96))
    meaning: Mapped[str] = mapped_column(String(96))
    language: Mapped[str] = mapped_column(String(2))
    actor: Mapped[Prose]
    edited_at: Mapped[Instant]


class SearchMiss(Row):
    """A text that nothing was found for, and how often; nothing of who typed it is kept."""

    __tablename__ = "search_misses"

    term: Mapped[str] = mapped_column(String(96), primary_key=True)
    times: Mapped[int]
    first_at: Mapped[Instant]
    last_at: Mapped[Instant]


class ShopperQuestion(Row):
    """A manual that somebody misses, or something a store is asked; open until it is closed."""

    __tablename__ = "shopper_questions"
    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'question')", name="kind"),
        CheckConstraint(
            "(closed_at IS NULL) = (outcome IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)",
            name="closed",
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(8))
    # The device with its type number, or what is asked about, in the person's words.
    about: Mapped[Prose]
    email: Mapped[Prose]
    note: Mapped[Prose]
    # The code of the store that is asked.
    store: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[Instant] = mapped_column(index=True)
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[Prose | None]
    outcome: Mapped[str | None] = mapped_column(String(16))


class SearchEntry(Row):
    """One findable thing: product, document, category, store or help page.

    Words are in normal form: lower case, ä → ae, ß → ss, ``2/0`` → ``2s0``, ``9 cm`` → ``9cm``.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        Index("ix_search_entries_words", "words", postgresql_using="gin"),
        Index("ix_search_entries_codes", "codes", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, server_default=text("gen_random_uuid()")
    )
    kind: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(96))
    title_de: Mapped[Prose]
    title_en: Mapped[Prose]
    # Its whole names, one word each side of a blank: `rheinshad`, `x100 kuechenmaschine`.
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    # What it is called, what it comes in and what belongs to it, and what is written about it.
    title: Mapped[Prose]
    folded: Mapped[Prose]
    body: Mapped[Prose]
    # Type number, SKUs and GTINs without blanks and hyphens.
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    position: Mapped[int] = mapped_column(default=0)
    # By what results are narrowed down: a product's category and brand.
    shelf: Mapped[str | None] = mapped_column(String(64))
    brand: Mapped[Prose | None]
    # The names of the shelves above its own.
    above: Mapped[Prose] = mapped_column(server_default=text("''"))
    # What ranks: short enough to lie in the row, where `words` with the whole text does not.
    near: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('german', title), 'A')"
            " || setweight(to_tsvector('simple', title), 'A')"
            " || setweight(to_tsvector('german', folded), 'B')"
            " || setweight(to_tsvector('simple', folded), 'B')"
            " || setweight(to_tsvector('german', above), 'C')",
            persisted=True,
        ),
    )
    words: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('german', title), 'A')"
            " || setweight(to_tsvector('simple', title), 'A')"
            " || setweight(to_tsvector('german', folded), 'B')"
            " || setweight(to_tsvector('simple', folded), 'B')"
            " || setweight(to_tsvector('german', body), 'D')",
            persisted=True,
        ),
    )


class SearchWord(Row):
    """A word that occurs in titles and keywords: what typos, plurals and compounds lead to."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index(
            "ix_search_words_trigrams",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )

    # Letters and digits only: sorted by bytes, so that a beginning is a range of the index.
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    stem: Mapped[str] = mapped_column(Text, index=True)
    entries: Mapped[int]
