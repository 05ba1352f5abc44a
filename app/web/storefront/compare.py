"""Up to four goods side by side: what differs is marked. The address holds the choice.

``/vergleich?artikel=SKU&artikel=SKU``: can be shared, kept and opened again; no cookie, no script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.web.storefront import cards, outlook, pictures, product, visitor
from app.web.storefront.room import blueprint
from catalog import attributes, listings, products
from catalog.views import ItemView
from kit.database import reading

MOST = 4
SUGGESTED = 6
_ONLY = "nur"


@dataclass(frozen=True)
class Fact:
    """One row of the table: what is compared, its value for each of the goods; empty: not known."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the goods differ in it."""
        return len(set(self.values)) > 1


@blueprint.get("/vergleich")
def compare() -> str:
    """Show the goods of the address; more than four are cut off and said."""
    wanted = list(dict.fromkeys(request.args.getlist("artikel")))
    only = request.args.get(_ONLY) == "unterschiede"
    with reading() as session:
        known = products.items(session, wanted[: MOST * 4])
        found = [known[sku] for sku in wanted if sku in known]
        shown = found[:MOST]
        rows = _rows(session, shown)
        return render_template(
            "storefront/compare.html",
            goods=_goods(session, shown),
            rows=[row for row in rows if row.differs or not only],
            differing=sum(row.differs for row in rows),
            only=only,
            all_href=_address(shown, only=False),
            only_href=_address(shown, only=True),
            too_many=len(found) > MOST,
            more=_more(session, shown) if len(shown) < MOST else [],
        )


def _address(items: Sequence[ItemView], *, only: bool = False) -> str:
    more = {_ONLY: "unterschiede"} if only else {}
    return url_for("storefront.compare", artikel=[item.sku for item in items], **more)


def _goods(session: Session, items: Sequence[ItemView]) -> list[dict[str, Any]]:
    """Return the heads of the columns: picture, name, price, when and where."""
    looks = outlook.of_items(session, items, visitor.postal_code())
    tags = cards.tags_of(session, items)
    language = current_language()
    return [
        {
            "sku": item.sku,
            "name": item.name(language),
            "detail": item.variant(language),
            "brand": item.brand,
            "href": url_for("storefront.product", product=item.product_slug, sku=item.sku),
            "picture": pictures.address(item.picture),
            "price": cards.price_of(tags[item.sku], item) if item.sku in tags else None,
            "availability": [looks[item.sku].online_line()],
            "stores": product.store_lines(looks[item.sku]),
            "buyable": item.sellable and looks[item.sku].can_be_had,
            "without": _address([other for other in items if other != item]),
        }
        for item in items
    ]


def _rows(session: Session, items: Sequence[ItemView]) -> list[Fact]:
    language = current_language()
    names = attributes.names(session)
    written = [attributes.written(item, names, language) for item in items]
    ordered = [key for key in names if any(key in facts for facts in written)]
    rows = [
        Fact(
            next(facts[key][0] for facts in written if key in facts),
            tuple(facts[key][1] if key in facts else "" for facts in written),
        )
        for key in ordered
    ]
    plain = (
        (gettext("Inhalt"), [cards.content(item) for item in items]),
        (gettext("Gewicht mit Verpackung"), [formats.kilograms(i.weight_grams) for i in items]),
        (gettext("Packmaß"), [product.packed_size(item) for item in items]),
        (gettext("Marke"), [item.brand for item in items]),
        (gettext("Typnummer"), [item.type_number or "" for item in items]),
        (gettext("Mindestalter"), [f"{item.age_min}" if item.age_min else "" for item in items]),
    )
    return rows + [Fact(name, tuple(values)) for name, values in plain if any(values)]


def _more(session: Session, items: Sequence[ItemView]) -> list[dict[str, Any]]:
    """Return goods of the same shelf that could stand beside, each with the address for it."""
    if not items:
        return []
    shelf = listings.in_category(session, items[0].category, size=SUGGESTED + MOST)
    taken = {item.product_slug for item in items}
    beside = [card for card in shelf.cards if card.slug not in taken][:SUGGESTED]
    return [
        {
            "name": card.name(current_language()),
            "picture": pictures.address(card.item.picture),
            "href": _address([*items, card.item]),
        }
        for card in beside
    ]
