"""Tables in and out: upload, see what would change and which lines are bad, take over; export."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog.imports import runs, sheets
from catalog.imports.kinds import KINDS
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused

NAMES = {"goods": _l("Artikel"), "prices": _l("Preise"), "links": _l("Passt und braucht")}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STATES = {
    "looking": _l("wird geprüft"), "looked_at": _l("geprüft"), "running": _l("wird übernommen"),
    "done": _l("übernommen"), "failed": _l("gescheitert"), "discarded": _l("verworfen"),
}  # fmt: skip
# What an error of a line means, where its words elsewhere speak to a shopper.
_FAULTS = {
    "field_missing": _l("Spalte „%(field)s“ ist leer"),
    "number": _l("„%(text)s“ in „%(field)s“ ist keine ganze Zahl"),
    "flag": _l("„%(text)s“ in „%(field)s“ ist weder ja noch nein"),
    "price": _l("„%(text)s“ ist kein Preis, Beispiel: 6,90"),
    "price_past": _l("der Preis liegt in der Vergangenheit"),
    "price_history": _l("der Preis würde die Vergangenheit ändern"),
    "valid_from": _l("„%(text)s“ ist kein Tag, Beispiel: 01.12.2026"),
    "item": _l("den Artikel %(sku)s gibt es nicht"),
    "category": _l("das Regal „%(slug)s“ gibt es nicht"),
    "product": _l("den Artikel „%(slug)s“ gibt es nicht"),
    "gtin": _l("die GTIN %(gtin)s stimmt nicht"),
    "gtin_taken": _l("die GTIN %(gtin)s gehört schon zu %(owner)s"),
    "sku": _l("„%(sku)s“ geht nicht als Artikelnummer"),
    "slug": _l("„%(slug)s“ geht nicht als Adresse: nur Kleinbuchstaben, Ziffern, Bindestriche"),
    "text_missing": _l("der Text „%(field)s“ fehlt"),
    "weight_grams": _l("das Gewicht fehlt oder ist 0"),
    "vat_basis_points": _l("diesen Steuersatz gibt es nicht: 0, 7 oder 19"),
    "shipping_group": _l("diese Versandgruppe gibt es nicht: std, haz oder bulky"),
    "content": _l("Inhalt und Einheit passen nicht zusammen"),
    "link_kind": _l("die Art ist needs oder fits"),
    "link_origin": _l("Quelle und Ziel sind dasselbe"),
    "not_publishable": _l("im Verkauf, und dann fehlt: %(gaps)s"),
    "maker": _l("beim Hersteller fehlt: %(field)s"),
    "malformed": _l("ein Wert ist zu lang oder nicht speicherbar"),
    "weee_number": _l("die WEEE-Nummer stimmt nicht"),
}


@blueprint.get("/imports")
@allowed
def imports() -> str:
    """Show the form, the exports, and what was uploaded before."""
    return _page()


def _page(*, error: str = "") -> str:
    with reading() as session:
        return render_template(
            "backoffice/imports.html",
            runs=runs.newest(session),
            kinds=KINDS,
            names=NAMES,
            states=_STATES,
            error=error,
            may_upload=permissions.may(current_user.role, "backoffice.import_upload"),
        )


@blueprint.post("/imports")
@allowed
def import_upload() -> Any:
    """Take a file and have it looked at; nothing changes by that."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("file")
        with transaction() as session:
            import_id = runs.upload(
                session,
                request.form.get("kind", ""),
                file.filename,
                file.stream.read(),
                actor=current_user.name,
            )
    except Invalid as error:
        return _page(error=_why(error)), 422
    return redirect(url_for("backoffice.import_run", import_id=import_id), 303)


def _why(error: Invalid) -> str:
    text = words.of_error(error)
    for name, label in (("missing", _("Es fehlt")), ("unknown", _("Unbekannt"))):
        listed = error.facts.get(name)
        if isinstance(listed, list) and listed:
            text += f" {label}: {', '.join(str(one) for one in listed[:10])}."
    return text


@blueprint.get("/imports/<uuid:import_id>")
@allowed
def import_run(import_id: uuid.UUID) -> str:
    """Show what a file would change, field by field, and every bad line by its number."""
    with reading() as session:
        row = runs.one(session, import_id)
        return render_template(
            "backoffice/import_run.html",
            run=row,
            names=NAMES,
            states=_STATES,
            faults=[(fault["line"], fault_words(fault)) for fault in row.found["faults"]],
            may_upload=permissions.may(current_user.role, "backoffice.import_upload"),
        )


def fault_words(fault: dict[str, Any]) -> str:
    """Return why a line cannot be taken over."""
    known = _FAULTS.get(fault["code"])
    try:
        return str(known) % fault["facts"] if known else words.of_code(fault["code"])
    except KeyError:
        return str(fault["code"])


@blueprint.post("/imports/<uuid:import_id>")
@allowed
def import_decide(import_id: uuid.UUID) -> Response:
    """Take over what was looked at, or leave it."""
    try:
        with transaction() as session:
            if request.form.get("do") == "take":
                runs.take_over(session, import_id, actor=current_user.name)
            elif request.form.get("do") == "leave":
                runs.discard(session, import_id)
            else:
                runs.one(session, import_id)
    except Refused as error:
        flash(words.of_error(error), "danger")
    return redirect(url_for("backoffice.import_run", import_id=import_id), 303)


@blueprint.get("/exports/<kind>.<ending>")
@allowed
def export(kind: str, ending: str) -> Response:
    """Send a table as it is now, in the columns that an import takes."""
    if kind not in KINDS or ending not in _TYPES:
        raise NotFound("export")
    with reading() as session:
        rows = KINDS[kind].rows(session)
    write = sheets.write_csv if ending == "csv" else sheets.write_excel
    answer = Response(write(KINDS[kind].columns, rows), content_type=_TYPES[ending])
    name = f"{kind}-{clock.today().isoformat()}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
