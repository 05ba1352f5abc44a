"""What goods need or what fits them, ready to be offered: "these lures need other hooks"."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web.storefront import cards, pictures
from app.web.storefront.outlook import Outlook
from app.workflows.price_tags import PriceTag
from catalog import links, products, stamps
from catalog.links import NEEDS, Suggestion
from catalog.listings import Shelf
from catalog.views import DocumentView, ItemView

MOST = 4


def of_shelf(
    session: Session, papers: Sequence[DocumentView], shelf: Shelf
) -> list[tuple[Suggestion, ItemView]]:
    """Return what a shelf's film and guides say is needed and does not stand on it anyway."""

    def found() -> list[tuple[Suggestion, ItemView]]:
        suggestions = [
            suggestion
            for paper in papers
            for suggestion in links.of_document(session, paper.slug)
            if suggestion.kind == NEEDS
        ]
        return candidates(session, suggestions, skip={card.slug for card in shelf.cards})

    on_it = tuple(card.slug for card in shelf.cards)
    return stamps.kept(session, ("shelf needs", shelf.category.slug, on_it), found)


def candidates(
    session: Session, suggestions: Sequence[Suggestion], *, skip: set[str] | None = None
) -> list[tuple[Suggestion, ItemView]]:
    """Return what may be offered with its item, one variant per product, best first.

    Args:
        session: any session.
        suggestions: best first.
        skip: slugs of products that are on the page anyway.
    """
    items = products.items(session, [found.sku for found in suggestions])
    chosen: dict[str, tuple[Suggestion, ItemView]] = {}
    for found in suggestions:
        item = items.get(found.sku)
        if item and item.sellable and item.product_slug not in (skip or set()):
            chosen.setdefault(item.product_slug, (found, item))
    return list(chosen.values())[: MOST * 2]


def offers(
    session: Session, suggestions: Sequence[Suggestion], *, skip: set[str] | None = None
) -> list[dict[str, Any]]:
    """Return suggestions with picture, price and stock, as `candidates` and `shown` do."""
    best = candidates(session, suggestions, skip=skip)
    return shown(session, best, cards.looks_of(session, [item for _, item in best]))


def shown(
    session: Session,
    best: Sequence[tuple[Suggestion, ItemView]],
    looks: Mapping[str, Outlook],
) -> list[dict[str, Any]]:
    """Return what can be sent of these, with picture, price and stock."""
    tags = cards.tags_of(session, [item for _, item in best])
    found = [
        _offer(suggestion, item, looks, tags[item.sku])
        for suggestion, item in best
        if item.sku in tags and looks[item.sku].can_be_had
    ]
    return found[:MOST]


def _offer(
    found: Suggestion, item: ItemView, looks: Mapping[str, Outlook], tag: PriceTag
) -> dict[str, Any]:
    language = current_language()
    return {
        "sku": item.sku,
        "kind": found.kind,
        "name": item.title(language),
        "reason": found.reason(language),
        "href": url_for("storefront.product", product=item.product_slug, sku=item.sku),
        "picture": pictures.address(item.picture),
        "price": cards.price_of(tag, item),
        "availability": looks[item.sku].lines(),
    }
