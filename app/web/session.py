"""Who is asking: the staff session (flask-login), forms against forgery, rate limits."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, redirect, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from app.identity import permissions, staff
from app.identity.models import Staff
from kit.database import reading

csrf = CSRFProtect()
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
