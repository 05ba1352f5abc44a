"""The newsletter: write an issue, look at it as it will come, send it once."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.messages.models import Newsletter
from app.web import words
from app.web.backoffice import messages
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import newsletters as workflow
from kit.database import reading
from kit.errors import Invalid, Refused

_FIELDS = ("subject_de", "text_de", "subject_en", "text_en")


@blueprint.get("/newsletters", endpoint="newsletters")
@allowed
def newsletters_page() -> str:
    """Show the issues, the newest first, and the form for one."""
    wanted = request.args.get("issue", "")
    with reading() as session:
        rows = list(session.scalars(select(Newsletter).order_by(Newsletter.made_at.desc())))
        gets, held = workflow.audience(session)
        return render_template(
            "backoffice/newsletters.html",
            rows=rows,
            draft=next((r for r in rows if str(r.id) == wanted and r.sent_at is None), None),
            gets=gets,
            held=held,
            message_tabs=messages.tabs(session),
        )


@blueprint.post("/newsletters")
@allowed
def newsletter_save() -> Response:
    """Keep a draft."""
    known = request.form.get("issue", "")
    texts = {name: request.form.get(name, "").replace("\r\n", "\n") for name in _FIELDS}
    try:
        issue = workflow.save(uuid.UUID(known) if known else None, texts, actor=current_user.name)
    except (Invalid, Refused) as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.newsletters"), 303)
    flash(_("Gespeichert."), "ok")
    return redirect(url_for("backoffice.newsletters", issue=issue), 303)


@blueprint.post("/newsletters/<uuid:issue_id>/send")
@allowed
def newsletter_send(issue_id: uuid.UUID) -> Response:
    """Send an issue to everybody who has confirmed and has no problem open."""
    try:
        row = workflow.send(issue_id, actor=current_user.name)
    except Refused as error:
        flash(words.of_error(error), "danger")
    else:
        flash(
            _(
                "Verschickt an %(gets)s, zurückgehalten bei %(held)s.",
                gets=row.recipients,
                held=row.held_back,
            ),
            "ok",
        )
    return redirect(url_for("backoffice.newsletters"), 303)
