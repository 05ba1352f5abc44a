"""Shelves: the cards of a page of products, and a category's page with facets and counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, true
from sqlalchemy.orm import Session

from catalog import facets as narrowing
from catalog import promoted_prices
from catalog.categories import tree
from catalog.facets import BRAND_FACET, PRICE_FACET, Chosen, Facet, FacetView, Now, on_sale
from catalog.folding import code, words
from catalog.models import Item, PriceGroup, Product
from catalog.pricing import (
    STANDARD,
    PricedLine,
    UnitPrice,
    discounted,
    lowest_of,
    price_at,
    unit_price,
)
from catalog.products import selected, view
from catalog.promotion_sums import Rule
from catalog.views import OF_AGE, CategoryView, ItemView, goods_group
from kit import clock
from kit.errors import Invalid

PAGE_SIZE = 24


@dataclass(frozen=True)
class CardVariant:
    """What a variant of a card costs one unit, before promotions, and how much is in it."""

    line: PricedLine
    content_quantity: int | None
    content_unit: str | None


@dataclass(frozen=True)
class Card:
    """A product on a shelf: the variant to show, and the lowest price of all of them.

    Amounts are gross minor units in the asked price group; `unit_price` belongs to `from_minor`,
    `lowest_30_days_minor` is set where that price is an announced reduction (PAngV section 11).
    `offers` are all its variants: promotions may make another one the cheapest.
    """

    slug: str
    item: ItemView
    variants: int
    from_minor: int
    varies: bool
    unit_price: UnitPrice | None
    lowest_30_days_minor: int | None
    offers: tuple[CardVariant, ...] = ()

    def name(self, language: str) -> str:
        """Return the product's name in `language`."""
        return self.item.name(language)


@dataclass(frozen=True)
class InStock:
    """Who has what at once: the facet with the names of the places, and the SKUs of each."""

    facet: Facet
    skus: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Shelf:
    """One page of a category."""

    category: CategoryView
    path: list[CategoryView]
    children: list[CategoryView]
    cards: list[Card]
    total: int
    page: int
    pages: int
    facets: list[FacetView]


SORTS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "recommended": (func.min(Product.position), func.min(Product.name_de)),
    "price_up": (func.min(Item.position), func.min(Product.name_de)),
    "price_down": (func.min(Item.position), func.min(Product.name_de)),
    "name": (func.min(func.lower(Product.name_de)),),
}


