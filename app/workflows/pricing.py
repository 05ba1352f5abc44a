"""What a basket costs for whom, right now: the one answer that every channel shows and charges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.sales import terms
from catalog import categories, facts, pricing, promotion_sums, promotions
from catalog.pricing import PricedLine
from catalog.promotion_sums import Applied, Goods, Rule
from catalog.promotions import Asking
from catalog.views import ItemView
from kit import clock
from kit.errors import NotFound, Refused
from loyalty import customers


@dataclass(frozen=True)
class PricedBasket:
    """Lines with their prices, in the order asked; money in minor units, gross.

    `list_minor` is what everyone pays, `goods_minor` what is paid for the goods, and `offered` the
    promotions that could apply: a code among them was understood, whether it took anything off or
    not.
    """

    lines: Sequence[PricedLine]
    items: Mapping[str, ItemView]
    price_group: str
    list_minor: int
    goods_minor: int
    offered: Sequence[Rule] = ()

    @property
    def saved_minor(self) -> int:
        """What the customer's price group and promotions take off the list prices."""
        return self.list_minor - self.goods_minor

    @property
    def group_minor(self) -> int:
        """What the customer's price group takes off the list prices."""
        return self.saved_minor - sum(line.discount_minor for line in self.lines)

    @property
    def promotions(self) -> list[Applied]:
        """What each promotion takes off the whole basket, in the order of their references."""
        whole: dict[str, Applied] = {}
        for line in self.lines:
            for one in line.promotions:
                known = whole.get(one.ref, replace(one, amount_minor=0))
                total = known.amount_minor + one.amount_minor
                whole[one.ref] = replace(one, amount_minor=total)
        return [whole[ref] for ref in sorted(whole)]


def price(
    session: Session,
    lines: Sequence[tuple[str, int]],
    *,
    customer_number: str | None,
    at: datetime,
    for_sale: bool = True,
    channel: str | None = None,
    code: str | None = None,
) -> PricedBasket:
    """Price SKUs and quantities for a customer number (or nobody) at an instant.

    Args:
        for_sale: False books what was sold already: an item taken off sale since is no reason to
            lose the sale.
        channel: web, till or phone; only promotions that are bound to a channel ask for it.
        code: a promotion code as it is stored; one that nothing stands for changes nothing.

    Raises:
        Invalid: a quantity below 1, or a malformed customer number.
        NotFound: ``item`` or ``customer``.
        Refused: ``not_sellable`` or ``no_price``.
    """
    group = customers.price_group(session, customer_number)
    basket = price_for_group(session, lines, group, at)
    for sku, _ in lines:
        if for_sale and not basket.items[sku].sellable:
            raise Refused("not_sellable", sku=sku)
    number = customers.normal_number(customer_number) if customer_number else None
    asking = Asking(group, number, channel, code)
    return promoted(session, basket, promotions.in_force(session, asking, at))


def price_for_group(
    session: Session, lines: Sequence[tuple[str, int]], group: str, at: datetime
) -> PricedBasket:
    """Price units for a price group, without promotions; whether they are on sale is not asked."""
    if not lines:
        return PricedBasket([], {}, group, 0, 0)
    known, off = facts.of(session, [sku for sku, _ in lines], group, at)
    priced = facts.priced(known, lines, off)
    return PricedBasket(
        lines=priced,
        items={sku: fact.item for sku, fact in known.items()},
        price_group=group,
        list_minor=sum(line.list_unit_minor * line.quantity for line in priced),
        goods_minor=sum(line.line_minor for line in priced),
    )


def unit_prices(
    session: Session, skus: Sequence[str], customer_number: str | None
) -> dict[str, int]:
    """Return what one unit of each SKU costs a customer now, before promotions, minor units.

    What has no price is left out.
    """
    if not skus:
        return {}
    group = customers.price_group(session, customer_number)
    known, off = facts.of(session, skus, group, clock.now())
    return {
        sku: pricing.discounted(fact.list_minor, off)
        for sku, fact in known.items()
        if fact.list_minor is not None
    }


def offered(
    session: Session, skus: Sequence[str], customer_number: str | None
) -> tuple[dict[str, ItemView], dict[str, int]]:
    """Return items that somebody wants to put into a basket, and what one unit of each costs now.

    What has no price is left out of the prices.

    Raises:
        NotFound: ``item``.
        Refused: ``not_sellable``.
    """
    group = customers.price_group(session, customer_number)
    known, off = facts.of(session, skus, group, clock.now())
    for sku in skus:
        if sku not in known:
            raise NotFound("item", sku=sku)
        if not known[sku].item.sellable:
            raise Refused("not_sellable", sku=sku)
    prices = {
        sku: pricing.discounted(fact.list_minor, off)
        for sku, fact in known.items()
        if fact.list_minor is not None
    }
    return {sku: fact.item for sku, fact in known.items()}, prices


def promoted(session: Session, basket: PricedBasket, rules: Sequence[Rule]) -> PricedBasket:
    """Return a basket with what these promotions take off."""
    if not rules or not basket.lines:
        return basket
    above = _shelves(session) if any(rule.categories for rule in rules) else {}
    goods = [_goods(line, basket.items[line.sku], above) for line in basket.lines]
    reduced = [
        _reduced(line, taken)
        for line, taken in zip(basket.lines, promotion_sums.reduce(goods, rules), strict=True)
    ]
    total = sum(line.line_minor for line in reduced)
    return replace(basket, lines=reduced, goods_minor=total, offered=tuple(rules))


def alone(session: Session, basket: PricedBasket, rules: Sequence[Rule]) -> list[PricedLine]:
    """Return every line as it would be in a basket of its own: what a page shows for one unit."""
    if not rules or not basket.lines:
        return list(basket.lines)
    above = _shelves(session) if any(rule.categories for rule in rules) else {}
    return [
        _reduced(line, promotion_sums.reduce([goods], rules)[0])
        for line in basket.lines
        for goods in [_goods(line, basket.items[line.sku], above)]
    ]


def shelves_above(session: Session) -> Mapping[str, frozenset[str]]:
    """Return every category with itself and all above it, as promotions look at them."""
    return _shelves(session)


def _goods(line: PricedLine, item: ItemView, above: Mapping[str, frozenset[str]]) -> Goods:
    shelves = above.get(item.category, frozenset({item.category}))
    return Goods(line.sku, line.quantity, line.unit_minor, shelves, item.brand)


def _reduced(line: PricedLine, taken: tuple[Applied, ...]) -> PricedLine:
    off = sum(one.amount_minor for one in taken)
    return replace(line, line_minor=line.line_minor - off, discount_minor=off, promotions=taken)


def _shelves(session: Session) -> dict[str, frozenset[str]]:
    """Return every category with itself and all above it."""
    tree = categories.tree(session)
    return {slug: frozenset(shelf.slug for shelf in tree.path(slug)) for slug in tree.all}


def as_stored(line: PricedLine) -> list[dict[str, Any]]:
    """Return a line's promotions as they are stored with an order's line."""
    return [vars(one).copy() for one in line.promotions]


def saved(basket: PricedBasket) -> dict[str, int]:
    """Return what each promotion takes off a basket: reference → minor units."""
    return {one.ref: one.amount_minor for one in basket.promotions}


def shipping_minor(basket: PricedBasket) -> int:
    """Return what delivery of this basket costs the customer, minor units."""
    return terms.shipping_minor(basket.goods_minor) if basket.lines else 0
