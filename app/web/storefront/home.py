"""The first page, the list of papers and films, and the stores."""

from typing import Any

from flask import render_template, url_for

from app.i18n import current_language
from app.web.storefront import cards, outlook, papers
from app.web.storefront.room import blueprint
from catalog import categories, documents, listings
from catalog.views import CategoryView
from fulfilment import calendars
from fulfilment.calendars import Calendar
from kit import clock
from kit.database import reading

_NEWEST = 8
_WEEK = 7


@blueprint.get("/")
def home() -> str:
    """Show the departments, what can be read and watched, and goods of every department."""
    with reading() as session:
        tree = categories.tree(session)
        shelves = []
        for department in tree.departments:
            shelf = listings.in_category(session, department.slug, size=_NEWEST)
            shelves.append(
                {
                    "category": department,
                    "chips": [chip(child) for child in shelf.children],
                    "cards": cards.shown(session, shelf.cards),
                }
            )
        found = [
            paper
            for department in tree.departments
            for paper in documents.for_category(session, department.slug)
            if paper.kind in papers.SHOWN_ON_SHELVES
        ]
    return render_template(
        "storefront/home.html", shelves=shelves, papers=papers.tiles(found)[:4]
    )


def chip(shelf: CategoryView) -> dict[str, str]:
    """Return a category as a chip that leads to it."""
    return {
        "label": shelf.name(current_language()),
        "href": url_for("storefront.category", category=shelf.slug),
    }


@blueprint.get("/filialen")
def stores() -> str:
    """Show where the stores are and when they are open."""
    with reading() as session:
        places = outlook.stores(session)
        weeks = outlook.calendars(session)
        shown = [{"place": place, **hours(weeks[place.code])} for place in places]
    return render_template("storefront/stores.html", stores=shown)


def hours(calendar: Calendar) -> dict[str, Any]:
    """Return whether a place is open now, and the days of its week with their hours."""
    here = calendars.local(clock.now())
    today = calendar.hours.get(here.weekday())
    open_now = (
        today is not None
        and calendar.is_open(here.date())
        and today[0] <= here.time() < today[1]
    )
    days = [(day, calendar.hours.get(day)) for day in range(_WEEK)]
    return {"open_now": open_now, "today": today, "days": days, "weekday": here.weekday()}

