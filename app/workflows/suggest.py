"""What the basket offers beside its goods: needed first, in stock, in the same parcel.

1. One query: the candidates of links, rules and learnt edges in their order, with price, free units
   by location, and whether this customer bought them last week (`catalog.crosssell.ranking`).
2. Leave out what is not to be had, what was bought last week and is not used up, a second variant
   of a product, and a third item of a family.
3. Ask the router about the basket with each of the first ones: what would come later than the
   basket itself is left out; what adds no parcel comes first, among needed and among the others.

The till asks the same question as the web shop and gets the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Label, Row, Select, String, bindparam, column, text, true
from sqlalchemy.orm import Session

from app.sales import terms
from app.workflows import quoting
from app.workflows.quoting import Quote
from catalog import pricing, products
from catalog.crosssell import ranking
from catalog.crosssell.ranking import FITS, NEEDS, ORIGINS, TOGETHER, Because
from catalog.facets import PUBLISHED
from catalog.models import Item, PriceGroup, Product
from catalog.views import ItemView
from fulfilment.answers import availability
from fulfilment.foresight import stored
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line, Problem
from fulfilment.routing.riding import rides_along

MOST = 4
"""Offers beside a basket: nobody reads a fifth."""
OF_A_FAMILY = 2
"""Items of one family that are offered at most, unless they are needed."""
NOT_AGAIN = timedelta(days=7)
"""What was bought within this time is not offered again, unless its family is used up."""
_MOST_ASKED = 3  # times that the router plans anew for one basket
_MOST_LOOKED_AT = 2  # times as many as are wanted: nobody reads a ninth

# `recent` joins what two rooms know: the orders of a customer, and which goods are used up.
_RECENT = """(
    CAST(:customer AS text) IS NOT NULL AND EXISTS (
        SELECT 1 FROM orders AS bought JOIN order_lines AS line ON line.order_id = bought.id
        WHERE bought.customer_number = :customer AND bought.placed_at > :not_again
            AND bought.state IN ('placed', 'confirmed', 'completed')
            AND line.sku = items.sku AND line.quantity > line.cancelled + line.returned
    ) AND NOT EXISTS (
        SELECT 1 FROM crosssell_consumed AS used WHERE used.family = products.family
    )
)"""


@dataclass(frozen=True)
class Offer:
    """An accessory with the reason why it is offered, its price and where it lies.

    `kind`: needs, fits or together. `origin`: link, document, rule or learnt. `extra_parcels` is
    how many more parcels it would take to send it along: 0 means none, None that nobody knows.
    """

    item: ItemView
    kind: str
    origin: str
    reason_de: str
    reason_en: str
    source_sku: str | None
    unit_minor: int
    stock: Mapping[str, int]
    worth: Mapping[str, Sequence[float]]
    score: float
    extra_parcels: int | None = None

    def reason(self, language: str) -> str:
        """Return the reason in a language."""
        return self.reason_de if language == "de" else self.reason_en

    def available_at(self, location: str) -> int:
        """Return how many can be taken along at a location right now."""
        return self.stock.get(location, 0)

    @property
    def needed(self) -> bool:
        """Whether the basket's goods are of no use without it."""
        return self.kind == NEEDS


def suggest(  # noqa: PLR0913 - one question, all its facts, by keyword
    session: Session,
    skus: Sequence[str],
    *,
    price_group: str,
    at: datetime,
    customer: str | None = None,
    destination: str | None = None,
    quote: Quote | None = None,
    k: int = MOST,
    learnt: bool = True,
) -> list[Offer]:
    """Return what goes with a basket, best first.

    Args:
        session: any session.
        skus: what is in the basket; none of it, nor another variant of it, is offered.
        price_group: whose prices to show.
        at: now, by the shop's clock.
        customer: whose purchases of last week are left out; None for nobody's.
        destination: postal code; None is the retailer's own town.
        quote: of this basket, where there is one already: its plan is not made again.
        k: how many at most.
        learnt: whether what was learnt counts, or links and rules alone.
    """
    if not skus:
        return []
    items = quote.basket.items if quote else products.items(session, skus)
    offers = _diverse(_offers(session, skus, price_group, at, customer, items, learnt=learnt))
    if not offers:
        return []
    base = quote.decision if quote else _planned(session, items, destination, at)
    if base is None or base.problem is None:
        return offers[:k]
    return _routed(base, base.problem, offers, k)


@dataclass(frozen=True)
class Looked:
    """A candidate as the back office sees it: `outcome` is offered, or why it is not.

    sold_out, alike (another variant or two of the family were better), later (than the basket), or
    beyond (others were better).
    """

    offer: Offer
    outcome: str
    because: Sequence[Because]


