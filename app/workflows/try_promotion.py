"""What a promotion would do to baskets that people really had, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales.models import Order, OrderLine
from app.workflows import pricing
from app.workflows.pricing import PricedBasket
from catalog import promotions
from catalog.promotions import Asking, Offer
from kit.errors import NotFound, Refused

NEW = "new"
EXAMPLES = 4


@dataclass(frozen=True)
class Tried:
    """A basket with what it costs without and with the promotion; `name` is where it came from."""

    name: str
    before: PricedBasket
    after: PricedBasket

    @property
    def off_minor(self) -> int:
        """What it would take off, beside everything that holds already."""
        return self.before.goods_minor - self.after.goods_minor


def try_out(
    session: Session, offer: Offer, baskets: Sequence[tuple[str, Sequence[tuple[str, int]]]]
) -> list[Tried]:
    """Price baskets at the promotion's start, without and with it, on the first of its channels.

    Args:
        offer: a promotion that passes `promotions.check`.
        baskets: a name and SKU with quantity; with goods that have no price then are left out.
    """
    channel = next(iter(sorted(offer.channels)), None)
    group = next(iter(sorted(offer.price_groups)), "standard")
    asking = Asking(group, None, channel, None)
    rules = promotions.in_force(session, asking, offer.starts_at)
    new = replace(offer.rule, ref=NEW)
    found = []
    for name, lines in baskets:
        plain = _priced(session, lines, group, offer.starts_at)
        if plain is not None:
            before = pricing.promoted(session, plain, rules)
            found.append(Tried(name, before, pricing.promoted(session, plain, [*rules, new])))
    return found


def _priced(
    session: Session, lines: Sequence[tuple[str, int]], group: str, at: datetime
) -> PricedBasket | None:
    try:
        return pricing.price_for_group(session, lines, group, at)
    except (NotFound, Refused):
        return None


def last_orders(session: Session) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return what was in the last orders of all channels, as examples."""
    latest = select(Order.id, Order.ref).order_by(Order.placed_at.desc()).limit(EXAMPLES)
    refs = {row.id: row.ref for row in session.execute(latest)}
    baskets: dict[str, dict[str, int]] = {ref: {} for ref in refs.values()}
    query = select(OrderLine).where(OrderLine.order_id.in_(refs)).order_by(OrderLine.position)
    for line in session.scalars(query):
        basket = baskets[refs[line.order_id]]
        basket[line.sku] = basket.get(line.sku, 0) + line.quantity
    return [(ref, list(basket.items())) for ref, basket in baskets.items()]
