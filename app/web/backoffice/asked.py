"""What shoppers asked for where the search had nothing: manuals and questions to the stores."""

import uuid

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web.backoffice.attempts import attempt
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import questions
from fulfilment.places import locations
from kit.database import reading
from kit.errors import NotFound


@blueprint.get("/asked", endpoint="asked")
@allowed
def asked_page() -> str:
    """List what waits for an answer, the oldest first, and what was answered last."""
    with reading() as session:
        return render_template(
            "backoffice/asked.html",
            waiting=questions.listed(session),
            closed=questions.listed(session, closed=True, limit=20),
            places=locations.by_code(session),
            outcomes=[
                ("answered", _("Beantwortet")),
                ("published", _("Anleitung beschafft und veröffentlicht")),
                ("not_to_be_had", _("Nicht zu bekommen")),
                ("unclear", _("Unklar, kein Rückweg")),
            ],
            may_close=permissions.may(current_user.role, "backoffice.asked_close"),
        )


@blueprint.post("/asked/<uuid:question_id>/outcome")
@allowed
def asked_close(question_id: uuid.UUID) -> Response:
    """Close a question with what became of it."""
    outcome, actor = request.form.get("outcome", ""), current_user.name
    attempt(
        lambda session: questions.close(session, question_id, outcome=outcome, actor=actor),
        _("Erledigt."),
        unless=NotFound,
    )
    return redirect(url_for("backoffice.asked"))
