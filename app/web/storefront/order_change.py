"""Change where an order goes and by when it is needed; seen first, until somebody picks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.i18n import formats
from app.sales import orders
from app.sales.models import Order
from app.web import words
from app.web.session import limiter
from app.web.storefront import checkout, checkout_form
from app.web.storefront.room import blueprint
from app.workflows import change_delivery
from app.workflows.change_delivery import Change, Wish
from kit import clock
from kit.database import reading
from kit.errors import Invalid, Refused

FIELDS = ("name", "street", "postal_code", "city", "need_by_on")
_MAX_LENGTH = 120


@blueprint.route("/bestellung/<ref>/aendern", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def order_change(ref: str) -> Any:
    """Ask what is to be different, show what that does, and do it once it is confirmed."""
    token = request.values.get("t", "")
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, token)
        reason = change_delivery.changeable(session, order)
    if reason is not None:
        flash(words.of_code(reason), "warn")
        return redirect(checkout.order_address(ref, token), 303)
    if request.method == "GET":
        return _page(order, _standing(order), {}, None)
    return _asked(order)


def _asked(order: Order) -> Any:
    typed = {name: request.form.get(name, "").strip()[:_MAX_LENGTH] for name in FIELDS}
    day = checkout_form.day(typed["need_by_on"])
    unread = {"need_by_on": _("Bitte als Datum, Beispiel: 27.11.2026.")}
    if "zurueck" in request.form or (typed["need_by_on"] and day is None):
        return _page(order, typed, {} if "zurueck" in request.form else unread, None)
    wish = Wish(typed["name"], typed["street"], typed["postal_code"], typed["city"], day)
    try:
        return _next(order, typed, wish)
    except Invalid as error:
        fields = error.facts.get("fields")
        named = fields if isinstance(fields, list) else []
        return _page(order, typed, {name: checkout_form.words_for(name) for name in named}, None)
    except Refused as error:
        return _refused(order, typed, wish, error)


def _next(order: Order, typed: Mapping[str, str], wish: Wish) -> Any:
    if "bestaetigen" not in request.form:
        return _page(order, typed, {}, change_delivery.preview(order.ref, wish))
    shown_on = checkout_form.day(request.form.get("shown_on", ""))
    done = change_delivery.change(order.ref, wish, shown_on=shown_on or date.min)
    day = formats.day_and_date(done.after_on)
    flash(_("Geändert. Ihre Bestellung kommt am %(day)s.", day=day), "ok")
    return redirect(checkout.order_address(order.ref, order.token), 303)


def _refused(order: Order, typed: Mapping[str, str], wish: Wish, error: Refused) -> Any:
    if error.code == "plan_changed":
        return _page(order, typed, {}, change_delivery.preview(order.ref, wish), again=True)
    if error.code == "need_by_missed":
        earliest = error.facts.get("earliest_on")
        on = date.fromisoformat(str(earliest)) if earliest else None
        return _page(order, typed, {"need_by_on": checkout.too_late(on)}, None)
    flash(words.of_error(error), "warn")
    return redirect(checkout.order_address(order.ref, order.token), 303)


def _standing(order: Order) -> dict[str, str]:
    need_by = order.need_by_on.isoformat() if order.need_by_on else ""
    address = {name: str(order.address.get(name, "")) for name in FIELDS[:-1]}
    return {**address, "need_by_on": need_by}


def _page(
    order: Order,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    seen: Change | None,
    *,
    again: bool = False,
) -> Any:
    page = render_template(
        "storefront/order_change.html",
        order=order,
        typed=typed,
        errors=errors,
        seen=seen,
        again=again,
        today=clock.today(),
    )
    return page, 422 if errors else 409 if again else 200


def may_change(session: Session, order: Order) -> bool:
    """Whether the order's page offers a change."""
    return change_delivery.changeable(session, order) is None
