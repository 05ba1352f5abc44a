"""How a customer wants to get it: sent or collected, left where, taken in by whom; and the town.

Each is a small form beside the review, so that the checkout form stays at eight fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language, formats
from app.sales import collect_terms
from app.sales.models import Basket
from app.web.storefront import checkout_form, outlook, visitor
from app.web.storefront.basket import see_basket
from app.web.storefront.room import blueprint
from app.workflows import pickups, pricing, quoting
from catalog import products
from fulfilment.places import geography, locations
from kit import clock
from kit.database import reading

WISHES = ("drop_off", "neighbour")
LONGEST_WISH = 80
_A_DAY = 24 * 60 * 60


@blueprint.route("/bestellen/abholen", methods=["GET", "POST"])
def checkout_collect() -> Any:
    """Choose a store that has all of it and how to pay, or have it sent after all."""
    typed = visitor.buyer()
    with reading() as session:
        stores = collectable(session)
        without = _without(session, {one.code for one in stores})
        basket = visitor.basket(session)
        if basket is None:
            return see_basket()
        adults, counter_only = _for_adults(session, basket)
        unpaid = _unpaid(session, basket, stores)
    if request.method == "GET":
        return render_template(
            "storefront/collect.html",
            stores=stores,
            without=without,
            adults=adults,
            counter_only=counter_only,
            chosen=typed.get("collect_at", ""),
            pay=typed.get("pay", ""),
            unpaid=unpaid,
            kept_days=pickups.KEPT_FOR.days,
        )
    wanted = request.form.get("store", "")
    known = wanted in {one.code for one in stores}
    pay = checkout_form.AT_COUNTER if request.form.get("pay") == checkout_form.AT_COUNTER else ""
    visitor.remember_buyer({**typed, "collect_at": wanted if known else "", "pay": pay})
    if known and pay and wanted not in unpaid.stores:
        flash(unpaid.why(), "warn")
        return redirect(url_for("storefront.checkout_collect"), 303)
    return redirect(url_for("storefront.review"), 303)


def collectable(session: Session) -> list[quoting.Counter]:
    """Return the stores where the visitor's basket can be collected."""
    basket = visitor.basket(session)
    wanted = quoting.on_sale(session, basket) if basket else []
    return quoting.collectable(session, wanted, clock.now())


@dataclass(frozen=True)
class Unpaid:
    """Which stores let this basket be paid when it is collected, and up to which value at most.

    `most_minor` None: no store does at all.
    """

    stores: frozenset[str]
    most_minor: int | None

    def why(self) -> str:
        """Return why a store does not."""
        if self.most_minor is None:
            return str(gettext("Bei der Abholung bezahlen geht dort nicht."))
        most = formats.money(self.most_minor)
        return str(gettext("Bei der Abholung bezahlen geht dort nur bis %(most)s.", most=most))


def _unpaid(session: Session, basket: Basket, stores: Sequence[quoting.Counter]) -> Unpaid:
    """Return where a basket may be paid on collection; who has too much open is told at the end."""
    wanted = quoting.on_sale(session, basket)
    if not wanted or not stores:
        return Unpaid(frozenset(), None)
    priced = pricing.price(
        session,
        wanted,
        customer_number=basket.customer_number,
        at=clock.now(),
        code=basket.promotion_code,
    )
    limits = {one.code: collect_terms.of(session, one.code) for one in stores}
    offered = [one.most_minor for one in limits.values() if one.offered]
    return Unpaid(
        frozenset(
            code
            for code, one in limits.items()
            if one.offered and 0 < priced.goods_minor <= one.most_minor
        ),
        max(offered, default=None),
    )


def _for_adults(session: Session, basket: Basket) -> tuple[list[str], bool]:
    """Return the names of the goods for adults, and if one of them is given out in stores only."""
    wanted = [sku for sku, _ in quoting.on_sale(session, basket)]
    adults = [one for one in products.items(session, wanted).values() if one.adults_only]
    sent = outlook.carried(session) if adults else frozenset()
    names = [one.title(current_language()) for one in adults]
    return names, any(one.goods_group not in sent for one in adults)


def _without(session: Session, codes: set[str]) -> list[str]:
    """Return the names of the other stores: they do not have all of it."""
    places = locations.by_code(session).values()
    return [one.name for one in places if one.kind == "store" and one.code not in codes]


@blueprint.route("/bestellen/ablage", methods=["GET", "POST"])
def checkout_wish() -> Any:
    """Say where a parcel may be left, or who takes it in; "taken away again" takes that back."""
    if request.method == "GET":
        return render_template("storefront/wish.html", typed=visitor.buyer(), error=None)
    text = " ".join(request.form.get("wish_text", "").split())[:LONGEST_WISH]
    wish = request.form.get("wish", "")
    if wish not in WISHES:
        wish = text = ""
    elif not text:
        error = gettext("Bitte sagen Sie, wohin oder zu wem.")
        typed = {"wish": wish, "wish_text": ""}
        return render_template("storefront/wish.html", typed=typed, error=error), 422
    visitor.remember_buyer({**visitor.buyer(), "wish": wish, "wish_text": text})
    return redirect(url_for("storefront.review"), 303)


@blueprint.get("/ort")
def town() -> Response:
    """Return the towns of a postal code, for the form that fills itself in; never personal."""
    answer = jsonify(towns=geography.towns(request.args.get("plz", "")[:10]))
    answer.cache_control.public = True
    answer.cache_control.max_age = _A_DAY
    return answer
