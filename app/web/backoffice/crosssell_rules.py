"""Rules between attributes: "Haken 2/0 bis 4/0 passen zu Ködern von 8 bis 12 cm"."""

import uuid
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
from catalog import categories, products
from catalog.crosssell import rules
from catalog.crosssell.rules import Rule, Side
from catalog.facets import Facet
from kit.database import reading, transaction
from kit.errors import KontorError, NotFound

_SIDES = ("source", "target")
_OF_SIDE = ("family", "attribute", "low", "high")
_FIELDS = ("kind", "reason_de", "reason_en", "id", *(f"{s}_{f}" for s in _SIDES for f in _OF_SIDE))


@blueprint.get("/crosssell/rules")
@allowed
def crosssell_rules() -> str:
    """List the rules; with ``rule`` in the address, show one in the form."""
    typed = dict.fromkeys(_FIELDS, "") | {"kind": "fits"}
    chosen = request.args.get("rule", "")
    if chosen:
        with reading() as session:
            typed = _typed(rules.one(session, _id(chosen)))
    return _page(typed)


@blueprint.post("/crosssell/rules")
@allowed
def crosssell_rule_save() -> Any:
    """Show what a rule would match, or keep it."""
    typed = {name: request.form.get(name, "").strip()[:300] for name in _FIELDS}
    rule = _rule(typed)
    try:
        if request.form.get("do") != "save":
            with reading() as session:
                matched = rules.preview(session, rule)
                shown = products.items(session, [*matched[0], *matched[1]])
            return _page(typed, matched=matched, shown=shown)
        with transaction() as session:
            rules.put(
                session,
                rule,
                actor=current_user.name,
                rule_id=_id(typed["id"]) if typed["id"] else None,
            )
    except KontorError as error:
        return _page(typed, problem=words.of_error(error)), 422
    flash(_("Die Regel gilt."), "ok")
    return redirect(url_for("backoffice.crosssell_rules"), 303)


@blueprint.post("/crosssell/rules/<uuid:rule>/switch")
@allowed
def crosssell_rule_switch(rule: uuid.UUID) -> Response:
    """Stop a rule, or let it count again."""
    with transaction() as session:
        rules.set_active(session, rule, current_user.name, active=request.form.get("active") == "1")
    return redirect(url_for("backoffice.crosssell_rules"), 303)


@blueprint.post("/crosssell/consumed")
@allowed
def crosssell_consumed() -> Response:
    """Say which families are used up, and may be offered again within a week."""
    if request.form.get("do") != "keep":
        return redirect(url_for("backoffice.crosssell_rules", _anchor="consumed"))
    chosen = {name[:32] for name in request.form.getlist("family")}
    with transaction() as session:
        known = set(rules.families(session))
        rules.set_consumed(session, chosen & known)
    flash(_("Gemerkt."), "ok")
    return redirect(url_for("backoffice.crosssell_rules", _anchor="consumed"))


def _page(typed: dict[str, str], **more: Any) -> str:
    with reading() as session:
        return render_template(
            "backoffice/crosssell_rules.html",
            typed=typed,
            rules=rules.listed(session),
            history=rules.history(session),
            families=rules.families(session),
            family_names=_names(session),
            facets=_facets(session),
            consumed=rules.consumed(session),
            kinds=[("fits", _("passt zu")), ("needs", _("wird gebraucht für"))],
            may_edit=permissions.may(current_user.role, "backoffice.crosssell_rule_save"),
            **more,
        )


def _names(session: Session) -> dict[str, str]:
    """Return what a family is called for people; its code is the retailer's own."""
    language = current_language()
    return {family: names[language] for family, names in rules.examples(session).items()}


def _facets(session: Session) -> dict[str, Facet]:
    """Return how attributes and their values are written, where a shelf says it."""
    shelves = categories.tree(session).facets
    return {facet.key: facet for declared in shelves.values() for facet in declared}


def _rule(typed: dict[str, str]) -> Rule:
    source, target = (Side(*(typed[f"{side}_{field}"] for field in _OF_SIDE)) for side in _SIDES)
    return Rule(typed["kind"], source, target, typed["reason_de"], typed["reason_en"])


def _typed(view: rules.RuleView) -> dict[str, str]:
    sides = {
        f"{name}_{field}": getattr(side, field)
        for name, side in (("source", view.rule.source), ("target", view.rule.target))
        for field in _OF_SIDE
    }
    rule = view.rule
    return {
        "id": str(view.id), "kind": rule.kind, "reason_de": rule.reason_de,
        "reason_en": rule.reason_en, **sides,
    }  # fmt: skip


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("crosssell_rule", rule=text) from None
