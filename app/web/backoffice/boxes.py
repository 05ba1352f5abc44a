"""Cartons and shelf places: typed in or as a table, seen before it counts, taken back after."""

import csv
import io
from typing import Any

from flask import Response as Sent
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import taking_back
from catalog import products
from catalog.models import Item
from fulfilment.models import Location
from fulfilment.outbound import boxes as cartons
from fulfilment.outbound import shelving
from fulfilment.outbound.boxes import Measures
from fulfilment.places import locations
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused

_NUMBERS = ("length_mm", "width_mm", "height_mm", "tare_grams", "most_grams")
_FIELDS = ("code", "name_de", "name_en", *_NUMBERS)
_PAGE = 60
_MOST_LINES, _LONGEST_TABLE = 20_000, 2_000_000


@blueprint.get("/boxes")
@allowed
def boxes() -> str:
    """List the cartons, with an empty form, or with one of them to be changed."""
    code = request.args.get("code", "")
    if not code:
        return _boxes({})
    with reading() as session:
        row = cartons.one(session, code)
    return _boxes({name: str(getattr(row, name)) for name in _FIELDS}, known=True)


@blueprint.post("/boxes")
@allowed
def box_save() -> Any:
    """Make or change a carton."""
    typed = {name: request.form.get(name, "").strip()[:60] for name in _FIELDS}
    known = request.form.get("known") == "1"
    numbers = {name: _whole(typed[name]) for name in _NUMBERS}
    measures = Measures(typed["name_de"], typed["name_en"], **numbers)
    try:
        with transaction() as session:
            there = {row.code for row in cartons.all_of(session, retired=True)}
            if (typed["code"] in there) is not known:
                raise Invalid("box_facts", fields=["code"])
            cartons.save(session, typed["code"], measures)
    except Invalid as error:
        return _boxes(typed, known=known, wrong=error.facts["fields"]), 422
    flash(_("Karton „%(name)s“ ist gespeichert.", name=typed["name_de"]), "ok")
    return redirect(url_for("backoffice.boxes"), 303)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else None


@blueprint.post("/boxes/<code>/retirement")
@allowed
def box_retire(code: str) -> Response:
    """Suggest a carton no more, or again."""
    back = request.form.get("back") == "1"
    with transaction() as session:
        row = cartons.retire(session, code, back=back)
    text = _("„%(name)s“ wird wieder vorgeschlagen.") if back else _("„%(name)s“ ist abgelegt.")
    flash(text % {"name": row.name_de if current_language() == "de" else row.name_en}, "ok")
    return redirect(url_for("backoffice.boxes"), 303)


def _boxes(typed: dict[str, str], **more: Any) -> str:
    with reading() as session:
        return render_template(
            "backoffice/boxes.html",
            typed=typed,
            rows=cartons.all_of(session, retired=True),
            changes=taking_back.latest(session, "boxes"),
            tabs=_tabs("boxes"),
            may_edit=permissions.may(current_user.role, "backoffice.box_save"),
            **{"known": False, "wrong": [], **more},
        )


@blueprint.get("/places")
@allowed
def places() -> str:
    """Show what lies where at a location, in the order of the walk; found by article or place."""
    return _places()


@blueprint.post("/places")
@allowed
def place_save() -> Any:
    """Take over a table of article and place: shown first, then written as one change."""
    table = _table()
    with reading() as session:
        here = _here(session)
        wanted, bad = _read(session, table)
        if not wanted and not bad:
            bad = [(1, _("In der Datei steht nichts."))]
        before = shelving.of(session, here.code, wanted)
    changed = {sku: place for sku, place in wanted.items() if before.get(sku, "") != place}
    if bad or request.form.get("do") != "save":
        shown = [(sku, before.get(sku, ""), place) for sku, place in sorted(changed.items())]
        tried = {"changed": shown, "same": len(wanted) - len(changed), "bad": bad}
        return _places(table=table, tried=tried), 422 if bad else 200
    with transaction() as session:
        shelving.put(session, here.code, {sku: place for sku, place in changed.items() if place})
        shelving.clear(session, here.code, [sku for sku, place in changed.items() if not place])
    count = len(changed)
    flash(ngettext("%(num)s Platz ist geändert.", "%(num)s Plätze sind geändert.", count), "ok")
    return redirect(url_for("backoffice.places", at=here.code), 303)


