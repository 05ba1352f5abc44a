"""Sign in and out: one door for back office and floor, with a second factor where there is one."""

import time

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.identity import audit, permissions, second_factor, staff
from app.identity.models import Staff
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.paths import within
from app.web.session import Person, began, limiter
from kit.database import reading, transaction
from kit.errors import Forbidden, NotFound

# Between password and code.
_PENDING, _PENDING_SECONDS = "staff_pending", 300


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Show the form, or let someone in and send them where they wanted to go."""
    if request.method == "GET":
        session.pop(_PENDING, None)
        return _form(request.args.get("next"))
    if "code" in request.form:
        return _with_code()
    email = request.form.get("email", "")
    try:
        with reading() as reader:
            person = staff.sign_in(reader, email, request.form.get("password", ""))
    except Forbidden as error:
        _note_failure(email)
        flash(words.of_error(error), "danger")
        return _form(request.form.get("next"), email=email), 401
    if person.totp_since is not None:
        session[_PENDING] = [Person(person).get_id(), int(time.time())]
        return _form(request.form.get("next"), asked=True)
    return _let_in(person)


def _form(following: str | None, *, email: str = "", asked: bool = False) -> str:
    return render_template("backoffice/sign_in.html", email=email, next=following, asked=asked)


def _with_code() -> str | Response | tuple[str, int]:
    """The second step: the code of the authenticator, or one from the paper."""
    named, since = session.get(_PENDING, ["", 0])
    staff_id, _colon, epoch = str(named).partition(":")
    try:
        with transaction() as writer:
            person = staff.by_id(writer, staff_id)
            if (
                person is None
                or time.time() - since > _PENDING_SECONDS
                or epoch != str(person.session_epoch)
                or staff.is_locked(person)
            ):
                raise NotFound("sign_in_again")
            person = staff.one(writer, person.id, lock=True)
            second_factor.check(
                writer, person, request.form.get("code", ""), current_app.config["SECRET_KEY"]
            )
    except NotFound:
        session.pop(_PENDING, None)
        flash(_("Das hat zu lange gedauert. Bitte melden Sie sich noch einmal an."), "warn")
        return _form(request.form.get("next")), 401
    except Forbidden as error:
        _note_failure(person.email)
        flash(words.of_error(error), "danger")
        return _form(request.form.get("next"), asked=True), 401
    session.pop(_PENDING, None)
    return _let_in(person)


def _let_in(person: Staff) -> Response:
    with transaction() as writer:
        row = staff.one(writer, person.id, lock=True)
        staff.count_success(writer, row)
        audit.note(writer, row.name, "signed_in", "staff", row.email)
    login_user(Person(person))
    began()
    return redirect(within(request.form.get("next")) or _home())


def _note_failure(email: str) -> None:
    with transaction() as writer:
        locked = staff.count_failure(writer, email)
        if locked is not None:
            audit.note(writer, locked.name, "locked", "staff", locked.email)


def _home() -> str:
    if permissions.may(current_user.role, "backoffice.board"):
        return url_for("backoffice.board")
    if permissions.may(current_user.role, "floor.jobs"):
        return url_for("floor.jobs")
    return "/till/"


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    logout_user()
    for name in ("staff_since", "staff_seen", _PENDING):
        session.pop(name, None)
    return redirect(url_for("backoffice.sign_in"))


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def welcome(token: str) -> str | Response | tuple[str, int]:
    """Let somebody who was invited choose their password, once."""
    with reading() as reader:
        person = staff.by_invitation(reader, token)
    if request.method == "GET":
        return render_template("backoffice/welcome.html", person=person, token=token, error="")
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        error = _("Die beiden Passwörter sind nicht gleich.")
        return _welcome_again(person, token, error)
    if len(password) < staff.MIN_PASSWORD:
        error = words.of_code("password_short")
        return _welcome_again(person, token, error)
    with transaction() as writer:
        row = staff.one(writer, staff.by_invitation(writer, token).id, lock=True)
        staff.choose_password(writer, row, password)
        audit.note(writer, row.name, "password", "staff", row.email)
    flash(_("Passwort gespeichert. Bitte melden Sie sich an."), "ok")
    return redirect(url_for("backoffice.sign_in"))


def _welcome_again(person: Staff, token: str, error: str) -> tuple[str, int]:
    page = render_template("backoffice/welcome.html", person=person, token=token, error=error)
    return page, 422
