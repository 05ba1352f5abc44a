"""The desk: calls that are owed, pictures, checks, the clock."""

import uuid
from datetime import datetime, timedelta

from flask import (
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.exceptions import Forbidden as NotHere
from werkzeug.wrappers import Response

from app import invariants as proofs
from app.community.models import Photo
from app.messages import calls as call_tasks
from app.web import office_words, words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import owed
from fulfilment.places import locations
from kit import clock as shop_clock
from kit.database import reading, transaction
from kit.errors import NotFound, Refused


@blueprint.get("/calls")
@allowed
def calls() -> str:
    """Show every call that is owed, the most urgent first."""
    with reading() as session:
        return render_template(
            "backoffice/calls.html",
            tasks=call_tasks.due(session),
            places=locations.by_code(session),
            now=shop_clock.now(),
        )


@blueprint.post("/calls/<uuid:task_id>")
@allowed
def call_done(task_id: uuid.UUID) -> Response:
    """Note how a call went."""
    try:
        owed.called(
            task_id,
            by=current_user.name,
            outcome=request.form.get("outcome", ""),
            note=request.form.get("note", "").strip()[:500],
        )
    except Refused as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Notiert. Danke!"), "ok")
    return redirect(url_for("backoffice.calls"))


@blueprint.get("/photos")
@allowed
def photos() -> str:
    """Show pictures that customers sent, the undecided first."""
    with reading() as session:
        rows = session.scalars(
            select(Photo).order_by(Photo.state != "new", Photo.rights_at.desc()).limit(60)
        ).all()
    return render_template("backoffice/photos.html", rows=rows)


@blueprint.get("/photos/<uuid:photo_id>/file")
@allowed
def photo_file(photo_id: uuid.UUID) -> Response:
    """Send a picture to the one who decides about it."""
    with reading() as session:
        row = session.get(Photo, photo_id)
    if row is None:
        raise NotFound("photo")
    return send_from_directory(current_app.config["KONTOR"].uploads, row.path)


@blueprint.post("/photos/<uuid:photo_id>")
@allowed
def photo_decide(photo_id: uuid.UUID) -> Response:
    """Show a picture to others, or hide it; either can be undone."""
    state = request.form.get("state", "")
    with transaction() as session:
        row = session.get(Photo, photo_id, with_for_update=True)
        if row is None or state not in {"shown", "hidden"}:
            raise NotFound("photo")
        row.state = state
    return redirect(url_for("backoffice.photos"))


@blueprint.get("/invariants")
@allowed
def invariants() -> str:
    """Check the fifteen invariants now and show what they say."""
    with reading() as session:
        findings = proofs.check(session)
    return render_template(
        "backoffice/invariants.html",
        findings=findings,
        titles=office_words.INVARIANTS,
        at=shop_clock.now(),
    )


@blueprint.route("/clock", methods=["GET", "POST"])
@allowed
def clock() -> str | Response:
    """Show the shop's clock; in the demo, move it forward."""
    demo = current_app.config["KONTOR"].demo
    if request.method == "GET":
        return render_template("backoffice/clock.html", now=shop_clock.now(), demo=demo)
    if not demo:
        raise NotHere
    target = _wanted(request.form)
    if target <= shop_clock.now():
        flash(_("Die Uhr geht nur vorwärts: zurück würde Belege in die Zukunft legen."), "warn")
    else:
        with transaction() as session:
            shop_clock.move_to(session, target)
        flash(_("Die Uhr des Ladens ist gestellt."), "ok")
    return redirect(url_for("backoffice.clock"))


def _wanted(form: dict[str, str]) -> datetime:
    try:
        if form.get("hours"):
            return shop_clock.now() + timedelta(hours=int(form["hours"]))
        return datetime.fromisoformat(form.get("instant", "")).replace(tzinfo=shop_clock.BERLIN)
    except (ValueError, OverflowError):
        return shop_clock.now()
