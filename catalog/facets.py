"""Facets: the attributes by which a shelf is narrowed down, with honest counts.

Within a facet the chosen values are alternatives, between facets all must hold. The count beside a
value says how many products remain when that value is chosen too: a facet's own choice does not
thin out its own values. All facets of a page come with one query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Session

from catalog.models import Item, Price, Product
from catalog.views import GERMAN

BRAND, CATEGORY, PRICE, STOCK = "brand", "category", "preis", "laden"
PUBLISHED = "published"
Chosen = Mapping[str, Collection[str]]
# Prices are narrowed down by steps of minor units: below the first, between two, above the last.
STEPS = (500, 1000, 2000, 5000, 10000, 20000, 50000)


@dataclass(frozen=True)
class Facet:
    """A declared facet.

    `key` is the attribute's name; `unit` is written behind a number, which is divided by `divide`
    first (90 mm are shown as 9 cm); `values` names keys such as colours in both languages, in the
    order in which they are shown.
    """

    key: str
    de: str
    en: str
    unit: str = ""
    divide: int = 1
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return what the facet is called."""
        return self.de if language == GERMAN else self.en

    def label(self, value: str, language: str) -> str:
        """Return how a value is written: ``9 cm``, ``perlweiß``."""
        if value in self.values:
            return self.values[value].get(language, value)
        if not self.unit and self.divide == 1:
            return value
        number = _number(value)
        if number is None:
            return value
        written = f"{number / self.divide:f}"
        if "." in written:
            written = written.rstrip("0").rstrip(".")
        if language == GERMAN:
            written = written.replace(".", ",")
        return f"{written} {self.unit}".rstrip()

    def order(self, value: str) -> tuple[int, Decimal, str]:
        """Return where a value stands: as declared, then by number, then by name."""
        if value in self.values:
            return 0, Decimal(list(self.values).index(value)), value
        number = _number(value)
        return (1, number, value) if number is not None else (2, Decimal(0), value)


def _number(value: str) -> Decimal | None:
    return Decimal(value) if value.isascii() and value.isdigit() else None


def _spans() -> dict[str, dict[str, str]]:
    """Return the spans of prices with their names: ``1000-2000`` is from 10 to below 20 euros."""
    edges = (0, *STEPS)
    spans = {}
    for low, high in zip(edges, (*STEPS, None), strict=True):
        low_said = f"{low // 100}"
        if high is None:
            spans[f"{low}-"] = {"de": f"ab {low_said} €", "en": f"from €{low_said}"}
        elif low == 0:
            spans[f"0-{high}"] = {"de": f"unter {high // 100} €", "en": f"below €{high // 100}"}
        else:
            said = {"de": f"{low_said} bis {high // 100} €", "en": f"€{low_said} to €{high // 100}"}
            spans[f"{low}-{high}"] = said
    return spans


BRAND_FACET = Facet(BRAND, "Marke", "Brand")
PRICE_FACET = Facet(PRICE, "Preis", "Price", values=_spans())


@dataclass(frozen=True)
class Now:
    """What facets ask beside the catalog: the moment of prices, and who has what.

    `stock`: place → the SKUs that it can give at once; asked of whoever keeps the stock. `prices`:
    what one unit costs where promotions make it another price than the list's, minor units.
    """

    at: datetime
    stock: Mapping[str, Collection[str]] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FacetValue:
    """One value with the number of products behind it."""

    value: str
    label_de: str
    label_en: str
    count: int
    chosen: bool

    def label(self, language: str) -> str:
        """Return how the value is written in `language`."""
        return self.label_de if language == GERMAN else self.label_en


@dataclass(frozen=True)
class FacetView:
    """A facet of a page; only those that can narrow something down, or are in use, are shown."""

    key: str
    name_de: str
    name_en: str
    values: tuple[FacetValue, ...]

    def name(self, language: str) -> str:
        """Return what the facet is called."""
        return self.name_de if language == GERMAN else self.name_en


def declared(stored: Sequence[Mapping[str, Any]]) -> tuple[Facet, ...]:
    """Return the facets stored with a category."""
    return tuple(Facet(**{**facet, "values": dict(facet["values"])}) for facet in stored)


def known(chosen: Chosen, facets: Sequence[Facet]) -> dict[str, list[str]]:
    """Return the choices that a page offers; other names in an address are not ours to judge."""
    keys = {facet.key for facet in facets}
    return {key: sorted(set(values)) for key, values in chosen.items() if key in keys and values}


def on_sale(at: datetime) -> ColumnElement[bool]:
    """Return the condition that an item can be bought: sold, published, with a price at `at`.

    The query joins `Product`.
    """
    priced = exists().where(Price.sku == Item.sku, Price.valid_from <= at)
    return and_(Item.sellable, Product.state == PUBLISHED, priced)


def attribute(key: str, now: Now) -> SQLColumnExpression[Any]:
    """Return a facet's value for an item as JSON; the item's own goes before the product's."""
    if key == BRAND:
        return func.to_jsonb(Product.brand)
    if key == CATEGORY:
        return func.to_jsonb(Product.category)
    if key == PRICE:
        return _price_span(now)
    if key == STOCK:
        return _places(now.stock)
    return func.coalesce(Item.attributes[key], Product.attributes[key])


