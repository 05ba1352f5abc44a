"""Facets in the address: every choice is a link that adds or takes away one value."""

from collections.abc import Hashable, Sequence
from typing import Any

from flask import request, url_for

from app.i18n import current_language
from app.web.storefront.in_stock import Choice
from app.workflows.price_tags import Offers
from catalog.facets import FacetView

# What an address holds beside facets.
_RESERVED = {"q", "seite", "sortierung", "alle"}
_MAX_CHOICES = 20


def choices() -> dict[str, list[str]]:
    """Return the facet values of the address: ``?species=barsch&species=zander&length_mm=90``."""
    return {
        key: values[:_MAX_CHOICES] for key, values in request.args.lists() if key not in _RESERVED
    }


def depends(chosen: dict[str, list[str]], there: Choice | None, on: Offers) -> tuple[Hashable, ...]:
    """Return what an answer with these facets depends on, the same for every order of an address.

    Args:
        chosen: the facet values of the address.
        there: who has what at once.
        on: the promotions in force.
    """
    picked = tuple((facet, tuple(sorted(values))) for facet, values in sorted(chosen.items()))
    return picked, there.key if there else (), tuple(rule.ref for rule in on.rules)


def groups(facets: Sequence[FacetView]) -> list[dict[str, Any]]:
    """Return every facet with its values as chips; the chosen ones link to being taken away."""
    language = current_language()
    return [
        {
            "name": facet.name(language),
            "chosen": any(value.chosen for value in facet.values),
            "chips": [
                {
                    "label": value.label(language),
                    "count": value.count,
                    "current": value.chosen,
                    "href": _toggled(facet.key, value.value, off=value.chosen),
                }
                for value in facet.values
            ],
        }
        for facet in facets
    ]


def uncounted(there: Choice | None) -> list[dict[str, Any]]:
    """Return the choice of a place where nobody has counted yet, if there is one to make."""
    if there is None or there.counted is not None:
        return []
    language, facet = current_language(), there.facet
    chips = [
        {"label": facet.label(value, language), "href": _toggled(facet.key, value, off=False)}
        for value in facet.values
    ]
    return [{"name": facet.name(language), "chosen": False, "chips": chips}]


def picked(facets: Sequence[FacetView]) -> list[dict[str, str]]:
    """Return every chosen value, each with the address without it."""
    language = current_language()
    return [
        {
            "label": f"{facet.name(language)}: {value.label(language)}",
            "href": _toggled(facet.key, value.value, off=True),
        }
        for facet in facets
        for value in facet.values
        if value.chosen
    ]


def address(**changes: object) -> str:
    """Return the address of this page with some parameters changed."""
    wanted: dict[str, Any] = {**_args(), **changes}
    if wanted.get("seite") == 1:
        wanted.pop("seite")
    return url_for(request.endpoint or "storefront.home", **(request.view_args or {}), **wanted)


def _toggled(key: str, value: str, *, off: bool) -> str:
    args = _args()
    args.pop("seite", None)
    kept = [known for known in args.pop(key, []) if known != value]
    if not off:
        kept.append(value)
    wanted: dict[str, Any] = {**args, **({key: kept} if kept else {})}
    return url_for(request.endpoint or "storefront.home", **(request.view_args or {}), **wanted)


def _args() -> dict[str, list[str]]:
    # A parameter named like a part of the path would collide with it.
    path = request.view_args or {}
    return {key: list(values) for key, values in request.args.lists() if key not in path}
