"""From the catalog's cards to what a product card shows: price, reduction, what can be had when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.web.storefront import outlook, pictures, visitor
from app.web.storefront.outlook import Outlook
from app.workflows import price_tags
from app.workflows.price_tags import PriceTag
from catalog import stamps
from catalog.listings import Card
from catalog.pricing import UnitPrice, unit_price
from catalog.views import ItemView
from kit import clock


def looks_of(session: Session, items: Sequence[ItemView]) -> Mapping[str, Outlook]:
    """Return what can be had of items where the visitor is: one look for a whole page."""
    return outlook.of_items(session, items, visitor.postal_code())


def shown(
    session: Session, cards: Sequence[Card], looks: Mapping[str, Outlook] | None = None
) -> list[dict[str, Any]]:
    """Return product cards ready for the template.

    Args:
        session: any session.
        cards: as the catalog gives them.
        looks: the stock of their items, where the page has looked already.
    """
    if looks is None:
        looks = looks_of(session, [card.item for card in cards])
    key = tuple(tuple(offer.line.sku for offer in card.offers) for card in cards)
    prices = stamps.kept(
        session, ("card prices", current_language(), key), lambda: _prices(session, cards)
    )
    language = current_language()
    return [
        {
            "href": url_for("storefront.product", product=card.slug),
            "sku": card.item.sku,
            "name": card.name(language),
            "detail": _detail(card),
            "picture": pictures.address(card.item.picture),
            "alt": "",
            "price": price,
            "availability": looks[card.item.sku].lines(),
            "flag": f"−{price['percent']} %" if "percent" in price else None,
        }
        for card, price in zip(cards, prices, strict=True)
    ]


def _prices(session: Session, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return the price blocks of cards: what the catalog said, where no promotion touches it."""
    on = price_tags.offers(session, clock.now())
    touched = [card for card in cards if on or any(o.line.reduced for o in card.offers)]
    items, lines = {}, []
    for card in touched:
        for offer in card.offers:
            # For promotions the variants of a product differ by nothing but their SKU.
            items[offer.line.sku] = card.item
            lines.append(offer.line)
    tags = price_tags.of_lines(session, lines, items, on) if lines else {}
    return [_card_price(card, tags) for card in cards]


def _card_price(card: Card, tags: dict[str, PriceTag]) -> dict[str, Any]:
    own = [(tags[o.line.sku], o) for o in card.offers if o.line.sku in tags]
    if not own:
        return _price(card.from_minor, None, card.unit_price, varies=card.varies)
    cheapest, offer = min(own, key=lambda one: one[0].unit_minor)
    measured = replace(
        card.item, content_quantity=offer.content_quantity, content_unit=offer.content_unit
    )
    varies = any(tag.unit_minor > cheapest.unit_minor for tag, _ in own)
    price = _price(
        cheapest.unit_minor,
        cheapest.was_minor,
        unit_price(measured, cheapest.unit_minor),
        varies=varies,
    )
    return {**price, "promotions": _named(cheapest)}


def price_of(tag: PriceTag, item: ItemView) -> dict[str, Any]:
    """Return the price block of one item."""
    block = _price(tag.unit_minor, tag.was_minor, unit_price(item, tag.unit_minor), varies=False)
    return {**block, "promotions": _named(tag)}


def tags_of(session: Session, items: Sequence[ItemView]) -> dict[str, PriceTag]:
    """Return what one unit of each item costs everybody now, by SKU."""
    return stamps.kept(
        session,
        ("price tags", tuple(item.sku for item in items)),
        lambda: price_tags.of_items(session, items, price_tags.offers(session, clock.now())),
    )


def _named(tag: PriceTag) -> list[str]:
    return [one.name(current_language()) for one in tag.promotions]


def percent_off(now_minor: int, was_minor: int) -> int:
    """Return how many per cent less, rounded down: a reduction is never overstated."""
    return (was_minor - now_minor) * 100 // was_minor


def unit_words(unit: str) -> str:
    """Return the unit of a unit price as it is written behind the stroke."""
    return str(gettext("St.")) if unit == "piece" else unit


def _price(now: int, was: int | None, unit: UnitPrice | None, *, varies: bool) -> dict[str, Any]:
    price: dict[str, Any] = {"now_minor": now, "varies": varies}
    if was is not None and was > now:
        price.update(was_minor=was, percent=percent_off(now, was))
    if unit is not None:
        price.update(unit_minor=unit.amount_minor, unit=unit_words(unit.unit))
    return price


def _detail(card: Card) -> str:
    language = current_language()
    first = card.item.variant(language)
    if card.variants > 1:
        first = gettext("%(count)s Ausführungen", count=card.variants)
    # A variant may be told apart by how much is in it: that is not said twice.
    inside = content(card.item)
    parts = [first, "" if inside in first.split(" · ") else inside]
    return " · ".join(part for part in parts if part)


def content(item: ItemView) -> str:
    """Return how much is in it: ``5 Stück``, ``150 m``, ``250 g``."""
    if item.content_quantity is None or item.content_unit is None:
        return ""
    if item.content_unit == "piece":
        return str(gettext("%(count)s Stück", count=item.content_quantity))
    return f"{formats.number(item.content_quantity)} {item.content_unit}"
