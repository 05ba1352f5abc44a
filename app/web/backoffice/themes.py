"""Pages for a theme: made, tried out, changed, taken away, with the terms that lead to them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import price_tags
from catalog import categories, landing, listings
from catalog.landing import Page
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError

_TEXTS = ("slug", "title_de", "title_en", "intro_de", "intro_en", "category")
_LISTS = ("products", "documents", "terms", "facets")
_LONGEST = 4000


@blueprint.get("/themes")
@allowed
def themes() -> str:
    """List the pages, with an empty form for a new one."""
    return _page({"shown": "1"})


@blueprint.get("/themes/<theme>")
@allowed
def theme_edit(theme: str) -> str:
    """Show one page as it is, to be changed."""
    with reading() as session:
        page = landing.by_slug(session, theme)
    return _page(_as_typed(page), known=True)


@blueprint.post("/themes")
@allowed
def theme_save() -> Any:
    """Try a page out, or keep it; it is seen and found at once."""
    typed = {name: request.form.get(name, "")[:_LONGEST] for name in (*_TEXTS, *_LISTS, "shown")}
    known = request.form.get("known") == "1"
    page = _read(typed)
    if request.form.get("do") == "try":
        return _page(typed, known=known, tried=page)
    try:
        with transaction() as session:
            landing.put(session, page, actor=current_user.name)
    except KontorError as error:
        wrong = error.facts.get("fields", [error.facts.get("field", error.code)])
        return _page(typed, known=known, problem=_problem(error), wrong=wrong), 422
    flash(_("„%(title)s“ ist gespeichert.", title=page.title(current_language())), "ok")
    return redirect(url_for("backoffice.themes"), 303)


@blueprint.post("/themes/<theme>/removal")
@allowed
def theme_remove(theme: str) -> Any:
    """Take a page away; its terms are searched for again."""
    with transaction() as session:
        landing.remove(session, theme)
    flash(_("Die Seite ist entfernt."), "ok")
    return redirect(url_for("backoffice.themes"), 303)


def _problem(error: KontorError) -> str:
    if error.code == "landing_term_taken":
        return _(
            "„%(term)s“ führt schon zur Seite „%(page)s“.",
            term=error.facts["term"],
            page=error.facts["page"],
        )
    if error.code in {"product", "document"}:
        return _("Das gibt es nicht: %(slug)s", slug=error.facts["slug"])
    if isinstance(error, Invalid):
        return str(words.of_error(Invalid("buyer")))
    return str(words.of_error(error))


def _read(typed: dict[str, str]) -> Page:
    facets: dict[str, list[str]] = {}
    for part in typed["facets"].replace("\n", "&").split("&"):
        key, _sign, value = part.strip().partition("=")
        if key and value:
            facets.setdefault(key.strip(), []).append(value.strip())
    lists = {name: _several(typed[name]) for name in ("products", "documents", "terms")}
    texts = {name: " ".join(typed[name].split()) for name in _TEXTS}
    texts["category"] = texts["category"] or None  # type: ignore[assignment]
    return Page(**texts, **lists, facets=facets, shown=typed["shown"] == "1")  # type: ignore[arg-type]


def _several(text: str) -> tuple[str, ...]:
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _as_typed(page: Page) -> dict[str, str]:
    typed = {name: str(getattr(page, name) or "") for name in _TEXTS}
    pairs = [f"{key}={value}" for key, values in page.facets.items() for value in values]
    return {
        **typed,
        "facets": "&".join(pairs),
        "products": "\n".join(page.products),
        "documents": "\n".join(page.documents),
        "terms": ", ".join(page.terms),
        "shown": "1" if page.shown else "",
    }


def _page(typed: dict[str, str], *, tried: Page | None = None, **more: Any) -> str:
    with reading() as session:
        shelves = categories.tree(session)
        options = [("", _("keiner"))] + [
            (shelf.slug, " › ".join(step.name(current_language()) for step in shelves.path(slug)))
            for slug, shelf in shelves.all.items()
        ]
        return render_template(
            "backoffice/themes.html",
            typed=typed,
            pages=landing.listed(session),
            options=options,
            tried=_tried(session, tried) if tried else None,
            may_edit=permissions.may(current_user.role, "backoffice.theme_save"),
            **more,
        )


def _tried(session: Session, page: Page) -> dict[str, Any]:
    """Return what the page would show, in names, and how much in all."""
    language = current_language()
    chosen = listings.cards(session, page.products)
    names = [card.name(language) for card in chosen]
    if page.category not in categories.tree(session).all:
        return {"names": names, "total": len(names)}
    rules = price_tags.offers(session, clock.now()).rules
    shelf = listings.in_category(session, str(page.category), facets=page.facets, rules=rules)
    others = [card.name(language) for card in shelf.cards if card.slug not in page.products]
    return {"names": names + others, "total": max(shelf.total, len(names))}
