"""The product page: one variant with its price, when and where to have it, what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.sales import terms
from app.web import kept_pages
from app.web.storefront import (
    basket_page,
    cards,
    json_ld,
    my_store,
    needs,
    outlook,
    papers,
    pictures,
    stores,
    variants,
    visitor,
)
from app.web.storefront.outlook import Outlook, StoreStock
from app.web.storefront.room import blueprint
from app.workflows import freshness, price_tags
from app.workflows.price_tags import PriceTag
from catalog import (
    attributes,
    categories,
    documents,
    links,
    listings,
    notices,
    pricing,
    products,
    release,
    stamps,
)
from catalog.attributes import Names
from catalog.links import Suggestion
from catalog.listings import Card
from catalog.notices import Notice
from catalog.views import DocumentView, ItemView, ProductView
from fulfilment.places import displays
from kit import clock
from kit.database import reading
from loyalty import customers

SIBLINGS = 6


@dataclass(frozen=True)
class _Written:
    """What the catalog says of a product and of what belongs to it: the same for everybody."""

    found: ProductView
    names: Names
    tags: Mapping[str, PriceTag]
    papers: Sequence[DocumentView]
    beside: Sequence[tuple[Suggestion, ItemView]]
    meant_for: Sequence[Card]
    siblings: Sequence[Card]
    notices: Mapping[str, Notice]

    def items(self) -> list[ItemView]:
        """Return every item of which the page tells the stock."""
        cards_of = [card.item for card in (*self.meant_for, *self.siblings)]
        return [*self.found.items, *(item for _, item in self.beside), *cards_of]


@dataclass(frozen=True)
class _Page:
    """What a page shows: what is written, the stock of all of it, and the chosen variant."""

    written: _Written
    looks: Mapping[str, Outlook]
    item: ItemView

    @property
    def tag(self) -> PriceTag:
        """The price of the variant that is shown."""
        return self.written.tags[self.item.sku]

    @property
    def look(self) -> Outlook:
        """What can be had of the variant that is shown."""
        return self.looks[self.item.sku]


@blueprint.get("/artikel/<product>")
@kept_pages.kept
def product(product: str) -> str:
    """Show a product; ``?sku=`` chooses the variant, the first one that can be had without."""
    with reading() as session:
        page = _page(session, product)
        return render_template("storefront/product.html", **_shown(session, page))


def _page(session: Session, slug: str) -> _Page:
    day = clock.today()
    written = stamps.kept(session, ("product", slug, day), lambda: _written(session, slug))
    if written.found.state == release.DRAFT:
        abort(404)
    looks = cards.looks_of(session, written.items())
    return _Page(written, looks, _chosen(written.found, looks, written.tags))


def _written(session: Session, slug: str) -> _Written:
    found = products.product(session, slug)
    meant_for = links.meant_for(session, slug, SIBLINGS)
    siblings = products.siblings(session, found.series, slug)[:SIBLINGS]
    of_both = listings.cards(session, [*meant_for, *siblings])
    return _Written(
        found=found,
        names=attributes.names(session),
        tags=cards.tags_of(session, found.items),
        papers=documents.for_product(session, slug),
        beside=needs.candidates(session, links.of_product(session, slug)),
        meant_for=[card for card in of_both if card.slug in meant_for],
        siblings=[card for card in of_both if card.slug in siblings and card.slug not in meant_for],
        notices=notices.of_product(notices.in_force(session, clock.today()), found),
    )


def _chosen(
    found: ProductView, looks: Mapping[str, Outlook], tags: Mapping[str, PriceTag]
) -> ItemView:
    wanted = request.args.get("sku")
    priced = [item for item in found.items if item.sku in tags]
    sold = [item for item in priced if item.sellable] or priced
    if wanted is not None:
        sold = [item for item in priced if item.sku == wanted]
    if not sold:
        abort(404)
    return next((item for item in sold if looks[item.sku].units), sold[0])


def _shown(session: Session, page: _Page) -> dict[str, Any]:
    written, item, look = page.written, page.item, page.look
    found, language = written.found, current_language()
    tree = categories.tree(session)
    path = [
        (step.name(language), url_for("storefront.category", category=step.slug))
        for step in tree.path(found.category)
    ]
    offered = needs.shown(session, written.beside, page.looks)
    facts = facts_of(item, written.names, found)
    sold = [one for one in found.items if one.sellable or one.sku == item.sku]
    seen = pictures.of_item(item)
    return {
        "product": found,
        "item": item,
        "pictures": seen,
        "shown": _picture(len(seen)),
        "price": cards.price_of(page.tag, item),
        "own_minor": _own_price(session, item, page.tag.unit_minor),
        "look": look,
        "stores": store_lines(look, _displays(session, found, item)),
        "as_of": kept_pages.as_of(),
        "town": basket_page.town(visitor.postal_code()),
        "shipping_minor": terms.shipping_minor(page.tag.unit_minor),
        "free_from_minor": terms.FREE_SHIPPING_FROM_MINOR,
        "choices": variants.choices(sold, item, written.names, page.looks, written.tags),
        "facts": facts,
        "papers": papers.tiles(written.papers),
        "needs": [one for one in offered if one["kind"] == links.NEEDS],
        "fits": [one for one in offered if one["kind"] == links.FITS],
        "meant_for": cards.shown(session, written.meant_for, page.looks),
        "siblings": cards.shown(session, written.siblings, page.looks),
        "notices": written.notices,
        "path": [*path, (found.name(language), "")],
        "data": json_ld.product(found, item, page.tag, look, path, facts),
    }


def _picture(many: int) -> int:
    """Return which picture is shown large: ``?bild=2`` is the second."""
    wanted = request.args.get("bild", 1, type=int)
    return wanted - 1 if 1 <= wanted <= many else 0


def _own_price(session: Session, item: ItemView, list_minor: int) -> int | None:
    """Return the price with the visitor's customer number, where it is another one."""
    basket = visitor.basket(session)
    if basket is None or basket.customer_number is None:
        return None
    group = customers.price_group(session, basket.customer_number)
    if group == pricing.STANDARD:
        return None
    on = price_tags.offers(session, clock.now(), price_group=group)
    own = price_tags.of_items(session, [item], on, beside=False)[item.sku].unit_minor
    return own if own < list_minor else None


