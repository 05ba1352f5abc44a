"""Who is asking: the staff session (flask-login), forms against forgery, rate limits."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.identity import permissions, staff
from app.identity.models import Staff
from app.web import kept_pages
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


csrf = Forms()
limiter = Limiter(get_remote_address, default_limits=[])
_login = LoginManager()


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

    def get_id(self) -> str:
        """Return the id that the session cookie carries."""
        return str(self.row.id)


def init(app: Flask) -> None:
    """Wire sign-in, CSRF protection and rate limits into the application."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["KONTOR"].redis_url)
    # A shop that cannot reach Redis still sells.
    app.config.setdefault("RATELIMIT_SWALLOW_ERRORS", True)
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = form_token
    app.context_processor(lambda: {"csrf_token": form_token})
    limiter.init_app(app)
    _login.init_app(app)
    _login.user_loader(_load)
    _login.unauthorized_handler(_ask_to_sign_in)


def _load(staff_id: str) -> Person | None:
    with reading() as session:
        row = staff.by_id(session, staff_id)
    return Person(row) if row else None


def _ask_to_sign_in() -> Response:
    return redirect(url_for("backoffice.sign_in", next=request.full_path))


def allowed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view be used only by roles that the permissions table names for its endpoint."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return _ask_to_sign_in()
        if not permissions.may(current_user.role, request.endpoint or ""):
            abort(403)
        return view(*args, **kwargs)

    return guarded
