"""Sign in and out: one door for back office and floor."""

from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.identity import permissions, staff
from app.web import words
from app.web.backoffice.room import blueprint
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
    return redirect(_safe(request.form.get("next")) or _home())


def _safe(target: str | None) -> str | None:
    """Return a path of this shop; an address that leads elsewhere is dropped."""
    if not target:
        return None
    # Browsers read "///host" and "/\\host" as another host, and drop tabs and line breaks first.
    if not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return None
    parts = urlsplit(target)
    within = not parts.scheme and not parts.netloc and "\\" not in target
    return target if within else None


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
