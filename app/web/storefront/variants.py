"""How the variants of a product are chosen: by picture, or by several options at once.

1. Options are the attributes in which the variants differ; one that follows from the others
   (a weight that goes with a size) is no choice of its own.
2. With one option, or where options do not tell all variants apart, every variant is shown.
3. With several, each value leads to the variant that shares most with the one that is shown.
Every choice says its price and whether it can be had; all of them are links.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from app.i18n import current_language
from app.web.storefront import pictures
from app.web.storefront.outlook import Outlook
from app.workflows.price_tags import PriceTag
from catalog.attributes import Names, value_of
from catalog.facets import Facet
from catalog.views import ItemView

_SEVERAL = 2


def choices(
    items: Sequence[ItemView],
    chosen: ItemView,
    names: Names,
    looks: Mapping[str, Outlook],
    tags: Mapping[str, PriceTag],
) -> list[dict[str, Any]]:
    """Return the groups of choices; none where there is nothing to choose."""
    shown = [item for item in items if item.sku in tags or item.sku == chosen.sku]
    if len(shown) < _SEVERAL:
        return []
    options = _options(shown, names)
    if len(options) < _SEVERAL:
        labels = short_labels([item.variant(current_language()) or item.sku for item in shown])
        name = options[0].name(current_language()) if options else ""
        values = [
            _value(label, item, item.sku == chosen.sku, looks, tags, picture=True)
            for label, item in zip(labels, shown, strict=True)
        ]
        return [{"name": name, "values": values, "pictures": any(v["picture"] for v in values)}]
    return [_group(option, options, shown, chosen, looks, tags) for option in options]


def _options(items: Sequence[ItemView], names: Names) -> list[Facet]:
    """Return the fewest attributes, in their order, that tell all variants apart; else none."""
    found: list[Facet] = []
    kinds = 1
    for key, facet in names.items():
        if any(key not in item.attributes for item in items):
            continue
        told = {_at(item, [*found, facet]) for item in items}
        if len(told) > kinds:
            found, kinds = [*found, facet], len(told)
    return found if kinds == len(items) else []


def _at(item: ItemView, options: Sequence[Facet]) -> tuple[str, ...]:
    return tuple(str(item.attributes[option.key]) for option in options)


def _group(
    option: Facet,
    options: Sequence[Facet],
    items: Sequence[ItemView],
    chosen: ItemView,
    looks: Mapping[str, Outlook],
    tags: Mapping[str, PriceTag],
) -> dict[str, Any]:
    language = current_language()
    own = str(chosen.attributes[option.key])
    values = []
    for value in sorted({str(item.attributes[option.key]) for item in items}, key=option.order):
        with_it = [item for item in items if str(item.attributes[option.key]) == value]
        near = max(with_it, key=lambda item: _shared(item, chosen, options))
        label = value_of(near.attributes[option.key], option, language)
        values.append(_value(label, near, value == own, looks, tags))
    return {"name": option.name(language), "values": values, "pictures": False}


def _shared(item: ItemView, chosen: ItemView, options: Sequence[Facet]) -> int:
    pairs = zip(_at(item, options), _at(chosen, options), strict=True)
    return sum(own == other for own, other in pairs)


def _value(
    label: str,
    item: ItemView,
    current: bool,  # noqa: FBT001 - passed by place in this file only
    looks: Mapping[str, Outlook],
    tags: Mapping[str, PriceTag],
    *,
    picture: bool = False,
) -> dict[str, Any]:
    look, tag = looks[item.sku], tags.get(item.sku)
    return {
        "label": label,
        "sku": item.sku,
        "href": url_for("storefront.product", product=item.product_slug, sku=item.sku),
        "picture": pictures.address(item.picture) if picture else None,
        "current": current,
        "price_minor": tag.unit_minor if tag else None,
        "reduced": bool(tag and tag.was_minor),
        "units": look.units,
        "tone": "ok" if look.warehouse_units else "later" if look.units else "none",
    }


def short_labels(labels: Sequence[str]) -> list[str]:
    """Return what tells variants apart: ``motoroil · 5 Stück`` is said without what all share."""
    parts = [label.split(" · ") for label in labels]
    shared = set(parts[0]).intersection(*parts[1:])
    return [" · ".join(p for p in own if p not in shared) or " · ".join(own) for own in parts]
