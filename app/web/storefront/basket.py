"""The basket: what is in it, how many, for whom, where to. Every change is a form post."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.sales import baskets
from app.web import words
from app.web.customer_session import current_customer
from app.web.session import limiter
from app.web.storefront import basket_page, offers, visitor
from app.web.storefront.room import blueprint
from app.workflows import pricing, saved_baskets
from catalog import products, promotions, stamps
from catalog.views import ItemView
from fulfilment.places import geography
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from loyalty import customers, gift_cards

_SUGGESTED = {"suggestion", "needs", "product-needs", "shelf", "film"}


@blueprint.get("/warenkorb")
def basket() -> str:
    """Show the basket with totals, dates and what else it needs."""
    return _page()


@blueprint.post("/warenkorb/artikel")
def basket_add() -> Any:
    """Put something in; a form that names several articles puts all of them in at once."""
    skus = request.form.getlist("sku") or [""]
    source = request.form.get("source", "product")[:32]
    try:
        wanted = _wanted(skus)
        with transaction() as session:
            items = _put_in(session, wanted, source)
    except (Invalid, Refused) as error:
        return _page(problem=words.of_error(error)), 422
    titles = ", ".join(items[sku].title(current_language()) for sku in dict.fromkeys(skus))
    flash(
        ngettext(
            "%(title)s liegt im Warenkorb.",
            "%(title)s liegen im Warenkorb.",
            len(items),
            title=titles,
        ),
        "basket",
    )
    return redirect(_next(), 303)


def _put_in(session: Session, wanted: dict[str, int], source: str) -> dict[str, ItemView]:
    # What a unit costs is noted as seen, and decides nothing: the page's own version will do.
    stamps.as_page(session)
    found = visitor.basket(session, lock=True)
    number = found.customer_number if found else current_customer()
    items, seen = pricing.offered(session, list(wanted), number)
    if found is None and number is None and source not in _SUGGESTED:
        visitor.open_with(session, list(wanted.items()), source=source, seen=seen)
        return items
    found = found or visitor.basket_to_fill(session)
    if source in _SUGGESTED:
        # What was suggested is added once: a second press of the button adds nothing.
        held = {line.sku for line in baskets.lines(session, found)}
        wanted = {sku: units for sku, units in wanted.items() if sku not in held}
    if wanted:
        baskets.add_all(session, found, list(wanted.items()), source=source, seen=seen)
        if source == offers.SOURCE:
            offers.added(session, found, list(wanted))
    return items


def _wanted(skus: Sequence[str]) -> dict[str, int]:
    """Return how many of which SKU a form asks for; without a quantity one of each."""
    typed = request.form.getlist("quantity") or ["1"] * len(skus)
    if len(typed) != len(skus):
        raise Invalid("quantity", quantity=len(typed), least=len(skus))
    wanted: dict[str, int] = {}
    for sku, text in zip(skus, typed, strict=True):
        wanted[sku] = wanted.get(sku, 0) + _number(text)
    return wanted


@blueprint.post("/warenkorb/menge")
def basket_quantity() -> Any:
    """Set how many there are to be; 0 takes the line out."""
    try:
        quantity = _quantity(least=0)
    except Invalid as error:
        return _page(problem=words.of_error(error)), 422
    return _put(request.form.get("sku", ""), quantity)


@blueprint.post("/warenkorb/entfernen")
def basket_remove() -> Any:
    """Take a line out; the page that follows offers to undo it."""
    return _put(request.form.get("sku", ""), 0)


@blueprint.post("/warenkorb/kundennummer")
def basket_customer() -> Any:
    """Use a customer number: its prices, and points as in the store. Empty takes it off."""
    typed = request.form.get("customer_number", "").strip()
    problem = use_number(typed)
    if problem:
        return _page(number_typed=typed, number_error=problem), 422
    return redirect(_next(), 303)


@limiter.shared_limit("20 per minute", scope="customer number")
def use_number(typed: str) -> str | None:
    """Use a typed customer number for the basket, "" for none; return what is wrong with it."""
    try:
        with transaction() as session:
            found = visitor.basket_to_fill(session)
            number = customers.by_number(session, typed).number if typed else None
            baskets.attach_customer(session, found, number)
            saved_baskets.see_prices(session, found)
    except (Invalid, NotFound):
        return gettext("Diese Kundennummer kennen wir nicht. Sie hat sieben Ziffern.")
    return None


@blueprint.post("/warenkorb/code")
@limiter.limit("20 per minute")
def basket_code() -> Any:
    """Use a promotion code; an empty field takes it off."""
    typed = request.form.get("code", "").strip()
    try:
        with transaction() as session:
            if typed:
                promotions.by_code(session, typed, clock.now())
            code = promotions.normal_code(typed) if typed else None
            baskets.attach_code(session, visitor.basket_to_fill(session), code)
    except (Invalid, NotFound, Refused) as error:
        shown = typed[: promotions.LONGEST_CODE]
        return _page(code_typed=shown, code_error=words.of_error(error)), 422
    return redirect(url_for("storefront.basket"), 303)


@blueprint.post("/warenkorb/gutschein")
@limiter.limit("10 per minute")
def basket_gift_card() -> Any:
    """Let a gift card pay; an empty field leaves it alone again. Nothing is taken off it yet."""
    typed = request.form.get("gift_card", "").strip()
    try:
        with transaction() as session:
            card = gift_cards.by_code(session, typed) if typed else None
            if card and not gift_cards.usable_minor(card):
                raise Refused("gift_card_expired" if card.expired else "gift_card_empty")
            found = visitor.basket_to_fill(session)
            baskets.attach_gift_card(session, found, card.id if card else None)
    except (Invalid, NotFound, Refused) as error:
        return _page(card_error=words.of_error(error)), 422
    return redirect(url_for("storefront.basket"), 303)


@blueprint.post("/warenkorb/ort")
def basket_place() -> Any:
    """Say where it shall go, for the delivery date; nothing else is done with it."""
    typed = request.form.get("postal_code", "").strip()
    if geography.locate(typed) is None:
        text = gettext("Diese Postleitzahl gibt es nicht. Sie hat fünf Ziffern.")
        return _page(place_typed=typed, place_error=text), 422
    visitor.remember_postal_code(typed)
    return redirect(_next(), 303)


@blueprint.post("/warenkorb/verstanden")
def basket_seen() -> Any:
    """Take note of prices that changed: from now on they are the ones that were seen."""
    with transaction() as session:
        found = visitor.basket(session, lock=True)
        if found is not None:
            saved_baskets.see_prices(session, found)
    return redirect(_next(), 303)


@blueprint.post("/warenkorb/lieferbar")
def basket_fit() -> Any:
    """Lower every line to what can be had; what cannot be had at all is taken out."""
    with transaction() as session:
        found = visitor.basket(session, lock=True)
        if found is not None:
            page = basket_page.build(session, found, visitor.postal_code(), offers=False)
            for line in page.lines:
                if line.missing:
                    baskets.put(session, found, line.item.sku, line.quantity - line.missing)
            for item in page.gone:
                baskets.put(session, found, item.sku, 0)
    return redirect(url_for("storefront.basket"), 303)


@blueprint.post("/warenkorb/kassencode")
@limiter.limit("20 per minute")
def basket_till_code() -> Any:
    """Let the till read this basket by a code, because its customer wants it; or no longer."""
    with transaction() as session:
        found = visitor.basket(session, lock=True)
        if found is None:
            raise NotFound("basket")
        if request.form.get("what") == "withdraw":
            baskets.withdraw_code(session, found)
        else:
            baskets.give_code(session, found)
    return redirect(url_for("storefront.basket"), 303)


def _put(sku: str, quantity: int) -> Any:
    try:
        with transaction() as session:
            item = products.item(session, sku)
            found = visitor.basket(session, lock=True)
            if found is None:
                raise NotFound("basket")
            before = baskets.put(session, found, sku, quantity)
            if quantity:
                seen = pricing.unit_prices(session, [sku], found.customer_number)
                baskets.saw(session, found, seen)
    except Invalid as error:
        return _page(problem=words.of_error(error)), 422
    if quantity == 0 and before:
        cookie["undo"] = {"sku": sku, "quantity": before, "title": item.title(current_language())}
    return redirect(url_for("storefront.basket"), 303)


def _page(**more: Any) -> str:
    with reading() as session:
        page = basket_page.build(session, visitor.basket(session), visitor.postal_code())
    if page.offers is not None:
        offers.count(page.offers)
    return render_template(
        "storefront/basket.html",
        page=page,
        undo=cookie.pop("undo", None),
        last_order=visitor.last_order(),
        **more,
    )


def _quantity(*, least: int = 1) -> int:
    return _number(request.form.get("quantity", "1"), least=least)


def _number(text: str, *, least: int = 1) -> int:
    try:
        quantity = int(text.strip())
    except ValueError:
        raise Invalid("quantity", quantity=text) from None
    if quantity < least:
        raise Invalid("quantity", quantity=quantity, least=least)
    return quantity


def _next() -> str:
    """Return where the form asked to go, if that is a page of this shop, else the basket."""
    target = request.form.get("next", "")
    # Browsers read a backslash as a slash: "/\\elsewhere" would leave the shop.
    if target.startswith("/") and not target.startswith("//") and "\\" not in target:
        return target
    return url_for("storefront.basket")


def see_basket() -> Response:
    """Send somebody back to the basket."""
    return redirect(url_for("storefront.basket"), 303)
