"""What a sale has to know of its goods, with one statement, and from memory while nothing changes.

`pricing` and `products` ask for the same goods one after the other, and build their questions anew
each time; a checkout asks for them three times. Here goods and prices come together, past
SQLAlchemy, and stay for as long as the version of the catalog is the same (`catalog.stamps`).
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import pricing, stamps
from catalog.pricing import STANDARD, PricedLine
from catalog.stamps import Version
from catalog.views import ItemView
from kit.arrays import literal
from kit.errors import Invalid, NotFound, Refused
from kit.plain import Plain, ask

MOST_KEPT = 20_000
# The list stands in a SELECT so that a plan does not count on its length: then the first plan is
# the best one for good, and is not made anew for each question, which takes longer than the answer.
# In the order of `ItemView`; then the price in force and, where it is a reduction, the history.
_GOODS = b"""
    SELECT json_agg(json_build_array(
        item.sku, item.gtin, item.product, product.category, product.family, product.brand,
        product.type_number, product.name_de, product.name_en, item.variant_de, item.variant_en,
        product.attributes || item.attributes, item.weight_grams, item.vat_basis_points,
        item.shipping_group, item.content_quantity, item.content_unit, product.age_min,
        item.sellable AND product.state = 'published', item.picture, item.pictures,
        item.length_mm, item.width_mm, item.height_mm,
        current.amount_minor,
        CASE WHEN current.reduced THEN (
            SELECT json_agg(json_build_array(
                past.amount_minor, extract(epoch FROM past.valid_from), past.reduced
            ) ORDER BY past.valid_from)
            FROM prices AS past WHERE past.sku = item.sku AND past.valid_from <= $2
        ) END
    )), (SELECT discount_basis_points FROM price_groups WHERE code = $3)
    FROM items AS item JOIN products AS product ON product.slug = item.product
    LEFT JOIN LATERAL (
        SELECT price.amount_minor, price.reduced FROM prices AS price
        WHERE price.sku = item.sku AND price.valid_from <= $2
        ORDER BY price.valid_from DESC LIMIT 1
    ) AS current ON true
    WHERE item.sku = ANY((SELECT $1)::text[])
"""
_UNKNOWN = -1  # no price group takes so much off


@dataclass(frozen=True, slots=True)
class Fact:
    """An item, its list price, and the lowest one to show beside a reduction; minor units."""

    item: ItemView
    list_minor: int | None
    lowest_minor: int | None


class _Memory:
    """Facts of one version of the catalog, in this process; the last used ones."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.version: Version | None = None
        self.facts: OrderedDict[str, Fact] = OrderedDict()
        self.groups: dict[str, int | None] = {}


_memory = _Memory()


def of(
    session: Session, skus: Collection[str], price_group: str, at: datetime
) -> tuple[dict[str, Fact], int]:
    """Return what is known of goods, and what a price group takes off list prices.

    Args:
        session: any session; from memory where `stamps.usable` allows it.
        skus: which; unknown ones are left out.
        price_group: whose prices; ``standard`` for everyone.
        at: the moment of the price, aware.

    Returns:
        Facts by SKU, and basis points.

    Raises:
        NotFound: ``price_group``.
    """
    version = stamps.usable(session, at)
    wanted = set(skus)
    found, off = _remembered(wanted, price_group, version)
    missing = sorted(wanted - found.keys())
    if missing or off == _UNKNOWN:
        asked, off = _asked(session, missing, price_group, at)
        found.update(asked)
        if version is not None:
            _remember(asked, price_group, off, version)
    if off is None and price_group != STANDARD:
        raise NotFound("price_group", price_group=price_group)
    return found, off or 0


def _remembered(
    skus: set[str], price_group: str, version: Version | None
) -> tuple[dict[str, Fact], int | None]:
    with _memory.lock:
        if version is None or _memory.version != version:
            return {}, _UNKNOWN
        known = _memory.facts
        found = {sku: known[sku] for sku in skus if sku in known}
        return found, _memory.groups.get(price_group, _UNKNOWN)


def _remember(facts: dict[str, Fact], price_group: str, off: int | None, version: Version) -> None:
    with _memory.lock:
        if _memory.version != version:
            _memory.facts.clear()
            _memory.groups.clear()
            _memory.version = version
        _memory.groups[price_group] = off
        _memory.facts.update(facts)
        while len(_memory.facts) > MOST_KEPT:
            _memory.facts.popitem(last=False)


def _asked(
    session: Session, skus: Sequence[str], price_group: str, at: datetime
) -> tuple[dict[str, Fact], int | None]:
    parameters = [literal(skus).encode(), at.isoformat().encode(), price_group.encode()]
    answer = ask(session, Plain(_GOODS, parameters))
    goods, off = answer or (None, None)
    facts = {}
    for *values, amount, history in json.loads(goods) if goods else ():
        lowest = None if amount is None else pricing.lowest_of(history, amount)
        item = ItemView(*values)
        facts[item.sku] = Fact(item, amount, lowest)
    return facts, None if off is None else int(off)


def priced(
    facts: dict[str, Fact], lines: Sequence[tuple[str, int]], discount_basis_points: int
) -> list[PricedLine]:
    """Price lines of goods, in their order; the same as `pricing.quote`.

    Raises:
        as `pricing.quote`.
    """
    return [_line(facts, sku, quantity, discount_basis_points) for sku, quantity in lines]


def _line(facts: dict[str, Fact], sku: str, quantity: int, basis_points: int) -> PricedLine:
    if type(quantity) is not int or not 0 < quantity <= pricing.MAX_QUANTITY:
        raise Invalid("quantity", sku=sku, quantity=quantity)
    fact = facts.get(sku)
    if fact is None:
        raise NotFound("item", sku=sku)
    if fact.list_minor is None:
        raise Refused("no_price", sku=sku)
    unit = pricing.discounted(fact.list_minor, basis_points)
    return PricedLine(
        sku=sku,
        quantity=quantity,
        unit_minor=unit,
        line_minor=unit * quantity,
        list_unit_minor=fact.list_minor,
        vat_basis_points=fact.item.vat_basis_points,
        lowest_30_days_minor=fact.lowest_minor,
        reduced=fact.lowest_minor is not None,
    )
