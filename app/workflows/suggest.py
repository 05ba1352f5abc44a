"""What the basket offers beside its goods: needed first, in stock, in the same parcel.

1. One round trip: the candidates of links, rules and learnt edges in their order, with price, free
   units by location, and without what this customer bought last week (`candidates`).
2. Leave out what is not to be had, a second variant of a product, and a third item of a family.
3. Ask the router about the basket with each of the first ones: what would come later than the
   basket itself is left out; what adds no parcel comes first, among needed and among the others.

The till asks the same question as the web shop and gets the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from app.sales import terms
from app.workflows import quoting
from app.workflows.candidates import Offer, candidates, diverse
from app.workflows.quoting import Quote
from catalog import pricing, products
from catalog.crosssell import ranking
from catalog.crosssell.ranking import Because
from catalog.views import ItemView
from fulfilment.answers import availability
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line, Problem
from fulfilment.routing.riding import Room

MOST = 4
"""Offers beside a basket: nobody reads a fifth."""
_MOST_ASKED = 3  # times that the router plans anew for one basket
_MOST_LOOKED_AT = 3  # times as many as are wanted


def suggest(  # noqa: PLR0913 - one question, all its facts, by keyword
    session: Session,
    skus: Sequence[str],
    *,
    price_group: str,
    at: datetime,
    units: Mapping[str, int] | None = None,
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
        units: how many of each are in the basket; one where nothing is said.
        customer: whose purchases of last week are left out; None for nobody's.
        destination: postal code; None is the retailer's own town.
        quote: of this basket, where there is one already: its plan is not made again.
        k: how many at most.
        learnt: whether what was learnt counts, or links and rules alone.
    """
    if not skus:
        return []
    found = candidates(skus, price_group=price_group, at=at, customer=customer, learnt=learnt)
    able = diverse(found)[: _MOST_LOOKED_AT * k]
    if not able:
        return []
    items = quote.basket.items if quote else products.items(session, skus)
    offers = [one.offer(items) for one in able]
    base = quote.decision if quote else _planned(session, items, units or {}, destination, at)
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
    found = candidates(skus, price_group=pricing.STANDARD, at=at, customer=None, learnt=True)
    base = _planned(session, items, {}, destination, at) if found else None
    able = [one.offer(items) for one in diverse(found)]
    looked_at = able[: _MOST_LOOKED_AT * MOST]
    chosen = looked_at[:MOST]
    if base is not None and base.problem is not None:
        chosen = _routed(base, base.problem, looked_at, MOST)
    offered = {one.item.sku: one for one in chosen}
    alike = {one.item.sku for one in able}
    asked = {one.item.sku for one in looked_at}
    reasons = ranking.because(session, skus, [one.sku for one in found])

    def outcome(offer: Offer) -> str:
        sku = offer.item.sku
        if sku in offered:
            return "offered"
        if not offer.stock:
            return "sold_out"
        if sku not in alike:
            return "alike"
        return "later" if sku in asked and len(offered) < MOST else "beyond"

    every = [one.offer(items) for one in found]
    looked = [
        Looked(offered.get(one.item.sku, one), outcome(one), reasons.get(one.item.sku, []))
        for one in every
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


def _planned(
    session: Session,
    items: Mapping[str, ItemView],
    units: Mapping[str, int],
    destination: str | None,
    at: datetime,
) -> Decision | None:
    """Return the plan of a basket; None where it holds nothing that is known."""
    lines = [quoting.line_for(item, 0, sku, units.get(sku, 1)) for sku, item in items.items()]
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
    lines = [quoting.line_for(offer.item, offer.unit_minor, offer.item.sku, 1) for offer in offers]
    room = Room(replace(base, problem=_with_stock(problem, offers, set(base.locations))))
    rides = cache(lambda place: room.takes(lines[place]))
    questions, asked = _MOST_ASKED, None
    kept: list[Offer] = []
    for place, (offer, line) in enumerate(zip(offers, lines, strict=True)):
        if rides(place):
            kept.append(replace(offer, extra_parcels=0))
        elif questions and (offer.needed or sum(map(rides, range(len(lines)))) < k):
            questions -= 1
            asked = asked or _with_stock(problem, offers)
            added = _added(base, asked, line)
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


def _with_stock(problem: Problem, offers: Sequence[Offer], only: set[str] | None = None) -> Problem:
    """Return the basket's problem with the candidates' units and what they are worth.

    `only`: locations that matter; of a chain with a thousand stores a basket comes from two.
    """
    sources = []
    for source in problem.sources:
        place = source.location
        if only is not None and place not in only:
            sources.append(source)
            continue
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
