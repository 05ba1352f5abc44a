"""People who work here: invite, roles by location, new links, end of an account."""

import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import audit, permissions, second_factor, staff
from app.identity.audit import Wanted
from app.web import words
from app.web.backoffice import rights
from app.web.backoffice.audit_log import ACTIONS, differences
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from fulfilment.places import locations
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, Refused

ROLE_WORDS = {
    "cashier": _l("Kasse"),
    "picker": _l("Picken"),
    "store_lead": _l("Filialleitung"),
    "service": _l("Kundendienst"),
    "back_office": _l("Back Office"),
    "admin": _l("Verwaltung"),
}


@blueprint.get("/people")
@allowed
def people() -> str:
    """List everybody, and invite somebody."""
    return _list()


def _list(*, typed: Any = None, error: str = "") -> str:
    with reading() as session:
        return render_template(
            "backoffice/people.html",
            people=staff.everybody(session),
            places=(places := locations.by_code(session)),
            place_options=_options(places),
            roles=[(role, str(ROLE_WORDS[role])) for role in staff.ROLES],
            role_words=ROLE_WORDS,
            bound=staff.AT_ONE_PLACE,
            typed=typed or {},
            error=error,
            may_change=permissions.may(current_user.role, "backoffice.person_change"),
        )


_SHOWN = {"name", "role", "location", "active"}


def _changes(entry: Any) -> str:
    """What has become of a person, in one line; marks of sessions are nobody's business."""
    if entry.action != "update":
        return ""
    return " · ".join(
        f"{name}: {before or '–'} → {after or '–'}"
        for name, before, after in differences(entry)
        if name in _SHOWN
    )


def _options(places: dict[str, Any]) -> list[tuple[str, str]]:
    return [("", _("alle")), *((code, place.name) for code, place in places.items())]


@blueprint.post("/people")
@allowed
def people_invite() -> str | tuple[str, int] | Response:
    """Invite somebody; the link to choose a password is shown once, and mailed by hand."""
    form = request.form
    try:
        with transaction() as session:
            person, token = staff.invite(
                session,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=form.get("role", ""),
                location=form.get("location") or None,
            )
    except (Invalid, Refused) as error:
        return _list(typed=form, error=words.of_error(error)), 422
    return _one(person.id, link=_link(token))


def _link(token: str) -> str:
    return f"{current_app.config['KONTOR'].public_url}{url_for('backoffice.welcome', token=token)}"


@blueprint.get("/people/<uuid:staff_id>")
@allowed
def person(staff_id: uuid.UUID) -> str:
    """Show one person: what they may do, and what was changed about them."""
    return _one(staff_id)


def _one(staff_id: uuid.UUID, *, link: str = "", error: str = "") -> str:
    with reading() as session:
        found = staff.one(session, staff_id)
        return render_template(
            "backoffice/person.html",
            person=found,
            audit_action=lambda action: str(ACTIONS.get(action, action)),
            audit_words=_changes,
            link=link,
            error=error,
            places=(places := locations.by_code(session)),
            place_options=_options(places),
            roles=[(role, str(ROLE_WORDS[role])) for role in staff.ROLES],
            entries=audit.entries(session, Wanted(thing="staff", key=found.email), limit=30),
            may_change=permissions.may(current_user.role, "backoffice.person_change"),
            locked=staff.is_locked(found),
        )


@blueprint.post("/people/<uuid:staff_id>")
@allowed
def person_change(staff_id: uuid.UUID) -> str | tuple[str, int] | Response:
    """Change a person's name, role, location, or whether they work here."""
    form = request.form
    try:
        with transaction() as session:
            found = staff.one(session, staff_id, lock=True)
            staff.change(
                session,
                found,
                name=form.get("name", ""),
                role=form.get("role", ""),
                location=form.get("location") or None,
                active=form.get("active") == "1",
                by=str(current_user.row.id),
            )
    except (Invalid, Refused) as error:
        return _one(staff_id, error=words.of_error(error)), 422
    flash(_("Gespeichert."), "ok")
    return redirect(url_for("backoffice.person", staff_id=staff_id), 303)


@blueprint.post("/people/<uuid:staff_id>/link")
@allowed
def person_link(staff_id: uuid.UUID) -> str | Response:
    """Make a new link by which a person chooses a password; shown once."""
    with transaction() as session:
        found = staff.one(session, staff_id, lock=True)
        token = staff.link(session, found)
    return _one(staff_id, link=_link(token))


@blueprint.post("/people/<uuid:staff_id>/second-factor/removal")
@allowed
def person_factor_remove(staff_id: uuid.UUID) -> Response:
    """Take somebody's second factor away: the telephone is lost, and the paper, too."""
    with transaction() as session:
        found = staff.one(session, staff_id, lock=True)
        second_factor.remove(session, found)
        staff.end_sessions(found)
    flash(_("Zweiter Faktor entfernt; alle Anmeldungen sind beendet."), "ok")
    return redirect(url_for("backoffice.person", staff_id=staff_id), 303)


@blueprint.post("/people/<uuid:staff_id>/sessions/end")
@allowed
def person_sessions_end(staff_id: uuid.UUID) -> Response:
    """Sign somebody out everywhere."""
    try:
        with transaction() as session:
            staff.end_sessions(staff.one(session, staff_id, lock=True))
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Überall abgemeldet."), "ok")
    return redirect(url_for("backoffice.person", staff_id=staff_id), 303)


@blueprint.get("/people/roles")
@allowed
def people_roles() -> str:
    """Show the whole table of pages and roles, as the house enforces it."""
    return render_template(
        "backoffice/people_roles.html",
        roles=[(role, str(ROLE_WORDS[role])) for role in staff.ROLES],
        table=rights.table(),
    )
