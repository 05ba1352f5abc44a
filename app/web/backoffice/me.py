"""What is one's own: password, second factor, recovery codes, sessions."""

import segno
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from app.identity import audit, second_factor, staff
from app.identity.models import Staff
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import Person, allowed, began, limiter
from kit.database import reading, transaction
from kit.errors import Forbidden, Invalid

_WRONG = "20/minute"


@blueprint.get("/me")
@allowed
def me() -> str:
    """Show one's own account."""
    return _page()


def _page(*, codes: list[str] | None = None) -> str:
    key = current_app.config["SECRET_KEY"]
    with reading() as session:
        person = staff.one(session, current_user.row.id)
        secret = second_factor.pending(person, key)
        return render_template(
            "backoffice/me.html",
            person=person,
            secret=secret,
            qr=_qr(secret, person.email) if secret else None,
            left=second_factor.left(session, person),
            codes=codes,
            wanted=current_app.config["KONTOR"].second_factor_required
            and person.role in staff.AT_THE_DESK,
        )


def _qr(secret: str, email: str) -> str:
    code = segno.make(second_factor.address(secret, email), error="m")
    return str(code.svg_inline(scale=5, border=2, light="#fff", dark="#000"))


@blueprint.post("/me/password")
@allowed
@limiter.limit(_WRONG)
def me_password() -> Response:
    """Change one's password; every other session ends."""
    form = request.form
    try:
        with transaction() as session:
            person = staff.sign_in(session, current_user.row.email, form.get("password", ""))
            if form.get("new", "") != form.get("again", ""):
                raise Invalid("password_differs")
            staff.choose_password(session, person, form.get("new", ""))
            audit.note(session, person.name, "password", "staff", person.email)
    except (Forbidden, Invalid) as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.me"), 303)
    _stay(person)
    flash(_("Passwort geändert. Alle anderen Anmeldungen sind beendet."), "ok")
    return redirect(url_for("backoffice.me"), 303)


@blueprint.post("/me/sessions/end")
@allowed
def me_sessions_end() -> Response:
    """Sign out everywhere else."""
    if request.form.get("sure") != "1":
        flash(words.of_code("stale_form"), "warn")
        return redirect(url_for("backoffice.me"), 303)
    with transaction() as session:
        person = staff.one(session, current_user.row.id, lock=True)
        staff.end_sessions(person)
    _stay(person)
    flash(_("Alle anderen Anmeldungen sind beendet."), "ok")
    return redirect(url_for("backoffice.me"), 303)


@blueprint.post("/me/second-factor")
@allowed
def me_factor_begin() -> Response:
    """Make a secret for an authenticator; it counts once a code was typed."""
    if request.form.get("sure") != "1":
        flash(words.of_code("stale_form"), "warn")
        return redirect(url_for("backoffice.me"), 303)
    with transaction() as session:
        person = staff.one(session, current_user.row.id, lock=True)
        if person.totp_since is None:
            second_factor.begin(person, current_app.config["SECRET_KEY"])
    return redirect(url_for("backoffice.me", _anchor="factor"), 303)


@blueprint.post("/me/second-factor/confirmation")
@allowed
@limiter.limit(_WRONG)
def me_factor_confirm() -> str | Response:
    """Put the second factor in force and show the recovery codes, once."""
    try:
        with transaction() as session:
            person = staff.one(session, current_user.row.id, lock=True)
            if person.totp_since is not None:
                return redirect(url_for("backoffice.me"), 303)
            codes = second_factor.confirm(
                session, person, request.form.get("code", ""), current_app.config["SECRET_KEY"]
            )
            staff.end_sessions(person)
            audit.note(session, person.name, "factor_on", "staff", person.email)
    except Forbidden as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.me", _anchor="factor"), 303)
    _stay(person)
    return _page(codes=codes)


@blueprint.post("/me/second-factor/removal")
@allowed
@limiter.limit(_WRONG)
def me_factor_remove() -> Response:
    """Take the second factor away, with a code of it."""
    try:
        with transaction() as session:
            person = staff.one(session, current_user.row.id, lock=True)
            second_factor.check(
                session, person, request.form.get("code", ""), current_app.config["SECRET_KEY"]
            )
            second_factor.remove(session, person)
            audit.note(session, person.name, "factor_off", "staff", person.email)
    except Forbidden as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Zweiter Faktor entfernt."), "ok")
    return redirect(url_for("backoffice.me", _anchor="factor"), 303)


def _stay(person: Staff) -> None:
    """Sign this browser in again: the epoch of the person's sessions has moved on."""
    login_user(Person(person))
    began()
