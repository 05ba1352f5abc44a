"""The product page: one variant with its price, when and where to have it, what belongs to it."""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.web.storefront import (
    basket_page,
    cards,
    json_ld,
    needs,
    outlook,
    papers,
    pictures,
    visitor,
)
from app.web.storefront.room import blueprint
from catalog import categories, documents, links, pricing, products
from catalog.categories import Tree
from catalog.views import ItemView, ProductView
from kit import clock
from kit.database import reading
from kit.errors import Refused
from loyalty import customers


@blueprint.get("/artikel/<product>")
def product(product: str) -> str:
    """Show a product; ``?sku=`` chooses the variant, the first one that can be had without."""
    with reading() as session:
        found = products.product(session, product)
        tree = categories.tree(session)
        looks = outlook.of_items(session, found.items, visitor.postal_code())
        item = _chosen(found, looks)
        line = _price(session, item, pricing.STANDARD)
        look = looks[item.sku]
        path = [
            (step.name(current_language()), url_for("storefront.category", category=step.slug))
            for step in tree.path(found.category)
        ]
        return render_template(
            "storefront/product.html",
            product=found,
            item=item,
            picture=pictures.address(item.picture),
            price=cards.price_of(line, item),
            own_minor=_own_price(session, item, line.unit_minor),
            look=look,
            stores=[outlook.store_line(store) for store in look.stores],
            town=basket_page.town(visitor.postal_code()),
            variants=_variants(found, item, looks),
            facts=_facts(tree, found, item),
            papers=papers.tiles(documents.for_product(session, found.slug)),
            needs=needs.offers(session, links.of_product(session, found.slug)),
            path=[*path, (found.name(current_language()), "")],
            data=json_ld.product(found, item, line, look, path),
        )


def _chosen(found: ProductView, looks: Any) -> ItemView:
    wanted = request.args.get("sku")
    sold = [item for item in found.items if item.sellable]
    if wanted is not None:
        chosen = next((item for item in found.items if item.sku == wanted), None)
        if chosen is None:
            abort(404)
        return chosen
    if not sold:
        abort(404)
    return next((item for item in sold if looks[item.sku].units), sold[0])


def _price(session: Session, item: ItemView, group: str) -> pricing.PricedLine:
    try:
        return pricing.quote(session, [(item.sku, 1)], price_group=group, at=clock.now())[0]
    except Refused:
        abort(404)


def _own_price(session: Session, item: ItemView, list_minor: int) -> int | None:
    """Return the price with the visitor's customer number, where it is another one."""
    basket = visitor.basket(session)
    if basket is None or basket.customer_number is None:
        return None
    group = customers.price_group(session, basket.customer_number)
    own = _price(session, item, group).unit_minor
    return own if own < list_minor else None


def _variants(found: ProductView, chosen: ItemView, looks: Any) -> list[dict[str, Any]]:
    language = current_language()
    sold = [item for item in found.items if item.sellable or item.sku == chosen.sku]
    if len(sold) < 2:  # noqa: PLR2004 - a choice has at least two sides
        return []
    labels = short_labels([item.variant(language) or item.sku for item in sold])
    return [
        {
            "label": labels[place],
            "href": url_for("storefront.product", product=found.slug, sku=item.sku),
            "picture": pictures.address(item.picture),
            "current": item.sku == chosen.sku,
            "units": looks[item.sku].units,
        }
        for place, item in enumerate(sold)
    ]


def short_labels(labels: Sequence[str]) -> list[str]:
    """Return what tells variants apart: ``motoroil · 5 Stück`` is said without what all share."""
    parts = [label.split(" · ") for label in labels]
    shared = set(parts[0]).intersection(*parts[1:])
    return [" · ".join(p for p in own if p not in shared) or " · ".join(own) for own in parts]


def _facts(tree: Tree, found: ProductView, item: ItemView) -> list[tuple[str, str]]:
    """Return what the shelf's facets know of the item, then what identifies it."""
    language = current_language()
    rows = [
        (facet.name(language), facet.label(str(item.attributes[facet.key]), language))
        for facet in tree.facets_of(found.category)
        if facet.key in item.attributes and not isinstance(item.attributes[facet.key], list)
    ]
    if cards.content(item):
        rows.append((gettext("Inhalt"), cards.content(item)))
    rows.append((gettext("Gewicht mit Verpackung"), formats.kilograms(item.weight_grams)))
    rows.append((gettext("Marke"), found.brand))
    if found.type_number:
        rows.append((gettext("Typnummer"), found.type_number))
    rows.append((gettext("Artikelnummer"), item.sku))
    if item.gtin_shown:
        rows.append(("GTIN", item.gtin_shown))
    return rows
