"""What a customer decides about their order: wait or cancel, fetch it elsewhere or have it sent."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.i18n import formats
from app.sales import collect_questions, exceptions, orders
from app.sales.models import Order, OrderLine
from app.web import words
from app.web.session import limiter
from app.web.storefront import checkout
from app.web.storefront.room import blueprint
from app.workflows import collect_answers, exceptional
from fulfilment.places import locations
from kit.database import reading
from kit.errors import Invalid, Refused

LATE = frozenset(exceptions.CHOICES)


def open_decisions(
    session: Session, order: Order, lines: Mapping[Any, OrderLine]
) -> dict[str, Any] | None:
    """Return what the order page asks: a late part, or goods that cannot be collected; or None."""
    question = collect_questions.open_for(session, order.ref)
    if question is not None:
        can = question.facts["options"]
        return {
            "kind": "collect",
            "store": locations.one(session, question.location).name,
            "lines": [(line["quantity"], line["title"]) for line in question.facts["lines"]],
            "choices": _choices(can),
        }
    broken = exceptions.open_for(session, order.ref)
    if broken is None:
        return None
    return {
        "kind": "late",
        "lines": broken.facts["lines"],
        "refund_minor": exceptional.late_minor(order, lines, broken),
        "all_minor": exceptional.all_minor(session, order, lines),
        "dated": broken.earliest_on is not None,
    }


def _choices(can: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    choices = []
    if can["arrives_on"]:
        day = formats.day_and_date(formats.iso_day(can["arrives_on"]))
        parcels = ngettext("in einem Paket", "in %(num)s Paketen", can["parcels"])
        detail = _("da am %(day)s, %(parcels)s, ohne Mehrkosten", day=day, parcels=parcels)
        choices.append(("parcel", _("Schicken"), detail))
    for store in can["stores"]:
        ready = _("bereit ab %(time)s", time=formats.iso_stamp(store["ready_at"]))
        label = _("Abholen in %(store)s", store=store["name"])
        choices.append((f"store:{store['code']}", label, ready))
    refund = can["refund_minor"]
    back = (
        _("%(amount)s gehen zurück an Sie", amount=formats.money(refund))
        if refund
        else _("Bezahlt haben Sie dafür noch nichts")
    )
    return [*choices, ("cancel", _("Stornieren"), back)]


@blueprint.post("/bestellung/<ref>/entscheidung")
@limiter.limit("20 per minute")
def order_decide(ref: str) -> Any:
    """Carry out what the customer has decided; say so on the order's page."""
    token = request.form.get("t", "")
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, token)
    choice = request.form.get("choice", "")
    asked = request.form.get("about", "")
    try:
        flash(_decided(order.ref, asked, choice), "ok")
    except (Invalid, Refused) as error:
        if error.code == "option_gone":
            collect_answers.refresh(order.ref)
        flash(words.of_error(error), "warn")
    return redirect(checkout.order_address(ref, token), 303)


def _decided(ref: str, about: str, choice: str) -> str:
    if about == "late" or choice in LATE - {"cancel"}:
        back = exceptional.choose(ref, choice, by="customer")
        if back:
            amount = formats.money(back)
            return str(_("Storniert. %(amount)s gehen zurück an Sie.", amount=amount))
        return str(_("Gut. Wir schicken es zum neuen Termin."))
    collect_answers.answer(ref, choice, by="customer")
    return str(_("Danke. Wir machen es so."))
