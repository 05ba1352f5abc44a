"""Who is asking: the staff session (flask-login), forms against forgery, rate limits.

A session of the desk ends after an hour without a click, anybody's at the latest after a day; and
at once where the person, their rights or their password change (`session_epoch`).
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, g, has_request_context, redirect, request, url_for
from flask import session as cookie
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.identity import audit, permissions, staff
from app.identity.models import Staff
from app.web import kept_pages
from app.web.cookies import LastingCookies
from kit.database import reading


class Forms(CSRFProtect):
    """Forms against forgery: by what the browser says of where they come from, else by a token.

    A form of one of our pages says so itself (Fetch Metadata, `Sec-Fetch-Site`; before that,
    `Origin`): no script of another site can make a browser say otherwise. So that pages need not
    differ from visitor to visitor, those that are kept carry no token.
    Source: W3C Fetch Metadata Request Headers, section 2.3; OWASP Cross-Site Request Forgery
    Prevention Cheat Sheet, "Fetch Metadata headers" and "Verifying Origin".
    """

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        """Refuse a form that does not come from a page of this shop."""
        if not comes_from_here():
            super().protect(apply_exemptions=apply_exemptions)


def comes_from_here() -> bool:
    """Tell whether the browser says that a page of this very site sends the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return origin in {f"{request.scheme}://{request.host}", current_app.config["KONTOR"].public_url}


def form_token() -> str:
    """Return the token of a form, none on a page that is for everybody."""
    return "" if kept_pages.for_everybody() else str(generate_csrf())


class Limits(Limiter):
    """Rate limits, each named above its view. None holds for every request, so none is sought."""

    def _check_request_limit(
        self,
        callable_name: str | None = None,
        in_middleware: bool = True,  # noqa: FBT001, FBT002 - the base's
    ) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


csrf = Forms()
limiter = Limits(get_remote_address, default_limits=[])
_login = LoginManager()

HOUR = 3600
# Seconds without a click, and in all: at the desk, and for who carries a phone all day.
IDLE_AT_THE_DESK, IDLE_ELSEWHERE = HOUR, 12 * HOUR
LONGEST_AT_THE_DESK, LONGEST_ELSEWHERE = 12 * HOUR, 24 * HOUR
_NOTED_EVERY = 60
# What somebody without a second factor may still do where one is asked for.
_WITHOUT_FACTOR = ("backoffice.me",)


class Person:
    """The signed-in member of staff, as flask-login wants it."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, row: Staff) -> None:
        self.row = row
        self.name = row.name
        self.role = row.role
        self.location = row.location
        self.is_active = row.active
        self.has_second_factor = row.totp_since is not None

    def get_id(self) -> str:
        """Return what the session cookie carries: who, and in which epoch of their sessions."""
        return f"{self.row.id}:{self.row.session_epoch}"


def init(app: Flask) -> None:
    """Wire sign-in, CSRF protection and rate limits into the application."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["KONTOR"].redis_url)
    # A shop that cannot reach Redis still sells.
    app.config.setdefault("RATELIMIT_SWALLOW_ERRORS", True)
    app.session_interface = LastingCookies()
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = form_token
    app.context_processor(lambda: {"csrf_token": form_token})
    limiter.init_app(app)
    _login.init_app(app)
    _login.user_loader(_load)
    _login.unauthorized_handler(_ask_to_sign_in)
    if not event.contains(Session, "after_begin", _name_the_person):
        event.listen(Session, "after_begin", _name_the_person)


def began() -> None:
    """Note that a person has just signed in: from here on their session ages."""
    cookie["staff_since"] = cookie["staff_seen"] = int(time.time())


def _load(named: str) -> Person | None:
    staff_id, _colon, epoch = named.partition(":")
    with reading() as session:
        row = staff.by_id(session, staff_id)
    if row is None or str(row.session_epoch) != epoch or not _still_awake(row):
        return None
    g.staff_name = row.name
    return Person(row)


def _still_awake(row: Staff) -> bool:
    now, since, seen = int(time.time()), cookie.get("staff_since", 0), cookie.get("staff_seen", 0)
    desk = row.role in staff.AT_THE_DESK
    if now - since > (LONGEST_AT_THE_DESK if desk else LONGEST_ELSEWHERE):
        return False
    if now - seen > (IDLE_AT_THE_DESK if desk else IDLE_ELSEWHERE):
        return False
    # A board that refreshes itself is nobody's click.
    if now - seen > _NOTED_EVERY and "X-Refresh" not in request.headers:
        cookie["staff_seen"] = now
    return True


def _name_the_person(_session: Session, _transaction: Any, connection: Connection) -> None:
    """Have the database note whose changes these are, in transactions of signed-in staff."""
    if has_request_context() and request.method == "POST" and "staff_name" in g:
        audit.name(connection, g.staff_name)


def _ask_to_sign_in() -> Response:
    return redirect(url_for("backoffice.sign_in", next=request.full_path))


def allowed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view be used only by roles that the permissions table names for its endpoint."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return _ask_to_sign_in()
        endpoint = request.endpoint or ""
        if not permissions.may(current_user.role, endpoint):
            abort(403)
        if _lacks_factor() and not endpoint.startswith(_WITHOUT_FACTOR):
            return redirect(url_for("backoffice.me"))
        return view(*args, **kwargs)

    return guarded


def _lacks_factor() -> bool:
    return bool(
        current_app.config["KONTOR"].second_factor_required
        and current_user.role in staff.AT_THE_DESK
        and not current_user.has_second_factor
    )
