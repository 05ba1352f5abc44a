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
from catalog import categories, landing, listings, stamps
from catalog.categories import Tree
from catalog.listings import Card
from catalog.views import CategoryView
from fulfilment.routing import kept
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
        goods = [_goods_of(session, tree, one) for one in tree.departments]
        cheaper = _cheaper(session)
        every = [card.item for row in (*goods, cheaper) for card in row]
        looks = cards.looks_of(session, every)
        departments = [
            _department(tree, one, cards.shown(session, row, looks))
            for one, row in zip(tree.departments, goods, strict=True)
        ]
        weeks = kept.calendars(session)
        places = my_store.first(outlook.stores(session))
        return render_template(
            "storefront/home.html",
            departments=departments,
            reduced=[card for card in cards.shown(session, cheaper, looks) if card["flag"]][
                :REDUCED
            ],
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
        "picture": pictures.shelf(shelf.slug),
    }


def _department(tree: Tree, department: CategoryView, goods: list[Any]) -> dict[str, Any]:
    return {
        "category": department,
        "shelves": [tile(shelf) for shelf in tree.below(department.slug)],
        "cards": goods,
    }


def _goods_of(session: Session, tree: Tree, department: CategoryView) -> list[Card]:
    return stamps.kept(
        session,
        ("home", department.slug),
        lambda: listings.cards(session, _goods(session, tree, department.slug)),
    )


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


def _cheaper(session: Session) -> list[Card]:
    """Return goods whose price is reduced; what stands beside it is decided where it is shown."""

    def found() -> list[Card]:
        rules = price_tags.offers(session, clock.now()).rules
        skus = {sku for rule in rules for sku in rule.skus}
        return listings.cards(session, listings.reduced(session, skus, 2 * REDUCED))

    return stamps.kept(session, ("reduced",), found)


def _papers(session: Session, tree: Tree) -> list[dict[str, Any]]:
    found = [
        paper
        for department in tree.departments
        for paper in papers.of_shelf(session, department.slug)
        if paper.kind in papers.SHOWN_ON_SHELVES
    ]
    return papers.tiles(found)[:PAPERS]
