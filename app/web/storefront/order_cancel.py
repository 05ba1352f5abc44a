"""Cancel what nobody picks yet, line by line, behind the order's secret link."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.i18n import formats
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.web import words
from app.web.session import limiter
from app.web.storefront import checkout
from app.web.storefront.room import blueprint
from app.workflows import cancel_order, cancelling, pickups
from fulfilment.outbound import fulfilment_orders
from kit.database import reading
from kit.errors import Invalid, Refused
from kit.ids import secret_token

_NOTHING_OWED = _l("Storniert. Bezahlt haben Sie nichts, und Sie müssen nichts tun.")


@blueprint.route("/bestellung/<ref>/stornieren", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def order_cancel(ref: str) -> Any:
    """Choose what is not to be sent; see what goes back; do it."""
    token = request.values.get("t", "")
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, token)
        can = cancel_order.cancellable(session, order)
        lines = {line.id: line for line in orders.lines_of(session, order)}
    if not can:
        flash(_("Daran wird schon gepackt. Sie können es nach dem Erhalt zurückgeben."), "warn")
        return redirect(checkout.order_address(ref, token), 303)
    if request.method == "GET":
        return _page(order, lines, can, None)
    units = units_typed(can)
    if "bestaetigen" not in request.form:
        return _page(order, lines, can, units)
    try:
        done = cancel_order.cancel(ref, units, key=request.form.get("key", "")[:64], by="customer")
    except (Invalid, Refused) as error:
        flash(words.of_error(error), "warn")
        return redirect(request.full_path, 303)
    back = formats.money(done.refund_minor)
    text = _("Storniert. %(amount)s gehen zurück an Sie.", amount=back)
    flash(_NOTHING_OWED if order.pay_on_collection else text, "ok")
    return redirect(checkout.order_address(ref, token), 303)


@blueprint.post("/bestellung/<ref>/nicht-abgeholt")
@limiter.limit("20 per minute")
def order_give_up(ref: str) -> Any:
    """Have what lies ready, and is not paid, put back on the shelf."""
    token = request.form.get("t", "")
    with reading() as session:
        orders.by_ref_and_token(session, ref, token)
    try:
        if pickups.give_up(ref, by="customer"):
            flash(_NOTHING_OWED, "ok")
    except Refused as error:
        flash(words.of_error(error), "warn")
    return redirect(checkout.order_address(ref, token), 303)


def may_give_up(session: Session, order: Order) -> bool:
    """Whether the order's page offers to leave what lies ready and is not paid."""
    if not order.pay_on_collection or order.state != "confirmed":
        return False
    return any(
        job.kind == "collect" and job.state == "packed"
        for job in fulfilment_orders.of_order(session, order.ref)
    )


def units_typed(most: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
    """Return the units that a form names, per line id, never more than there can be."""
    units = {}
    for line, limit in most.items():
        try:
            typed = int(request.form.get(f"units-{line}", "0"))
        except ValueError:
            typed = 0
        if typed > 0:
            units[line] = min(typed, limit)
    return units


def _page(
    order: Order,
    lines: Mapping[uuid.UUID, OrderLine],
    can: Mapping[uuid.UUID, int],
    units: Mapping[uuid.UUID, int] | None,
) -> str:
    return render_template(
        "storefront/order_cancel.html",
        order=order,
        rows=[(lines[line], most) for line, most in can.items()],
        units=units,
        refund_minor=cancelling.refund_of(order, lines, units) if units else 0,
        key=secret_token(),
    )


def may_cancel(session: Session, order: Order) -> bool:
    """Whether the order's page offers it."""
    return bool(cancel_order.cancellable(session, order))
