"""The account's settings: who one is, what one allows, where one is signed in, one's data."""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import customers as accounts
from app.identity import mail_links
from app.sales import orders
from app.web import customer_session, words
from app.web.customer_session import for_customers
from app.web.session import limiter
from app.web.storefront import checkout_form, paper
from app.web.storefront.account import whoever
from app.web.storefront.room import blueprint
from app.workflows import personal_data, sign_in
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, Refused
from loyalty import consents, customers
from loyalty.consents import NEWSLETTER


@blueprint.get("/konto/einstellungen")
@for_customers
def account_settings() -> str:
    """Show name and mail address, consents with their history, devices, and one's data."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    who = whoever()
    with reading() as session:
        account = accounts.account(session, who.account_id)
        visits = accounts.sessions_of(session, who.account_id)
        return render_template(
            "storefront/account/settings.html",
            devices=[_device(visit.agent) for visit in visits],
            customer=customers.by_number(session, who.number),
            email=who.email,
            errors=errors,
            newsletter=consents.given(session, who.email, NEWSLETTER),
            history=consents.history(session, who.email),
            paper={
                purpose: (words, consents.given(session, who.email, purpose))
                for purpose, words in paper.WORDINGS.items()
            },
            sessions=visits,
            here=who.session_id,
            kept_until=personal_data.kept_until(session, account),
        )


# What a browser calls itself, and what people call it; the first that fits.
_BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def _device(agent: str) -> str:
    """Return what somebody signed in with, as people say it."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
    if browser and system:
        return str(_("%(browser)s auf %(system)s", browser=browser, system=system))
    return browser or system or str(_("unbekanntes Gerät"))


@blueprint.post("/konto/einstellungen")
@for_customers
def account_person() -> Any:
    """Change name, telephone, and how to be told."""
    form = {name: request.form.get(name, "").strip()[:120] for name in ("name", "phone")}
    phone = checkout_form.phone_of(form["phone"])
    errors = {}
    if not form["name"]:
        errors["name"] = checkout_form.words_for("name")
    if form["phone"] and phone is None:
        errors["phone"] = _("Diese Nummer ist unvollständig, Beispiel: 0228 123456.")
    how = request.form.get("contact_by", "mail")
    how = how if how in customers.CONTACT_BY else "mail"
    if how in customers.BY_PHONE and phone is None and not errors:
        errors["phone"] = checkout_form.words_for("phone")
    if errors:
        return _page(errors), 422
    with transaction() as session:
        number = whoever().number
        customers.rename(session, number, name=form["name"])
        customers.change(session, number, phone=phone, contact_by=how, language=current_language())
        orders.prefer(session, number, contact_by=how, phone=phone, language=current_language())
    flash(_("Gespeichert."), "ok")
    return redirect(url_for("storefront.account_settings"), 303)


@blueprint.post("/konto/mailadresse")
@for_customers
@limiter.limit("5 per minute; 20 per hour")
def account_email() -> Any:
    """Ask for another mail address, which has to be confirmed from there."""
    try:
        sign_in.ask_for_email(
            whoever().account_id, request.form.get("email", "")[:254], current_language()
        )
    except Invalid as error:
        return _page({"email": words.of_error(error)}), 422
    flash(_("Der Link zum Bestätigen ist an die neue Adresse unterwegs."), "ok")
    return redirect(url_for("storefront.account_settings"), 303)


@blueprint.route("/konto/adresse-bestaetigen/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def account_email_link(token: str) -> Any:
    """Confirm the new address with the link of the mail."""
    if request.method == "GET":
        with reading() as session:
            usable = mail_links.look(session, token, "change_email") is not None
        page = render_template("storefront/account/email_confirm.html", usable=usable)
        return page, 200 if usable else 410
    try:
        sign_in.change_email(token)
    except Refused:
        return render_template("storefront/account/email_confirm.html", usable=False), 410
    flash(_("Die neue Adresse gilt."), "ok")
    return redirect(url_for("storefront.sign_in", weiter=url_for("storefront.account")), 303)


@blueprint.post("/konto/abmelden-ueberall")
@for_customers
def account_sign_out_others() -> Response:
    """Sign out on every other device."""
    who = whoever()
    sign_in.sign_out_others(who.account_id, who.session_id)
    flash(_("Auf allen anderen Geräten abgemeldet."), "ok")
    return redirect(url_for("storefront.account_settings"), 303)


@blueprint.get("/konto/meine-daten.json")
@for_customers
@limiter.limit("10 per hour")
def account_data() -> Response:
    """Give everything that is known as a file."""
    with reading() as session:
        account = accounts.account(session, whoever().account_id)
        found = personal_data.export(session, account)
    body = json.dumps(found, ensure_ascii=False, indent=2)
    answer = Response(body, mimetype="application/json")
    name = f"meine-daten-{clock.today():%Y-%m-%d}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/konto/loeschen", methods=["GET", "POST"])
@for_customers
def account_delete() -> Any:
    """Say what is deleted and what is kept, then do it."""
    who = whoever()
    if request.method == "GET":
        with reading() as session:
            account = accounts.account(session, who.account_id)
            until = personal_data.kept_until(session, account)
        return render_template("storefront/account/delete.html", kept_until=until)
    try:
        personal_data.forget(who.account_id)
    except KontorError as error:
        flash(words.of_error(error), "warn")
        return redirect(url_for("storefront.account_settings"), 303)
    flash(_("Ihr Konto ist gelöscht."), "ok")
    return customer_session.end(redirect(url_for("storefront.home"), 303))
