"""What one unit costs on a page: the price of the basket's own engine, and what stands beside it.

1. The price is that of a basket with this one unit in it: price group, then promotions that need
   neither a code nor further goods. The basket asks the same functions.
2. What was asked for before is looked up, not remembered: list prices (append-only) and the
   promotions that were on then give the price of every moment.
3. The price beside a reduced one is the lowest of the 30 days before the reduction began; steps
   that only go down are one reduction; without an earlier price there is none (PAngV section 11;
   CJEU C-330/23).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.workflows import pricing
from app.workflows.pricing import PricedBasket
from catalog import pricing as list_prices
from catalog import promotion_sums, promotions
from catalog.pricing import STANDARD, PricedLine, PricePoint
from catalog.promotion_sums import Applied, Goods, Rule
from catalog.promotions import Asking
from catalog.views import ItemView

WEB = "web"
# How far back a chain of reductions is followed: nobody announces one for a year.
_REMEMBERED = timedelta(days=400)
_Span = tuple[Rule, datetime, datetime | None]


@dataclass(frozen=True)
class PriceTag:
    """The price of one unit, gross, in minor units.

    `was_minor` is the lowest price of the 30 days before the reduction that is on, where it was
    higher; `promotions` are those that are taken off.
    """

    sku: str
    unit_minor: int
    was_minor: int | None
    promotions: tuple[Applied, ...] = ()


@dataclass(frozen=True)
class Offers:
    """Which promotions hold for everybody in a channel at a moment: looked up once per page."""

    asking: Asking
    at: datetime
    rules: tuple[Rule, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.rules)


def offers(session: Session, at: datetime, *, price_group: str = STANDARD) -> Offers:
    """Return the promotions that the web shop's pages reckon with, with one query."""
    asking = Asking(price_group, None, WEB)
    return Offers(asking, at, tuple(promotions.in_force(session, asking, at)))


def of_items(
    session: Session, items: Sequence[ItemView], on: Offers, *, beside: bool = True
) -> dict[str, PriceTag]:
    """Return the price tag of every item that has a price, by SKU.

    Args:
        session: any session.
        items: what is shown; more than one variant of a product is fine.
        on: the promotions in force, see `offers`.
        beside: False leaves out the price of the 30 days before: a personal price has none.
    """
    known = {item.sku: item for item in items}
    group, at = on.asking.price_group, on.at
    listed = list_prices.quoted(session, list(known), price_group=group, at=at)
    return of_lines(session, list(listed.values()), known, on, beside=beside)


def of_lines(
    session: Session,
    lines: Sequence[PricedLine],
    items: Mapping[str, ItemView],
    on: Offers,
    *,
    beside: bool = True,
) -> dict[str, PriceTag]:
    """Return the price tags of units whose list prices are known already, by SKU."""
    basket = PricedBasket(list(lines), items, on.asking.price_group, 0, 0)
    priced = pricing.alone(session, basket, on.rules)
    reduced = [line for line in priced if line.discount_minor or line.reduced]
    before = _before(session, reduced, items, on) if beside and reduced else {}
    return {
        line.sku: PriceTag(
            sku=line.sku,
            unit_minor=line.line_minor,
            was_minor=_above(before.get(line.sku), line.line_minor),
            promotions=line.promotions,
        )
        for line in priced
    }


def _above(was_minor: int | None, now_minor: int) -> int | None:
    return was_minor if was_minor is not None and was_minor > now_minor else None


def _before(
    session: Session, lines: Sequence[PricedLine], items: Mapping[str, ItemView], on: Offers
) -> dict[str, int | None]:
    """Return the lowest price of the 30 days before each line's reduction began."""
    spans = promotions.during(session, on.asking, on.at - _REMEMBERED, on.at)
    if not spans:
        return {line.sku: line.lowest_30_days_minor for line in lines}
    histories = list_prices.histories(session, [line.sku for line in lines], on.at)
    by_shelf = any(rule.categories for rule, _, _ in spans)
    above = pricing.shelves_above(session) if by_shelf else {}
    found: dict[str, int | None] = {}
    for line in lines:
        item = items[line.sku]
        shelves = above.get(item.category, frozenset({item.category}))
        goods = Goods(line.sku, 1, line.unit_minor, shelves, item.brand)
        points = asked_for(histories[line.sku], spans, goods, on.at)
        found[line.sku] = list_prices.lowest_before_reduction(points)
    return found


def asked_for(
    history: Sequence[PricePoint], spans: Sequence[_Span], goods: Goods, until: datetime
) -> list[PricePoint]:
    """Return what one unit cost at every moment at which that changed, promotions included.

    Args:
        history: list prices in order of time, for everyone.
        spans: promotions with their first and last moment.
        goods: the unit; its price is put in for each moment.
        until: the moment after which nothing counts.
    """
    if not history:
        return []
    edges = {point.valid_from for point in history}
    edges |= {edge for _, start, end in spans for edge in (start, end) if edge is not None}
    moments = sorted(edge for edge in edges if history[0].valid_from <= edge <= until)
    points: list[PricePoint] = []
    for moment in moments:
        listed = [point for point in history if point.valid_from <= moment][-1]
        rules = [rule for rule, start, end in spans if start <= moment and not _over(end, moment)]
        unit = Goods(goods.sku, 1, listed.amount_minor, goods.categories, goods.brand)
        off = sum(one.amount_minor for one in promotion_sums.reduce([unit], rules)[0])
        points.append(PricePoint(listed.amount_minor - off, moment, listed.reduced or off > 0))
    return points


def _over(end: datetime | None, moment: datetime) -> bool:
    return end is not None and end <= moment
