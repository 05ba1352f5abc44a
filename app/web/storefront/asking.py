"""Asks for what the search does not have: a manual, or something that a store may know.

The form comes filled in with what was searched for. No sign-in and no receipt are needed; what is
asked waits in the back office until somebody closes it.
"""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext

from app.i18n import current_language
from app.web.session import limiter
from app.web.storefront import outlook
from app.web.storefront.room import blueprint
from catalog import questions
from catalog.questions import MANUAL, QUESTION, Asked
from kit.database import reading, transaction

_KINDS = {"anleitung": MANUAL, "frage": QUESTION}


@blueprint.get("/anfrage")
def ask() -> str:
    """Show the form, filled in with what somebody searched for in vain."""
    kind = request.args.get("art", "frage")
    about = request.args.get("zu", "").strip()[: questions.ABOUT_LENGTH]
    store = request.args.get("filiale", "")
    return _form({"kind": kind if kind in _KINDS else "frage", "about": about, "store": store}, {})


@blueprint.post("/anfrage")
@limiter.limit("20 per hour")
def ask_send() -> Any:
    """Keep the question and say that it is kept."""
    names = ("kind", "about", "email", "note", "store")
    typed = {name: request.form.get(name, "").strip() for name in names}
    with reading() as session:
        known = {place.code for place in outlook.stores(session)}
    asked = Asked(
        kind=_KINDS.get(typed["kind"], QUESTION),
        about=typed["about"],
        email=typed["email"],
        note=typed["note"],
        store=typed["store"] if typed["store"] in known else None,
        language=current_language(),
    )
    if wrong := questions.faults(asked):
        return _form(typed, {name: _fault(name) for name in wrong}), 422
    with transaction() as session:
        questions.ask(session, asked)
    cookie["asked"] = {"kind": asked.kind, "about": asked.about, "email": asked.email}
    return redirect(url_for("storefront.asked"), 303)


@blueprint.get("/anfrage/eingegangen")
def asked() -> Any:
    """Say that the question is kept, and what happens now."""
    kept = cookie.get("asked")
    if kept is None:
        return redirect(url_for("storefront.ask"), 303)
    return render_template("storefront/asked.html", asked=kept, for_manual=kept["kind"] == MANUAL)


def _form(typed: dict[str, str], errors: dict[str, str]) -> str:
    with reading() as session:
        places = [(place.code, place.city) for place in outlook.stores(session)]
    return render_template(
        "storefront/ask.html",
        typed=typed,
        errors=errors,
        for_manual=_KINDS.get(typed["kind"]) == MANUAL,
        stores=[("", gettext("Egal, wer es weiß")), *places],
    )


def _fault(name: str) -> str:
    if name == "about":
        return gettext("Bitte sagen Sie in bis zu 120 Zeichen, worum es geht.")
    if name == "email":
        return gettext("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de.")
    return gettext("Bitte höchstens 2.000 Zeichen.")