def _displays(session: Session, found: ProductView, item: ItemView) -> dict[str, str]:
    """Return in words where one can look at the variant, or at another one, by store."""
    skus = [one.sku for one in found.items]
    known = freshness.meanwhile(("displays", found.slug), lambda: displays.of_skus(session, skus))
    other = gettext("andere Ausführung ausgestellt")
    words = {one.location: other for views in known.values() for one in views}
    return words | {one.location: gettext("ausgestellt") for one in known.get(item.sku, [])}


def store_lines(
    look: Outlook, on_display: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Return the stock of every store with its hours, the visitor's own store first.

    `on_display`: in words what a store has to look at, by its code.
    """
    return [
        {**_store(store), "display": on_display.get(store.code)}
        for store in my_store.first(list(look.stores))
    ]


def _store(store: StoreStock) -> dict[str, Any]:
    own = store.code == my_store.chosen()
    opened = stores.opening(store.calendar)
    return {"code": store.code, "city": store.city, "own": own, "units": store.units,
            "opening": opened, **outlook.store_line(store)}  # fmt: skip


def facts_of(item: ItemView, names: Names, found: ProductView) -> list[tuple[str, str]]:
    """Return what is known of an item in words, then what identifies it."""
    rows = list(attributes.written(item, names, current_language()).values())
    if inside := cards.content(item):
        rows.append((gettext("Inhalt"), inside))
    rows.append((gettext("Gewicht mit Verpackung"), formats.kilograms(item.weight_grams)))
    if packed := packed_size(item):
        rows.append((gettext("Packmaß"), packed))
    rows.append((gettext("Marke"), found.brand))
    if found.type_number:
        rows.append((gettext("Typnummer"), found.type_number))
    rows.append((gettext("Artikelnummer"), item.sku))
    if item.gtin_shown:
        rows.append(("GTIN", item.gtin_shown))
    return rows


def packed_size(item: ItemView) -> str:
    """Return the sides of the packed unit, the longest first: ``24 × 12 × 3 cm``."""
    sides = sorted((s for s in (item.length_mm, item.width_mm, item.height_mm) if s), reverse=True)
    return " × ".join(formats.number(side / 10) for side in sides) + " cm" if sides else ""
