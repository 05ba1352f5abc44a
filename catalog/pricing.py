"""What something costs: one price for every channel, and the price history that proves it.

1. The list price is the last one that took effect; prices are gross and never changed afterwards.
2. A price group takes its discount off each unit, rounded half up to the cent, then lines multiply:
   three units never cost more or less than three times one.
3. An announced reduction shows the lowest price of the 30 days before it started.
There is no channel in here: same basket, same price group, same moment, same price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import FromClause, Row, ScalarSelect, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session, aliased

from catalog.models import Item, Price, PriceGroup
from catalog.promotion_sums import Applied
from catalog.views import ItemView
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.money import share

STANDARD = "standard"
MAX_QUANTITY = 100_000
LOOK_BACK = timedelta(days=30)

# From a content unit to the unit of the unit price (PAngV section 4): how many of it are one.
BASE_UNITS = {
    "g": ("kg", 1000),
    "kg": ("kg", 1),
    "ml": ("l", 1000),
    "l": ("l", 1),
    "mm": ("m", 1000),
    "cm": ("m", 100),
    "m": ("m", 1),
    "piece": ("piece", 1),
}


@dataclass(frozen=True)
class PricedLine:
    """The price of one line; all amounts gross, in minor units.

    `unit_minor` is the customer's price of one before promotions. What these take off is one sum
    for the line, `discount_minor`; `promotions` says which of them took what.

    `lowest_30_days_minor` is set while an announced reduction is on (PAngV section 11), and only
    then is `reduced` true: a reduction without an earlier, higher price is none.
    """

    sku: str
    quantity: int
    unit_minor: int
    line_minor: int
    list_unit_minor: int
    vat_basis_points: int
    lowest_30_days_minor: int | None
    reduced: bool
    discount_minor: int = 0
    promotions: tuple[Applied, ...] = ()


@dataclass(frozen=True)
class UnitPrice:
    """A price per `unit`: 1 kg, 1 l, 1 m or 1 piece."""

    amount_minor: int
    unit: str


@dataclass(frozen=True)
class PricePoint:
    """A price of the history: from `valid_from` until the next one."""

    amount_minor: int
    valid_from: datetime
    reduced: bool


def quote(
    session: Session, lines: Sequence[tuple[str, int]], *, price_group: str, at: datetime
) -> list[PricedLine]:
    """Price lines of goods, in their order, with one query.

    Args:
        session: any session.
        lines: (SKU, quantity); a SKU may come more than once.
        price_group: whose prices; ``standard`` for everyone.
        at: the moment of the price, aware.

    Raises:
        Invalid: ``quantity``: not a whole number from 1 to 100,000.
        NotFound: ``item`` or ``price_group``.
        Refused: ``no_price``: the item has no price at that moment.
    """
    for sku, quantity in lines:
        if type(quantity) is not int or not 0 < quantity <= MAX_QUANTITY:
            raise Invalid("quantity", sku=sku, quantity=quantity)
    if not lines:
        return []
    rows = _prices(session, {sku for sku, _ in lines}, price_group, at)
    return [_priced(rows.get(sku), sku, quantity, price_group) for sku, quantity in lines]


def _prices(
    session: Session, skus: set[str], price_group: str, at: datetime
) -> dict[str, Row[*tuple[Any, ...]]]:
    """Fetch, per SKU, the price in force, the group's discount, and the history of reductions."""
    current, past = price_at(at)
    query = (
        select(
            Item.sku,
            Item.vat_basis_points,
            PriceGroup.discount_basis_points,
            current.c.amount_minor,
            past.label("history"),
        )
        .select_from(Item)
        .outerjoin(current, true())
        .outerjoin(PriceGroup, PriceGroup.code == price_group)
        .where(Item.sku.in_(skus))
    )
    return {row.sku: row for row in session.execute(query)}


