"""Which customer is signed in: a cookie of its own, apart from staff's, asked for only if needed.

For the rooms of the web::

    from app.web.customer_session import current_customer, signed_in

    current_customer()   # customer number ("2104881"), or None
    signed_in()          # SignedIn(account_id, session_id, email, number, …), or None

Visitors without the cookie cost no question to the database; the others cost one per request.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.identity import customers
from app.identity.customers import SESSION_LASTS, SignedIn
from kit.database import reading, transaction

COOKIE = "kontor_kunde"
_UNKNOWN = object()


def signed_in() -> SignedIn | None:
    """Return who is signed in on this device."""
    known = getattr(g, "signed_in", _UNKNOWN)
    if known is _UNKNOWN:
        known = g.signed_in = _look_up()
    return known if isinstance(known, SignedIn) else None


def current_customer() -> str | None:
    """Return the number of the customer who is signed in, or None."""
    found = signed_in()
    return found.number if found else None


def _look_up() -> SignedIn | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    with reading() as session:
        found = customers.by_token(session, token)
    if found is not None and found.stale:
        with transaction() as session:
            customers.note_visit(session, found.session_id)
    return found


def begin(answer: Response, token: str) -> Response:
    """Sign in: give the session's token to the browser with the answer."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_LASTS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["KONTOR"].secure_cookies,
    )
    return answer


def end(answer: Response) -> Response:
    """Sign out on this device."""
    token = request.cookies.get(COOKIE)
    if token:
        with transaction() as session:
            customers.end_session(session, token)
    g.signed_in = None
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return answer


def for_customers(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view be used only by somebody who is signed in; others are asked to, and come back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if signed_in() is None:
            here = request.script_root + request.full_path.rstrip("?")
            wanted = here if request.method == "GET" else None
            return redirect(url_for("storefront.sign_in", weiter=wanted))
        return view(*args, **kwargs)

    return guarded
