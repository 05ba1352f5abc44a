"""Subscribe to the newsletter with a confirmation by mail, and leave it in one step."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature

from app.i18n import current_language
from app.messages import leaving
from app.web.customer_session import signed_in
from app.web.session import csrf, limiter
from app.web.storefront.room import blueprint
from app.workflows import newsletter as workflow
from kit.errors import Invalid, Refused
from loyalty.consents import Asking


def wording() -> str:
    """Return the words that somebody agrees to; they are stored as they were shown."""
    return str(
        _(
            "Ich möchte Neues, Angebote und Anleitungen per E-Mail bekommen, etwa zweimal im"
            " Monat. Abmelden geht jederzeit mit einem Klick."
        )
    )


@blueprint.route("/newsletter", methods=["GET", "POST"])
@limiter.limit("10 per minute; 40 per hour", methods=["POST"])
def newsletter() -> Any:
    """Ask for the address; a box that nobody has ticked for them, and a mail to confirm."""
    who = signed_in()
    typed = request.form.get("email", who.email if who else "").strip()[:254]
    errors: dict[str, str] = {}
    if request.method == "POST":
        asking = Asking(wording(), current_language(), "shop", request.remote_addr or "")
        if request.form.get("agree") != "1":
            errors["agree"] = _("Bitte setzen Sie das Häkchen, wenn Sie das möchten.")
        try:
            if not errors:
                workflow.ask(typed, asking)
                return render_template("storefront/newsletter_sent.html", email=typed)
        except Invalid:
            errors["email"] = _("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de.")
    page = render_template(
        "storefront/newsletter.html", typed=typed, errors=errors, wording=wording()
    )
    return page, 422 if errors else 200


@blueprint.route("/newsletter/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def newsletter_confirm(token: str) -> Any:
    """Confirm with the link of the mail; mail scanners open links, but press nothing."""
    if request.method == "GET":
        return render_template("storefront/newsletter_confirm.html")
    try:
        email = workflow.confirm(token, ip=request.remote_addr or "")
    except Refused:
        return render_template("storefront/newsletter_confirm.html", over=True), 410
    leave = leaving.address(email, current_language())
    return render_template("storefront/newsletter_done.html", leave=leave)


@blueprint.route("/newsletter/abmelden/<signed>", methods=["GET", "POST"])
@csrf.exempt
def newsletter_leave(signed: str) -> Any:
    """Leave: one button on the page, or the mail program's own (RFC 8058)."""
    try:
        email = str(leaving.signer().loads(signed))
    except BadSignature:
        return render_template("storefront/newsletter_left.html", state="unknown"), 404
    if request.method == "GET":
        return render_template("storefront/newsletter_left.html", state="ask")
    workflow.leave(email, source="mail", ip=request.remote_addr or "")
    return render_template("storefront/newsletter_left.html", state="left")


@blueprint.post("/konto/newsletter-abmelden")
def account_newsletter_leave() -> Any:
    """Leave from the account's settings."""
    who = signed_in()
    if who is None:
        return redirect(url_for("storefront.sign_in"))
    workflow.leave(who.email, source="account", ip=request.remote_addr or "")
    flash(_("Abgemeldet. Es kommt kein Newsletter mehr."), "ok")
    return redirect(url_for("storefront.account_settings"), 303)
