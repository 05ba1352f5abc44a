"""Say no: what a place cannot send and why, and days on which it sends nothing more."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web import words
from app.web.floor.room import blueprint, place, worker
from app.web.session import allowed
from app.workflows import floor, watch
from catalog import products
from fulfilment.outbound import picking, refusals
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused

# What a reason is called, and what follows from it, in the words of who taps it.
_REASONS = {
    "not_found": (_l("Nicht gefunden"), _l("Das Fach wird gezählt, bis dahin gesperrt.")),
    "damaged": (_l("Beschädigt"), _l("Die Stücke werden gesperrt.")),
    "laid_aside": (
        _l("Für einen Kunden zurückgelegt"),
        _l("Die Stücke werden im Netz nicht mehr verkauft."),
    ),
    "no_time": (_l("Keine Zeit heute"), _l("Heute kommt hier kein weiteres Paket dazu.")),
    "closed": (
        _l("Geschlossen oder keine Abholung"),
        _l("Heute geht von hier nichts mehr ab; alle offenen Aufträge werden neu verteilt."),
    ),
    "other": (_l("Etwas anderes"), _l("Bitte unten sagen, was.")),
}


@blueprint.route("/jobs/<uuid:job_id>/refusals", methods=["GET", "POST"])
@allowed
def refuse(job_id: uuid.UUID) -> Any:
    """Ask why, and say no to the chosen lines."""
    if request.method == "POST":
        return _refused(job_id)
    return _form(job_id, {}, None)


def _form(job_id: uuid.UUID, typed: dict[str, Any], error: tuple[str, str] | None) -> Any:
    with reading() as session:
        here = place(session)
        job = picking.job(session, job_id)
        if job.location != here.code:
            raise NotFound("fulfilment_order")
        lines = [line for line in job.lines if line.left]
        items = products.items(session, [line.sku for line in lines])
    page = render_template(
        "floor/refuse.html",
        here=here,
        job=job,
        lines=[{"line": line, "item": items[line.sku]} for line in lines],
        reasons=[(code, *_REASONS[code]) for code in refusals.REASONS],
        typed=typed,
        error=dict([error]) if error else {},
    )
    return page, 422 if error else 200


def _refused(job_id: uuid.UUID) -> Any:
    typed = {
        "reason": request.form.get("reason", ""),
        "note": request.form.get("note", "").strip()[:500],
        "lines": request.form.getlist("line"),
    }
    chosen = _chosen(typed["lines"])
    if not chosen:
        return _form(job_id, typed, ("lines", _("Bitte wählen Sie, was Sie nicht schicken.")))
    with reading() as session:
        who = worker(session)
    try:
        units = floor.refuse(
            job_id, who, reason=typed["reason"], line_ids=chosen, note=typed["note"]
        )
    except Invalid as error:
        field = "note" if error.code == "refusal_note" else "reason"
        return _form(job_id, typed, (field, words.of_error(error)))
    except Refused as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("floor.job", job_id=job_id, **_place()))
    flash(
        ngettext(
            "%(num)s Stück abgegeben. Wir kümmern uns darum.",
            "%(num)s Stück abgegeben. Wir kümmern uns darum.",
            units,
        ),
        "ok",
    )
    with reading() as session:
        still = picking.job(session, job_id).state in picking.WAITING
    target = url_for("floor.job", job_id=job_id, **_place())
    return redirect(target if still else url_for("floor.jobs", **_place()))


def _chosen(lines: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(line) for line in lines]
    except ValueError:
        return []


def _place() -> dict[str, str]:
    chosen = request.values.get("place")
    return {"place": chosen} if chosen else {}


@blueprint.post("/day")
@allowed
def day() -> Response:
    """Send nothing more from here today, or again as usual."""
    with reading() as session:
        here = place(session).code
    if request.form.get("what") == "reopen":
        watch.reopen_day(here, actor=current_user.name)
        flash(_("Es kommen wieder Aufträge."), "ok")
        return redirect(url_for("floor.jobs", **_place()))
    try:
        reason = request.form.get("reason", "")[:200]
        watch.close_day(here, reason=reason, actor=current_user.name)
    except Invalid as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Heute geht von hier nichts mehr ab. Offene Aufträge werden neu verteilt."), "ok")
    return redirect(url_for("floor.jobs", **_place()))
