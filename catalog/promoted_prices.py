"""What one unit costs everybody once promotions are taken off: for facets and orders by price.

1. Only goods that a promotion names are looked at; everything else costs its list price.
2. The sums are those of every basket (`promotion_sums.reduce`), for a basket of one unit. Goods
   that no promotion tells apart (same price, shelf, brand) are reckoned once.
3. The answer is kept until something on sale changes, or other promotions are in force.
"""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from catalog import promotion_sums, stamps
from catalog.categories import Tree, tree
from catalog.facets import PUBLISHED
from catalog.models import Item, Product
from catalog.pricing import price_at
from catalog.promotion_sums import Goods, Rule


def of_goods(
    session: Session,
    goods: ColumnElement[bool],
    rules: Sequence[Rule],
    at: datetime,
    *,
    name: Hashable,
) -> Mapping[str, int]:
    """Return the price of one unit of each SKU that promotions make cheaper, gross minor units.

    Args:
        session: any session.
        goods: which goods, as a condition over `Product`.
        rules: the promotions that hold for everybody who is asked about.
        at: the moment of the list prices, aware.
        name: what tells `goods` apart, to keep the answer by.
    """
    if not rules:
        return {}
    if stamps.usable(session, at) is None:
        return _reckoned(session, goods, rules, at)
    key = ("promoted prices", name, tuple(rule.ref for rule in rules))
    return stamps.kept(session, key, lambda: _reckoned(session, goods, rules, at))


def _reckoned(
    session: Session, goods: ColumnElement[bool], rules: Sequence[Rule], at: datetime
) -> dict[str, int]:
    shelves = tree(session)
    current, _ = price_at(at)
    query = (
        select(Item.sku, Product.category, Product.brand, current.c.amount_minor)
        .join(Product, Product.slug == Item.product)
        .join(current, true())
        .where(goods, Item.sellable, Product.state == PUBLISHED)
        .where(or_(*(_named(rule, shelves) for rule in rules)))
    )
    above = {slug: frozenset(shelf.slug for shelf in shelves.path(slug)) for slug in shelves.all}
    apart = {sku for rule in rules for sku in rule.skus}
    known: dict[tuple[str | None, str, str, int], int] = {}
    found: dict[str, int] = {}
    for sku, category, brand, listed in session.execute(query):
        alike = (sku if sku in apart else None, category, brand, listed)
        if alike not in known:
            one = Goods(sku, 1, listed, above[category], brand)
            off = sum(taken.amount_minor for taken in promotion_sums.reduce([one], rules)[0])
            known[alike] = listed - off
        if known[alike] != listed:
            found[sku] = known[alike]
    return found


def _named(rule: Rule, shelves: Tree) -> ColumnElement[bool]:
    """Return the condition that a promotion is for an item; see `promotion_sums.fits`."""
    below = {slug for one in rule.categories if one in shelves.all for slug in shelves.subtree(one)}
    return and_(
        true(),
        *([Item.sku.in_(rule.skus)] if rule.skus else []),
        *([Product.category.in_(below)] if rule.categories else []),
        *([Product.brand.in_(rule.brands)] if rule.brands else []),
    )
