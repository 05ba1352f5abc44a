"""What one does with an order from its page: hold, release, cancel, refund, send mail again."""

import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.i18n import formats
from app.messages import delivery
from app.payments import unclear
from app.sales import orders as sales_orders
from app.web import words
from app.web.backoffice.attempts import attempt
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import office_order
from fulfilment.places import locations
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused

_LARGEST_CENTS = 10_000_000


def _done(ref: str, act: Callable[[], str]) -> Response:
    """Do it, say how it went, and show the order again."""
    with reading() as session:
        sales_orders.by_ref(session, ref)
    try:
        said = act()
    except (Refused, Invalid) as error:
        flash(words.of_error(error), "danger")
    else:
        if said:
            flash(said, "ok")
    return redirect(url_for("backoffice.order", ref=ref), 303)


@blueprint.post("/orders/<ref>/hold")
@allowed
def order_hold(ref: str) -> Response:
    """Stop an order until somebody releases it."""

    def act() -> str:
        office_order.hold(ref, reason=request.form.get("reason", ""), actor=current_user.name)
        return str(_("Angehalten: Niemand pickt oder übergibt ihn."))

    return _done(ref, act)


@blueprint.post("/orders/<ref>/release")
@allowed
def order_release(ref: str) -> Response:
    """Let a stopped order go on."""

    def act() -> str:
        office_order.release(ref, actor=current_user.name)
        return str(_("Freigegeben."))

    return _done(ref, act)


@blueprint.post("/orders/<ref>/cancel")
@allowed
def order_cancel(ref: str) -> Response:
    """Cancel units that nobody picks yet."""
    form = request.form

    def act() -> str:
        done = office_order.cancel(
            ref,
            _units(form),
            reason=form.get("reason", ""),
            actor=current_user.name,
            key=_key(form),
        )
        back = formats.money(done.refund_minor)
        return str(_("Storniert. %(amount)s gehen zurück.", amount=back))

    return _done(ref, act)


@blueprint.post("/orders/<ref>/refund")
@allowed
def order_refund(ref: str) -> Response:
    """Give back the price of units that were sent, with or without restock; or a sum."""
    form = request.form

    def act() -> str:
        given = {"reason": form.get("reason", ""), "actor": current_user.name, "key": _key(form)}
        if form.get("amount", "").strip():
            back = office_order.goodwill(ref, _cents(form["amount"]), **given)
        else:
            back = office_order.refund(
                ref, _units(form), restock=form.get("restock", ""), location=_place(form), **given
            )
        return str(_("%(amount)s gehen zurück.", amount=formats.money(back))) if back else ""

    return _done(ref, act)


def _units(form: MultiDict[str, str]) -> dict[uuid.UUID, int]:
    prefix, most = "units-", 5
    found = {}
    for name, text in form.items():
        if name.startswith(prefix) and text.isascii() and text.isdigit() and len(text) < most:
            try:
                found[uuid.UUID(name.removeprefix(prefix))] = int(text)
            except ValueError:
                raise Invalid("quantity") from None
    return found


def _key(form: MultiDict[str, str]) -> str:
    key = form.get("key", "")
    longest = 40
    if not key or len(key) > longest:
        raise Invalid("stale_form")
    return key


def _place(form: MultiDict[str, str]) -> str | None:
    code = form.get("location", "")
    with reading() as session:
        return code if code in locations.by_code(session) else None


def _cents(typed: str) -> int:
    """Read "12,50" or "12.50" as cents."""
    try:
        cents = Decimal(typed.strip().replace("€", "").strip().replace(",", ".")) * 100
    except InvalidOperation:
        raise Invalid("refund_amount") from None
    if not cents.is_finite() or cents != cents.to_integral_value() or cents > _LARGEST_CENTS:
        raise Invalid("refund_amount")
    return int(cents)


@blueprint.post("/messages/<uuid:message_id>/copies")
@allowed
def message_again(message_id: uuid.UUID) -> Response:
    """Send a message once more, word for word."""
    with transaction() as session:
        sent = delivery.again(session, message_id)
        if sent is not None and sent.order_ref:
            sales_orders.note(
                session, sent.order_ref, "message_resent", current_user.name, note=sent.subject
            )
    if sent is None:
        flash(_("Sie ist noch gar nicht hinausgegangen."), "warn")
    else:
        flash(_("Geht gleich noch einmal hinaus."), "ok")
    if sent is not None and sent.order_ref:
        return redirect(url_for("backoffice.order", ref=sent.order_ref), 303)
    return redirect(url_for("backoffice.message", message_id=message_id), 303)


@blueprint.get("/payments/unclear", endpoint="unclear")
@allowed
def unclear_payments() -> str:
    """Show payments that somebody has to look at, and those that were."""
    with reading() as session:
        return render_template(
            "backoffice/unclear.html",
            waiting=unclear.listed(session),
            done=unclear.listed(session, closed=True, limit=30),
        )


@blueprint.post("/payments/unclear/<uuid:unclear_id>")
@allowed
def unclear_close(unclear_id: uuid.UUID) -> Response:
    """Note what somebody found out and did about a payment."""
    found_out, by = request.form.get("note", ""), current_user.name
    attempt(
        lambda session: unclear.close(session, unclear_id, by=by, text=found_out),
        _("Notiert. Danke!"),
        unless=NotFound,
    )
    return redirect(url_for("backoffice.unclear"), 303)