def quoted(
    session: Session, skus: Sequence[str], *, price_group: str, at: datetime
) -> dict[str, PricedLine]:
    """Return the price of one unit of each SKU, with one query; what has no price is left out."""
    rows = _prices(session, set(skus), price_group, at) if skus else {}
    return {
        sku: _priced(rows[sku], sku, 1, price_group)
        for sku in skus
        if sku in rows and rows[sku].amount_minor is not None
    }


def histories(
    session: Session, skus: Sequence[str], until: datetime
) -> dict[str, list[PricePoint]]:
    """Return the prices of items up to a moment in order of time, with one query."""
    query = select(Price).where(Price.sku.in_(set(skus)), Price.valid_from <= until)
    found: dict[str, list[PricePoint]] = {sku: [] for sku in skus}
    for row in session.scalars(query.order_by(Price.sku, Price.valid_from)):
        found[row.sku].append(PricePoint(row.amount_minor, row.valid_from, row.reduced))
    return found


def group_name(session: Session, price_group: str, language: str) -> str:
    """Return the name of a price group in `language`, its code where it has none."""
    row = session.get(PriceGroup, price_group)
    if row is None:
        return price_group
    return row.name_de if language == "de" else row.name_en


def price_at(at: datetime) -> tuple[FromClause, ScalarSelect[Any]]:
    """Return what a query over `Item` joins for prices.

    Returns:
        The price in force (`amount_minor`, `reduced`), to be joined ON true, and the history as
        JSON for `lowest_of`, fetched only where a reduction is on.
    """
    current = (
        select(Price.amount_minor, Price.reduced)
        .where(Price.sku == Item.sku, Price.valid_from <= at)
        .order_by(Price.valid_from.desc())
        .limit(1)
        .lateral("current")
    )
    past = aliased(Price)
    point = func.jsonb_build_array(
        past.amount_minor, func.extract("epoch", past.valid_from), past.reduced
    )
    history = (
        select(func.jsonb_agg(aggregate_order_by(point, past.valid_from)))
        .where(past.sku == Item.sku, past.valid_from <= at, current.c.reduced)
        .correlate(Item, current)
        .scalar_subquery()
    )
    return current, history


def _priced(
    row: Row[*tuple[Any, ...]] | None, sku: str, quantity: int, price_group: str
) -> PricedLine:
    if row is None:
        raise NotFound("item", sku=sku)
    if row.discount_basis_points is None and price_group != STANDARD:
        raise NotFound("price_group", price_group=price_group)
    if row.amount_minor is None:
        raise Refused("no_price", sku=sku)
    unit = discounted(row.amount_minor, row.discount_basis_points or 0)
    lowest = lowest_of(row.history, row.amount_minor)
    return PricedLine(
        sku=sku,
        quantity=quantity,
        unit_minor=unit,
        line_minor=unit * quantity,
        list_unit_minor=row.amount_minor,
        vat_basis_points=row.vat_basis_points,
        lowest_30_days_minor=lowest,
        reduced=lowest is not None,
    )


def discounted(list_minor: int, discount_basis_points: int) -> int:
    """Return the price of one unit in a price group; the discount is rounded half up."""
    return list_minor - share(list_minor, discount_basis_points)


def lowest_of(history: list[list[Any]] | None, amount_minor: int) -> int | None:
    """Return the price to show beside a reduced one, read from `price_at`'s history.

    Returns:
        Minor units; None where no reduction is on, or where it is none: not below that price.
    """
    points = [
        PricePoint(int(amount), datetime.fromtimestamp(float(since), UTC), bool(reduced))
        for amount, since, reduced in history or []
    ]
    lowest = lowest_before_reduction(points)
    return lowest if lowest is not None and lowest > amount_minor else None


