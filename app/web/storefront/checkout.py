"""Checkout: one form, one review with the only button that orders, then the payment page.

The button and what stands directly above it follow section 312j BGB; the order is placed on our
page and paid afterwards, because the provider's own button cannot carry the words.
"""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from app.i18n import current_language, formats
from app.payments.gateway import OutcomeUnknown
from app.sales import baskets
from app.sales.models import Basket
from app.web.storefront import basket_page, checkout_form, outlook, visitor
from app.web.storefront.basket import see_basket
from app.web.storefront.checkout_form import Checked
from app.web.storefront.room import blueprint
from app.workflows import checkout as workflow
from app.workflows import quoting
from app.workflows.checkout import Placed
from app.workflows.quoting import Quote
from catalog import products
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import NotFound, Refused

_SESSION_ID = "{CHECKOUT_SESSION_ID}"


@blueprint.get("/bestellen")
def checkout() -> Any:
    """Show the form, filled with what was typed before."""
    typed = visitor.buyer()
    typed.setdefault("postal_code", visitor.postal_code() or "")
    if typed["postal_code"]:
        typed.setdefault("city", checkout_form.town_of(typed["postal_code"]) or "")
    return _form(Checked(typed, {}, None))


@blueprint.post("/bestellen")
def checkout_check() -> Any:
    """Check the form; go on to the review if all of it is right and the day can be met."""
    checked = checkout_form.check(request.form)
    if checked.buyer is None:
        return _form(checked)
    with reading() as session:
        quote = _quote(session, visitor.basket(session), checked)
    if quote is None:
        return see_basket()
    visitor.remember_buyer(dict(checked.typed))
    visitor.remember_postal_code(checked.buyer.postal_code)
    if checked.buyer.need_by_on and quote.promised_on is None:
        late = Checked(checked.typed, {"need_by_on": too_late(earliest_of(quote))}, None)
        return _form(late)
    return redirect(url_for("storefront.review"), 303)


@blueprint.get("/bestellen/pruefen")
def review() -> Any:
    """Show everything that will be ordered, the total, and the button."""
    return _review()


@blueprint.post("/bestellen/pruefen")
def order() -> Any:
    """Order, then open the payment page."""
    checked = checkout_form.check(visitor.buyer())
    token = visitor.basket_token()
    if checked.buyer is None or token is None:
        return redirect(url_for("storefront.checkout"), 303)
    try:
        placed = workflow.place(token, checked.buyer, _shown("total_minor"), _shown("card_minor"))
    except NotFound:
        return see_basket()
    except Refused as refusal:
        return _refused(refusal, checked)
    visitor.leave_basket()
    return to_payment(placed)


def to_payment(placed: Placed) -> Any:
    """Open the provider's page for a placed order; if it does not answer, show the order."""
    page = order_address(placed.order_ref, placed.token)
    returned = url_for(
        "storefront.order_paid", ref=placed.order_ref, t=placed.token, _external=True
    )
    try:
        address = workflow.open_payment(
            placed.order_ref,
            return_url=f"{returned}&session_id={_SESSION_ID}",
            cancel_url=order_address(placed.order_ref, placed.token, absolute=True),
        )
    except OutcomeUnknown:
        return redirect(f"{page}&zahlung=spaeter", 303)
    except Refused:
        # Paid or closed in the meantime: its page says which.
        return redirect(page, 303)
    return redirect(address, 303)


def order_address(ref: str, token: str, *, absolute: bool = False) -> str:
    """Return the secret address of an order's page."""
    return url_for("storefront.order_page", ref=ref, t=token, _external=absolute)


def _shown(name: str) -> int | None:
    try:
        return int(request.form.get(name, ""))
    except ValueError:
        return None


def _refused(refusal: Refused, checked: Checked) -> Any:
    if refusal.code == "need_by_missed":
        earliest = refusal.facts.get("earliest_on")
        on = date.fromisoformat(str(earliest)) if earliest else None
        return _form(Checked(checked.typed, {"need_by_on": too_late(on)}, None))
    if refusal.code in {"total_changed", "gift_card_short", "gift_card_expired"}:
        text = gettext("Der Gesamtpreis hat sich geändert. Bitte prüfen Sie ihn noch einmal.")
        return _review(problem=text)
    if refusal.code == "promotion_used_up":
        text = gettext("Eine Aktion ist gerade ausgeschöpft. So kostet es ohne sie.")
        return _review(problem=text)
    if refusal.code == "basket_empty":
        return see_basket()
    # Sold while the form was filled in: the basket says what is left of which article.
    return see_basket()