def explain(
    session: Session, skus: Sequence[str], *, at: datetime, destination: str | None = None
) -> list[Looked]:
    """Return all candidates of a basket with what speaks for them and what became of them."""
    items = products.items(session, skus)
    candidates = _offers(session, skus, pricing.STANDARD, at, None, items, learnt=True)
    base = _planned(session, items, destination, at) if candidates else None
    diverse = _diverse(candidates)
    chosen = diverse[:MOST]
    if base is not None and base.problem is not None:
        chosen = _routed(base, base.problem, diverse, MOST)
    offered = {one.item.sku: one for one in chosen}
    looked_at = {one.item.sku for one in diverse[: _MOST_LOOKED_AT * MOST]}
    alike = {one.item.sku for one in diverse}
    reasons = ranking.because(session, skus, [one.item.sku for one in candidates])

    def outcome(offer: Offer) -> str:
        sku = offer.item.sku
        if sku in offered:
            return "offered"
        if not offer.stock:
            return "sold_out"
        if sku not in alike:
            return "alike"
        return "later" if sku in looked_at and len(offered) < MOST else "beyond"

    looked = [
        Looked(offered.get(one.item.sku, one), outcome(one), reasons.get(one.item.sku, []))
        for one in candidates
    ]
    places = {one.item.sku: place for place, one in enumerate(chosen)}
    return sorted(looked, key=lambda one: places.get(one.offer.item.sku, len(places)))


def gone(session: Session, skus: Sequence[str], at: datetime) -> set[str]:
    """Return which of some SKUs cannot be had: not on sale, or nowhere a free unit."""
    on_sale = {sku for sku, item in products.items(session, skus).items() if item.sellable}
    there = {
        sku
        for units in availability.free(session, skus, at).values()
        for sku in units
        if units[sku]
    }
    return set(skus) - (on_sale & there)


def beside(
    session: Session,
    quote: Quote,
    *,
    at: datetime,
    limit: int = MOST,
    customer: str | None = None,
    learnt: bool = True,
) -> list[Offer]:
    """Return offers for a quoted basket; see `suggest`."""
    if quote.decision is None:
        return []
    return suggest(
        session,
        [line.sku for line in quote.basket.lines],
        price_group=quote.basket.price_group,
        at=at,
        customer=customer,
        quote=quote,
        k=limit,
        learnt=learnt,
    )


def _offers(
    session: Session,
    skus: Sequence[str],
    price_group: str,
    at: datetime,
    customer: str | None,
    names: Mapping[str, ItemView],
    *,
    learnt: bool,
) -> list[Offer]:
    """Return all candidates, best first, with one query; `stock` of one is empty: sold out."""
    rows = session.execute(
        _QUERY,
        {
            "basket": list(skus),
            "learnt": learnt,
            "price_group": price_group,
            "at": at,
            "not_again": at - NOT_AGAIN,
            "priced_since": at - stored.OLDEST,
            "customer": customer,
        },
    )
    return [_offer(row, names) for row in rows]


def _query() -> Select[*tuple[Any, ...]]:
    """Return the query; its text does not depend on what is asked, so it is made once."""
    candidate = ranking.candidates()
    current, _ = pricing.price_at(bindparam("at", type_=DateTime(timezone=True)))
    return (
        products.selected()
        .add_columns(
            candidate.c.needed,
            candidate.c.known,
            candidate.c.origin,
            candidate.c.score,
            candidate.c.source,
            candidate.c.reason_de,
            candidate.c.reason_en,
            current.c.amount_minor,
            PriceGroup.discount_basis_points,
            _column(availability.free_of("items.sku"), "units"),
            _column(stored.worth_of("items.sku"), "worth"),
        )
        .join(candidate, candidate.c.sku == Item.sku)
        .join(current, true())
        .outerjoin(PriceGroup, PriceGroup.code == bindparam("price_group", type_=String))
        .where(Item.sellable, Product.state == PUBLISHED, text(f"NOT {_RECENT}"))
        .order_by(candidate.c.needed.desc(), candidate.c.place, candidate.c.score.desc(), Item.sku)
    )


def _column(statement: str, name: str) -> Label[Any]:
    return text(statement).columns(column(name)).scalar_subquery().label(name)


_QUERY = _query()


