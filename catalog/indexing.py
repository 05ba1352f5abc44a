"""What the search looks in: one entry per product, document, category, store and help page.

1. Every text is brought into normal form (`catalog.folding`) and sorted into three heaps: what the
   thing is called, what it comes in and belongs to, what is written about it.
2. Entries are upserted, entries of things that are gone are removed.
3. The words of the first two heaps become the vocabulary for typos, plurals and compounds.
Stores and help pages are put by those who own them, with `put_page`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Select, Text, all_, cast, delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from catalog.categories import Tree, tree
from catalog.facets import on_sale
from catalog.folding import code, compact, fold
from catalog.models import Document, DocumentLink, Item, Product, SearchEntry
from kit import clock
from kit.errors import Invalid

PRODUCT, DOCUMENT, CATEGORY = "product", "document", "category"
PAGES = ("store", "help")
BATCH = 500
# Words in front of every manual's name: `Anleitung KM 1200` must find it by its name.
_KIND_WORDS = {
    "manual": "gebrauchsanleitung bedienungsanleitung anleitung handbuch manual instructions",
    "guide": "ratgeber guide leitfaden tipps",
    "table": "tabelle table uebersicht",
    "safety": "sicherheit sicherheitshinweise safety",
    "film": "film video",
}


@dataclass(frozen=True)
class Findable:
    """One entry before it is brought into normal form."""

    kind: str
    ref: str
    title_de: str
    title_en: str
    belongs: Sequence[str | None] = ()
    body: Sequence[str | None] = ()
    codes: Sequence[str | None] = ()
    position: int = 0
    above: Sequence[str] = ()
    shelf: str | None = None
    brand: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns of the entry."""
        codes = sorted({code(number) for number in self.codes if number} - {""})
        names = {fold(self.title_de), fold(self.title_en)} - {""}
        return {
            "kind": self.kind, "ref": self.ref,
            "title_de": self.title_de, "title_en": self.title_en,
            "names": sorted(names), "title": " ".join(sorted(names)),
            "folded": _joined(self.belongs), "body": _joined([*self.body, *self.above]),
            "codes": codes, "position": self.position,
            "shelf": self.shelf, "brand": self.brand, "above": _joined(self.above),
        }  # fmt: skip


def _joined(texts: Iterable[str | None]) -> str:
    return " ".join(folded for part in texts if part and (folded := fold(part)))


def reindex(session: Session) -> int:
    """Make everything in the catalog findable as it is now; the number of entries is returned.

    Args:
        session: an open transaction; searches see the old entries until it is committed.
    """
    shelves, now = tree(session), clock.now()
    put = _put_products(session, shelves, now)
    put += _put(session, DOCUMENT, _documents(session, shelves))
    put += _put(session, CATEGORY, _categories(shelves))
    _renew_vocabulary(session)
    return put


def put_product(session: Session, slug: str) -> bool:
    """Make one product findable as it is now, or forget it where it is not on sale.

    The words of its name and keywords are learned at once; how often words occur is counted by the
    next `reindex`. Its manuals follow it.

    Args:
        session: an open transaction.
        slug: the product.

    Returns:
        Whether it can be found now.
    """
    shelves, now = tree(session), clock.now()
    sold = select(Item.sku).join(Product, Product.slug == Item.product)
    if session.scalars(sold.where(Item.product == slug, on_sale(now)).limit(1)).first() is None:
        gone = delete(SearchEntry).where(SearchEntry.kind == PRODUCT, SearchEntry.ref == slug)
        session.execute(gone)
        return False
    entries = [found.values() for found in _products(session, shelves, [slug])]
    own = select(DocumentLink.document).where(DocumentLink.product == slug)
    _upsert(session, entries)
    if papers := _documents(session, shelves, own):
        _upsert(session, [paper.values() for paper in papers])
    learned = " ".join(f"{entry['title']} {entry['folded']}" for entry in entries)
    _learn(session, learned.split())
    return True


