"""What the basket offers beside its goods: needed or fitting, in stock, in the same parcel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.workflows import pricing, quoting
from app.workflows.quoting import Quote
from catalog import links
from catalog.views import ItemView
from fulfilment.answers import availability
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide

# More than this many candidates are never looked at: nobody reads a fifth suggestion.
_CANDIDATES = 12


@dataclass(frozen=True)
class Offer:
    """An accessory with the reason why it is offered, its price and where it lies.

    `extra_parcels` is how many more parcels it would take to send it along: 0 means none, None
    that nobody asked.
    """

    item: ItemView
    kind: str
    reason_de: str
    reason_en: str
    source_sku: str | None
    unit_minor: int
    stock: Mapping[str, int]
    extra_parcels: int | None = None

    def reason(self, language: str) -> str:
        """Return the reason in a language."""
        return self.reason_de if language == "de" else self.reason_en

    def available_at(self, location: str) -> int:
        """Return how many can be taken along at a location right now."""
        return self.stock.get(location, 0)


def for_basket(
    session: Session,
    skus: Sequence[str],
    *,
    price_group: str,
    at: datetime,
    limit: int = 4,
) -> list[Offer]:
    """Return what the goods need or what fits them, best first, only what somebody has in stock.

    Args:
        skus: what is in the basket; none of it is offered again.
        price_group: whose prices to show.
        limit: how many offers at most.
    """
    found = links.needs_and_fits(session, skus)[:_CANDIDATES]
    stock = availability.available(session, [one.sku for one in found], at)
    per_sku: dict[str, dict[str, int]] = {one.sku: {} for one in found}
    for (location, sku), held in stock.items():
        if held.available > 0:
            per_sku[sku][location] = held.available
    there = [one for one in found if per_sku[one.sku]]
    basket = pricing.price_for_group(session, [(one.sku, 1) for one in there], price_group, at)
    units = {line.sku: line.unit_minor for line in basket.lines}
    offers: dict[str, Offer] = {}
    for one in there:
        item = basket.items[one.sku]
        if item.sellable:
            # One variant of a product is enough of an offer: the others are on its page.
            offers.setdefault(
                item.product_slug,
                Offer(
                    item=item,
                    kind=one.kind,
                    reason_de=one.reason_de,
                    reason_en=one.reason_en,
                    source_sku=one.source_sku,
                    unit_minor=units[one.sku],
                    stock=per_sku[one.sku],
                ),
            )
    return list(offers.values())[:limit]


def beside(session: Session, quote: Quote, *, at: datetime, limit: int = 4) -> list[Offer]:
    """Return offers for a quoted basket that can be delivered with it, with the parcels they add.

    An accessory that no place can send in time is not offered; of the others those that need no
    further parcel come first, within needed and within fitting.
    """
    if quote.decision is None:
        return []
    skus = [line.sku for line in quote.basket.lines]
    offers = for_basket(session, skus, price_group=quote.basket.price_group, at=at, limit=2 * limit)
    if not offers:
        return []
    wanted = [
        quoting.routing_line(quote.basket, line.sku, line.sku, line.quantity)
        for line in quote.basket.lines
    ]
    extra = [quoting.line_for(offer.item, offer.unit_minor, offer.item.sku, 1) for offer in offers]
    problem = snapshot.problem_for(
        session, lines=[*wanted, *extra], postal_code=quote.postal_code, now=at
    )
    counted = []
    for offer, line in zip(offers, extra, strict=True):
        decision = decide(replace(problem, lines=(*wanted, line)))
        if decision.unfilled.get(offer.item.sku):
            continue
        added = len(decision.locations) - quote.parcels
        counted.append(replace(offer, extra_parcels=max(0, added)))
    order = {"needs": 0, "fits": 1}
    counted.sort(key=lambda offer: (order[offer.kind], offer.extra_parcels or 0))
    return counted[:limit]
