"""A category's page: introduction, papers and film, what its goods need, facets, goods."""

from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web import kept_pages
from app.web.storefront import cards, home, in_stock, narrowing, papers
from app.web.storefront import needs as needed
from app.web.storefront.in_stock import Choice
from app.web.storefront.room import blueprint
from app.workflows import price_tags
from catalog import listings, stamps
from catalog.facets import STOCK
from catalog.listings import SORTS, Shelf
from kit import clock
from kit.database import reading


@blueprint.get("/sortiment/<category>")
@kept_pages.kept
def category(category: str) -> Any:
    """Show one shelf; facets, order and page stand in the address, so that it can be shared."""
    page = request.args.get("seite", 1, type=int)
    sort = request.args.get("sortierung", "recommended")
    if page < 1 or sort not in SORTS:
        abort(404)
    chosen = narrowing.choices()
    with reading() as session:
        there = in_stock.of_shelf(session, category, chosen=STOCK in chosen)
        on = price_tags.offers(session, clock.now())
        shelf = stamps.kept(
            session,
            ("shelf", category, sort, page, *narrowing.depends(chosen, there, on)),
            lambda: listings.in_category(
                session,
                category,
                facets=chosen,
                sort=sort,
                page=page,
                stock=there.counted if there else None,
                rules=on.rules,
            ),
        )
        return _render(session, shelf, sort, there)


def _render(session: Session, shelf: Shelf, sort: str, there: Choice | None) -> str:
    # Papers and needs stand on the first, unfiltered view only: a filtered one is about goods.
    plain = shelf.page == 1 and not request.args
    found = papers.of_shelf(session, shelf.category.slug) if plain else []
    beside = needed.of_shelf(session, found, shelf) if plain else []
    items = [*(card.item for card in shelf.cards), *(item for _, item in beside)]
    looks = cards.looks_of(session, items)
    tiles = papers.tiles([paper for paper in found if paper.kind in papers.SHOWN_ON_SHELVES])
    films = [paper for paper in found if paper.kind == "film"]
    return render_template(
        "storefront/category.html",
        shelf=shelf,
        cards=cards.shown(session, shelf.cards, looks),
        tiles=tiles,
        film=papers.player(films[0]) if films else None,
        needs=needed.shown(session, beside, looks),
        facets=[*narrowing.groups(shelf.facets), *narrowing.uncounted(there)],
        picked=narrowing.picked(shelf.facets),
        sorts=_sorts(sort),
        page_href=lambda number: narrowing.address(seite=number),
        reset=url_for("storefront.category", category=shelf.category.slug),
        filtered=any(value.chosen for facet in shelf.facets for value in facet.values),
        path=[
            (step.name(current_language()), url_for("storefront.category", category=step.slug))
            for step in shelf.path
        ],
        children=[home.tile(child) for child in shelf.children],
    )


def _sorts(current: str) -> list[dict[str, Any]]:
    names = {
        "recommended": gettext("Empfohlen"),
        "price_up": gettext("Preis aufsteigend"),
        "price_down": gettext("Preis absteigend"),
        "name": gettext("Name"),
    }
    return [
        {
            "label": label,
            "href": narrowing.address(sortierung=value, seite=1),
            "current": value == current,
        }
        for value, label in names.items()
    ]
