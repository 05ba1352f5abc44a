"""What a basket costs for whom, right now: the one answer that every channel shows and charges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.sales import terms
from catalog import pricing, products
from catalog.pricing import PricedLine
from catalog.views import ItemView
from kit.errors import Refused
from loyalty import customers


@dataclass(frozen=True)
class PricedBasket:
    """Lines with their prices, in the order asked; money in minor units, gross."""

    lines: Sequence[PricedLine]
    items: Mapping[str, ItemView]
    price_group: str
    list_minor: int
    goods_minor: int

    @property
    def saved_minor(self) -> int:
        """What the customer's price group takes off the list prices."""
        return self.list_minor - self.goods_minor


def price(
    session: Session,
    lines: Sequence[tuple[str, int]],
    *,
    customer_number: str | None,
    at: datetime,
    for_sale: bool = True,
) -> PricedBasket:
    """Price SKUs and quantities for a customer number (or nobody) at an instant.

    Args:
        for_sale: False books what was sold already: an item taken off sale since is no reason to
            lose the sale.

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
    return basket


def price_for_group(
    session: Session, lines: Sequence[tuple[str, int]], group: str, at: datetime
) -> PricedBasket:
    """Price SKUs and quantities for a price group; whether they are on sale is not asked."""
    priced = pricing.quote(session, lines, price_group=group, at=at)
    items = products.items(session, [sku for sku, _ in lines])
    return PricedBasket(
        lines=priced,
        items=items,
        price_group=group,
        list_minor=sum(line.list_unit_minor * line.quantity for line in priced),
        goods_minor=sum(line.line_minor for line in priced),
    )


def shipping_minor(basket: PricedBasket) -> int:
    """Return what delivery of this basket costs the customer, minor units."""
    return terms.shipping_minor(basket.goods_minor) if basket.lines else 0