def _table() -> str:
    sheet = request.files.get("file")
    if sheet and sheet.filename:
        return sheet.stream.read(_LONGEST_TABLE).decode("utf-8-sig", "replace")
    return request.form.get("table", "")[:_LONGEST_TABLE]


def _read(session: Session, table: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return place by article, and each bad line with its number and what is wrong with it."""
    wanted: dict[str, str] = {}
    bad: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(table.splitlines()[:_MOST_LINES], start=1):
        sku, _between, place = (part.strip() for part in line.replace("\t", ";").partition(";"))
        if not sku or (number == 1 and sku.casefold() in {"sku", "artikelnummer"}):
            continue
        if len(place) > shelving.LONGEST:
            bad.append((number, _("Der Platz hat mehr als 32 Zeichen.")))
        elif sku in wanted:
            bad.append(
                (number, _("%(sku)s steht schon in Zeile %(line)s.", sku=sku, line=seen[sku]))
            )
        else:
            wanted[sku], seen[sku] = place, number
    known = set(session.scalars(select(Item.sku).where(Item.sku.in_(sorted(wanted)))))
    for sku in [sku for sku in wanted if sku not in known]:
        bad.append((seen[sku], _("Den Artikel %(sku)s gibt es nicht.", sku=sku)))
        del wanted[sku]
    return wanted, sorted(bad)


@blueprint.get("/places.csv")
@allowed
def places_export() -> Response:
    """Give a location's places as the table that the page takes."""
    with reading() as session:
        here = _here(session)
        rows = shelving.listed(session, here.code)
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=";", lineterminator="\n").writerows(
        [("sku", "place"), *((sku, place) for sku, place in rows)]
    )
    answer = Sent(sheet.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="places-{here.code}.csv"'
    return answer


def _here(session: Session) -> Location:
    """Return the location that is looked at; who belongs to one sees only that."""
    there = locations.by_code(session)
    code = current_user.location or request.values.get("at") or next(iter(there), "")
    if code not in there:
        raise NotFound("location", location=code)
    return there[code]


def _places(**more: Any) -> str:
    term = request.values.get("q", "").strip()[:64]
    with reading() as session:
        here = _here(session)
        rows = shelving.listed(session, here.code)
        titles = _titles(session, [sku for sku, _place in rows])
        needle = term.casefold()
        found = [
            (sku, place, titles.get(sku, ""))
            for sku, place in rows
            if needle in f"{sku} {place} {titles.get(sku, '')}".casefold()
        ]
        own = current_user.location
        return render_template(
            "backoffice/places.html",
            here=here,
            rows=found[:_PAGE],
            count=len(found),
            term=term,
            choices=[
                (code, row.name)
                for code, row in locations.by_code(session).items()
                if own in {None, code}
            ],
            changes=taking_back.latest(session, "shelf_places", location=own),
            tabs=_tabs("places"),
            may_edit=permissions.may(current_user.role, "backoffice.place_save"),
            **{"table": "", "tried": None, **more},
        )


def _titles(session: Session, skus: list[str]) -> dict[str, str]:
    language = current_language()
    return {sku: item.title(language) for sku, item in products.items(session, skus).items()}


@blueprint.post("/packing/<int:first>/undo")
@allowed
def packing_undo(first: int) -> Response:
    """Take one change of cartons or places back."""
    page = "places" if request.form.get("page") == "places" else "boxes"
    try:
        count = taking_back.take_back(first, location=current_user.location)
    except Refused as error:
        flash(words.of_error(error), "danger")
    else:
        flash(ngettext("Zurückgenommen.", "Zurückgenommen: %(num)s Zeilen.", count), "ok")
    return redirect(url_for(f"backoffice.{page}"), 303)


def _tabs(current: str) -> list[dict[str, Any]]:
    pages = (("boxes", _("Kartons")), ("places", _("Plätze im Regal")))
    return [
        {"label": label, "href": url_for(f"backoffice.{page}"), "current": page == current}
        for page, label in pages
    ]
