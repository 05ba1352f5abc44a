"""Reads the catalog's TOML files into plain frozen values and says which file is wrong.

- one file per shelf holds `[[product]]` tables; what all variants share stands at the product;
- a variant names its SKU, its GTIN and whatever differs: attributes, price, weight, content;
- prices are gross cents; `history` lists (days before the demo starts, cents), oldest first.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from demo.catalog.naming import HERE, LANGUAGES, Value, attribute_names, table, variant_name

DEPARTMENTS = ("angling", "household")
LISTED_DAYS_AGO = 300
"""Goods without a price history have had their price for so long."""
_OF_VARIANT = {"sku", "gtin", "price", "history", "weight_grams", "amount", "note"}

Texts = dict[str, str]


@dataclass(frozen=True)
class Variant:
    """What is scanned and stocked: one SKU.

    `prices`: (days before the demo's start, gross cents), oldest first. `content`: quantity and
    unit for the unit price, or None. `attributes` holds every attribute of the family.
    """

    sku: str
    gtin: str
    name: Texts
    attributes: dict[str, Value]
    telling: dict[str, Value]
    prices: tuple[tuple[int, int], ...]
    weight_grams: int
    content: tuple[int, str] | None

    @property
    def price(self) -> int:
        """The gross price at the demo's start, in cents."""
        return self.prices[-1][1]


@dataclass(frozen=True)
class Product:
    """A product with its texts, its maker and its variants. `fast`: sells daily at the counters."""

    id: str
    family: str
    category: str
    maker: str
    name: Texts
    text: Texts
    safety: Texts
    shared: dict[str, Any]
    variants: tuple[Variant, ...]
    type_number: str | None
    vat_basis_points: int
    shipping_group: str
    age_min: int
    electrical: bool
    fast: bool
    series: str | None
    batteries: bool
    guarantee: dict[str, Any]


def tidy(texts: Mapping[str, str]) -> Texts:
    """Return texts with the line breaks of the file taken out."""
    return {language: " ".join(texts[language].split()) for language in LANGUAGES}


@cache
def products() -> tuple[Product, ...]:
    """Return all products, shelf by shelf in the order of the menu, then as the files say.

    Raises:
        ValueError: a file lacks something or contradicts the families; the message names it.
    """
    shelves = list(table("categories"))
    found = [
        _product(entry, path.name)
        for path in _files()
        for entry in tomllib.loads(path.read_text("utf-8"))["product"]
    ]
    for product in found:
        if product.category not in shelves:
            raise ValueError(f"{product.id}: no category {product.category!r}")
    return tuple(sorted(found, key=lambda product: shelves.index(product.category)))


def by_id() -> dict[str, Product]:
    """Return the products by their id."""
    return {product.id: product for product in products()}


def variants() -> dict[str, tuple[Product, Variant]]:
    """Return every SKU with its product."""
    return {each.sku: (product, each) for product in products() for each in product.variants}


def _files() -> Iterator[Path]:
    for department in DEPARTMENTS:
        yield from sorted((HERE / department).glob("*.toml"))


def _product(entry: dict[str, Any], file: str) -> Product:
    where = f"{file}: {entry.get('id', '?')}"
    try:
        shared = dict(entry.get("attributes", {}))
        rows = [{**shared, **row} for row in entry["variants"]]
        names = attribute_names(entry["family"])
        telling = {name for name in names if len({row[name] for row in rows}) > 1}
        return Product(
            id=entry["id"],
            family=entry["family"],
            category=entry["category"],
            maker=entry["maker"],
            name=tidy(entry["name"]),
            text=tidy(entry["text"]),
            safety=_safety(entry),
            shared=_shared(entry, rows[0], names, telling),
            variants=tuple(_variant(entry, row, telling, where) for row in rows),
            type_number=entry.get("type_number"),
            vat_basis_points=entry.get("vat", 1900),
            shipping_group=entry.get("shipping", "std"),
            age_min=entry.get("age_min", 0),
            electrical=entry.get("electrical", False),
            fast=entry.get("fast", False),
            series=entry.get("series"),
            batteries=entry.get("batteries", False),
            guarantee=entry.get("guarantee", {}),
        )
    except KeyError as missing:
        raise ValueError(f"{where} lacks {missing}") from missing


def _safety(entry: dict[str, Any]) -> Texts:
    if "safety" not in entry:
        return dict.fromkeys(LANGUAGES, "")
    return tidy(table("safety")[entry["safety"]])


def _shared(
    entry: dict[str, Any], row: dict[str, Any], names: tuple[str, ...], telling: set[str]
) -> dict[str, Any]:
    facts: dict[str, Any] = {name: row[name] for name in names if name not in telling}
    if "species" in entry:
        facts["species"] = list(entry["species"])
    return facts


def _variant(entry: dict[str, Any], row: dict[str, Any], telling: set[str], where: str) -> Variant:
    family = entry["family"]
    attributes = {name: row[name] for name in attribute_names(family)}
    unknown = row.keys() - attributes.keys() - _OF_VARIANT
    if unknown:
        raise ValueError(f"{where}: {family} has no {', '.join(sorted(unknown))}")
    for name, value in attributes.items():
        _in_range(family, name, value, where)
    said = {lang: variant_name(family, attributes, telling, lang) for lang in LANGUAGES}
    return Variant(
        sku=row["sku"],
        gtin=row["gtin"],
        name=row.get("note", said),
        attributes=attributes,
        telling={name: attributes[name] for name in attributes if name in telling},
        prices=_prices(entry, row, where),
        weight_grams=row.get("weight_grams") or entry["weight_grams"],
        content=_content(entry, row, attributes),
    )


def _in_range(family: str, name: str, value: Value, where: str) -> None:
    rule = table("families")[family][name]
    if "colour" in rule:
        right = value in table("colours")[rule["colour"]]
    elif "of" in rule:
        right = value in rule["of"]
    else:
        right = isinstance(value, int) and rule["min"] <= value <= rule["max"]
    if not right:
        raise ValueError(f"{where}: {value!r} is no {name} of {family}")


def _prices(entry: dict[str, Any], row: dict[str, Any], where: str) -> tuple[tuple[int, int], ...]:
    price = row.get("price") or entry["price"]
    history = tuple((int(ago), int(cents)) for ago, cents in row.get("history", ()))
    if not history:
        return ((LISTED_DAYS_AGO, price),)
    days = [ago for ago, _ in history]
    if history[-1][1] != price or days != sorted(days, reverse=True):
        raise ValueError(f"{where}: the history of {row['sku']} must lead to its price")
    return history


def _content(
    entry: dict[str, Any], row: dict[str, Any], attributes: dict[str, Value]
) -> tuple[int, str] | None:
    if "unit" in entry:
        return int(row.get("amount") or entry["amount"]), entry["unit"]
    pieces = int(attributes.get("pieces", 1))
    return (pieces, "piece") if pieces > 1 else None
