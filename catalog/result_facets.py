"""The facets of a page of results: the way of a shelf, for goods of many shelves.

1. Category and brand always; then the attributes that at least half of the goods found have, by the
   shelves they lie on; then price, and who has it at once.
2. Whatever any shelf declares may be chosen by an address, and is then shown with the results.
3. Of more than `MANY` goods only category and brand are counted, out of the index alone: whoever
   finds so much chooses one of them first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from catalog import facets as narrowing
from catalog import searchquery
from catalog.categories import Tree
from catalog.facets import (
    BRAND,
    BRAND_FACET,
    CATEGORY,
    PRICE,
    PRICE_FACET,
    STOCK,
    Chosen,
    Facet,
    FacetView,
    Now,
    on_sale,
)
from catalog.indexing import PRODUCT
from catalog.listings import InStock
from catalog.models import Item, Product, SearchEntry
from catalog.searchquery import Question

MANY = 1000
MOST_ATTRIBUTES = 5
# What an entry of the index keeps itself.
_COLUMNS: dict[str, Any] = {CATEGORY: SearchEntry.shelf, BRAND: SearchEntry.brand}


def offered(shelves: Tree, stock: InStock | None) -> dict[str, Facet]:
    """Return every facet by which results can be narrowed down, by key, in the order shown."""
    names = {slug: {"de": one.name_de, "en": one.name_en} for slug, one in shelves.all.items()}
    every: dict[str, Facet] = {
        CATEGORY: Facet(CATEGORY, "Kategorie", "Category", values=names),
        BRAND: BRAND_FACET,
    }
    for declared in shelves.facets.values():
        for facet in declared:
            known = every.setdefault(facet.key, facet)
            if known is not facet:
                merged = {**known.values, **facet.values}
                every[facet.key] = Facet(**{**vars(known), "values": merged})
    every[PRICE] = PRICE_FACET
    if stock is not None:
        every[STOCK] = stock.facet
    return every


def worth_showing(
    every: Mapping[str, Facet], shelves: Tree, goods: Mapping[str, int], chosen: Chosen
) -> list[Facet]:
    """Return the facets of a page: those of most of its goods, and those in use.

    Args:
        every: see `offered`.
        shelves: the tree of categories.
        goods: how many products were found on each shelf, narrowed down.
        chosen: what is chosen now.
    """
    behind: Counter[str] = Counter()
    for slug, count in goods.items():
        if slug in shelves.all:
            behind.update({facet.key: count for facet in shelves.facets_of(slug)})
    half = sum(goods.values()) / 2
    common = [key for key, count in behind.most_common(MOST_ATTRIBUTES) if count >= half]
    shown = {CATEGORY, BRAND, PRICE, STOCK, *common, *chosen}
    return [facet for key, facet in every.items() if key in shown]


def narrowed(chosen: Chosen, now: Now) -> ColumnElement[bool]:
    """Return the condition that an entry is no product, or one of the chosen values."""
    if not chosen:
        return true()
    wanted = [_COLUMNS[key].in_(chosen[key]) for key in chosen if key in _COLUMNS]
    if not chosen.keys() <= _COLUMNS.keys():
        # One variant has to have all of it.
        fitting = (
            select(Item.product)
            .join(Product, Product.slug == Item.product)
            .where(on_sale(now.at), narrowing.matching(chosen, now))
        )
        wanted.append(SearchEntry.ref.in_(fitting))
    return or_(SearchEntry.kind != PRODUCT, and_(*wanted))


def goods_found(question: Question, held: int | None) -> ColumnElement[bool]:
    """Return the condition that an entry is a product of the results, narrowed down or not.

    Args:
        question: what was asked.
        held: None where every entry holds all words, else how many words those shown hold.
    """
    found = searchquery.found(question, loosely=held is not None)
    if held is not None:
        found = and_(found, searchquery.held(question) == held)
    return and_(SearchEntry.kind == PRODUCT, found)


def counted(
    session: Session,
    goods: ColumnElement[bool],
    facets: Sequence[Facet],
    chosen: Chosen,
    now: Now,
    *,
    total: int,
) -> list[FacetView]:
    """Count what is behind the facets of all products found, not only of those on the page.

    Args:
        session: any session.
        goods: which entries were found, see `goods_found`.
        facets: see `worth_showing`.
        chosen: what is chosen now.
        now: the moment of prices, and who has what.
        total: how many products there are, narrowed down.
    """
    if total > MANY and chosen.keys() <= _COLUMNS.keys():
        return _by_index(session, goods, [one for one in facets if one.key in _COLUMNS], chosen)
    found = Product.slug.in_(select(SearchEntry.ref).where(goods))
    return narrowing.counted(session, found, facets, chosen, now)


def _by_index(
    session: Session, goods: ColumnElement[bool], facets: Sequence[Facet], chosen: Chosen
) -> list[FacetView]:
    # One look at what was found; each facet counts what the other facets leave.
    several = {key: _COLUMNS[key].in_(values) for key, values in chosen.items()}
    found = (
        select(*(_COLUMNS[facet.key].label(facet.key) for facet in facets))
        .add_columns(*(fits.label(f"fits_{key}") for key, fits in several.items()))
        .where(goods)
        .cte("goods")
        .prefix_with("MATERIALIZED")
    )
    counts = [
        select(literal(facet.key), found.c[facet.key].label("value"), func.count())
        .where(*(found.c[f"fits_{key}"] for key in several if key != facet.key))
        .where(found.c[facet.key].is_not(None))
        .group_by("value")
        for facet in facets
    ]
    behind: dict[str, dict[str, int]] = {facet.key: {} for facet in facets}
    for key, value, count in session.execute(union_all(*counts)):
        behind[key][value] = count
    return narrowing.viewed(facets, [behind[facet.key] for facet in facets], chosen)
