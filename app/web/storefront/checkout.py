"""Checkout: one form, one review with the only button that orders, then the payment page.

The button and what stands directly above it follow section 312j BGB; the order is placed on our
page and paid afterwards, because the provider's own button cannot carry the words.
"""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.i18n import current_language, formats
from app.payments.gateway import OutcomeUnknown
from app.sales import baskets, terms
from app.sales.models import Basket
from app.web import words
from app.web.customer_session import current_customer
from app.web.storefront import (
    basket_page,
    checkout_changes,
    checkout_form,
    checkout_wishes,
    outlook,
    visitor,
)
from app.web.storefront.basket import see_basket, use_number
from app.web.storefront.checkout_form import Checked
from app.web.storefront.room import blueprint
from app.workflows import checkout as workflow
from app.workflows import pickups, quoting
from app.workflows.checkout import Placed, Shown
from app.workflows.quoting import Quote
from catalog import products
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import NotFound, Refused
from loyalty import customers

_SESSION_ID = "{CHECKOUT_SESSION_ID}"
# How far ahead the field for a day reaches: with a last one, browsers take a year of four digits.
_ASKED_AHEAD = timedelta(days=365)
_CHANGED = _l("Inzwischen hat sich etwas geändert. Bitte prüfen Sie es noch einmal:")
_ASK_AGAIN = {
    "total_changed": _CHANGED,
    "lines_changed": _CHANGED,
    "promise_later": _CHANGED,
    "gift_card_short": _CHANGED,
    "gift_card_expired": _CHANGED,
    "promotion_used_up": _l("Eine Aktion ist gerade ausgeschöpft. So kostet es ohne sie:"),
}


@blueprint.get("/bestellen")
def checkout() -> Any:
    """Show the form, filled with what was typed before."""
    typed = visitor.buyer() or _known()
    typed.setdefault("postal_code", visitor.postal_code() or "")
    if typed["postal_code"]:
        typed.setdefault("city", checkout_form.town_of(typed["postal_code"]) or "")
    return _form(Checked(typed, {}, None))


def _known() -> dict[str, Any]:
    """Return what we know of who is signed in, to be filled in."""
    number = current_customer()
    if number is None:
        return {}
    with reading() as session:
        who = customers.by_number(session, number)
    known = {
        "name": who.name,
        "street": who.street,
        "postal_code": who.postal_code,
        "city": who.city,
        "email": who.email,
        "phone": who.phone or "",
        "contact_by": who.contact_by,
    }
    return {name: value for name, value in known.items() if value}


@blueprint.post("/bestellen")
def checkout_check() -> Any:
    """Check the form; go on to the review if all of it is right and the day can be met."""
    # What the pages beside the review have asked stands, whoever corrects an address.
    before = visitor.buyer()
    kept = {name: str(before.get(name, "")) for name in checkout_form.BESIDE}
    checked = checkout_form.check({**kept, **request.form.to_dict()})
    number = _number(checked)
    if number is not None:
        return number
    if not visitor.holds_anything():
        return _gone()
    if checked.buyer is None:
        return _form(checked)
    visitor.remember_buyer(dict(checked.typed))
    visitor.remember_postal_code(checked.buyer.postal_code)
    # Without a day to meet there is nothing to plan yet: the review does it, and the order.
    if checked.buyer.need_by_on:
        with reading() as session:
            wished = _quote(session, visitor.basket(session), checked)
        if wished is None or wished.promised_on is None:
            earliest = earliest_of(wished) if wished else None
            return _form(Checked(checked.typed, {"need_by_on": too_late(earliest)}, None))
    return redirect(url_for("storefront.review"), 303)


def _number(checked: Checked) -> Any:
    """Use the customer number of the form where it is another one; answer what that calls for.

    What else was typed stays, right or wrong: who gives a number is not done with the form.
    """
    typed = request.form.get("customer_number")
    if typed is None:
        return None
    with reading() as session:
        found = visitor.basket(session)
        known = found.customer_number if found else None
    problem = use_number(typed.strip()) if typed.strip() != (known or "") else None
    if problem:
        return _form(Checked(checked.typed, {"customer_number": problem}, None))
    if "nur_nummer" not in request.form:
        return None
    visitor.remember_buyer(dict(checked.typed))
    return redirect(url_for("storefront.checkout", _anchor="kundennummer"), 303)


@blueprint.get("/bestellen/pruefen")
def review() -> Any:
    """Show everything that will be ordered, the total, and the button."""
    return _review()


@blueprint.post("/bestellen/pruefen")
def order() -> Any:
    """Order, then open the payment page."""
    checked = checkout_form.check(visitor.buyer())
    token = _token()
    if token is None:
        return _gone()
    if checked.buyer is None:
        _say_expired()
        return redirect(url_for("storefront.checkout"), 303)
    shown = checkout_changes.read(request.form.get("shown", ""))
    try:
        placed = workflow.place(
            token, checked.buyer, _shown("total_minor"), _shown("card_minor"), shown
        )
    except NotFound:
        return see_basket()
    except Refused as refusal:
        return _refused(refusal, checked, shown)
    page = order_address(placed.order_ref, placed.token)
    visitor.leave_basket(page)
    return redirect(page, 303) if checked.buyer.pay_on_collection else to_payment(placed)


def _token() -> str | None:
    """Return the basket to order: the one that is shown, or the one that has become an order."""
    if current_customer() is None:
        return visitor.basket_token()
    with reading() as session:
        found = visitor.basket(session)
    return found.token if found else visitor.basket_token()


