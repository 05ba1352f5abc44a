"""Sign in by a link in a mail, and out again. Nobody learns whether an address is known.

The link opens a page with a button: mail scanners open links, but press nothing.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import mail_links
from app.web import customer_session
from app.web.paths import within
from app.web.session import limiter
from app.web.storefront import visitor
from app.web.storefront.room import blueprint
from app.workflows import sign_in as workflow
from kit.database import reading
from kit.errors import Invalid, Refused

_MAX_EMAIL = 254


@blueprint.route("/anmelden", methods=["GET", "POST"])
@limiter.limit("10 per minute; 40 per hour", methods=["POST"])
def sign_in() -> Any:
    """Ask for the mail address, and send the link."""
    wanted = within(request.values.get("weiter")) or ""
    if request.method == "GET":
        if customer_session.signed_in() is not None:
            return redirect(wanted or url_for("storefront.account"))
        return _form("", wanted)
    email = request.form.get("email", "").strip()[:_MAX_EMAIL]
    try:
        address = workflow.ask(email, current_language(), wanted)
    except Invalid:
        text = _("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de.")
        return _form(email, wanted, {"email": text}), 422
    return render_template("storefront/sign_in_sent.html", email=address)


@blueprint.route("/anmelden/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def sign_in_link(token: str) -> Any:
    """Show the button that signs in; press it."""
    if request.method == "GET":
        with reading() as session:
            usable = mail_links.look(session, token, "sign_in") is not None
        page = render_template("storefront/sign_in_link.html", usable=usable)
        return page, 200 if usable else 410
    try:
        entered = workflow.enter(token, request.user_agent.string, current_language())
    except Refused:
        return render_template("storefront/sign_in_link.html", usable=False), 410
    if entered.is_new:
        flash(_("Willkommen. Ihre Kundennummer gilt auch im Laden."), "ok")
    visitor.take_along(entered.number)
    target = within(entered.next_path) or url_for("storefront.account")
    return customer_session.begin(redirect(target, 303), entered.token)


@blueprint.post("/abmelden")
def sign_out() -> Response:
    """Sign out on this device."""
    visitor.forget()
    flash(_("Sie sind abgemeldet."), "ok")
    return customer_session.end(redirect(url_for("storefront.home"), 303))


def _form(email: str, wanted: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "storefront/sign_in.html", email=email, wanted=wanted, errors=errors or {}
    )
