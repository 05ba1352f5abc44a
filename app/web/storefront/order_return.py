"""Announce a return behind the order's secret link, and print the slip for it."""

import io
import uuid
from collections.abc import Mapping
from typing import Any

import segno
from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app import press
from app.aftersales import returns
from app.aftersales.models import ReturnRequest
from app.aftersales.returns import Part
from app.i18n import current_language, formats
from app.legal import retailers
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.web import words
from app.web.session import limiter
from app.web.storefront import checkout
from app.web.storefront.order_cancel import units_typed
from app.web.storefront.room import blueprint
from app.workflows import bring_back
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused

REASONS = {
    "other": _l("ohne Angabe"),
    "not_as_shown": _l("anders als gezeigt"),
    "too_small": _l("zu klein"),
    "too_large": _l("zu groß"),
    "damaged": _l("beschädigt angekommen"),
    "defective": _l("funktioniert nicht"),
    "wrong_item": _l("falscher Artikel"),
}


@blueprint.route("/bestellung/<ref>/zurueckgeben", methods=["GET", "POST"])
@limiter.limit("20 per minute", methods=["POST"])
def order_return(ref: str) -> Any:
    """Choose what comes back, why, and how."""
    token = request.values.get("t", "")
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, token)
        can = bring_back.returnable(session, order)
        lines = {line.id: line for line in orders.lines_of(session, order)}
        stores = [one for one in locations.by_code(session).values() if one.kind == "store"]
    if not can:
        flash(_("Aus dieser Bestellung kann gerade nichts zurückgegeben werden."), "warn")
        return redirect(checkout.order_address(ref, token), 303)
    problem = None
    if request.method == "POST":
        parts = [
            Part(
                line,
                units,
                request.form.get(f"reason-{line}", "other"),
                request.form.get("note", "").strip(),
            )
            for line, units in units_typed(can).items()
        ]
        try:
            made = bring_back.announce(ref, parts, how=request.form.get("how", ""))
        except (Invalid, Refused) as error:
            problem = words.of_error(error)
        else:
            flash(_("Angekündigt. Der Schein %(ref)s ist unterwegs.", ref=made.ref), "ok")
            return redirect(f"{checkout.order_address(ref, token)}#rueckgabe", 303)
    page = render_template(
        "storefront/order_return.html",
        order=order,
        rows=[(lines[line], most) for line, most in can.items()],
        reasons=list(REASONS.items()),
        stores=stores,
        problem=problem,
    )
    return page, 422 if problem else 200


@blueprint.post("/bestellung/<ref>/zurueckgeben/<request_ref>")
@limiter.limit("20 per minute")
def order_return_cancel(ref: str, request_ref: str) -> Any:
    """Keep the goods after all."""
    token = request.form.get("t", "")
    with reading() as session:
        orders.by_ref_and_token(session, ref, token)
    try:
        bring_back.cancel(ref, request_ref)
        flash(_("Gut. Die Rücksendung ist abgesagt."), "ok")
    except Refused as error:
        flash(words.of_error(error), "warn")
    return redirect(checkout.order_address(ref, token), 303)


@blueprint.get("/bestellung/<ref>/ruecksendung/<request_ref>.pdf")
@limiter.limit("60 per minute")
def order_return_slip(ref: str, request_ref: str) -> Response:
    """Print the slip: what comes back, the code for the counter, the address for the parcel."""
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, request.args.get("t", ""))
        announced = returns.by_ref(session, request_ref)
        if announced.order_ref != order.ref:
            raise NotFound("return_request", ref=request_ref)
        parts = returns.lines_of(session, announced)
        lines = {line.id: line for line in orders.lines_of(session, order)}
        places = locations.by_code(session)
        seller = retailers.in_force(session).plain()
        kinds = sorted(places.values(), key=lambda one: (one.kind != "warehouse", one.position))
    data = _slip(order, announced, lines, parts, seller)
    target = kinds[0]
    data["to"] = {
        "name": f"{seller['company']}, {_('Rücksendungen')}",
        "street": target.street,
        "postal_code": target.postal_code,
        "city": target.city,
    }
    drawn = io.BytesIO()
    segno.make(announced.ref, error="m").save(drawn, kind="svg", scale=4, border=1)
    answer = Response(
        press.paper("slip", data, {"qr.svg": drawn.getvalue()}), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{announced.ref}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _slip(
    order: Order,
    announced: ReturnRequest,
    lines: Mapping[uuid.UUID, OrderLine],
    parts: Any,
    seller: dict[str, Any],
) -> dict[str, Any]:
    by_parcel = announced.how == "parcel"
    steps = (
        [
            _("Ware und diesen Schein in ein Paket legen."),
            _("Adressteil unten abschneiden und außen aufkleben; frankieren."),
            _("Einlieferungsbeleg aufheben. Ist die Ware da, geht das Geld zurück."),
        ]
        if by_parcel
        else [
            _("Ware und diesen Schein in eine unserer Filialen mitbringen."),
            _("An der Kasse den Code zeigen: das Geld geht sofort zurück."),
        ]
    )
    return {
        "language": current_language(),
        "made_on": clock.berlin(announced.made_at).date().isoformat(),
        "seller": {**seller, "phone_shown": formats.phone(seller["phone"])},
        "ref": announced.ref,
        "how": announced.how,
        "lead": _("Aus Bestellung %(ref)s:", ref=order.ref),
        "steps": [str(step) for step in steps],
        "lines": [
            {
                "quantity": part.quantity,
                "title": lines[part.line_id].title,
                "sku": lines[part.line_id].sku,
                "reason": str(REASONS.get(part.reason, "")),
            }
            for part in parts
        ],
        "sender": {
            name: str(order.address.get(name, ""))
            for name in ("name", "street", "postal_code", "city")
        },
        "words": {
            "title": _("Rückgabeschein %(number)s", number=announced.ref),
            "quantity": _("Menge"),
            "article": _("Artikel"),
            "reason": _("Grund"),
            "cut": _("Hier abschneiden und außen auf das Paket kleben"),
            "from": _("Von"),
            "managed": _("Geschäftsführung:"),
        },
    }
