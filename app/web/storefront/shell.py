"""What surrounds every shop page: menu, basket count, today's cut-off, languages, legal links.

Each fact is looked up when a layout asks for it, so that other rooms' pages cost nothing.
"""

from functools import cached_property
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from app.i18n import LANGUAGES, address_in, current_language, formats
from app.sales import baskets
from app.web.retailer import RETAILER, Retailer
from app.web.storefront import outlook, visitor
from app.web.storefront.room import blueprint
from catalog import categories, notices
from catalog.categories import Tree
from catalog.notices import Notice
from kit import clock
from kit.database import reading

_BUYING = {
    "storefront.checkout",
    "storefront.checkout_check",
    "storefront.checkout_collect",
    "storefront.checkout_wish",
    "storefront.review",
    "storefront.order",
}


class Shell:
    """The frame of a page, for the layout."""

    name = RETAILER.name

    @property
    def retailer(self) -> Retailer:
        """Who sells."""
        return RETAILER

    @property
    def home(self) -> str:
        """Address of the first page."""
        return url_for("storefront.home")

    @property
    def search(self) -> str:
        """Address of the search."""
        return url_for("storefront.search")

    @property
    def suggest(self) -> str:
        """Address of the suggestions."""
        return url_for("storefront.suggestions")

    @property
    def basket(self) -> str:
        """Address of the basket."""
        return url_for("storefront.basket")

    @cached_property
    def tree(self) -> Tree:
        """The categories."""
        with reading() as session:
            return categories.tree(session)

    @cached_property
    def menu(self) -> list[dict[str, Any]]:
        """The shelves of the first department, then the other departments, papers and stores."""
        tree, language = self.tree, current_language()
        shelves = tree.departments
        if shelves and (opened := tree.below(shelves[0].slug)):
            shelves = [*opened, *shelves[1:]]
        open_ = (request.view_args or {}).get("category")
        path = {step.slug for step in tree.path(open_)} if open_ in tree.all else set()
        entries = [
            {
                "label": shelf.name(language),
                "href": url_for("storefront.category", category=shelf.slug),
                "current": shelf.slug in path,
            }
            for shelf in shelves
        ]
        for endpoint, label in (
            ("papers", gettext("Anleitungen")),
            ("stores", gettext("Filialen")),
        ):
            entries.append(
                {
                    "label": label,
                    "href": url_for(f"storefront.{endpoint}"),
                    "current": request.endpoint == f"storefront.{endpoint}",
                }
            )
        return entries

    @cached_property
    def basket_count(self) -> int:
        """How many units lie in the visitor's basket."""
        if not visitor.maybe_basket():
            return 0
        with reading() as session:
            found = visitor.basket(session)
            return sum(line.quantity for line in baskets.lines(session, found)) if found else 0

    @cached_property
    def cutoff_line(self) -> str:
        """Until when one has to order today, and when it is there then."""
        with reading() as session:
            next_ = outlook.next_departure(session, visitor.postal_code())
        if next_ is None:
            return ""
        return str(
            gettext(
                "%(when)s bis %(hour)s Uhr bestellt, %(day)s da",
                when=formats.day_word(next_.ships_on).capitalize(),
                hour=formats.oclock(next_.until_at),
                day=formats.day_word(next_.arrives_on),
            )
        )

    @property
    def buying(self) -> bool:
        """Whether somebody is about to order: nothing around the page then that leads away."""
        return request.endpoint in _BUYING

    @cached_property
    def guarantee(self) -> Notice | None:
        """The notice of the legal guarantee that is in force (Regulation (EU) 2025/1960)."""
        with reading() as session:
            return notices.in_force(session, clock.today()).get("legal")

    @cached_property
    def pickup_line(self) -> str:
        """Where the stores are."""
        with reading() as session:
            cities = [place.city for place in outlook.stores(session)]
        if not cities:
            return ""
        return str(gettext("Läden in %(cities)s", cities=" · ".join(cities)))

    @property
    def languages(self) -> list[dict[str, Any]]:
        """The same page in every language."""
        return [
            {"code": code, "name": name, "href": address_in(code), "current": code == lang}
            for lang in [current_language()]
            for code, name in LANGUAGES.items()
        ]


@blueprint.app_context_processor
def _shell() -> dict[str, Any]:
    return {"shop": Shell()}
