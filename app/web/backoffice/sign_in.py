"""Sign in and out: one door for back office and floor."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.identity import permissions, staff
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.paths import within
from app.web.session import Person, limiter
from kit.database import reading
from kit.errors import Forbidden


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Show the form, or let someone in and send them where they wanted to go."""
    if request.method == "GET":
        return render_template("backoffice/sign_in.html", email="", next=request.args.get("next"))
    email = request.form.get("email", "")
    try:
        with reading() as session:
            person = staff.sign_in(session, email, request.form.get("password", ""))
    except Forbidden as error:
        flash(words.of_error(error), "danger")
        page = render_template(
            "backoffice/sign_in.html", email=email, next=request.form.get("next")
        )
        return page, 401
    login_user(Person(person))
    return redirect(within(request.form.get("next")) or _home())


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
    return redirect(url_for("backoffice.sign_in"))
