"""Change goods field by field: what is not named stays as it is.

People and imports change goods by these functions; loading a shop uses `publishing`, which
replaces.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog import publishing
from catalog.events import ProductPublished
from catalog.facets import PUBLISHED
from catalog.models import Item, Product
from catalog.products import normal_gtin
from catalog.publishing import ItemFacts, ProductFacts
from kit import events
from kit.errors import Invalid, NotFound

PRODUCT_FIELDS = tuple(ProductFacts.__annotations__)
ITEM_FIELDS = tuple(ItemFacts.__annotations__)

Differences = dict[str, tuple[Any, Any]]
"""What a field was and what it has become; only fields that differ."""


def change_product(session: Session, slug: str, fields: Mapping[str, Any]) -> Differences:
    """Change fields of a product; one that does not exist yet becomes a draft.

    Args:
        session: the open transaction.
        slug: its name in addresses.
        fields: see `publishing.ProductFacts`; a new product needs all that have no default.

    Raises:
        Invalid: as `publishing.put_product`; ``field`` for one that a product has not;
            ``field_missing`` where a new product lacks one.
        NotFound: ``category``.
    """
    _known(fields, PRODUCT_FIELDS)
    row = session.get(Product, slug, with_for_update=True, populate_existing=True)
    if row is None:
        _whole(slug, fields, ProductFacts)
        publishing.put_product(session, slug, draft=True, **fields)
        return {name: (None, value) for name, value in fields.items() if value not in ("", None)}
    facts = {name: getattr(row, name) for name in PRODUCT_FIELDS}
    different = _different(facts, fields)
    if not different:
        return {}
    # What is on sale has to stay fit for sale; a draft may be incomplete.
    on_sale = row.state == PUBLISHED
    publishing.put_product(session, slug, draft=not on_sale, **{**facts, **fields})
    if on_sale:
        events.record(session, ProductPublished(slug=slug))
    session.expire(row)
    return different


def change_item(session: Session, sku: str, fields: Mapping[str, Any]) -> Differences:
    """Change fields of an item; one that does not exist yet is made.

    Args:
        session: the open transaction.
        sku: the article number.
        fields: see `publishing.ItemFacts`; a new item needs `product` and `weight_grams`.

    Raises:
        Invalid: as `publishing.put_item`; ``field``, ``field_missing``.
        NotFound: ``product``.
        Refused: ``gtin_taken``.
    """
    _known(fields, ITEM_FIELDS)
    row = session.get(Item, sku, with_for_update=True, populate_existing=True)
    if row is None:
        _whole(sku, fields, ItemFacts)
        publishing.put_item(session, sku, **fields)
        return {name: (None, value) for name, value in fields.items() if value not in ("", None)}
    facts = {name: getattr(row, name) for name in ITEM_FIELDS}
    if fields.get("gtin"):
        fields = {**fields, "gtin": normal_gtin(fields["gtin"])}
    different = _different(facts, fields)
    if not different:
        return {}
    publishing.put_item(session, sku, **{**facts, **fields})
    product = session.get(Product, {**facts, **fields}["product"])
    if product is not None and product.state == PUBLISHED:
        events.record(session, ProductPublished(slug=product.slug))
    session.expire(row)
    return different


def _different(facts: Mapping[str, Any], fields: Mapping[str, Any]) -> Differences:
    return {name: (facts[name], value) for name, value in fields.items() if facts[name] != value}


def _known(fields: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in fields:
        if name not in names:
            raise Invalid("field", field=name)


def _whole(key: str, fields: Mapping[str, Any], facts: Any) -> None:
    for name in facts.__required_keys__:
        if name not in fields:
            raise Invalid("field_missing", of=key, field=name)


def one(session: Session, slug: str) -> Product:
    """Return a product as it is stored.

    Raises:
        NotFound: ``product``.
    """
    row = session.get(Product, slug, populate_existing=True)
    if row is None:
        raise NotFound("product", slug=slug)
    return row
