"""The withdrawal function (section 356a BGB): declare, confirm, receipt by mail at once.

1. No sign-in, no reason, no question whether such an order exists: nothing is revealed.
2. The declaration is kept word for word with its instant before anything else happens.
3. The receipt repeats content, date and time; it goes out like every mail, through the outbox.
A late or unclear declaration is accepted all the same; people decide about it. There is no limit
on how often somebody may declare: a limit could refuse a declaration that counts.
"""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.aftersales import withdrawals
from app.aftersales.withdrawals import Declaration
from app.i18n import current_language
from app.i18n.formats import stamp_full
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.web.customer_session import signed_in
from app.web.storefront.room import blueprint
from app.workflows import bought
from app.workflows import withdraw as workflow
from kit.database import reading
from kit.errors import NotFound
from kit.ids import secret_token
from loyalty import customers

_MAX = {"name": 120, "order_ref": 40, "email": 120, "what": 2000}


@blueprint.get("/vertrag-widerrufen")
def withdraw() -> str:
    """Show the form, filled from the order page or the account where one comes from there."""
    with reading() as session:
        order = _proven(session)
        typed = _known(session, order)
        lines = _open_lines(session, order)
    return _form(typed, lines, {})


@blueprint.post("/vertrag-widerrufen")
def withdraw_check() -> Any:
    """Show the declaration as it will be sent, with the button that sends it."""
    typed = {name: request.form.get(name, "").strip()[:most] for name, most in _MAX.items()}
    errors = _errors(typed)
    with reading() as session:
        order = _proven(session)
        lines = _open_lines(session, order)
    chosen = _chosen(lines)
    if errors or "zurueck" in request.form:
        return _form(typed, lines, errors), 422 if errors else 200
    if "bestaetigen" not in request.form:
        return render_template(
            "storefront/withdraw_confirm.html",
            typed=typed,
            chosen=chosen,
            token=request.form.get("t", ""),
            key=secret_token(),
        )
    row = workflow.declare(
        Declaration(**typed, lines=chosen),
        language=current_language(),
        key=request.form.get("key", "")[:64] or secret_token(),
        proven=order is not None,
    )
    cookie["withdrawal"] = row.number
    return redirect(url_for("storefront.withdrawn"), 303)


@blueprint.get("/vertrag-widerrufen/eingegangen")
def withdrawn() -> Any:
    """Show the receipt; it is also on its way by mail."""
    number = cookie.get("withdrawal")
    if not isinstance(number, str):
        return redirect(url_for("storefront.withdraw"), 303)
    with reading() as session:
        try:
            row = withdrawals.by_number(session, number)
        except NotFound:
            return redirect(url_for("storefront.withdraw"), 303)
    return render_template(
        "storefront/withdrawn.html", receipt=row, received=stamp_full(row.received_at)
    )


def _form(typed: dict[str, str], lines: list[OrderLine], errors: dict[str, str]) -> str:
    return render_template(
        "storefront/withdraw.html",
        typed=typed,
        lines=lines,
        errors=errors,
        token=request.values.get("t", ""),
    )


def _proven(session: Session) -> Order | None:
    """Return the order whose secret link or account somebody came with, else None."""
    ref = request.values.get("bestellung") or request.form.get("order_ref", "")
    token = request.values.get("t", "")
    try:
        return orders.by_ref_and_token(session, ref.strip().upper(), token) if token else None
    except NotFound:
        return None


def _known(session: Session, order: Order | None) -> dict[str, str]:
    typed = {"order_ref": request.args.get("bestellung", "")[: _MAX["order_ref"]]}
    if order is not None:
        typed["name"] = str(order.address.get("name", ""))
        typed["email"] = order.email or ""
        return typed
    who = signed_in()
    if who is None:
        return typed
    typed["name"] = customers.by_number(session, who.number).name
    typed["email"] = who.email
    if not typed["order_ref"]:
        found, _total = bought.purchases(session, who.number, who.email, channel="web")
        typed["order_ref"] = found[0].order.ref if found else ""
    return typed


def _open_lines(session: Session, order: Order | None) -> list[OrderLine]:
    """Return the lines of which something can still be withdrawn from."""
    if order is None:
        return []
    lines = orders.lines_of(session, order)
    return [line for line in lines if line.quantity > line.cancelled + line.returned]


def _chosen(lines: list[OrderLine]) -> list[dict[str, Any]]:
    """Return the units that are named; none means the whole contract."""
    chosen = []
    for line in lines:
        try:
            units = int(request.form.get(f"units-{line.id}", "0") or 0)
        except ValueError:
            units = 0
        most = line.quantity - line.cancelled - line.returned
        if units > 0:
            facts = {"line_id": str(line.id), "sku": line.sku, "title": line.title}
            chosen.append({**facts, "quantity": min(units, most)})
    left = {uuid.UUID(one["line_id"]): one["quantity"] for one in chosen}
    whole = lines and all(
        left.get(line.id) == line.quantity - line.cancelled - line.returned for line in lines
    )
    return [] if whole else chosen


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = gettext("Bitte Ihren Namen.")
    if not typed["order_ref"]:
        errors["order_ref"] = gettext("Bitte die Bestellnummer, Beispiel: K-7F3KQ2.")
    if "@" not in typed["email"] or " " in typed["email"]:
        errors["email"] = gettext("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de.")
    return errors
