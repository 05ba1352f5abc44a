"""What goods need or what fits them, ready to be offered: "these lures need other hooks"."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web.storefront import cards, outlook, pictures, visitor
from app.web.storefront.outlook import Outlook
from app.workflows.price_tags import PriceTag
from catalog import links, products
from catalog.links import NEEDS, Suggestion
from catalog.listings import Shelf
from catalog.views import DocumentView, ItemView

MOST = 4


def of_shelf(
    session: Session, papers: Sequence[DocumentView], shelf: Shelf
) -> list[dict[str, Any]]:
    """Return what a shelf's film and guides say is needed, else what its first goods need."""
    found = [
        suggestion
        for paper in papers
        for suggestion in links.of_document(session, paper.slug)
        if suggestion.kind == NEEDS
    ]
    return offers(session, found, skip={card.slug for card in shelf.cards})


def offers(
    session: Session, suggestions: Sequence[Suggestion], *, skip: set[str] | None = None
) -> list[dict[str, Any]]:
    """Return suggestions with picture, price and stock, one variant per product, best first.

    Args:
        session: any session.
        suggestions: best first.
        skip: slugs of products that are on the page anyway.
    """
    items = products.items(session, [found.sku for found in suggestions])
    chosen: dict[str, Suggestion] = {}
    for found in suggestions:
        item = items.get(found.sku)
        if item and item.sellable and item.product_slug not in (skip or set()):
            chosen.setdefault(item.product_slug, found)
    best = list(chosen.values())[: MOST * 2]
    offered = [items[found.sku] for found in best]
    if not offered:
        return []
    looks = outlook.of_items(session, offered, visitor.postal_code())
    tags = cards.tags_of(session, offered)
    shown = [
        _offer(found, items[found.sku], looks, tags[found.sku])
        for found in best
        if found.sku in tags and looks[found.sku].arrives_on is not None
    ]
    return shown[:MOST]


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
