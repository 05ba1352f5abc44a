"""Synonyms: what a word also finds, tried out before it is kept; what was searched for in vain."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import misses, synonyms
from catalog.search import Results
from kit.database import reading, transaction
from kit.errors import KontorError

_SHOWN = 6


@blueprint.get("/synonyms", endpoint="synonyms")
@allowed
def synonyms_page() -> str:
    """List the synonyms; with a word and a meaning, show what the word would find."""
    typed = {name: request.args.get(name, "").strip()[:96] for name in ("word", "meaning", "q")}
    typed["language"] = request.args.get("language", "de")
    return _page(typed)


def _page(typed: dict[str, str], error: str | None = None) -> str:
    with reading() as session:
        preview = None
        if typed["word"] and typed["meaning"] and error is None:
            preview, error = _tried(session, typed["word"], typed["meaning"])
        return render_template(
            "backoffice/synonyms.html",
            typed=typed,
            error=error,
            preview=preview,
            synonyms=synonyms.listed(session, containing=typed["q"]),
            history=synonyms.history(session, limit=30),
            misses=misses.listed(session),
            languages=[("de", _("Deutsch")), ("en", _("Englisch"))],
            may_edit=permissions.may(current_user.role, "backoffice.synonym_add"),
        )


def _tried(session: Session, word: str, meaning: str) -> tuple[dict[str, Any] | None, str | None]:
    try:
        tried = synonyms.preview(session, word, meaning, limit=_SHOWN)
    except KontorError as error:
        return None, words.of_error(error)
    shown = {
        "word": word,
        "meaning": meaning,
        "before": _found(tried.before, ()),
        "after": _found(tried.after, tried.new),
    }
    return shown, None


def _found(found: Results, new: Any) -> dict[str, Any]:
    """Return the first things of a result page: how many, and what they are called."""
    language = current_language()
    lines = [
        {"name": card.name(language), "sku": card.item.sku, "new": card.slug in new}
        for card in found.products
    ]
    papers = [paper.title(language) for paper in found.documents[:3]]
    landing = found.landing.name(language) if found.landing else None
    return {"total": found.total, "lines": lines, "papers": papers, "landing": landing}


@blueprint.post("/synonyms")
@allowed
def synonym_add() -> str | Response:
    """Keep a synonym; it counts from the next search on."""
    typed = {
        name: request.form.get(name, "").strip()[:96] for name in ("word", "meaning", "language")
    }
    try:
        with transaction() as session:
            view = synonyms.add(
                session,
                typed["word"],
                typed["meaning"],
                language=typed["language"],
                actor=current_user.name,
            )
            misses.forget(session, view.word)
    except KontorError as error:
        return _page({**typed, "q": ""}, words.of_error(error))
    flash(
        _("„%(word)s“ findet jetzt auch „%(meaning)s“.", word=view.word, meaning=view.meaning), "ok"
    )
    return redirect(url_for("backoffice.synonyms"))


@blueprint.post("/synonyms/removals")
@allowed
def synonym_remove() -> Response:
    """Take a synonym away; the history keeps it."""
    try:
        with transaction() as session:
            gone = synonyms.remove(
                session,
                request.form.get("word", ""),
                request.form.get("meaning", ""),
                actor=current_user.name,
            )
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("„%(word)s“ → „%(meaning)s“ ist entfernt.", **_named(gone)), "ok")
    return redirect(url_for("backoffice.synonyms"))


def _named(view: synonyms.SynonymView) -> dict[str, str]:
    return {"word": view.word, "meaning": view.meaning}


@blueprint.post("/synonyms/misses")
@allowed
def synonym_miss() -> Response:
    """Strike a text off the list of those that nothing was found for."""
    with transaction() as session:
        misses.forget(session, request.form.get("term", ""))
    return redirect(url_for("backoffice.synonyms", _anchor="misses"))
