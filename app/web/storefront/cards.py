"""From the catalog's cards to what a product card shows: price, reduction, what can be had when."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.web.storefront import outlook, pictures, visitor
from catalog.listings import Card
from catalog.pricing import PricedLine, UnitPrice, unit_price
from catalog.views import ItemView


def shown(session: Session, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return product cards ready for the template, with one look at the stock."""
    looks = outlook.of_items(session, [card.item for card in cards], visitor.postal_code())
    language = current_language()
    return [
        {
            "href": url_for("storefront.product", product=card.slug),
            "name": card.name(language),
            "detail": _detail(card),
            "picture": pictures.address(card.item.picture),
            "alt": "",
            "price": _card_price(card),
            "availability": looks[card.item.sku].lines(),
            "flag": _flag(card.from_minor, card.lowest_30_days_minor),
        }
        for card in cards
    ]


def price_of(line: PricedLine, item: ItemView) -> dict[str, Any]:
    """Return the price block of one item."""
    return _price(
        line.unit_minor, line.lowest_30_days_minor, unit_price(item, line.unit_minor), varies=False
    )


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


def _card_price(card: Card) -> dict[str, Any]:
    return _price(card.from_minor, card.lowest_30_days_minor, card.unit_price, varies=card.varies)


def _flag(now: int, was: int | None) -> str | None:
    return f"−{percent_off(now, was)} %" if was is not None and was > now else None


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