def _offer(row: Row[*tuple[Any, ...]], names: Mapping[str, ItemView]) -> Offer:
    origin = ORIGINS[row.origin]
    if row.known:
        kind, german, english = NEEDS if row.needed else FITS, row.reason_de, row.reason_en
    else:
        kind = TOGETHER
        name = names.get(row.source)
        german = f"wird oft mit {name.name_de} gekauft" if name else "wird oft dazu gekauft"
        english = f"often bought with {name.name_en}" if name else "often bought with it"
    return Offer(
        item=products.view(row),
        kind=kind,
        origin=origin,
        reason_de=german,
        reason_en=english,
        source_sku=row.source,
        unit_minor=pricing.discounted(row.amount_minor, row.discount_basis_points or 0),
        stock={place: units for place, units in (row.units or {}).items() if units},
        worth=row.worth or {},
        score=row.score,
    )


def _diverse(offers: Sequence[Offer]) -> list[Offer]:
    """Return what is in stock: one variant per product, two products per family unless needed."""
    chosen: dict[str, Offer] = {}
    offers = [offer for offer in offers if offer.stock]
    families: dict[str, int] = {}
    for offer in offers:
        family = offer.item.family
        if offer.item.product_slug in chosen:
            continue
        if not offer.needed and families.get(family, 0) >= OF_A_FAMILY:
            continue
        families[family] = families.get(family, 0) + 1
        chosen[offer.item.product_slug] = offer
    return list(chosen.values())


def _planned(
    session: Session, items: Mapping[str, ItemView], destination: str | None, at: datetime
) -> Decision | None:
    """Return the plan of one unit of each; None where the basket holds nothing that is known."""
    lines = [quoting.line_for(item, 0, sku, 1) for sku, item in items.items()]
    if not lines:
        return None
    place = destination or terms.DEFAULT_POSTAL_CODE
    return decide(snapshot.problem_for(session, lines=lines, postal_code=place, now=at))


def _routed(base: Decision, problem: Problem, offers: Sequence[Offer], k: int) -> list[Offer]:
    """Return the offers that come with the basket, those that add no parcel first in their tier.

    What is proved to travel in a parcel that is sent anyway costs no new plan; about others the
    router is asked, a few times at most: about needed ones, and about the rest while there are too
    few. A basket that cannot be sent as it is has no promise to keep: nothing is said of parcels.
    """
    if not base.complete:
        return list(offers[:k])
    asked = offers[: _MOST_LOOKED_AT * k]
    extended = _with_stock(problem, asked)
    known = replace(base, problem=extended)
    lines = {one.item.sku: quoting.line_for(one.item, one.unit_minor, one.item.sku, 1)
             for one in asked}  # fmt: skip
    riding = {sku for sku, line in lines.items() if rides_along(known, line)}
    kept: list[Offer] = []
    questions = _MOST_ASKED
    for offer in asked:
        sku = offer.item.sku
        if sku in riding:
            kept.append(replace(offer, extra_parcels=0))
        elif questions and (offer.needed or len(riding) < k):
            questions -= 1
            added = _added(base, extended, lines[sku])
            if added is not None:
                kept.append(replace(offer, extra_parcels=added))
        if sum(one.extra_parcels == 0 for one in kept) >= k:
            break
    kept.sort(key=lambda offer: (not offer.needed, (offer.extra_parcels or 0) > 0))
    return kept[:k]


def _added(base: Decision, problem: Problem, line: Line) -> int | None:
    """Return how many parcels a line adds, None where it cannot come with the basket."""
    decision = decide(replace(problem, lines=(*problem.lines, line)), alternatives=0)
    if decision.unfilled.get(line.key) or _later(base, decision):
        return None
    return max(0, len(decision.parcels) - len(base.parcels))


def _later(base: Decision, decision: Decision) -> bool:
    """Tell whether a plan comes later than the basket's own."""
    if not base.complete or base.arrives_on is None or decision.arrives_on is None:
        return False
    return decision.arrives_on > base.arrives_on


def _with_stock(problem: Problem, offers: Sequence[Offer]) -> Problem:
    """Return the basket's problem with the candidates' units and what they are worth."""
    sources = []
    for source in problem.sources:
        place = source.location
        units = {one.item.sku: one.available_at(place) for one in offers}
        worth = {one.item.sku: one.worth[place] for one in offers if place in one.worth}
        shadow = {sku: int(both[0]) for sku, both in worth.items() if both[0] > 0}
        counter = {sku: float(both[1]) for sku, both in worth.items() if both[1] > 0}
        sources.append(
            replace(
                source,
                available={**source.available, **units},
                shadow={**source.shadow, **shadow},
                counter_rate={**source.counter_rate, **counter},
            )
        )
    return replace(problem, sources=tuple(sources))