def too_late(earliest: date | None) -> str:
    """Return that a need-by day cannot be met, and which one can."""
    if earliest is None:
        return str(gettext("Bis dahin können wir nicht alles liefern."))
    return str(
        gettext(
            "Bis dahin schaffen wir es nicht. Frühestens: %(day)s",
            day=formats.day_and_date(earliest),
        )
    )


def earliest_of(quote: Quote) -> date | None:
    """Return the first day on which what was too late would arrive."""
    if quote.decision is None:
        return None
    return min((e.arrives_on for e in quote.decision.exclusions if e.arrives_on), default=None)


def _quote(session: Any, basket: Basket | None, checked: Checked) -> Quote | None:
    wanted = baskets.lines(session, basket) if basket else []
    items = products.items(session, [line.sku for line in wanted])
    lines = [
        (line.sku, line.quantity)
        for line in wanted
        if line.sku in items and items[line.sku].sellable
    ]
    if not lines or basket is None:
        return None
    buyer = checked.buyer
    return quoting.quote(
        session,
        lines,
        customer_number=basket.customer_number,
        postal_code=buyer.postal_code if buyer else visitor.postal_code(),
        at=clock.now(),
        need_by_on=buyer.need_by_on if buyer else None,
        collect_at=buyer.collect_at if buyer else None,
        code=basket.promotion_code,
    )


@blueprint.route("/bestellen/abholen", methods=["GET", "POST"])
def checkout_collect() -> Any:
    """Choose a store that has all of it, or have it sent after all."""
    typed = visitor.buyer()
    with reading() as session:
        stores = _collectable(session)
    if request.method == "GET":
        return render_template(
            "storefront/collect.html", stores=stores, chosen=typed.get("collect_at", "")
        )
    wanted = request.form.get("store", "")
    known = wanted in {one.code for one in stores}
    visitor.remember_buyer({**typed, "collect_at": wanted if known else ""})
    return redirect(url_for("storefront.review"), 303)


def _collectable(session: Any) -> list[quoting.Counter]:
    basket = visitor.basket(session)
    wanted = (
        [(line.sku, line.quantity) for line in baskets.lines(session, basket)] if basket else []
    )
    return quoting.collectable(session, wanted, clock.now())


def _form(checked: Checked) -> Any:
    with reading() as session:
        found = visitor.basket(session)
        page = basket_page.build(session, found, visitor.postal_code(), offers=False)
    if not page.can_order:
        return see_basket()
    html = render_template(
        "storefront/checkout.html",
        page=page,
        typed=checked.typed,
        errors=checked.errors,
        today=clock.today(),
    )
    return html, 422 if checked.errors else 200


def _review(problem: str | None = None) -> Any:
    checked = checkout_form.check(visitor.buyer())
    if checked.buyer is None:
        return redirect(url_for("storefront.checkout"), 303)
    with reading() as session:
        found = visitor.basket(session)
        page = basket_page.build(session, found, checked.buyer.postal_code, offers=False)
        stores = _collectable(session)
        if checked.buyer.collect_at not in {None, *(one.code for one in stores)}:
            # Somebody was quicker: it is sent, and the page says so before anything is ordered.
            checked = checkout_form.check({**checked.typed, "collect_at": ""})
        quote = _quote(session, found, checked)
        places = locations.by_code(session)
    if checked.buyer is None:
        return redirect(url_for("storefront.checkout"), 303)
    if not page.can_order or quote is None or quote.decision is None:
        return see_basket()
    if quote.promised_on is None:
        late = Checked(checked.typed, {"need_by_on": too_late(earliest_of(quote))}, None)
        return _form(late)
    html = render_template(
        "storefront/review.html",
        page=page,
        quote=quote,
        by_card_minor=page.by_card_of(quote.total_minor),
        buyer=checked.buyer,
        parcels=parcels_of(quote, places),
        collect=places.get(checked.buyer.collect_at or ""),
        stores=stores,
        problem=problem,
        language=current_language(),
    )
    return html, 409 if problem else 200


def parcels_of(quote: Quote, places: Any) -> list[dict[str, Any]]:
    """Return what comes from where and when, one entry per sending location."""
    if quote.decision is None:
        return []
    arrivals: dict[str, date] = {}
    contents: dict[str, list[tuple[int, str]]] = {}
    for part in quote.decision.assignments:
        arrives = max(arrivals.get(part.location, part.arrives_on), part.arrives_on)
        arrivals[part.location] = arrives
        title = quote.basket.items[part.key].title(current_language())
        contents.setdefault(part.location, []).append((part.quantity, title))
    return [
        {
            "origin": outlook.origin(places[code]),
            "arrives_on": arrivals[code],
            "contents": contents[code],
        }
        for code in contents
    ]
