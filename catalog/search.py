"""One search over products, documents, categories, stores and help pages.

1. Bring the text into normal form; take out what asks for a document ("Anleitung").
2. Ask the vocabulary what the words may mean (one query): stems, compounds, synonyms, slips.
3. Find and rank all kinds at once (one query); where nothing holds all words, what holds most.
4. Fetch the cards, the documents and the facet counts of the page.
A known term ("gummiköder") opens its category instead; a number typed whole comes first.
"""

from collections.abc import Mapping, Sequence
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
    or_,
    select,
    true,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, aliased

from catalog import asked as asked_words
from catalog import documents, listings, promoted_prices, result_facets, searchquery
from catalog import facets as narrowing
from catalog.asked import Asked
from catalog.categories import Tree, tree
from catalog.facets import CATEGORY, PRICE, Chosen, Facet, FacetView, Now, on_sale
from catalog.folding import code, words
from catalog.indexing import DOCUMENT, PRODUCT, put_page, reindex
from catalog.listings import PAGE_SIZE, Card, InStock
from catalog.models import Item, Product, SearchEntry
from catalog.pricing import STANDARD
from catalog.promotion_sums import Rule
from catalog.result_facets import MANY
from catalog.searchquery import Question
from catalog.suggesting import suggest
from catalog.views import CategoryView, DocumentView, Hit
from catalog.vocabulary import Understanding, landing_of, understand
from kit import clock
from kit.errors import Invalid

__all__ = [
    "Hit",
    "Results",
    "opens",
    "put_page",
    "reindex",
    "search",
    "skus_found",
    "suggest",
]

MAX_LIMIT = 96
# A look into the index is cheap: reading past it means unpacking the text of every entry, which the
# planner does not reckon with. Ends with the transaction.
_BY_INDEX = sql("SET LOCAL random_page_cost = 1.1")
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


