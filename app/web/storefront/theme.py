"""A page for a theme: what the back office put together, and what a shelf adds to it."""

from typing import Any

from flask import abort, redirect, render_template, url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web import kept_pages
from app.web.storefront import cards, papers
from app.web.storefront.room import blueprint
from app.workflows import price_tags
from catalog import categories, documents, landing, listings
from catalog.landing import Page
from kit import clock
from kit.database import reading
from kit.errors import NotFound


@blueprint.get("/thema/<theme>")
@kept_pages.kept
def theme(theme: str) -> Any:
    """Show a page for a theme; where it is gone, its shelf."""
    with reading() as session:
        try:
            page = landing.by_slug(session, theme)
        except NotFound:
            abort(404)
        if not page.shown:
            if page.category is None:
                abort(404)
            return redirect(url_for("storefront.category", category=page.category), 302)
        found = documents.by_slugs(session, page.documents)
        films = [paper for paper in found if paper.kind == papers.FILM]
        return render_template(
            "storefront/theme.html",
            page=page,
            tiles=papers.tiles(found),
            film=papers.player(films[0]) if films else None,
            **_goods(session, page),
        )


def _goods(session: Session, page: Page) -> dict[str, Any]:
    """Return the chosen goods, what else the shelf holds, and the way to all of it."""
    chosen = listings.cards(session, page.products)
    if page.category is None:
        return {"chosen": cards.shown(session, chosen), "more": [], "total": 0, "all_of_it": None}
    rules = price_tags.offers(session, clock.now()).rules
    shelf = listings.in_category(session, page.category, facets=page.facets, rules=rules)
    others = [card for card in shelf.cards if card.slug not in page.products]
    name = categories.tree(session).category(page.category).name(current_language())
    address = url_for("storefront.category", category=page.category, **page.facets)
    return {
        "chosen": cards.shown(session, chosen),
        "more": cards.shown(session, others),
        "total": shelf.total,
        "all_of_it": {"href": address, "name": name},
    }