def in_category(  # noqa: PLR0913 - one page, all that it depends on, by keyword
    session: Session,
    slug: str,
    *,
    facets: Chosen | None = None,
    sort: str = "recommended",
    page: int = 1,
    price_group: str = STANDARD,
    at: datetime | None = None,
    size: int = PAGE_SIZE,
    stock: InStock | None = None,
    rules: Sequence[Rule] = (),
) -> Shelf:
    """Return a page of a category and everything below it, with four queries.

    Args:
        session: any session.
        slug: the category.
        facets: chosen values per facet key; keys that the category does not declare are ignored.
        sort: ``recommended``, ``price_up``, ``price_down`` or ``name``.
        page: from 1; a page beyond the last one is empty.
        price_group: whose prices.
        at: the moment of prices; the shop's now where None.
        size: cards per page.
        stock: who has what at once, as one more facet.
        rules: the promotions that hold for everybody: prices are compared after them, which takes
            a fifth query.

    Raises:
        Invalid: ``sort`` or ``page``.
        NotFound: ``category``.
    """
    if sort not in SORTS:
        raise Invalid("sort", sort=sort)
    if page < 1:
        raise Invalid("page", page=page)
    shelves = tree(session)
    category = shelves.category(slug)
    offered = (
        *shelves.facets_of(slug),
        BRAND_FACET,
        PRICE_FACET,
        *([stock.facet] if stock else []),
    )
    chosen = narrowing.known(facets or {}, offered)
    shelf = Product.category.in_(shelves.subtree(slug))
    at = at or clock.now()
    prices = promoted_prices.of_goods(session, shelf, rules, at, name=("shelf", slug))
    now = Now(at, stock.skus if stock else {}, prices)
    slugs, total = _page(session, shelf, chosen, sort, (page, size), now)
    return Shelf(
        category=category,
        path=shelves.path(slug),
        children=shelves.below(slug),
        cards=cards(session, slugs, price_group=price_group, now=now, chosen=chosen),
        total=total,
        page=page,
        pages=-(-total // size),
        facets=narrowing.counted(session, shelf, offered, chosen, now),
    )


def skus_in(session: Session, slug: str, *, most: int) -> list[str] | None:
    """Return the SKUs that are on sale in a category and below it; None where there are more.

    Raises:
        NotFound: ``category``.
    """
    query = (
        select(Item.sku)
        .join(Product, Product.slug == Item.product)
        .where(Product.category.in_(tree(session).subtree(slug)), on_sale(clock.now()))
        .limit(most + 1)
    )
    found = list(session.scalars(query))
    return found if len(found) <= most else None


def reduced(session: Session, skus: Collection[str], limit: int) -> list[str]:
    """Return the products whose price is an announced reduction now, and those of these SKUs.

    Whether a lower price stands beside it is decided where prices are shown.
    """
    at = clock.now()
    current, _ = price_at(at)
    query = (
        select(Item.product)
        .join(Product, Product.slug == Item.product)
        .join(current, true())
        .where(on_sale(at), or_(current.c.reduced, Item.sku.in_(skus)))
        .group_by(Item.product)
        .order_by(func.bool_or(current.c.reduced).desc(), func.min(Product.position), Item.product)
        .limit(limit)
    )
    return list(session.scalars(query))


def for_adults(session: Session, skus: Sequence[str]) -> dict[str, str]:
    """Return which of these SKUs are given to adults only, each with its goods group."""
    query = (
        select(Item.sku, Item.shipping_group, Product.age_min)
        .join(Product, Product.slug == Item.product)
        .where(Item.sku.in_(skus), Product.age_min >= OF_AGE)
    )
    return {sku: goods_group(group, age_min) for sku, group, age_min in session.execute(query)}


def _page(
    session: Session,
    shelf: ColumnElement[bool],
    chosen: Chosen,
    sort: str,
    window: tuple[int, int],
    now: Now,
) -> tuple[list[str], int]:
    """Return the slugs of a page in their order, and how many products there are in all."""
    page, size = window
    matching = narrowing.matching(chosen, now)
    hits = (
        select(Item.product.label("slug"))
        .join(Product, Product.slug == Item.product)
        .where(shelf, on_sale(now.at), matching)
        .group_by(Item.product)
    )
    if sort in {"price_up", "price_down"}:
        current, _ = price_at(now.at)
        price = func.min(narrowing.asked_for(current.c.amount_minor, now))
        hits = hits.join(current, true())
        order = (price if sort == "price_up" else price.desc(), *SORTS[sort])
    else:
        order = SORTS[sort]
    place = func.row_number().over(order_by=(*order, Item.product)).label("place")
    numbered = hits.add_columns(place, func.count().over().label("total")).cte("numbered")
    first = (page - 1) * size
    wanted = numbered.c.place.between(first + 1, first + size) | (numbered.c.place == 1)
    rows = session.execute(select(numbered).where(wanted).order_by(numbered.c.place)).all()
    slugs = [row.slug for row in rows if first < row.place <= first + size]
    return slugs, int(rows[0].total) if rows else 0


def cards(
    session: Session,
    slugs: Sequence[str],
    *,
    price_group: str = STANDARD,
    at: datetime | None = None,
    now: Now | None = None,
    chosen: Chosen | None = None,
    wanted: Sequence[str] = (),
) -> list[Card]:
    """Return the cards of these products, in this order, with one query.

    Args:
        session: any session.
        slugs: the products; one that cannot be bought at `at` gets no card.
        price_group: whose prices.
        at: the shop's now where None.
        now: instead of `at`, where stock counts as well.
        chosen: facet values; only variants that match are shown and priced.
        wanted: words in normal form, as typed; the variant that has most of them, and most of
            their neighbours side by side, is the one shown.
    """
    if not slugs:
        return []
    now = now or Now(at or clock.now())
    current, history = price_at(now.at)
    query = (
        selected()
        .add_columns(
            current.c.amount_minor,
            history.label("history"),
            func.coalesce(PriceGroup.discount_basis_points, 0).label("discount"),
        )
        .join(current, true())
        .outerjoin(PriceGroup, PriceGroup.code == price_group)
        .where(Item.product.in_(set(slugs)), Item.sellable, Product.state == narrowing.PUBLISHED)
        .where(narrowing.matching(chosen or {}, now))
        .order_by(Item.position, Item.sku)
    )
    rows: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in session.execute(query):
        rows.setdefault(row.product_slug, []).append(row)
    return [_card(slug, rows[slug], wanted) for slug in slugs if slug in rows]


def _card(slug: str, rows: Sequence[Row[*tuple[Any, ...]]], wanted: Sequence[str]) -> Card:
    offers = tuple(_offer(row) for row in rows)
    prices = [offer.line.unit_minor for offer in offers]
    lowest = min(prices)
    cheapest = rows[prices.index(lowest)]
    # Ties keep the order of the shelf: max returns the first of equals.
    shown = max(rows, key=lambda row: _hits(row, wanted)) if wanted else rows[0]
    return Card(
        slug=slug,
        item=view(shown),
        variants=len(rows),
        from_minor=lowest,
        varies=max(prices) > lowest,
        unit_price=unit_price(view(cheapest), lowest),
        lowest_30_days_minor=offers[prices.index(lowest)].line.lowest_30_days_minor,
        offers=offers,
    )


def _offer(row: Row[*tuple[Any, ...]]) -> CardVariant:
    unit = discounted(row.amount_minor, row.discount)
    lowest = lowest_of(row.history, row.amount_minor)
    line = PricedLine(
        sku=row.sku,
        quantity=1,
        unit_minor=unit,
        line_minor=unit,
        list_unit_minor=row.amount_minor,
        vat_basis_points=row.vat_basis_points,
        lowest_30_days_minor=lowest,
        reduced=lowest is not None,
    )
    return CardVariant(line, row.content_quantity, row.content_unit)


def _hits(row: Row[*tuple[Any, ...]], wanted: Sequence[str]) -> int:
    own = [words(row.variant_de), words(row.variant_en), [code(row.sku)], [row.gtin]]
    single = {word for part in own for word in part}
    pairs = {pair for part in own for pair in pairwise(part)}
    return len(single & set(wanted)) + len(pairs & set(pairwise(wanted)))