def search(  # noqa: PLR0913 - one page, all that it depends on, by keyword
    session: Session,
    text: str,
    *,
    facets: Chosen | None = None,
    limit: int = PAGE_SIZE,
    offset: int = 0,
    price_group: str = STANDARD,
    at: datetime | None = None,
    trial: Sequence[tuple[str, str]] = (),
    stock: InStock | None = None,
    rules: Sequence[Rule] = (),
) -> Results:
    """Search everything at once. Both languages are always searched; texts come in both.

    Args:
        session: any session.
        text: as typed; more than 200 signs or 8 words are cut off.
        facets: chosen values per facet key: ``category``, ``brand``, ``preis``, ``laden`` or an
            attribute that any category declares; they narrow the products.
        limit: products on the page, 1 to 96.
        offset: products before the page.
        price_group: whose prices.
        at: the moment of prices; the shop's now where None.
        trial: synonyms (word, meaning) in normal form to reckon with as if they were stored.
        stock: who has what of `skus_found` at once, as one more facet.
        rules: the promotions that hold for everybody: prices are compared after them, which takes
            one more query.

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
    meant, names, question = _question(session, asked, trial)
    shelves = tree(session)
    landing = None if asked.for_document or offset else shelves.all.get(meant.landing or "")
    every = result_facets.offered(shelves, stock)
    chosen = narrowing.known(facets or {}, list(every.values()))
    window = _Window(offset, limit, limit if asked.for_document else SHORT)
    page = _Page(session, question, window, chosen, at or clock.now(), stock, tuple(rules))
    rows, complete = page.rows()
    cards = page.cards(rows, price_group, asked.words, complete=complete)
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
        facets=page.facets(every, shelves, rows, complete=complete),
        corrected=meant.corrected,
        ignored=meant.ignored,
        complete=complete,
    )


def skus_found(session: Session, text: str, *, most: int) -> list[str] | None:
    """Return the SKUs on sale of all products that a search finds; None where there are more.

    Args:
        session: any session.
        text: as typed.
        most: SKUs.
    """
    asked = asked_words.asked(text)
    if not asked.words:
        return []
    _, _, question = _question(session, asked, ())
    for loosely in (False, True):
        found = and_(SearchEntry.kind == PRODUCT, searchquery.found(question, loosely=loosely))
        query = (
            select(Item.sku)
            .join(Product, Product.slug == Item.product)
            .where(Item.product.in_(select(SearchEntry.ref).where(found)), on_sale(clock.now()))
            .order_by(Item.sku)
            .limit(most + 1)
        )
        skus = list(session.scalars(query))
        if skus or len(question.groups) < 2:  # noqa: PLR2004
            break
    return skus if len(skus) <= most else None


def _question(
    session: Session, asked: Asked, trial: Sequence[tuple[str, str]]
) -> tuple[Understanding, tuple[str, str], Question]:
    """Return what the words mean, the whole text as typed and corrected, and what to ask."""
    session.execute(_BY_INDEX)
    meant = understand(session, asked.words, trial)
    names = (" ".join(asked.words), meant.corrected or "")
    return meant, names, searchquery.ask(meant, names, asked.codes)


def opens(session: Session, text: str) -> CategoryView | None:
    """Return the category that a text is a term for, without searching: it opens at once."""
    asked = asked_words.asked(text)
    if not asked.words or asked.for_document or asked.names_document:
        return None
    return tree(session).all.get(landing_of(session, "".join(asked.words)) or "")


@dataclass(frozen=True)
class _Page:
    """One page of hits, and what is asked about it."""

    session: Session
    question: Question
    window: _Window
    chosen: Chosen
    at: datetime
    stock: InStock | None
    rules: tuple[Rule, ...]
    _known: dict[bool, Now] = field(default_factory=dict)

    def rows(self) -> tuple[list[Any], bool]:
        """Return the hits that hold all words, or else those that hold most; and which it was."""
        rows = self._ranked(loosely=False)
        if rows or len(self.question.groups) < 2 or self._narrowed_away():  # noqa: PLR2004
            return rows, True
        return self._ranked(loosely=True), False

    def _narrowed_away(self) -> bool:
        """Tell whether there are goods that hold all words, of which nothing chosen fits."""
        every = select(SearchEntry.id).where(result_facets.goods_found(self.question, None))
        return bool(self.chosen) and self.session.scalar(every.limit(1)) is not None

    def now(self, *, loosely: bool, prices: bool) -> Now:
        """Return what facets ask beside the catalog; prices after promotions where wanted."""
        if not prices:
            return Now(self.at, self.stock.skus if self.stock else {})
        if loosely not in self._known:
            self._known[loosely] = self._with_prices(loosely=loosely)
        return self._known[loosely]

    def _with_prices(self, *, loosely: bool) -> Now:
        goods = result_facets.goods_found(self.question, None)
        if loosely:
            every = searchquery.found(self.question, loosely=True)
            goods = and_(SearchEntry.kind == PRODUCT, every)
        prices = promoted_prices.of_goods(
            self.session,
            Product.slug.in_(select(SearchEntry.ref).where(goods)),
            self.rules,
            self.at,
            name=("found", self.question, loosely),
        )
        return Now(self.at, self.stock.skus if self.stock else {}, prices)

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
        goods = (
            select(placed.c.shelf, func.count().label("products"))
            .where(placed.c.kind == PRODUCT)
            .group_by(placed.c.shelf)
            .subquery()
        )
        lying = select(func.jsonb_object_agg(goods.c.shelf, goods.c.products)).scalar_subquery()
        window, kind, at = self.window, numbered.c.kind, numbered.c.place
        shown = or_(
            at == 1,
            and_(kind == PRODUCT, at.between(window.offset + 1, window.offset + window.limit)),
            and_(kind == DOCUMENT, at <= window.documents),
            and_(kind.not_in([PRODUCT, DOCUMENT]), at <= SHORT),
        )
        query = select(numbered, lying.label("shelves")).where(shown)
        return list(self.session.execute(query.order_by(kind, at)))

    def _hits(self, *, loosely: bool) -> CTE:
        entry, question = SearchEntry, self.question
        points = searchquery.score(question).label("points")
        found = (
            select(entry.id, entry.kind, entry.ref, entry.title_de, entry.title_en, entry.position)
            .add_columns(
                entry.shelf, points, searchquery.often(question, entry.near).label("often")
            )
            .add_columns(searchquery.held(question, needed=loosely).label("held"))
            .where(searchquery.found(question, loosely=loosely), self._narrowed(loosely=loosely))
            .cte("found")
        )
        # Loosely, only those that hold as many words as the best one does.
        most = select(func.max(found.c.held)).scalar_subquery()
        score = (found.c.points + found.c.often).label("score")
        return select(found, score).where(found.c.held == most if loosely else true()).cte("hits")

    def _narrowed(self, *, loosely: bool) -> ColumnElement[bool]:
        now = self.now(loosely=loosely, prices=PRICE in self.chosen)
        return result_facets.narrowed(self.chosen, now)

    def refs(self, rows: Sequence[Any], kind: str) -> list[str]:
        """Return what the hits of a kind on this page refer to, best first."""
        return [row.ref for row in rows if row.kind == kind and self.window.shows(row)]

    def cards(
        self, rows: Sequence[Any], price_group: str, typed: Sequence[str], *, complete: bool
    ) -> list[Card]:
        """Return the products of the page, each showing the variant that was typed."""
        return listings.cards(
            self.session,
            self.refs(rows, PRODUCT),
            price_group=price_group,
            now=self.now(loosely=not complete, prices=PRICE in self.chosen),
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

    def facets(
        self, every: Mapping[str, Facet], shelves: Tree, rows: Sequence[Any], *, complete: bool
    ) -> list[FacetView]:
        """Return the facets of all products found, not only of those on the page."""
        total = _total(rows, PRODUCT)
        if not total and not self.chosen:
            return []
        lying: Mapping[str, int] = (rows[0].shelves if rows else None) or {}
        goods = result_facets.goods_found(self.question, None if complete else rows[0].held)
        return result_facets.counted(
            self.session,
            goods,
            result_facets.worth_showing(every, shelves, lying, self.chosen),
            self.chosen,
            self.now(loosely=not complete, prices=total <= MANY or PRICE in self.chosen),
            total=total,
        )


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
