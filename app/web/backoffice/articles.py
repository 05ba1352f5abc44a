"""Articles at the gate: drafts with what they still lack, and what is on sale in spite of a gap."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.identity import permissions
from app.web.backoffice.room import blueprint
from app.web.retailer import RETAILER
from app.web.session import allowed
from catalog import notices, release
from catalog.release import Gap, Standing
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused

_WORDS = {
    "maker_name": _l("Name des Herstellers"),
    "maker_address": _l("Postanschrift des Herstellers"),
    "maker_electronic": _l("E-Mail- oder Web-Adresse des Herstellers"),
    "maker_country": _l("Land des Herstellers"),
    "eu_responsible": _l("Verantwortliche Person in der EU: Name, Anschrift, E-Mail"),
    "picture": _l("Bild"),
    "identifier": _l("GTIN oder Typnummer"),
    "warning": _l("Warnhinweise auf Deutsch, oder warum keine nötig sind"),
    "weee_number": _l("WEEE-Registrierungsnummer"),
    "battery_number": _l("Batterie-Registrierungsnummer"),
    "age_min": _l("Altersgrenze ab 18"),
    "banned": _l("Verbotener Gegenstand: darf nicht verkauft werden"),
    "guarantee": _l("Garantie: mehr als zwei Jahre, mit Garantiegeber und Modell"),
    "eco_claim": _l("Nachweis für Umweltaussagen"),
    "items": _l("Mindestens eine Ausführung"),
    "price": _l("Preis"),
}
_SOURCES = {
    "weee_number": "ElektroG § 6", "battery_number": "BattDG", "age_min": "WaffG § 2",
    "banned": "WaffG Anl. 2", "guarantee": "VO (EU) 2025/1960", "eco_claim": "RL (EU) 2024/825",
    "items": "", "price": "PAngV § 3",
}  # fmt: skip


@blueprint.get("/articles")
@allowed
def articles() -> str:
    """List drafts, and articles on sale that lack something."""
    with reading() as session:
        return render_template(
            "backoffice/articles.html",
            drafts=[shown(one) for one in release.drafts(session)],
            lacking=[shown(one) for one in release.lacking(session)],
            may_publish=permissions.may(current_user.role, "backoffice.article_publish"),
        )


@blueprint.post("/articles/<slug>/publication")
@allowed
def article_publish(slug: str) -> Any:
    """Put a draft on sale, if nothing is missing."""
    try:
        with transaction() as session:
            release.publish(session, slug)
    except Refused as error:
        missing = ", ".join(str(_WORDS[code]) for code in error.facts["gaps"])
        flash(_("Noch nicht im Verkauf. Es fehlt: %(missing)s.", missing=missing), "danger")
    else:
        flash(_("Im Verkauf, und gleich zu finden."), "ok")
    return redirect(url_for("backoffice.articles"), 303)


@blueprint.post("/articles/<slug>/withdrawal")
@allowed
def article_withdraw(slug: str) -> Any:
    """Take an article off sale."""
    with transaction() as session:
        release.withdraw(session, slug)
    flash(_("Nicht mehr im Verkauf."), "ok")
    return redirect(url_for("backoffice.articles"), 303)


@blueprint.get("/articles/guarantee-notice")
@allowed
def guarantee_notice() -> str:
    """Print the notice of the legal guarantee for the counter (Regulation (EU) 2025/1960)."""
    with reading() as session:
        known = notices.in_force(session, clock.today())
    if "legal" not in known:
        abort(404)
    return render_template(
        "backoffice/guarantee_notice.html", notice=known["legal"], retailer=RETAILER
    )


def shown(one: Standing) -> dict[str, Any]:
    """Return a standing with its gaps in words."""
    return {"standing": one, "gaps": [_gap(gap) for gap in one.gaps]}


def _gap(gap: Gap) -> dict[str, str]:
    source = _SOURCES.get(gap.code, "GPSR Art. 19")
    return {"text": str(_WORDS[gap.code]), "about": gap.sku or gap.found, "source": source}