def put_page(
    session: Session,
    kind: str,
    ref: str,
    *,
    title_de: str,
    title_en: str,
    words: Sequence[str] = (),
    body: Sequence[str] = (),
) -> None:
    """Make a store or a help page findable.

    Args:
        session: an open transaction.
        kind: ``store`` or ``help``.
        ref: what the page is opened by, e.g. the location code.
        title_de: shown in German results.
        title_en: shown in English results.
        words: what else it is called, e.g. city and street.
        body: its text in both languages.

    Raises:
        Invalid: ``page_kind``.
    """
    if kind not in PAGES:
        raise Invalid("page_kind", kind=kind)
    page = Findable(kind, ref, title_de, title_en, belongs=tuple(words), body=tuple(body)).values()
    _upsert(session, [page])
    _learn(session, f"{page['title']} {page['folded']}".split())


def keep_pages(session: Session, kind: str, refs: Sequence[str]) -> None:
    """Forget every store or help page that is not among these.

    Raises:
        Invalid: ``page_kind``.
    """
    if kind not in PAGES:
        raise Invalid("page_kind", kind=kind)
    _forget(session, kind, refs)


def _put_products(session: Session, shelves: Tree, now: datetime) -> int:
    slugs = session.scalars(
        select(Item.product)
        .join(Product, Product.slug == Item.product)
        .where(on_sale(now))
        .group_by(Item.product)
        .order_by(Item.product)
    ).all()
    for first in range(0, len(slugs), BATCH):
        batch = _products(session, shelves, slugs[first : first + BATCH])
        _upsert(session, [found.values() for found in batch])
    _forget(session, PRODUCT, slugs)
    return len(slugs)


def _products(session: Session, shelves: Tree, slugs: Sequence[str]) -> list[Findable]:
    def gathered(column: Any) -> Any:
        return func.array_agg(aggregate_order_by(column, Item.position, Item.sku))

    query = (
        select(
            Product,
            gathered(Item.variant_de).label("variants_de"),
            gathered(Item.variant_en).label("variants_en"),
            gathered(Item.sku).label("skus"),
            gathered(Item.gtin).label("gtins"),
        )
        .join(Item, Item.product == Product.slug)
        .where(Product.slug.in_(slugs), Item.sellable)
        .group_by(Product.slug)
    )
    found = []
    for product, variants_de, variants_en, skus, gtins in session.execute(query):
        path = shelves.path(product.category)
        own, above = path[-1], path[:-1]
        found.append(
            Findable(
                PRODUCT,
                product.slug,
                product.name_de,
                product.name_en,
                belongs=(
                    own.name_de, own.name_en, product.brand, product.keywords,
                    product.type_number, compact(product.type_number or ""),
                    *variants_de, *variants_en, *(code(sku) for sku in skus),
                ),
                body=(product.text_de, product.text_en),
                above=[name for shelf in above for name in (shelf.name_de, shelf.name_en)],
                codes=(product.type_number, *skus, *_gtins(gtins)),
                position=product.position,
                shelf=product.category,
                brand=product.brand,
            )
        )  # fmt: skip
    return found


def _gtins(stored: Iterable[str | None]) -> list[str]:
    """Return every spelling of the GTINs: with 14 digits, and without leading zeros."""
    spelled = []
    for gtin in stored:
        if gtin is not None:
            spelled += [gtin, gtin[1:], gtin.lstrip("0")]
    return spelled