def _gone() -> Any:
    """Answer a form when there is no basket any more: ordered, or its cookie is gone."""
    page = visitor.last_order()
    if page:
        return redirect(page, 303)
    flash(gettext("Dieser Browser kennt den Warenkorb nicht mehr. Bestellt ist nichts."), "warn")
    return see_basket()


def _say_expired() -> None:
    text = gettext("Ihre Angaben sind abgelaufen, der Warenkorb ist noch da. Bestellt ist nichts.")
    flash(text, "warn")


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
            opening=placed.opening,
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


def _refused(refusal: Refused, checked: Checked, shown: Shown | None) -> Any:
    if refusal.code == "need_by_missed":
        earliest = refusal.facts.get("earliest_on")
        on = date.fromisoformat(str(earliest)) if earliest else None
        return _form(Checked(checked.typed, {"need_by_on": too_late(on)}, None))
    if refusal.code == "age_at_counter":
        return redirect(url_for("storefront.checkout_collect"), 303)
    if refusal.code == "collect_unpaid":
        flash(_not_unpaid(refusal), "warn")
        return redirect(url_for("storefront.checkout_collect"), 303)
    if refusal.code in _ASK_AGAIN:
        return _review(_ASK_AGAIN[refusal.code], shown)
    # Sold while the form was filled in, or empty: the basket says what is left of which article.
    if refusal.code == "stock_short":
        flash(gettext("Inzwischen ist etwas davon verkauft. Bestellt ist noch nichts."), "warn")
    return see_basket()


def _not_unpaid(refusal: Refused) -> str:
    """Return why an order is not to be paid on collection, and what can be done."""
    open_now, most = refusal.facts.get("open"), refusal.facts.get("most_open")
    if isinstance(open_now, int) and isinstance(most, int) and open_now >= most:
        return str(
            gettext(
                "Bei uns liegt schon etwas für Sie, das bei der Abholung bezahlt wird (%(count)s)."
                " Diese Bestellung bitte online bezahlen.",
                count=open_now,
            )
        )
    return words.of_error(refusal)


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
        need_by_hard=not (buyer and buyer.need_by_soft),
        collect_at=buyer.collect_at if buyer else None,
        code=basket.promotion_code,
    )


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
        number_typed=request.form.get("customer_number"),
        errors=checked.errors,
        today=clock.today(),
        last_day=clock.today() + _ASKED_AHEAD,
    )
    return html, 422 if checked.errors else 200


def _review(problem: str | None = None, shown: Shown | None = None) -> Any:
    checked = checkout_form.check(visitor.buyer())
    if checked.buyer is None:
        return redirect(url_for("storefront.checkout"), 303)
    moved = None
    with reading() as session:
        found = visitor.basket(session)
        page = basket_page.build(session, found, checked.buyer.postal_code, offers=False)
        stores = checkout_wishes.collectable(session)
        if checked.buyer.collect_at not in {None, *(one.code for one in stores)}:
            # Somebody was quicker: it is sent, and the page says so before anything is ordered.
            checked = checkout_form.check({**checked.typed, "collect_at": ""})
            moved = gettext("Dort ist inzwischen nicht mehr alles da. So käme es mit der Post:")
        quote = _quote(session, found, checked)
        places = locations.by_code(session)
        titles = _titles(session, shown) if shown else {}
    if checked.buyer is None:
        return redirect(url_for("storefront.checkout"), 303)
    if not page.can_order or quote is None or quote.decision is None:
        return see_basket()
    if quote.counter_only and checked.buyer.collect_at is None:
        return redirect(url_for("storefront.checkout_collect"), 303)
    if quote.promised_on is None:
        late = Checked(checked.typed, {"need_by_on": too_late(earliest_of(quote))}, None)
        return _form(late)
    html = render_template(
        "storefront/review.html",
        page=page,
        quote=quote,
        by_card_minor=0 if checked.buyer.pay_on_collection else page.by_card_of(quote.total_minor),
        buyer=checked.buyer,
        parcels=parcels_of(quote, places),
        collect=places.get(checked.buyer.collect_at or ""),
        stores=stores,
        problem=problem or moved,
        changes=checkout_changes.between(shown, _shown("total_minor"), quote, titles)
        if problem
        else [],
        shown=checkout_changes.written(quote),
        kept_days=pickups.KEPT_FOR.days,
        pay_within=int(terms.PAY_WITHIN.total_seconds() // 60),
        language=current_language(),
    )
    return html, 409 if problem else 200


def _titles(session: Any, shown: Shown) -> dict[str, str]:
    language = current_language()
    items = products.items(session, list(shown.lines))
    return {sku: item.title(language) for sku, item in items.items()}


def parcels_of(quote: Quote, places: Any) -> list[dict[str, Any]]:
    """Return what comes from where and when, one entry per sending location and goods group."""
    if quote.decision is None:
        return []
    arrivals: dict[tuple[str, str], date] = {}
    contents: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for part in quote.decision.assignments:
        item = quote.basket.items[part.key]
        load = (part.location, item.goods_group)
        arrivals[load] = max(arrivals.get(load, part.arrives_on), part.arrives_on)
        contents.setdefault(load, []).append((part.quantity, item.title(current_language())))
    checked = {quote.basket.items[sku].goods_group for sku in quote.age_checked}
    return [
        {
            "origin": outlook.origin(places[load[0]]),
            "arrives_on": arrivals[load],
            "contents": contents[load],
            "age_checked": load[1] in checked,
        }
        for load in contents
    ]
