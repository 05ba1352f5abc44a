"""The account: what was bought on the web and at the counter, the card, the next step.

Every page of it is for who is signed in, and shows nothing of anybody else.
"""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import mail_links
from app.identity.customers import SignedIn
from app.payments import charges
from app.sales import store_holds
from app.sales.models import Order
from app.web import words
from app.web.customer_session import for_customers, signed_in
from app.web.session import limiter
from app.web.storefront import checkout
from app.web.storefront.room import blueprint
from app.workflows import bought, sign_in
from app.workflows.bought import Purchase
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused
from loyalty import customers, points

_SHOWN_GOODS = 3
_LATEST = 4


@dataclass(frozen=True)
class Bought:
    """A purchase as a list shows it."""

    label: str
    href: str | None
    at: date
    where: str
    goods: str
    total_minor: int
    state: str
    tone: str


def whoever() -> SignedIn:
    """Return who is signed in; only views behind `for_customers` ask."""
    found = signed_in()
    if found is None:
        raise NotFound("account")
    return found


@blueprint.context_processor
def _tabs() -> dict[str, Any]:
    return {"account_tabs": account_tabs()} if "account" in str(request.endpoint) else {}


def account_tabs() -> list[dict[str, Any]]:
    """Return the pages of the account."""
    pages = {
        "account": _("Übersicht"),
        "account_orders": _("Einkäufe"),
        "account_devices": _("Geräte"),
        "account_addresses": _("Adressen"),
        "account_points": _("Punkte"),
        "account_settings": _("Einstellungen"),
    }
    return [
        {
            "label": label,
            "href": url_for(f"storefront.{name}"),
            "current": request.endpoint == f"storefront.{name}",
        }
        for name, label in pages.items()
    ]


@blueprint.get("/konto")
@for_customers
def account() -> str:
    """Show the card, the points, and what was bought lately."""
    who = whoever()
    with reading() as session:
        found, _total = bought.purchases(session, who.number, who.email)
        return render_template(
            "storefront/account/overview.html",
            customer=customers.by_number(session, who.number),
            points=points.balance(session, who.number),
            bought=_shown(session, found[:_LATEST]),
            held=_held(session, who),
        )


def _held(session: Session, who: SignedIn) -> list[dict[str, Any]]:
    """Return what stores keep for a customer now."""
    holds = [
        one
        for one in store_holds.of_customer(session, who.number, who.email)
        if one.state in store_holds.OPEN
    ]
    lines, places = store_holds.lines_by_hold(session, holds), locations.by_code(session)
    return [
        {
            "hold": one,
            "place": places[one.location],
            "lines": [(line.there, line.title) for line in lines[one.id] if line.there],
            "href": url_for("storefront.hold_page", ref=one.ref, t=one.token),
        }
        for one in holds
    ]


