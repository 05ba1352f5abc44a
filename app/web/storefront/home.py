"""The first page: shelves and goods of every department, reductions, advice, themes, the stores."""

from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.sales import terms
from app.web import kept_pages
from app.web.storefront import cards, json_ld, my_store, outlook, papers, pictures, stores
from app.web.storefront.room import blueprint
from app.workflows import price_tags
from catalog import categories, documents, landing, listings, stamps
from catalog.categories import Tree
from catalog.listings import Card
from catalog.views import CategoryView
from kit import clock
from kit.database import reading

GOODS = 4
PAPERS = 3
REDUCED = 5


@blueprint.get("/")
@kept_pages.kept
def home() -> str:
    """Show what there is, what is cheaper now, what can be read, and where the stores are."""
    with reading() as session:
        tree = categories.tree(session)
        departments = [_department(session, tree, one) for one in tree.departments]
        weeks = outlook.calendars(session)
        places = my_store.first(outlook.stores(session))
        return render_template(
            "storefront/home.html",
            departments=departments,
            reduced=_reduced(session),
            papers=_papers(session, tree),
            themes=stamps.kept(
                session, ("themes",), lambda: landing.listed(session, shown_only=True)
            ),
            stores=[
                {"place": place, "opening": stores.opening(weeks[place.code])} for place in places
            ],
            free_from_minor=terms.FREE_SHIPPING_FROM_MINOR,
            withdrawal_days=json_ld.WITHDRAWAL_DAYS,
        )


def tile(shelf: CategoryView) -> dict[str, str | None]:
    """Return a category as a picture that leads to it."""
    return {
        "label": shelf.name(current_language()),
        "href": url_for("storefront.category", category=shelf.slug),
        "picture": pictures.banner(shelf.slug),
    }


def _department(session: Session, tree: Tree, department: CategoryView) -> dict[str, Any]:
    goods = stamps.kept(
        session,
        ("home", department.slug),
        lambda: listings.cards(session, _goods(session, tree, department.slug)),
    )
    return {
        "category": department,
        "shelves": [tile(shelf) for shelf in tree.below(department.slug)],
        "cards": cards.shown(session, goods),
    }


def _goods(session: Session, tree: Tree, department: str) -> list[str]:
    """Return one product of each of the first shelves, so that the page shows the whole width."""
    chosen: list[str] = []
    shelves: list[Any] = [shelf.slug for shelf in tree.below(department)] or [department]
    for slug in shelves:
        shelf = listings.in_category(session, slug, size=GOODS)
        wanted = 1 if len(shelves) >= GOODS else GOODS
        chosen += [card.slug for card in shelf.cards[:wanted] if card.slug not in chosen]
        if len(chosen) >= GOODS:
            break
    return chosen[:GOODS]


def _reduced(session: Session) -> list[dict[str, Any]]:
    """Return goods that cost less than the lowest price of the 30 days before."""

    def found() -> list[Card]:
        rules = price_tags.offers(session, clock.now()).rules
        skus = {sku for rule in rules for sku in rule.skus}
        return listings.cards(session, listings.reduced(session, skus, 2 * REDUCED))

    goods = cards.shown(session, stamps.kept(session, ("reduced",), found))
    return [card for card in goods if card["flag"]][:REDUCED]


def _papers(session: Session, tree: Tree) -> list[dict[str, Any]]:
    found = [
        paper
        for department in tree.departments
        for paper in documents.for_category(session, department.slug)
        if paper.kind in papers.SHOWN_ON_SHELVES
    ]
    return papers.tiles(found)[:PAPERS]
