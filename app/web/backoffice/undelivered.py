"""Messages that reached nobody: correct the order's address and send them again, or note a call."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.identity import permissions
from app.messages import failures
from app.messages.kinds import KINDS
from app.messages.models import Message, Undelivered
from app.sales.models import Order
from app.web import words
from app.web.backoffice.messages import tabs
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import unreachable
from kit.database import reading
from kit.errors import Invalid, Refused


@blueprint.get("/messages/undelivered")
@allowed
def undelivered() -> str:
    """Show what has reached nobody, with what the mail server said, and what was done about it."""
    with reading() as session:
        rows = failures.standing(session)
        seen = failures.standing(session, seen=True)
        every = [*rows, *seen]
        about = select(Message).where(Message.id.in_([row.message_id for row in every]))
        orders = select(Order).where(Order.ref.in_({row.order_ref for row in every} - {None}))
        return render_template(
            "backoffice/undelivered.html",
            cards=_together(rows),
            seen=seen,
            messages={row.id: row for row in session.scalars(about)},
            orders={row.ref: row for row in session.scalars(orders)},
            kinds=KINDS,
            wrong_address=failures.wrong_address,
            may_act=permissions.may(current_user.role, "backoffice.undelivered_see"),
            message_tabs=tabs(session),
        )


def _together(rows: Sequence[Undelivered]) -> list[list[Undelivered]]:
    """One address that is wrong is one thing to do, however many mails went there."""
    found: dict[tuple[str | None, str], list[Undelivered]] = {}
    for row in rows:
        found.setdefault((row.order_ref, row.recipient), []).append(row)
    return list(found.values())


@blueprint.post("/messages/undelivered/<uuid:undelivered_id>")
@allowed
def undelivered_see(undelivered_id: uuid.UUID) -> Response:
    """Correct the address of the order, or note how the customer was told."""
    form, name = request.form, current_user.name
    note = form.get("note", "").strip()
    try:
        if form.get("how") == "correct":
            sent = unreachable.correct(undelivered_id, form.get("email", ""), actor=name)
            flash(
                ngettext(
                    "Adresse berichtigt, %(num)s Nachricht geht gleich hinaus.",
                    "Adresse berichtigt, %(num)s Nachrichten gehen gleich hinaus.",
                    sent,
                ),
                "ok",
            )
        elif note:
            unreachable.settle(undelivered_id, actor=name, note=note)
            flash(_("Notiert. Danke!"), "ok")
        else:
            flash(_("Bitte kurz notieren, was gesagt wurde."), "danger")
    except (Invalid, Refused) as error:
        flash(words.of_error(error), "danger")
    return redirect(url_for("backoffice.undelivered"), 303)
