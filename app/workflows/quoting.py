"""Quote: what a customer is shown before ordering, and what the order is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.sales import baskets, terms
from app.sales.models import Basket
from app.workflows import coming_parcels, pricing
from app.workflows.pricing import PricedBasket
from catalog import products
from catalog.views import ItemView
from fulfilment.places.calendars import kept_until, ready_for_collection
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line, Problem


@dataclass(frozen=True)
class Quote:
    """A priced basket with its plan. `decision` is None for an empty basket.

    `counter_only`: SKUs for adults that no service of ours carries with a look at the age.
    """

    basket: PricedBasket
    shipping_minor: int
    decision: Decision | None
    postal_code: str
    counter_only: Sequence[str] = ()

    @property
    def total_minor(self) -> int:
        """What the customer pays, VAT and delivery included."""
        return self.basket.goods_minor + self.shipping_minor

    @property
    def age_checked(self) -> list[str]:
        """The SKUs for adults that a carrier hands over, with a look at the age."""
        adults = (sku for sku, item in self.basket.items.items() if item.adults_only)
        return [sku for sku in adults if sku not in self.counter_only]

    @property
    def planned(self) -> Decision:
        """The decision of a basket that holds something.

        Raises:
            RuntimeError: the basket is empty, and nobody should have asked.
        """
        if self.decision is None:
            raise RuntimeError("an empty basket has no plan")
        return self.decision

    @property
    def promised_on(self) -> date | None:
        """The day on which the last unit arrives; None while something is missing."""
        return self.decision.arrives_on if self.decision and self.decision.complete else None

    @property
    def parcels(self) -> int:
        """How many parcels come at least: one per sending place and goods group."""
        return coming_parcels.planned(self.decision) if self.decision else 0

    def missing(self) -> Mapping[str, int]:
        """Return how many units of which SKU nobody can send."""
        return dict(self.decision.unfilled) if self.decision else {}


def quote(  # noqa: PLR0913 - one question, all its facts, by keyword
    session: Session,
    lines: Sequence[tuple[str, int]],
    *,
    customer_number: str | None,
    postal_code: str | None,
    at: datetime,
    need_by_on: date | None = None,
    need_by_hard: bool = True,
    collect_at: str | None = None,
    channel: str = "web",
    code: str | None = None,
) -> Quote:
    """Price a basket and plan its delivery.

    Args:
        lines: SKU and quantity, each SKU once.
        postal_code: where to; None shows the dates for the retailer's own town.
        need_by_on: the day by which the customer needs all of it.
        need_by_hard: later is of no use; False takes it later than not at all, at the price that
            the rules put on a late day.
        collect_at: code of the store where they collect it; it has to have all of it.
        channel: as `pricing.price`; so is `code`.

    Raises:
        as `pricing.price`; NotFound ``postal_code`` for one that does not exist.
    """
    place = postal_code or terms.DEFAULT_POSTAL_CODE
    basket = pricing.price(
        session, lines, customer_number=customer_number, at=at, channel=channel, code=code
    )
    if not lines:
        return Quote(basket, 0, None, place)
    # Before there are order lines, the SKU itself is the key of a line.
    wanted = [routing_line(basket, line.sku, line.sku, line.quantity) for line in basket.lines]
    problem = snapshot.problem_for(
        session,
        lines=wanted,
        postal_code=place,
        now=at,
        need_by_on=need_by_on,
        need_by_hard=need_by_hard,
        collect_at=collect_at,
    )
    if collect_at is None:
        alone = _counter_only(basket, problem)
        decision = decide(_as_for_all(problem, basket, alone))
        return Quote(basket, pricing.shipping_minor(basket), decision, place, alone)
    return Quote(basket, 0, decide(only_at(problem, collect_at)), place)


def _counter_only(basket: PricedBasket, problem: Problem) -> list[str]:
    """Return the SKUs for adults that no service takes."""
    adults = [item for item in basket.items.values() if item.adults_only]
    sent = carried(problem) if adults else frozenset()
    return [item.sku for item in adults if item.goods_group not in sent]


def _as_for_all(problem: Problem, basket: PricedBasket, skus: Sequence[str]) -> Problem:
    """Return the problem in which these go like other goods: it tells what of them is there."""
    if not skus:
        return problem
    lines = tuple(
        replace(line, group=basket.items[line.sku].shipping_group) if line.sku in skus else line
        for line in problem.lines
    )
    return replace(problem, lines=lines)


def on_sale(session: Session, basket: Basket) -> list[tuple[str, int]]:
    """Return SKU and quantity of a basket's lines that are still sold, in their order."""
    wanted = baskets.lines(session, basket)
    items = products.items(session, [line.sku for line in wanted])
    return [
        (line.sku, line.quantity)
        for line in wanted
        if line.sku in items and items[line.sku].sellable
    ]


@dataclass(frozen=True)
class Counter:
    """A store that has all of a basket, from when it can be collected there, kept until when."""

    code: str
    name: str
    ready_at: datetime
    kept_until_at: datetime


def collectable(session: Session, lines: Sequence[tuple[str, int]], at: datetime) -> list[Counter]:
    """Return the stores where all of a basket could be collected, in display order.

    Args:
        session: any session.
        lines: SKU and quantity, each SKU once.
        at: from when.
    """
    if not lines:
        return []
    problem = snapshot.problem_for(
        session,
        lines=[Line(sku, sku, quantity, 0) for sku, quantity in lines],
        postal_code=terms.DEFAULT_POSTAL_CODE,
        now=at,
    )
    found = []
    for source in problem.sources:
        ready = ready_for_collection(source.calendar, at)
        has_all = all(source.available.get(sku, 0) >= quantity for sku, quantity in lines)
        if source.kind == "store" and has_all and ready is not None:
            kept = kept_until(source.calendar, ready, terms.HOLD_OPEN_DAYS)
            found.append(Counter(source.location, source.name, ready, kept))
    return found


def carried(problem: Problem) -> frozenset[str]:
    """Return the goods groups that some location sends by some service of its."""
    return frozenset(
        group
        for source in problem.sources
        for name in source.tariffs
        if name in problem.tariffs
        for group in problem.tariffs[name].groups
        if group in source.groups
    )


def only_at(problem: Problem, location: str) -> Problem:
    """Return the problem in which one location has to have all of it, and hands it over itself.

    What a store does not send, a rod or what is for adults, it gives out all the same.
    """
    handed = {line.group for line in problem.lines}
    there = tuple(
        replace(source, groups=handed.union(source.groups))
        for source in problem.sources
        if source.location == location
    )
    return replace(problem, sources=there, stock="chosen", network=None)


def routing_line(basket: PricedBasket, key: str, sku: str, quantity: int) -> Line:
    """Return a basket line as the router wants it."""
    unit = next(line.unit_minor for line in basket.lines if line.sku == sku)
    return line_for(basket.items[sku], unit, key, quantity)


def line_for(item: ItemView, unit_minor: int, key: str, quantity: int) -> Line:
    """Return an item as the router wants it.

    The margin prices a unit taken from a store's counter; without purchase prices in the catalog it
    is set to 30 % of the gross price.
    """
    return Line(
        key=key,
        sku=item.sku,
        quantity=quantity,
        weight_grams=item.weight_grams,
        group=item.goods_group,
        margin_minor=unit_minor * 30 // 100,
        longest_mm=item.longest_mm,
    )
