"""Catalogues and samples: who asked for some, who would get one, what went out, what was waste."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.community import mailings as books
from app.identity import permissions
from app.web import words
from app.web.backoffice import paper_forms
from app.web.backoffice.campaigns import paper_tabs
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import mailings as sending
from fulfilment.places import locations
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused

_YEAR = timedelta(days=365)


@blueprint.get("/mailings")
@allowed
def mailings() -> str:
    """List the mailings, an empty form, and the paper that was for nothing."""
    today = clock.today().isoformat()
    return _page({"kind": "catalogue", "starts_on": today, "owner": current_user.name})


@blueprint.get("/mailings/<code>")
@allowed
def mailing_edit(code: str) -> str:
    """Show one mailing, with who gets it and who does not."""
    with reading() as session:
        row = books.one(session, code)
        people = sending.recipients(session, row)
    return _page(paper_forms.as_typed(row, paper_forms.MAILING), known=True, row=row, people=people)


@blueprint.post("/mailings")
@allowed
def mailing_save() -> Any:
    """Keep a mailing; it is released to nobody by that."""
    fields, known = paper_forms.typed(request.form, paper_forms.MAILING)
    draft = paper_forms.mailing(fields)
    try:
        with transaction() as session:
            books.put(session, draft, new=not known)
    except Invalid as error:
        return _page(fields, known=known, wrong=paper_forms.wrong(error)), 422
    except Refused as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.mailing_edit", code=draft.code), 303)
    flash(_("„%(title)s“ ist gespeichert, und noch nicht freigegeben.", title=draft.title_de), "ok")
    return redirect(url_for("backoffice.mailing_edit", code=draft.code), 303)


@blueprint.post("/mailings/<code>/release")
@allowed
def mailing_release(code: str) -> Response:
    """Put a piece for everybody who asked onto the floor's list."""
    try:
        count = sending.release(code, actor=current_user.name)
    except Refused as error:
        flash(words.of_error(error), "danger")
    else:
        flash(
            ngettext(
                "%(num)s Sendung steht auf der Liste.",
                "%(num)s Sendungen stehen auf der Liste.",
                count,
            ),
            "ok",
        )
    return redirect(url_for("backoffice.mailing_edit", code=code), 303)


@blueprint.post("/mailings/<code>/stop")
@allowed
def mailing_stop(code: str) -> Response:
    """Take what has not left off the floor's list."""
    count = sending.stop(code)
    flash(
        ngettext(
            "Angehalten. %(num)s Sendung bleibt hier.",
            "Angehalten. %(num)s Sendungen bleiben hier.",
            count,
        ),
        "ok",
    )
    return redirect(url_for("backoffice.mailing_edit", code=code), 303)


def _page(typed: dict[str, str], **more: Any) -> str:
    with reading() as session:
        return render_template(
            "backoffice/mailings.html",
            typed=typed,
            made=books.listed(session),
            waste=books.waste(session, clock.now() - _YEAR),
            places=[(code, place.name) for code, place in locations.by_code(session).items()],
            kinds=[("catalogue", _("Katalog")), ("sample", _("Muster"))],
            sorts={"card": _("Karten"), "catalogue": _("Kataloge"), "sample": _("Muster")},
            why={
                "has_one": _("hat schon eines oder bekommt es gerade"),
                "no_address": _("keine Adresse im Konto"),
                "no_account": _("kein Konto mehr"),
                "problem": _("etwas ist nicht gelöst"),
            },
            today=clock.today(),
            tabs=paper_tabs("mailings"),
            may_edit=permissions.may(current_user.role, "backoffice.mailing_save"),
            **{"wrong": set(), "known": False, "row": None, "people": [], **more},
        )
