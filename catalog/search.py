"""One search over products, documents, categories, stores and help pages.

1. Bring the text into normal form; take out what asks for a document ("Anleitung").
2. Ask the vocabulary what the words may mean (one query): stems, compounds, synonyms, slips.
3. Find and rank all kinds at once (one query); where nothing holds all words, what holds most.
4. Fetch the cards, the documents and the facet counts of the page.
A known term ("gummiköder") opens its category instead; a number typed whole comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, aliased

from catalog import asked as asked_words
from catalog import documents, listings, searchquery
from catalog import facets as narrowing
from catalog.categories import Tree, tree
from catalog.facets import BRAND, BRAND_FACET, CATEGORY, Chosen, Facet, FacetView
from catalog.folding import code, words
from catalog.indexing import DOCUMENT, PRODUCT, put_page, reindex
from catalog.listings import PAGE_SIZE, Card
from catalog.models import SearchEntry
from catalog.pricing import STANDARD
from catalog.searchquery import Question
from catalog.suggesting import suggest
from catalog.views import CategoryView, DocumentView, Hit
from catalog.vocabulary import landing_of, understand
from kit import clock
from kit.errors import Invalid

__all__ = ["Hit", "Results", "opens", "put_page", "reindex", "search", "suggest"]

MAX_LIMIT = 96
# A look into the index is cheap: reading past it means unpacking the text of every entry, which the
# planner does not reckon with. Ends with the transaction.
_BY_INDEX = sql("SET LOCAL random_page_cost = 1.1")
# Where an entry keeps what a facet narrows down by.
_COLUMNS: dict[str, Any] = {CATEGORY: SearchEntry.shelf, BRAND: SearchEntry.brand}
SHORT = 6
# Of so many of each kind the whole text counts for the order, not only names and keywords.
READ_WHOLE = 120


@dataclass(frozen=True)
class Results:
    """What a search found.

    `landing`: the category that the term stands for; a page may go there at once.
    `sku`: the item whose SKU or GTIN was typed whole.
    `documents_first`: a document was asked for; the page shows them, or how to get one, first.
    `pages_first`: opening hours, delivery and the like were asked for; stores and help go first.
    `total` counts products; `corrected` is the text without slips where there were any, `ignored`
    the words that mean nothing here; `complete` is false where no entry held all words.
    """

    text: str
    landing: CategoryView | None = None
    sku: str | None = None
    documents_first: bool = False
    pages_first: bool = False
    documents: list[DocumentView] = field(default_factory=list)
    documents_total: int = 0
    products: list[Card] = field(default_factory=list)
    total: int = 0
    categories: list[Hit] = field(default_factory=list)
    stores: list[Hit] = field(default_factory=list)
    help: list[Hit] = field(default_factory=list)
    facets: list[FacetView] = field(default_factory=list)
    corrected: str | None = None
    ignored: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True)
class _Window:
    """Which hits of each kind a page shows."""

    offset: int
    limit: int
    documents: int

    def shows(self, row: Any) -> bool:
        """Tell whether a numbered hit is on the page."""
        if row.kind == PRODUCT:
            return bool(self.offset < row.place <= self.offset + self.limit)
        return bool(row.place <= (self.documents if row.kind == DOCUMENT else SHORT))


def search(
    session: Session,
    text: str,
    *,
    facets: Chosen | None = None,
    limit: int = PAGE_SIZE,
    offset: int = 0,
    price_group: str = STANDARD,
    at: datetime | None = None,
    trial: Sequence[tuple[str, str]] = (),
) -> Results:
    """Search everything at once. Both languages are always searched; texts come in both.

    Args:
        session: any session.
        text: as typed; more than 200 signs or 8 words are cut off.
        facets: chosen values per facet key (``category``, ``brand``); they narrow the products.
        limit: products on the page, 1 to 96.
        offset: products before the page.
        price_group: whose prices.
        at: the moment of prices; the shop's now where None.
        trial: synonyms (word, meaning) in normal form to reckon with as if they were stored.

    Raises:
        Invalid: ``limit`` or ``offset``.
    """
    if not 0 < limit <= MAX_LIMIT:
        raise Invalid("limit", limit=limit)
    if offset < 0:
        raise Invalid("offset", offset=offset)
    asked = asked_words.asked(text)
    if not asked.words:
        return Results(text=text, documents_first=asked.for_document)
    session.execute(_BY_INDEX)
    meant = understand(session, asked.words, trial)
    shelves = tree(session)
    landing = None if asked.for_document or offset else shelves.all.get(meant.landing or "")
    names = (" ".join(asked.words), meant.corrected or "")
    question = searchquery.ask(meant, names, asked.codes)
    offered = (_category_facet(shelves), BRAND_FACET)
    chosen = narrowing.known(facets or {}, offered)
    window = _Window(offset, limit, limit if asked.for_document else SHORT)
    page = _Page(session, question, window, chosen, at or clock.now())
    rows, complete = page.rows()
    cards = page.cards(rows, price_group, asked.words)
    pages = page.others(rows, "store"), page.others(rows, "help")
    goods = bool(_total(rows, PRODUCT) or _total(rows, DOCUMENT))
    return Results(
        text=text,
        landing=landing,
        sku=_exact(cards, asked.codes),
        documents_first=asked.for_document or asked.names_document,
        pages_first=any(pages) and (asked.for_page or not goods or _names_store(pages[0], names)),
        documents=documents.by_slugs(session, page.refs(rows, DOCUMENT)),
        documents_total=_total(rows, DOCUMENT),
        products=cards,
        total=_total(rows, PRODUCT),
        categories=page.others(rows, CATEGORY),
        stores=pages[0],
        help=pages[1],
        facets=page.facets(offered, complete=complete) if _total(rows, PRODUCT) else [],
        corrected=meant.corrected,
        ignored=meant.ignored,
        complete=complete,
    )


def opens(session: Session, text: str) -> CategoryView | None:
    """Return the category that a text is a term for, without searching: it opens at once."""
    asked = asked_words.asked(text)
    if not asked.words or asked.for_document or asked.names_document:
        return None
    return tree(session).all.get(landing_of(session, "".join(asked.words)) or "")


def _category_facet(shelves: Tree) -> Facet:
    names = {slug: {"de": one.name_de, "en": one.name_en} for slug, one in shelves.all.items()}
    return Facet(CATEGORY, "Kategorie", "Category", values=names)


@dataclass(frozen=True)
class _Page:
    """One page of hits, and what is asked about it."""

    session: Session
    question: Question
    window: _Window
    chosen: Chosen
    at: datetime

    def rows(self) -> tuple[list[Any], bool]:
        """Return the hits that hold all words, or else those that hold most; and which it was."""
        rows = self._ranked(loosely=False)
        if rows or len(self.question.groups) < 2:  # noqa: PLR2004
            return rows, True
        return self._ranked(loosely=True), False

    def _ranked(self, *, loosely: bool) -> list[Any]:
        hits = self._hits(loosely=loosely)
        placed = _numbered(hits, hits.c.score.desc(), name="first_place").cte("placed")
        # The whole text lies beside the row and is slow to read: only the first are looked at.
        written = aliased(SearchEntry)
        text_too = (
            select(placed.c.points + searchquery.often(self.question, written.words))
            .where(written.id == placed.c.id)
            .correlate(placed)
            .scalar_subquery()
        )
        near = placed.c.first_place <= READ_WHOLE
        refined = select(placed, case((near, text_too), else_=placed.c.score).label("refined"))
        seen = refined.cte("seen")
        total = func.count().over(partition_by=seen.c.kind).label("total")
        order = ((seen.c.first_place <= READ_WHOLE).desc(), seen.c.refined.desc())
        numbered = _numbered(seen, *order).add_columns(total).cte("numbered")
        window, kind, at = self.window, numbered.c.kind, numbered.c.place
        shown = or_(
            at == 1,
            and_(kind == PRODUCT, at.between(window.offset + 1, window.offset + window.limit)),
            and_(kind == DOCUMENT, at <= window.documents),
            and_(kind.not_in([PRODUCT, DOCUMENT]), at <= SHORT),
        )
        return list(self.session.execute(select(numbered).where(shown).order_by(kind, at)))

    def _hits(self, *, loosely: bool) -> CTE:
        entry, question = SearchEntry, self.question
        points = searchquery.score(question).label("points")
        found = (
            select(entry.id, entry.kind, entry.ref, entry.title_de, entry.title_en, entry.position)
            .add_columns(points, searchquery.often(question, entry.near).label("often"))
            .add_columns(searchquery.held(question, needed=loosely).label("held"))
            .where(searchquery.found(question, loosely=loosely), self._narrowed())
            .cte("found")
        )
        # Loosely, only those that hold as many words as the best one does.
        most = select(func.max(found.c.held)).scalar_subquery()
        score = (found.c.points + found.c.often).label("score")
        return select(found, score).where(found.c.held == most if loosely else true()).cte("hits")

    def _narrowed(self) -> ColumnElement[bool]:
        wanted = [_COLUMNS[key].in_(values) for key, values in self.chosen.items()]
        return or_(SearchEntry.kind != PRODUCT, and_(*wanted)) if wanted else true()

    def refs(self, rows: Sequence[Any], kind: str) -> list[str]:
        """Return what the hits of a kind on this page refer to, best first."""
        return [row.ref for row in rows if row.kind == kind and self.window.shows(row)]

    def cards(self, rows: Sequence[Any], price_group: str, typed: Sequence[str]) -> list[Card]:
        """Return the products of the page, each showing the variant that was typed."""
        return listings.cards(
            self.session,
            self.refs(rows, PRODUCT),
            price_group=price_group,
            at=self.at,
            chosen=self.chosen,
            wanted=[*typed, *self.question.codes, *self.question.known],
        )

    def others(self, rows: Sequence[Any], kind: str) -> list[Hit]:
        """Return categories, stores or help pages, best first."""
        return [
            Hit(row.kind, row.ref, row.title_de, row.title_en)
            for row in rows
            if row.kind == kind and self.window.shows(row)
        ]

    def facets(self, offered: Sequence[Facet], *, complete: bool) -> list[FacetView]:
        """Return the facets of all products found, not only of those on the page."""
        # One look at what was found; each facet counts what the other facets leave.
        several = {key: _COLUMNS[key].in_(values) for key, values in self.chosen.items()}
        goods = (
            select(*(_COLUMNS[facet.key].label(facet.key) for facet in offered))
            .add_columns(*(fits.label(f"fits_{key}") for key, fits in several.items()))
            .where(SearchEntry.kind == PRODUCT)
            .where(searchquery.found(self.question, loosely=not complete))
            .cte("goods")
            .prefix_with("MATERIALIZED")
        )
        counts = [
            select(literal(facet.key), goods.c[facet.key].label("value"), func.count())
            .where(*(goods.c[f"fits_{key}"] for key in several if key != facet.key))
            .where(goods.c[facet.key].is_not(None))
            .group_by("value")
            for facet in offered
        ]
        found: dict[str, dict[str, int]] = {facet.key: {} for facet in offered}
        for key, value, count in self.session.execute(union_all(*counts)):
            found[key][value] = count
        return narrowing.viewed(offered, [found[facet.key] for facet in offered], self.chosen)


def _names_store(stores: Sequence[Hit], typed: Sequence[str]) -> bool:
    """Tell whether nothing but a store's name was typed: `Köln`, `Filiale Köln`."""
    called = [set(words(f"{hit.title_de} {hit.title_en}")) for hit in stores]
    return any(set(text.split()) <= name for name in called for text in typed if text)


def _numbered(rows: CTE, *order: ColumnElement[Any], name: str = "place") -> Select[Any]:
    """Return rows with their place among those of their kind; ties keep the shelf's order."""
    whole = (*order, rows.c.position, rows.c.ref)
    place = func.row_number().over(partition_by=rows.c.kind, order_by=whole)
    return select(rows, place.label(name))


def _total(rows: Sequence[Any], kind: str) -> int:
    return next((int(row.total) for row in rows if row.kind == kind), 0)


def _exact(cards: Sequence[Card], codes: Sequence[str]) -> str | None:
    """Return the SKU of the variant whose own number was typed whole."""
    for card in cards:
        numbers = {code(card.item.sku), card.item.gtin or ""}
        if numbers.intersection(codes):
            return card.item.sku
    return None
