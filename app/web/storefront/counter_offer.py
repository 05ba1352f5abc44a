"""What the counter offered, behind its secret link: bought with one click, quoted again when over.

And a till's basket that goes on in the customer's own browser.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from app.sales import counter_offers, orders
from app.sales.offer_models import CounterOffer
from app.web import words
from app.web.session import limiter
from app.web.storefront import checkout_form, pictures, visitor
from app.web.storefront.basket import see_basket
from app.web.storefront.checkout import order_address, to_payment
from app.web.storefront.checkout_form import Checked
from app.web.storefront.room import blueprint
from app.workflows import counter_offers as workflow
from app.workflows.checkout import Placed
from catalog import products
from fulfilment.places import geography, locations
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused

_FIELDS = ("street", "postal_code", "city")


@blueprint.get("/angebot/<token>")
def counter_offer(token: str) -> Any:
    """Show an offer to who has its link: goods, frozen prices, until when, the day it comes."""
    return _page(token, None)


@blueprint.post("/angebot/<token>")
@limiter.limit("20 per minute")
def counter_offer_buy(token: str) -> Any:
    """Order it, with obligation to pay, then open the payment page."""
    checked = checkout_form.check(request.form)
    if checked.buyer is None:
        return _page(token, checked)
    try:
        bought = workflow.buy(token, checked.buyer)
    except Refused as refusal:
        return _page(token, checked, words.of_error(refusal))
    return to_payment(Placed(bought.order_ref, bought.token))


@blueprint.post("/angebot/<token>/neu")
@limiter.limit("10 per minute")
def counter_offer_again(token: str) -> Any:
    """Quote an expired offer again, at the prices of today."""
    with reading() as session:
        offer = counter_offers.by_token(session, token)
    try:
        new = workflow.again(offer.ref)
    except Refused as refusal:
        return _page(token, None, words.of_error(refusal))
    flash(gettext("Neu gerechnet, mit den Preisen von heute. Es steht auch in einer Mail."), "ok")
    return redirect(url_for("storefront.counter_offer", token=new.token), 303)


def _known(offer: CounterOffer) -> Checked:
    """Return what the counter knows of the customer, to be filled in."""
    typed = {name: offer.address.get(name, "") for name in _FIELDS}
    return Checked({**typed, "name": offer.name, "email": offer.email}, {}, None)


def _page(token: str, checked: Checked | None, problem: str | None = None) -> Any:
    with reading() as session:
        offer = counter_offers.by_token(session, token)
        state = counter_offers.state(offer)
        checked = checked or _known(offer)
        items = products.items(session, [line["sku"] for line in offer.lines])
        place = locations.one(session, offer.location)
        shown = {sku: pictures.address(item.picture) for sku, item in items.items()}
    typed = checked.typed.get("postal_code", "")
    # A code that does not exist has no day: the page says that it is about right.
    code = typed if geography.locate(typed) else None
    decision = None
    if state == "open" and len(items) == len(offer.lines):
        decision = workflow.preview(token, code)
    html = render_template(
        "storefront/counter_offer.html",
        offer=offer,
        state=state,
        items=items,
        pictures=shown,
        place=place,
        typed=checked.typed,
        errors=checked.errors,
        problem=problem,
        decision=decision,
        code=code,
        until=clock.berlin(offer.valid_until_at).date(),
        shipping_minor=workflow.shipping_minor(offer),
        order_url=_order_url(offer),
    )
    status = 422 if checked.errors else 409 if problem else 200
    return html, status


def _order_url(offer: CounterOffer) -> str | None:
    if offer.order_ref is None:
        return None
    with reading() as session:
        order = orders.by_ref(session, offer.order_ref)
    return order_address(order.ref, order.token)


@blueprint.get("/korb/<token>")
def basket_from_till(token: str) -> Any:
    """Go on here with a basket that a till has shown as a QR code.

    What this visitor had gathered stays in it.

    Raises:
        NotFound: ``basket``: unknown, or ordered since.
    """
    with transaction() as session:
        visitor.go_on_with(session, token)
    return see_basket()
