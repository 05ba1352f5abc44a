"""The search: a known term opens its shelf, a number its article, everything else a result page."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.web import kept_pages
from app.web.storefront import cards, in_stock, narrowing, outlook, papers, stores
from app.web.storefront.legal import PAGES
from app.web.storefront.room import blueprint
from app.web.words import kind_of_hit
from app.workflows import price_tags
from catalog import landing, misses, stamps
from catalog import search as catalog_search
from catalog.asked import device
from catalog.facets import STOCK
from catalog.folding import code
from catalog.listings import PAGE_SIZE
from catalog.search import Hit, Results
from fulfilment.routing import kept
from kit import clock
from kit.database import reading, transaction

_MAX_PAGE = 100
_MAX_TEXT = 80
# Help pages that are no legal texts, and where they are.
_HELP = {
    "anleitungen": "storefront.papers",
    "anfrage": "storefront.ask",
    "bestellung": "storefront.order_find",
    "vertrag-widerrufen": "storefront.withdraw",
}
_ICONS = {"category": "list", "product": "tag", "document": "file-pdf", "store": "storefront"}


@blueprint.get("/suche")
@kept_pages.kept
def search() -> Any:
    """Show what was found; documents first where a document was asked for."""
    text = request.args.get("q", "").strip()[:_MAX_TEXT]
    page = request.args.get("seite", 1, type=int)
    if not 1 <= page <= _MAX_PAGE:
        abort(404)
    if not text:
        return redirect(url_for("storefront.home"), 302)
    chosen = narrowing.choices()
    straight = not chosen and "alle" not in request.args
    with reading() as session:
        if straight and page == 1 and (theme := landing.opens(session, text)):
            return redirect(url_for("storefront.theme", theme=theme), 302)
        if straight and page == 1 and (shelf := catalog_search.opens(session, text)):
            return redirect(url_for("storefront.category", category=shelf.slug), 302)
        there = in_stock.of_found(session, text, chosen=STOCK in chosen)
        on = price_tags.offers(session, clock.now())
        found = stamps.kept(
            session,
            ("search", text, page, *narrowing.depends(chosen, there, on)),
            lambda: catalog_search.search(
                session,
                text,
                facets=chosen,
                offset=(page - 1) * PAGE_SIZE,
                limit=PAGE_SIZE,
                stock=there.counted if there else None,
                rules=on.rules,
            ),
        )
        if straight and (elsewhere := _article(found)):
            return redirect(elsewhere, 302)
        shown = cards.shown(session, found.products)
        places = _stores(session, found)
    if _in_vain(found) and not chosen:
        with transaction() as session:
            misses.note(session, text)
    return render_template(
        "storefront/search.html",
        found=found,
        cards=shown,
        tiles=papers.tiles(found.documents),
        papers_first=found.documents_first or _names_device(found, text),
        stores=places,
        help=_links(found.help),
        links=_links(found.categories),
        facets=[*narrowing.groups(found.facets), *narrowing.uncounted(there)],
        picked=narrowing.picked(found.facets),
        filtered=any(value.chosen for facet in found.facets for value in facet.values),
        reset=url_for("storefront.search", q=text, alle=1),
        ask_manual=url_for("storefront.ask", art="anleitung", zu=device(text)),
        ask_store=url_for("storefront.ask", art="frage", zu=text),
        page=page,
        pages=-(-found.total // PAGE_SIZE),
        page_href=lambda number: narrowing.address(seite=number),
        search_term=text,
    )


@blueprint.get("/suche/vorschlaege")
def suggestions() -> Any:
    """Answer with a list of what somebody who is still typing may mean: a piece of a page."""
    text = request.args.get("q", "").strip()[:_MAX_TEXT]
    with reading() as session:
        hits = catalog_search.suggest(session, text)
    language = current_language()
    answer = render_template(
        "storefront/suggestions.html",
        suggestions=[
            {
                "label": hit.title(language),
                "href": href,
                "kind": kind_of_hit(hit.kind),
                "icon": _ICONS.get(hit.kind, "info"),
            }
            for hit in hits
            if (href := address(hit)) is not None
        ],
        everything=url_for("storefront.search", q=text, alle=1),
        text=text,
    )
    # The same letters give the same answer for a while; nothing of the person is in it.
    return answer, {"Cache-Control": "private, max-age=60", "X-Robots-Tag": "noindex"}


def _article(found: Results) -> str | None:
    """Return the page of the article whose own number was typed whole."""
    if found.documents_first or found.sku is None:
        return None
    slug = next(card.slug for card in found.products if card.item.sku == found.sku)
    return url_for("storefront.product", product=slug, sku=found.sku)


def _names_device(found: Results, text: str) -> bool:
    """Tell whether the number of a device was typed: its manual is what is wanted then."""
    typed = code(text)
    return any(paper.type_number and code(paper.type_number) == typed for paper in found.documents)


def _in_vain(found: Results) -> bool:
    """Tell whether nothing was found, or no document where one was asked for."""
    pages = found.stores or found.help or found.categories
    if found.documents_first:
        return not found.documents
    return not (found.products or found.documents or pages)


def _stores(session: Session, found: Results) -> list[dict[str, Any]]:
    """Return the stores that were found with their hours of today."""
    if not found.stores:
        return []
    weeks = kept.calendars(session)
    places = {place.code: place for place in outlook.stores(session)}
    return [
        {"place": places[hit.ref], **stores.hours(weeks[hit.ref])}
        for hit in found.stores
        if hit.ref in places
    ]


def _links(hits: list[Hit]) -> list[dict[str, str]]:
    """Return categories or help pages as links."""
    language = current_language()
    addressed = ((hit, address(hit)) for hit in hits)
    return [{"label": hit.title(language), "href": href} for hit, href in addressed if href]


def address(hit: Hit) -> str | None:
    """Return the page of what was found, or None where the shop has no page for it."""
    if hit.kind == "category":
        return url_for("storefront.category", category=hit.ref)
    if hit.kind == "product":
        return url_for("storefront.product", product=hit.ref)
    if hit.kind == "document":
        return url_for("storefront.document", slug=hit.ref)
    if hit.kind == "store":
        return url_for("storefront.stores", _anchor=hit.ref)
    if hit.ref in _HELP:
        return url_for(_HELP[hit.ref])
    return url_for("storefront.legal", page=hit.ref) if hit.ref in PAGES else None
