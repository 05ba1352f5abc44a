"""Suggestions: why something is offered beside any basket, what is missing, which model is used."""

import re
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import learn_together, suggest
from catalog import products
from catalog.crosssell import gaps, stored
from fulfilment.places import geography
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError

OUTCOMES = {
    "offered": _l("wird angeboten"),
    "sold_out": _l("nirgends vorrätig"),
    "alike": _l("schon etwas Ähnliches dabei"),
    "later": _l("käme später als der Warenkorb"),
    "beyond": _l("andere passen besser"),
}
KINDS = {
    "needs": _l("gebraucht"),
    "fits": _l("passt"),
    "together": _l("oft dazu gekauft"),
}
ORIGINS = {
    "link": _l("Verknüpfung"),
    "document": _l("Film oder Ratgeber"),
    "rule": _l("Regel"),
    "learnt": _l("gelernt"),
}
_SPLIT = re.compile(r"[\s,;]+")
_MOST_TYPED = 30


@blueprint.app_context_processor
def crosssell_words() -> dict[str, Any]:
    """Return the words for kinds, origins and outcomes of suggestions."""
    return {
        "offer_outcomes": OUTCOMES,
        "offer_kinds": KINDS,
        "offer_origins": ORIGINS,
        "crosssell_tabs": _tabs,
        "decimals": decimals,
    }


def decimals(value: float, places: int) -> str:
    """Write a number with so many places, as the reader's language does."""
    return str(format_decimal(value, format="#,##0." + "0" * places))


def _tabs() -> list[dict[str, Any]]:
    pages = (
        ("crosssell", _("Warum?")),
        ("crosssell_rules", _("Regeln")),
        ("crosssell_gaps", _("Lücken")),
        ("crosssell_report", _("Erfolg")),
    )
    return [
        {
            "label": label,
            "href": url_for(f"backoffice.{page}"),
            "current": request.endpoint == f"backoffice.{page}",
        }
        for page, label in pages
    ]


@blueprint.get("/crosssell", endpoint="crosssell")
@allowed
def crosssell_page() -> str:
    """Explain what is offered beside a basket that somebody has typed."""
    typed = request.args.get("basket", "").strip()[:500]
    place = request.args.get("postal_code", "").strip()[:5]
    skus = list(dict.fromkeys(one for one in _SPLIT.split(typed) if one))[:_MOST_TYPED]
    with reading() as session:
        known = products.items(session, skus)
        destination = place if place and geography.locate(place) else None
        looked = (
            suggest.explain(session, list(known), at=clock.now(), destination=destination)
            if known
            else []
        )
        models = stored.models(session)
    return render_template(
        "backoffice/crosssell.html",
        typed=typed,
        place=place,
        known=known,
        unknown=[sku for sku in skus if sku not in known],
        looked=looked,
        models=models,
        may_edit=permissions.may(current_user.role, "backoffice.crosssell_roll_back"),
    )


@blueprint.get("/crosssell/gaps")
@allowed
def crosssell_gaps() -> str:
    """Show what has nothing to suggest, and what is suggested in vain."""
    with reading() as session:
        return render_template(
            "backoffice/crosssell_gaps.html",
            coverage=gaps.coverage(session),
            bare=gaps.bare(session),
            idle=gaps.idle(session, clock.today() - timedelta(days=90)),
            enough=gaps.ENOUGH_SHOWN,
        )


@blueprint.post("/crosssell/roll-back")
@allowed
def crosssell_roll_back() -> Response:
    """Put the model before the one in force back in force."""
    try:
        with transaction() as session:
            model = learn_together.roll_back(session, current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Modell %(number)s gilt wieder.", number=model), "ok")
    return redirect(url_for("backoffice.crosssell", _anchor="models"))