@blueprint.get("/konto/einkaeufe")
@for_customers
def account_orders() -> str:
    """Show every order and every receipt, page by page."""
    who = whoever()
    page = max(1, request.args.get("seite", 1, type=int))
    channel = {"laden": "till", "online": "web"}.get(request.args.get("wo", ""))
    with reading() as session:
        found, total = bought.purchases(session, who.number, who.email, page=page, channel=channel)
        shown = _shown(session, found)
    where = request.args.get("wo", "")
    return render_template(
        "storefront/account/orders.html",
        bought=shown,
        total=total,
        page=page,
        pages=-(-total // bought.PER_PAGE),
        where=where,
        href=lambda number: url_for("storefront.account_orders", seite=number, wo=where or None),
    )


@blueprint.get("/konto/karte.svg")
@for_customers
def account_card() -> Response:
    """Draw the customer number as a QR code, for the till's scanner."""
    drawn = io.BytesIO()
    segno.make(whoever().number, error="m").save(drawn, kind="svg", scale=4, border=3, light="#fff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.route("/konto/karte", methods=["GET", "POST"])
@for_customers
@limiter.limit("5 per minute; 20 per hour", methods=["POST"])
def account_link_card() -> Any:
    """Ask for the number of a card of the counter, and its owner by mail."""
    if request.method == "GET":
        return render_template("storefront/account/link_card.html", typed="", error=None)
    typed = request.form.get("number", "").strip()[:32]
    try:
        linked = sign_in.ask_for_card(whoever().account_id, typed, current_language())
    except (Invalid, Refused) as error:
        page = render_template(
            "storefront/account/link_card.html", typed=typed, error=words.of_error(error)
        )
        return page, 422
    if linked:
        flash(_("Verbunden. Karte und Konto sind jetzt eins."), "ok")
        return redirect(url_for("storefront.account"), 303)
    return render_template("storefront/account/link_card_sent.html")


@blueprint.route("/konto/karte/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def account_card_link(token: str) -> Any:
    """The owner of the card agrees: they came by the mail, signed in or not."""
    if request.method == "GET":
        with reading() as session:
            usable = mail_links.look(session, token, "link_card") is not None
        page = render_template("storefront/account/link_card_confirm.html", usable=usable)
        return page, 200 if usable else 410
    try:
        sign_in.link_card(token)
    except Refused:
        return render_template("storefront/account/link_card_confirm.html", usable=False), 410
    flash(_("Verbunden. Karte und Konto sind jetzt eins."), "ok")
    return redirect(url_for("storefront.sign_in", weiter=url_for("storefront.account")), 303)


def _shown(session: Any, found: list[Purchase]) -> list[Bought]:
    places = locations.by_code(session)
    unpaid = [one.order.ref for one in found if one.order.state == "placed"]
    at_banks = charges.waiting_for_banks(session, unpaid)
    return [_one(purchase, places, purchase.order.ref in at_banks) for purchase in found]


def _one(purchase: Purchase, places: Any, bank_asked: bool) -> Bought:  # noqa: FBT001
    order, lines = purchase.order, purchase.lines
    goods = [f"{line.quantity} × {line.title}" for line in lines[:_SHOWN_GOODS]]
    more = len(lines) - len(goods)
    if more:
        goods.append(ngettext("und %(num)s weiterer Artikel", "und %(num)s weitere Artikel", more))
    state, tone = (_("Lastschrift läuft"), "info") if bank_asked else _state(order)
    at_till = order.channel == "till"
    place = places.get(order.location or "")
    return Bought(
        label=_("Beleg %(number)s", number=order.receipt_number)
        if at_till
        else _("Bestellung %(ref)s", ref=order.ref),
        href=url_for("storefront.account_receipt", ref=order.ref)
        if at_till
        else checkout.order_address(order.ref, order.token),
        at=clock.berlin(order.placed_at).date(),
        where=_("im Laden in %(place)s", place=place.name) if place and at_till else _("online"),
        goods=", ".join(goods),
        total_minor=order.total_minor,
        state=state,
        tone=tone,
    )


def _state(order: Order) -> tuple[str, str]:
    if order.channel == "till":
        return _("mitgenommen"), "ok"
    return {
        "placed": (_("noch zu bezahlen"), "warn"),
        "confirmed": (_("in Arbeit"), "info"),
        "completed": (_("verschickt"), "ok"),
        "lapsed": (_("nicht bezahlt"), ""),
        "cancelled": (_("storniert"), ""),
    }[order.state]


@blueprint.get("/konto/beleg/<ref>")
@for_customers
def account_receipt(ref: str) -> str:
    """Show a receipt of the counter again, as a copy."""
    who = whoever()
    with reading() as session:
        found = bought.one(session, who.number, who.email, ref)
        if found is None or found.order.channel != "till":
            raise NotFound("order")
        return render_template(
            "storefront/account/receipt.html",
            order=found.order,
            lines=found.lines,
            place=locations.by_code(session)[found.order.location or ""],
            vat=bought.vat(found),
        )