def asked_for(listed: ColumnElement[int], now: Now) -> ColumnElement[int]:
    """Return what one unit of an item costs everybody: its list price, or after promotions."""
    if not now.prices:
        return listed
    promoted = cast(dict(now.prices), JSONB).op("->>")(Item.sku).cast(Integer)
    price: ColumnElement[int] = func.coalesce(promoted, listed)
    return price


def _price_span(now: Now) -> SQLColumnExpression[Any]:
    """Return the span of what an item costs at a moment."""
    amount: Any = Price.amount_minor
    span = func.width_bucket(asked_for(amount, now), cast(list(STEPS), ARRAY(Integer)))
    names = cast(list(PRICE_FACET.values), JSONB)
    in_force = (
        select(names.op("->")(span).cast(JSONB))
        .where(Price.sku == Item.sku, Price.valid_from <= now.at)
        .order_by(Price.valid_from.desc())
        .limit(1)
    )
    return in_force.correlate(Item).scalar_subquery()


def _places(stock: Mapping[str, Collection[str]]) -> SQLColumnExpression[Any]:
    """Return the places that can give an item at once."""
    held = [
        case((Item.sku == any_(cast(sorted(skus), ARRAY(Text))), literal(place)))
        for place, skus in sorted(stock.items())
    ]
    return func.to_jsonb(func.array_remove(array(held), null())) if held else cast(null(), JSONB)


def has_one_of(key: str, values: Collection[str], now: Now) -> ColumnElement[bool]:
    """Return the condition that an item's value, or one of its list of values, is among these."""
    value, wanted = attribute(key, now), sorted(values)
    # `?|` looks at texts only: a number is compared as it is written.
    return func.coalesce(
        or_(
            value.op("?|", is_comparison=True)(cast(wanted, ARRAY(Text))),
            value.op("#>>")(cast([], ARRAY(Text))).in_(wanted),
        ),
        false(),
    )


def matching(chosen: Chosen, now: Now) -> ColumnElement[bool]:
    """Return the condition that an item has one of the chosen values in every chosen facet."""
    return and_(true(), *(has_one_of(key, values, now) for key, values in chosen.items()))


def counted(
    session: Session,
    shelf: ColumnElement[bool],
    facets: Sequence[Facet],
    chosen: Chosen,
    now: Now,
) -> list[FacetView]:
    """Count the products behind every value of the facets with one query.

    Args:
        session: any session.
        shelf: which products the page is about, as a condition over `Product`.
        facets: what to count, in the order in which it is shown.
        chosen: what is chosen now; see `known`.
        now: the moment for "on sale" and prices, and who has what.
    """
    if not facets:
        return []
    hits = {key: has_one_of(key, values, now) for key, values in chosen.items()}
    missed = sum((case((hit, 0), else_=1) for hit in hits.values()), literal(0))
    columns: list[ColumnElement[Any]] = [Item.product.label("product"), missed.label("missed")]
    for place, facet in enumerate(facets):
        columns.append(attribute(facet.key, now).label(f"value_{place}"))
        own = case((hits[facet.key], 0), else_=1) if facet.key in hits else literal(0)
        columns.append(own.label(f"own_{place}"))
    goods = (
        select(*columns)
        .select_from(Item)
        .join(Product, Product.slug == Item.product)
        .where(shelf, on_sale(now.at))
        .cte("goods")
    )
    counts: list[Select[*tuple[Any, ...]]] = []
    for place, _ in enumerate(facets):
        stored = goods.c[f"value_{place}"]
        listed = case(
            (func.jsonb_typeof(stored) == "array", stored), else_=func.jsonb_build_array(stored)
        )
        each = func.jsonb_array_elements_text(listed).table_valued("value", name=f"each_{place}")
        counts.append(
            select(literal(place), each.c.value, func.count(goods.c.product.distinct()))
            .select_from(goods)
            .join(each, true())
            .where(stored.is_not(None), goods.c.missed == goods.c[f"own_{place}"])
            .group_by(each.c.value)
        )
    found: dict[int, dict[str, int]] = {}
    for place, value, count in session.execute(union_all(*counts)):
        found.setdefault(place, {})[value] = count
    return viewed(facets, [found.get(place, {}) for place in range(len(facets))], chosen)


def viewed(
    facets: Sequence[Facet], counts: Sequence[Mapping[str, int]], chosen: Chosen
) -> list[FacetView]:
    """Return the facets of a page with their counts; those that narrow nothing down stay away.

    Args:
        facets: in the order in which they are shown.
        counts: products behind each value, per facet.
        chosen: what is chosen now.
    """
    views = (_view(facet, count, chosen) for facet, count in zip(facets, counts, strict=True))
    return [view for view in views if len(view.values) > 1 or view.key in chosen]


def _view(facet: Facet, counts: Mapping[str, int], chosen: Chosen) -> FacetView:
    picked = set(chosen.get(facet.key, ()))
    values = sorted(counts.keys() | picked, key=facet.order)
    return FacetView(
        facet.key,
        facet.de,
        facet.en,
        tuple(
            FacetValue(
                value=value,
                label_de=facet.label(value, "de"),
                label_en=facet.label(value, "en"),
                count=counts.get(value, 0),
                chosen=value in picked,
            )
            for value in values
        ),
    )
