"""The search: a known term opens its shelf, a number its article, everything else a result page."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for

from app.i18n import current_language
from app.web.storefront import cards, narrowing, papers
from app.web.storefront.legal import PAGES
from app.web.storefront.room import blueprint
from catalog import search as catalog_search
from catalog.folding import code
from catalog.listings import PAGE_SIZE
from catalog.search import Hit, Results
from kit.database import reading

_MAX_PAGE = 100
_MAX_TEXT = 80


@blueprint.get("/suche")
def search() -> Any:
    """Show what was found; documents first where a document was asked for."""
    text = request.args.get("q", "").strip()[:_MAX_TEXT]
    page = request.args.get("seite", 1, type=int)
    if not 1 <= page <= _MAX_PAGE:
        abort(404)
    if not text:
        return redirect(url_for("storefront.home"), 302)
    chosen = narrowing.choices()
    with reading() as session:
        found = catalog_search.search(
            session, text, facets=chosen, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        elsewhere = None if chosen or "alle" in request.args else _straight_to(found)
        if elsewhere:
            return redirect(elsewhere, 302)
        shown = cards.shown(session, found.products)
    return render_template(
        "storefront/search.html",
        found=found,
        cards=shown,
        tiles=papers.tiles(found.documents),
        papers_first=found.documents_first or _names_device(found, text),
        links=_links(found),
        facets=narrowing.groups(found.facets),
        filtered=bool(chosen),
        reset=url_for("storefront.search", q=text, alle=1),
        page=page,
        pages=-(-found.total // PAGE_SIZE),
        page_href=lambda number: narrowing.address(seite=number),
        search_term=text,
    )


def _straight_to(found: Results) -> str | None:
    """Return the page that the text names: a shelf by its term, an article by its number."""
    if found.documents_first:
        return None
    if found.landing is not None:
        return url_for("storefront.category", category=found.landing.slug)
    if found.sku is not None:
        slug = next(card.slug for card in found.products if card.item.sku == found.sku)
        return url_for("storefront.product", product=slug, sku=found.sku)
    return None


def _names_device(found: Results, text: str) -> bool:
    """Tell whether the number of a device was typed: its manual is what is wanted then."""
    typed = code(text)
    return any(paper.type_number and code(paper.type_number) == typed for paper in found.documents)


def _links(found: Results) -> list[dict[str, str]]:
    """Return categories, stores and help pages as chips."""
    hits = [*found.categories, *found.stores, *found.help]
    addressed = ((hit, _address(hit)) for hit in hits)
    return [
        {"label": hit.title(current_language()), "href": address}
        for hit, address in addressed
        if address is not None
    ]


def _address(hit: Hit) -> str | None:
    if hit.kind == "category":
        return url_for("storefront.category", category=hit.ref)
    if hit.kind == "store":
        return url_for("storefront.stores", _anchor=hit.ref)
    return url_for("storefront.legal", page=hit.ref) if hit.ref in PAGES else None
