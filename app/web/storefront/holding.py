"""Reserve in a store: choose one, say who you are, done; and the page of the hold behind its link.

Nothing is bought here. The contract is made at the counter (no distance contract, section 312c
BGB), so there is no order button and no right of withdrawal to tell of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.sales import store_holds
from app.sales.hold_models import StoreHoldLine
from app.web import words
from app.web.customer_session import current_customer
from app.web.session import limiter
from app.web.storefront import checkout_form, pictures, visitor
from app.web.storefront.basket import see_basket
from app.web.storefront.room import blueprint
from app.workflows import quoting, reserve_in_store
from app.workflows.pricing import PricedBasket
from app.workflows.quoting import Counter
from app.workflows.reserve_in_store import Reserver
from catalog import products
from fulfilment.places import locations
from kit.database import reading
from kit.errors import Invalid, KontorError, NotFound, Refused
from loyalty import customers

_FIELDS = ("name", "email", "phone", "store")


@dataclass(frozen=True)
class _Page:
    """What can be reserved where, and what it costs there."""

    stores: Sequence[Counter]
    priced: PricedBasket
    pictures: Mapping[str, str | None]


@blueprint.route("/reservieren", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def hold() -> Any:
    """Choose a store that has all of the basket, and have it put aside there."""
    if request.method == "GET":
        return _form(_known())
    typed = {name: request.form.get(name, "").strip()[:120] for name in _FIELDS}
    token = visitor.basket_token()
    if token is None:
        return see_basket()
    phone = checkout_form.phone_of(typed["phone"])
    reserver = Reserver(typed["name"], typed["email"], phone, current_language())
    try:
        held = reserve_in_store.reserve(token, reserver, typed["store"])
    except (Invalid, NotFound, Refused) as error:
        return _refused(error, typed)
    visitor.leave_basket()
    return redirect(url_for("storefront.hold_page", ref=held.ref, t=held.token), 303)


def _refused(error: KontorError, typed: Mapping[str, str]) -> Any:
    if error.code == "buyer":
        named = error.facts.get("fields")
        wrong = named if isinstance(named, list) else ["name"]
        return _form(typed, {name: checkout_form.words_for(name) for name in wrong})
    if error.code in {"basket", "basket_empty", "order_state"}:
        return see_basket()
    return _form(typed, problem=_why(error))


def _why(error: KontorError) -> str:
    if error.code == "stock_short":
        return str(gettext("Dort ist inzwischen nicht mehr alles da. Das geht jetzt noch:"))
    return words.of_error(error)


def _known() -> dict[str, str]:
    """Return what we know of the visitor: what they typed before, or who is signed in."""
    typed = {name: str(visitor.buyer().get(name, "")) for name in _FIELDS}
    typed["store"] = request.args.get("store", "")
    number = current_customer()
    if number and not typed["email"]:
        with reading() as session:
            who = customers.by_number(session, number)
        typed.update(name=who.name, email=who.email, phone=who.phone or "")
    return typed


def _form(
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    problem: str | None = None,
) -> Any:
    with reading() as session:
        page = _page(session)
    if page is None:
        return see_basket()
    html = render_template(
        "storefront/hold.html",
        page=page,
        typed=typed,
        errors=errors or {},
        problem=problem,
    )
    return html, 422 if errors else 409 if problem else 200


def _page(session: Session) -> _Page | None:
    basket = visitor.basket(session)
    if basket is None:
        return None
    wanted = quoting.on_sale(session, basket)
    if not wanted:
        return None
    priced = reserve_in_store.price(session, wanted, basket.customer_number, basket.promotion_code)
    seen = {sku: pictures.address(item.picture) for sku, item in priced.items.items()}
    return _Page(reserve_in_store.stores(session, wanted), priced, seen)


@blueprint.get("/reservierung/<ref>")
def hold_page(ref: str) -> str:
    """Show a hold to whoever has its link: its number, until when, where, what."""
    with reading() as session:
        held = store_holds.by_ref_and_token(session, ref, request.args.get("t", ""))
        lines = store_holds.lines_of(session, held)
        return render_template(
            "storefront/hold_page.html",
            held=held,
            lines=_lines(session, lines),
            sum_minor=sum(
                line.unit_minor * line.there if line.lost else line.line_minor for line in lines
            ),
            place=locations.one(session, held.location),
        )


def _lines(session: Session, lines: Sequence[StoreHoldLine]) -> list[dict[str, Any]]:
    items = products.items(session, [line.sku for line in lines])
    return [
        {
            "line": line,
            "item": items.get(line.sku),
            "picture": pictures.address(items[line.sku].picture) if line.sku in items else None,
        }
        for line in lines
    ]


@blueprint.post("/reservierung/<ref>/absage")
@limiter.limit("20 per minute")
def hold_cancel(ref: str) -> Any:
    """Give a hold up; the goods are free at once."""
    token = request.form.get("t", "")
    with reading() as session:
        store_holds.by_ref_and_token(session, ref, token)
    if reserve_in_store.cancel(ref, actor="customer"):
        flash(gettext("Danke fürs Bescheidsagen. Die Ware ist wieder frei."), "ok")
    return redirect(url_for("storefront.hold_page", ref=ref, t=token), 303)
