"""What belongs to the goods and the card: devices with their manuals, points, gift cards."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.web import words
from app.web.customer_session import for_customers
from app.web.session import limiter
from app.web.storefront import pictures
from app.web.storefront.account import whoever
from app.web.storefront.room import blueprint
from app.workflows import bought
from catalog import documents, products
from catalog.views import DocumentView
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError
from loyalty import kept_cards, points

_MOST_DEVICES = 60


@blueprint.get("/konto/geraete")
@for_customers
def account_devices() -> str:
    """Show what was bought and has papers: manuals, safety sheets, films."""
    who = whoever()
    with reading() as session:
        found = _devices(session, who.number, who.email)
    return render_template("storefront/account/devices.html", devices=found)


def _devices(session: Session, number: str, email: str) -> list[dict[str, Any]]:
    since: dict[str, Any] = {}
    for purchase in bought.everything(session, number, email):
        for line in purchase.lines:
            # What came back is nobody's device any more.
            if line.shipped > line.returned:
                since[line.sku] = clock.berlin(purchase.order.placed_at).date()
    items = products.items(session, list(since))
    papers: dict[str, list[DocumentView]] = {}
    found = []
    for sku, on in since.items():
        item = items.get(sku)
        if item is None:
            continue
        if item.product_slug not in papers:
            papers[item.product_slug] = documents.for_product(session, item.product_slug)
        own = papers[item.product_slug]
        if any(paper.kind == "manual" for paper in own):
            picture = pictures.address(item.picture) if item.picture else None
            found.append({"item": item, "bought_on": on, "papers": own, "picture": picture})
    return found[:_MOST_DEVICES]


@blueprint.get("/konto/punkte")
@for_customers
def account_points() -> str:
    """Show the points with what they came from, and the gift cards."""
    who = whoever()
    with reading() as session:
        return render_template(
            "storefront/account/points.html",
            balance=points.balance(session, who.number),
            entries=points.entries(session, who.number, limit=50),
            cards=kept_cards.of(session, who.number),
        )


@blueprint.post("/konto/gutscheine")
@for_customers
@limiter.limit("5 per minute; 30 per hour")
def account_card_keep() -> Any:
    """Keep a gift card by its code, and see what is on it."""
    code = request.form.get("code", "").strip()[:64]
    try:
        with transaction() as session:
            kept_cards.keep(session, whoever().number, code)
    except KontorError as error:
        flash(words.of_error(error), "warn")
    else:
        flash(_("Gutschein gemerkt."), "ok")
    return redirect(url_for("storefront.account_points"), 303)


@blueprint.post("/konto/gutscheine/<uuid:card_id>")
@for_customers
def account_card_drop(card_id: uuid.UUID) -> Any:
    """Take a gift card out of the account."""
    with transaction() as session:
        kept_cards.drop(session, whoever().number, card_id)
    return redirect(url_for("storefront.account_points"), 303)
