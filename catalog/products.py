"""Products and their items, looked up by slug, SKU and GTIN."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from catalog.facets import PUBLISHED
from catalog.models import Item, Product
from catalog.views import ItemView, ProductView
from kit.errors import Invalid, NotFound
from kit.ids import has_mod10_check_digit

GTIN_LENGTHS = (8, 12, 13, 14)


def selected() -> Select[*tuple[Any, ...]]:
    """Return the query that `view` turns into items: one row per item with its product's facts."""
    return select(
        Item.sku,
        Item.gtin,
        Item.product.label("product_slug"),
        Product.category,
        Product.family,
        Product.brand,
        Product.type_number,
        Product.name_de,
        Product.name_en,
        Item.variant_de,
        Item.variant_en,
        Product.attributes.concat(Item.attributes).label("attributes"),
        Item.weight_grams,
        Item.vat_basis_points,
        Item.shipping_group,
        Item.content_quantity,
        Item.content_unit,
        Product.age_min,
        and_(Item.sellable, Product.state == PUBLISHED).label("sellable"),
        Item.picture,
        Item.pictures,
        Item.length_mm,
        Item.width_mm,
        Item.height_mm,
    ).join(Product, Product.slug == Item.product)


def view(row: Row[*tuple[Any, ...]]) -> ItemView:
    """Turn a row of `selected` into an item."""
    return ItemView(**{name: getattr(row, name) for name in ItemView.__dataclass_fields__})


def items(session: Session, skus: Collection[str]) -> dict[str, ItemView]:
    """Return the items of these SKUs with one query; unknown ones are left out.

    Args:
        session: any session.
        skus: as printed on the shelf; exact spelling.
    """
    if not skus:
        return {}
    rows = session.execute(selected().where(Item.sku.in_(set(skus))))
    return {row.sku: view(row) for row in rows}


def item(session: Session, sku: str) -> ItemView:
    """Return one item.

    Raises:
        NotFound: ``item`` with the SKU.
    """
    found = items(session, [sku])
    if sku not in found:
        raise NotFound("item", sku=sku)
    return found[sku]


def by_gtin(session: Session, gtin: str) -> ItemView:
    """Return the item of a scanned GTIN.

    Args:
        session: any session.
        gtin: 8, 12, 13 or 14 digits; blanks and hyphens are ignored. A shorter number is the same
            one without leading zeros (GS1 General Specifications, section 1.4).

    Raises:
        Invalid: ``gtin``: not such a number, or its check digit is wrong.
        NotFound: ``item`` with the GTIN.
    """
    row = session.execute(selected().where(Item.gtin == normal_gtin(gtin))).one_or_none()
    if row is None:
        raise NotFound("item", gtin=gtin)
    return view(row)


def normal_gtin(gtin: str) -> str:
    """Return a GTIN as it is stored: 14 digits with leading zeros.

    Raises:
        Invalid: ``gtin``: wrong length, not digits, or a wrong check digit.
    """
    digits = gtin.replace(" ", "").replace("-", "")
    if len(digits) not in GTIN_LENGTHS or not has_mod10_check_digit(digits):
        raise Invalid("gtin", gtin=gtin)
    return digits.zfill(14)


def product(session: Session, slug: str) -> ProductView:
    """Return a product with all its items, also those that are no longer sold.

    Raises:
        NotFound: ``product`` with the slug.
    """
    row = session.get(Product, slug)
    if row is None:
        raise NotFound("product", slug=slug)
    query = selected().where(Item.product == slug).order_by(Item.position, Item.sku)
    facts = {
        name: getattr(row, name) for name in ProductView.__dataclass_fields__ if name != "items"
    }
    return ProductView(items=tuple(view(found) for found in session.execute(query)), **facts)


def siblings(session: Session, series: str | None, slug: str) -> list[str]:
    """Return the slugs of the other products of a series that are on sale, in shelf order."""
    if series is None:
        return []
    query = (
        select(Product.slug)
        .where(Product.series == series, Product.slug != slug, Product.state == PUBLISHED)
        .order_by(Product.position, Product.slug)
    )
    return list(session.scalars(query))
