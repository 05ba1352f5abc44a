"""The first page: the shelves of every department, a few goods of each, films and guides."""

import time
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web import kept_pages
from app.web.storefront import cards, papers, pictures
from app.web.storefront.room import blueprint
from catalog import categories, documents, listings
from catalog.categories import Tree
from catalog.views import CategoryView
from kit.database import reading

GOODS = 4
PAPERS = 3
_KEPT_SECONDS = 60.0
# Which goods stand on the first page changes rarely; what they cost and where they are is fresh.
_kept: dict[str, tuple[float, list[str]]] = {}


@blueprint.get("/")
@kept_pages.kept
def home() -> str:
    """Show the departments with their shelves, what can be read and watched, and some goods."""
    with reading() as session:
        tree = categories.tree(session)
        departments = [
            {
                "category": department,
                "shelves": [tile(shelf) for shelf in tree.below(department.slug)],
                "cards": cards.shown(
                    session, listings.cards(session, _goods(session, tree, department.slug))
                ),
            }
            for department in tree.departments
        ]
        found = [
            paper
            for department in tree.departments
            for paper in documents.for_category(session, department.slug)
            if paper.kind in papers.SHOWN_ON_SHELVES
        ]
    return render_template(
        "storefront/home.html", departments=departments, papers=papers.tiles(found)[:PAPERS]
    )


def tile(shelf: CategoryView) -> dict[str, str | None]:
    """Return a category as a picture that leads to it."""
    return {
        "label": shelf.name(current_language()),
        "href": url_for("storefront.category", category=shelf.slug),
        "picture": pictures.banner(shelf.slug),
    }


def forget() -> None:
    """Choose the goods of the first page afresh: after editing, and between tests."""
    _kept.clear()


def _goods(session: Session, tree: Tree, department: str) -> list[str]:
    """Return one product of each of the first shelves, so that the page shows the whole width."""
    known = _kept.get(department)
    if known and time.monotonic() - known[0] < _KEPT_SECONDS:
        return known[1]
    chosen: list[str] = []
    shelves: list[Any] = [shelf.slug for shelf in tree.below(department)] or [department]
    for slug in shelves:
        shelf = listings.in_category(session, slug, size=GOODS)
        wanted = 1 if len(shelves) >= GOODS else GOODS
        chosen += [card.slug for card in shelf.cards[:wanted] if card.slug not in chosen]
        if len(chosen) >= GOODS:
            break
    _kept[department] = (time.monotonic(), chosen[:GOODS])
    return chosen[:GOODS]