def lowest_before_reduction(history: Sequence[PricePoint]) -> int | None:
    """Return the lowest price of the 30 days before the reduction that is on now started.

    Steps of one reduction that only go down count as one reduction. Without an earlier price there
    is nothing to compare with. Source: PAngV section 11 (1) and (2); CJEU C-330/23.

    Args:
        history: prices in order of time; the last one is in force.

    Returns:
        Minor units, or None where no reduction is on or no earlier price is known.
    """
    if not history or not history[-1].reduced:
        return None
    first = len(history) - 1
    while (
        first > 0
        and history[first - 1].reduced
        and history[first - 1].amount_minor >= history[first].amount_minor
    ):
        first -= 1
    start = history[first].valid_from
    lowest: int | None = None
    until = start
    for point in reversed(history[:first]):
        if until <= start - LOOK_BACK:
            break
        if lowest is None or point.amount_minor < lowest:
            lowest = point.amount_minor
        until = point.valid_from
    return lowest


def unit_price(item: ItemView, unit_minor: int) -> UnitPrice | None:
    """Return the price per 1 kg, 1 l, 1 m or 1 piece, rounded half up to the cent.

    Args:
        item: with its content, e.g. 250 of unit ``g``.
        unit_minor: the gross price of one item in minor units.

    Returns:
        None where the item has no declared content or the unit price is the price itself.
        Source: PAngV section 4 (1); pieces are beyond the law and shown for comparison.
    """
    if item.content_quantity is None or item.content_unit is None:
        return None
    unit, per_unit = BASE_UNITS[item.content_unit]
    if item.content_quantity == per_unit:
        return None
    amount = Decimal(unit_minor) * per_unit / item.content_quantity
    return UnitPrice(int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)), unit)


def set_price(
    session: Session, sku: str, amount_minor: int, valid_from: datetime, *, reduced: bool = False
) -> None:
    """Add a price to the history; the same price at the same instant once more changes nothing.

    Args:
        session: an open transaction.
        sku: the item.
        amount_minor: gross, at least 1.
        valid_from: aware; may lie ahead. A past instant is allowed only where nothing later is
            known yet (a first load, in order), because the history is evidence.
        reduced: announced as a reduction.

    Raises:
        Invalid: ``amount``.
        NotFound: ``item``.
        Refused: ``price_history``: the past would change.
    """
    if type(amount_minor) is not int or amount_minor <= 0:
        raise Invalid("amount", amount_minor=amount_minor)
    # The item's row lets one price change of an item wait for the other.
    locked = select(Item.sku).where(Item.sku == sku).with_for_update(key_share=True)
    if session.scalar(locked) is None:
        raise NotFound("item", sku=sku)
    latest = session.scalars(
        select(Price).where(Price.sku == sku).order_by(Price.valid_from.desc()).limit(1)
    ).one_or_none()
    if latest is not None and valid_from <= latest.valid_from and valid_from < clock.now():
        _same_or_refused(session, sku, amount_minor, valid_from, reduced=reduced)
        return
    added = insert(Price).values(
        sku=sku, amount_minor=amount_minor, valid_from=valid_from, reduced=reduced
    )
    row = session.execute(added.on_conflict_do_nothing().returning(Price.id)).one_or_none()
    if row is None:
        _same_or_refused(session, sku, amount_minor, valid_from, reduced=reduced)


def _same_or_refused(
    session: Session, sku: str, amount_minor: int, valid_from: datetime, *, reduced: bool
) -> None:
    same = select(Price.id).where(
        Price.sku == sku,
        Price.valid_from == valid_from,
        Price.amount_minor == amount_minor,
        Price.reduced == reduced,
    )
    if session.scalar(same) is None:
        raise Refused("price_history", sku=sku, valid_from=valid_from.isoformat())


def history(session: Session, sku: str) -> list[PricePoint]:
    """Return every price of an item in order of time, planned ones included."""
    query = select(Price).where(Price.sku == sku).order_by(Price.valid_from)
    return [PricePoint(p.amount_minor, p.valid_from, p.reduced) for p in session.scalars(query)]
