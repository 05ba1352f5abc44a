"""Calls that customers are owed: what to say stands on the page."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.messages import calls as call_tasks
from app.web import words
from app.web.floor.room import blueprint, place
from app.web.session import allowed
from app.workflows import owed
from kit import clock
from kit.database import reading
from kit.errors import Refused


@blueprint.get("/calls")
@allowed
def calls() -> str:
    """Show the calls of this location, the most urgent first."""
    with reading() as session:
        here = place(session)
        return render_template(
            "floor/calls.html", here=here, tasks=call_tasks.due(session, here.code), now=clock.now()
        )


@blueprint.post("/calls/<uuid:task_id>")
@allowed
def call_done(task_id: uuid.UUID) -> Response:
    """Note how the call went."""
    try:
        with reading() as session:
            here = place(session).code
        owed.called(
            task_id,
            by=current_user.name,
            outcome=request.form.get("outcome", ""),
            note=request.form.get("note", "").strip()[:500],
            location=here,
        )
    except Refused as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Notiert. Danke!"), "ok")
    return redirect(url_for("floor.calls", place=request.values.get("place") or None))