def _documents(session: Session, shelves: Tree, only: Select[str] | None = None) -> list[Findable]:
    links: dict[str, list[str | None]] = {}
    codes: dict[str, list[str | None]] = {}
    query = (
        select(
            DocumentLink.document, DocumentLink.category, Product.name_de, Product.name_en,
            Product.type_number, func.array_agg(Item.sku), func.array_agg(Item.gtin),
        )
        .outerjoin(Product, Product.slug == DocumentLink.product)
        .outerjoin(Item, Item.product == Product.slug)
        .group_by(DocumentLink.id, Product.slug)
    )  # fmt: skip
    papers = select(Document)
    if only is not None:
        query = query.where(DocumentLink.document.in_(only))
        papers = papers.where(Document.slug.in_(only))
    for document, category, name_de, name_en, number, skus, gtins in session.execute(query):
        if category is not None:
            shelf = shelves.category(category)
            links.setdefault(document, []).extend((shelf.name_de, shelf.name_en))
        else:
            links.setdefault(document, []).extend((name_de, name_en, number, compact(number or "")))
            codes.setdefault(document, []).extend((number, *skus, *_gtins(gtins)))
    return [
        Findable(
            DOCUMENT,
            row.slug,
            row.title_de,
            row.title_en,
            belongs=(
                _KIND_WORDS[row.kind], row.type_number, compact(row.type_number or ""),
                *links.get(row.slug, ()),
            ),
            body=(row.summary_de, row.summary_en),
            codes=(row.type_number, *codes.get(row.slug, ())),
            position=row.position,
        )
        for row in session.scalars(papers)
    ]  # fmt: skip


def _categories(shelves: Tree) -> list[Findable]:
    return [
        Findable(
            CATEGORY,
            shelf.slug,
            shelf.name_de,
            shelf.name_en,
            body=(shelf.intro_de, shelf.intro_en),
            position=shelf.position,
        )
        for shelf in shelves.all.values()
    ]


def _put(session: Session, kind: str, found: Sequence[Findable]) -> int:
    if found:
        _upsert(session, [one.values() for one in found])
    _forget(session, kind, [one.ref for one in found])
    return len(found)


def _upsert(session: Session, values: Sequence[dict[str, Any]]) -> None:
    put = insert(SearchEntry)
    changed = {name: put.excluded[name] for name in values[0] if name not in {"kind", "ref"}}
    # An entry that says the same already is left alone: no dead rows from a nightly reindex.
    stored = tuple_(*(getattr(SearchEntry, name) for name in changed))
    same = stored.is_not_distinct_from(tuple_(*changed.values()))
    session.execute(
        put.on_conflict_do_update(index_elements=["kind", "ref"], set_=changed, where=~same),
        list(values),
    )


def _forget(session: Session, kind: str, refs: Sequence[str]) -> None:
    kept = cast(list(refs), ARRAY(Text))
    session.execute(
        delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref != all_(kept))
    )


def _learn(session: Session, words: Sequence[str]) -> None:
    """Add the words of one new page; the next reindex counts them."""
    session.execute(
        text(
            """
            INSERT INTO search_words (word, stem, entries)
            SELECT DISTINCT word, coalesce((ts_lexize('german_stem', word))[1], word), 1
            FROM unnest(CAST(:words AS text[])) AS each(word) WHERE length(word) <= 64
            ON CONFLICT (word) DO NOTHING
            """
        ),
        {"words": list(words)},
    )


def _renew_vocabulary(session: Session) -> None:
    """Take the vocabulary from titles and keywords; PostgreSQL counts the words itself."""
    session.execute(
        text(
            """
            WITH counted AS (
                SELECT word, ndoc FROM ts_stat($$
                    SELECT to_tsvector('simple', title || ' ' || folded) FROM search_entries
                $$) WHERE length(word) <= 64
            ), gone AS (
                DELETE FROM search_words AS known
                WHERE NOT EXISTS (SELECT FROM counted WHERE counted.word = known.word)
            )
            INSERT INTO search_words (word, stem, entries)
            SELECT word, coalesce((ts_lexize('german_stem', word))[1], word), ndoc FROM counted
            ON CONFLICT (word) DO UPDATE SET entries = excluded.entries
            WHERE search_words.entries <> excluded.entries
            """
        )
    )
