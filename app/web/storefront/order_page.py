"""The order page behind its secret link: parcels with four stops, dates, letters, a contact."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, render_template, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.aftersales import returns, withdrawals
from app.i18n import current_language, formats
from app.invoicing import issued
from app.messages.models import Message
from app.payments import charges
from app.payments.gateway import OutcomeUnknown
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.web.retailer import RETAILER
from app.web.session import limiter
from app.web.storefront import (
    checkout,
    order_cancel,
    order_change,
    order_decide,
    outlook,
    pictures,
)
from app.web.storefront.room import blueprint
from app.workflows import bring_back, coming_parcels, pickups, still_true, tenders
from app.workflows import checkout as workflow
from app.workflows.checkout import Placed
from catalog import products
from fulfilment.models import FulfilmentOrder, Location
from fulfilment.outbound.shipments import ParcelView
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import NotFound
from loyalty import points

# How many of the four stops (picked, packed, on its way, delivered) a parcel has behind it.
_REACHED = {"open": 0, "picking": 0, "picked": 1, "packed": 2, "handed_over": 3, "delivered": 4}


@blueprint.get("/bestellung/<ref>")
def order_page(ref: str) -> str:
    """Show an order to whoever holds its link; any other token gets the answer of no order."""
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, request.args.get("t", ""))
        lines = orders.lines_of(session, order)
        places = locations.by_code(session)
        parcels = coming_parcels.for_order(session, order.ref)
        return render_template(
            "storefront/order.html",
            order=order,
            lines=_lines(session, lines),
            parcels=[_parcel(view, lines, places) for view in parcels],
            contact=_contact(parcels, places),
            messages=_messages(session, order),
            points=_points_to_come(order),
            refunded_minor=orders.not_delivered_minor(order, lines),
            **_money(session, order),
            to_pay_minor=orders.to_pay_minor(order, lines),
            ready=_ready(session, parcels),
            may_give_up=order_cancel.may_give_up(session, order),
            pay_later=request.args.get("zahlung") == "spaeter",
            checking=_checking(order),
            as_of=clock.now(),
            decide=order_decide.open_decisions(session, order, {line.id: line for line in lines}),
            may_change=order_change.may_change(session, order),
            collect=places.get(order.collect_at or ""),
            token=order.token,
            may_cancel=order_cancel.may_cancel(session, order),
            may_return=bool(bring_back.returnable(session, order)),
            invoices=issued.of_order(session, order.ref),
            coming_back=_coming_back(session, order, lines),
            declared=withdrawals.of_order(session, order.ref),
            still_true=_still_true(still_true.ask(session, order), places),
        )


def _checking(order: Order) -> bool:
    """Return if the customer came back from the payment page and nobody knows yet how it went."""
    return order.state == "placed" and request.args.get("zahlung") == "geprueft"


def _money(session: Session, order: Order) -> dict[str, int]:
    """Return what gift cards pay of an order, what is left to be paid, and if a bank was asked."""
    paid = [] if order.pay_on_collection else charges.all_of_order(session, order.ref)
    by_card = sum(one.amount_minor for one in paid if one.method == tenders.CARD)
    return {
        "by_card_minor": by_card,
        "due_minor": order.total_minor - by_card,
        "bank_asked": any(one.state == "pending" for one in paid),
    }


@blueprint.post("/bestellung/<ref>/zahlung")
def order_pay(ref: str) -> Any:
    """Open the payment page of an order that is not paid yet."""
    token = request.form.get("t", "")
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, token)
    return checkout.to_payment(Placed(order.ref, order.token))


@blueprint.get("/bestellung/<ref>/bezahlt")
def order_paid(ref: str) -> Any:
    """Come back from the payment page: ask the provider, then show the order.

    The provider's webhook may be earlier or later; both settle the same, once.
    """
    token = request.args.get("t", "")
    state = orders.state_of(ref, token)
    session_id = request.args.get("session_id", "")
    if session_id and state in {"placed", "lapsed"}:
        try:
            workflow.settle_session(session_id)
        except (OutcomeUnknown, NotFound):
            # The webhook will tell; the page says that the payment is being checked.
            page = checkout.order_address(ref, token)
            again = urlencode({"zahlung": "geprueft", "session_id": session_id})
            return redirect(f"{page}&{again}", 303)
    return redirect(checkout.order_address(ref, token), 303)


@blueprint.route("/bestellung", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def order_find() -> Any:
    """Find an order by its number and mail address; says the same for every mismatch."""
    if request.method == "GET":
        return render_template("storefront/order_find.html", typed={}, error=None)
    typed = {name: request.form.get(name, "").strip()[:120] for name in ("ref", "email")}
    with reading() as session:
        try:
            order = orders.by_ref(session, typed["ref"].upper())
        except NotFound:
            order = None
    if order is None or (order.email or "").casefold() != typed["email"].casefold():
        text = gettext("Zu dieser Nummer und Adresse finden wir keine Bestellung.")
        return render_template("storefront/order_find.html", typed=typed, error=text), 404
    return redirect(checkout.order_address(order.ref, order.token), 303)


def _lines(session: Session, lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    items = products.items(session, [line.sku for line in lines])
    return [
        {
            "line": line,
            "worth": _worth(line),
            "picture": pictures.address(items[line.sku].picture) if line.sku in items else None,
        }
        for line in lines
    ]


def _worth(line: OrderLine) -> str:
    """Return how the sum of a line comes about, "" where it is the price of one."""
    parts = []
    if line.quantity > 1:
        parts.append(gettext("je %(price)s", price=formats.money(line.unit_minor)))
    name = f"name_{current_language()}"
    parts += [f"{one[name]} −{formats.money(one['amount_minor'])}" for one in line.promotions]
    return " · ".join(parts)


def _parcel(
    view: ParcelView, lines: Sequence[OrderLine], places: Mapping[str, Location]
) -> dict[str, Any]:
    titles = {line.id: line.title for line in lines}
    adults = {line.id for line in lines if line.age_checked}
    reached = _REACHED.get(view.state)
    if reached is None:
        abort(500)
    return {
        "origin": outlook.origin(places[view.location]),
        "collect": view.kind == "collect",
        "job": view.fulfilment_order_id,
        "arrives_on": view.arrives_on,
        "reached": reached,
        "whens": [None, None, _when(view.handed_over_at), _when(view.delivered_at)],
        "contents": [(part.quantity, titles[part.line_id]) for part in view.lines],
        "carrier": view.carrier,
        "tracking_code": view.tracking_code,
        "age_checked": any(part.line_id in adults for part in view.lines),
    }


def _ready(session: Session, parcels: Sequence[ParcelView]) -> dict[Any, dict[str, Any]]:
    """Return code and last day of what lies ready to be fetched, by its fulfilment order.

    The letter with the code holds the link to this page, too.
    """
    found = {}
    for view in parcels:
        if view.kind == "collect" and view.state == "packed":
            job = session.get_one(FulfilmentOrder, view.fulfilment_order_id)
            if job.pickup_code and job.packed_at:
                until = pickups.last_day(session, view.location, job.packed_at)
                found[job.id] = {"code": job.pickup_code, "until": until}
    return found


def _points_to_come(order: Order) -> int:
    earns = order.customer_number is not None and order.state != "completed"
    return points.points_for(order.goods_minor) if earns else 0


def _coming_back(
    session: Session, order: Order, lines: Sequence[OrderLine]
) -> list[dict[str, Any]]:
    """Return the announced returns of an order, with what is in them."""
    titles = {line.id: line.title for line in lines}
    return [
        {
            "request": one,
            "contents": [
                (part.quantity, titles[part.line_id]) for part in returns.lines_of(session, one)
            ],
        }
        for one in returns.of_order(session, order.ref)
        if one.state != "cancelled"
    ]


def _still_true(answer: still_true.Answer, places: Mapping[str, Location]) -> dict[str, Any] | None:
    """Put into words whether the promised day is kept; None where nothing is promised."""
    if answer.verdict in {"none", "arrived"} or answer.promised_on is None:
        return None
    day = formats.day_and_date(answer.promised_on)
    place = places[answer.place].name if answer.place in places else ""
    texts = {
        "yes": gettext("Ja. %(day)s bleibt es.", day=day),
        "close": gettext("Es wird knapp. %(day)s gilt noch.", day=day),
        "later": gettext("Nein, %(day)s ist nicht mehr zu halten.", day=day),
        "open": gettext("Das steht noch nicht fest: Wir suchen gerade, woher es kommt."),
    }
    detail = ""
    if answer.verdict in {"yes", "close"} and answer.next_at is not None:
        detail = gettext(
            "Nächster Schritt: %(place)s muss bis %(time)s Uhr gepackt haben.",
            place=place,
            time=formats.stamp(answer.next_at),
        )
    elif answer.verdict == "yes":
        detail = gettext("Alles ist unterwegs.")
    elif answer.verdict == "later" and answer.expected_on is not None:
        expected = formats.day_and_date(answer.expected_on)
        detail = gettext("Nach allem, was wir jetzt wissen: %(day)s", day=expected)
    elif answer.verdict == "later":
        detail = gettext("Den neuen Tag sagen wir Ihnen, sobald er feststeht.")
    tone = {"yes": "ok", "close": "warn", "later": "warn", "open": "info"}[answer.verdict]
    return {"tone": tone, "text": texts[answer.verdict], "detail": detail, "at": answer.asked_at}


def _when(instant: Any) -> str | None:
    return formats.stamp(instant) if instant else None


def _contact(parcels: Sequence[ParcelView], places: Mapping[str, Location]) -> dict[str, str]:
    """Return the person to ask: of the store that sends something, else of the first store."""
    codes = [view.location for view in parcels if places[view.location].kind == "store"]
    stores = [place for place in places.values() if place.kind == "store"]
    place = places[codes[0]] if codes else next(iter(stores), None)
    if place is None:
        return {
            "name": RETAILER.name,
            "place": "",
            "phone": RETAILER.phone,
            "email": RETAILER.email,
        }
    return {
        "name": place.contact,
        "place": outlook.origin(place),
        "phone": place.phone,
        "email": place.email or RETAILER.email,
    }


def _messages(session: Session, order: Order) -> list[Message]:
    """Return what we wrote to the customer about this order, newest first."""
    rows = (
        select(Message)
        .where(Message.order_ref == order.ref)
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    return list(session.scalars(rows))
