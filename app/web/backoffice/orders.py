"""Orders: one search box, and one page that tells an order's whole story."""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.aftersales import returns
from app.identity import permissions
from app.invoicing import issued
from app.messages.models import CallTask, Message
from app.payments import charges, unclear
from app.payments.models import Refund
from app.sales import orders as sales_orders
from app.web.backoffice import order_parcels
from app.web.backoffice.board import in_words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import coming_parcels, look_up, office_order, override
from app.workflows.look_up import Found
from fulfilment.outbound import stops
from fulfilment.places import locations
from fulfilment.routing import snapshot
from kit.database import reading

_LONGEST_TERM = 200


@blueprint.get("/orders")
@allowed
def orders() -> str | Response:
    """Search by order, receipt, customer, name, mail, phone, parcel or GTIN; newest first."""
    term = request.args.get("q", "").strip()[:_LONGEST_TERM]
    with reading() as session:
        found = look_up.find(session, term) if term else Found(look_up.newest(session))
        places = locations.by_code(session)
    if term and found.only_order is not None:
        return redirect(url_for("backoffice.order", ref=found.only_order.ref))
    return render_template("backoffice/orders.html", found=found, term=term, places=places)


@blueprint.get("/orders/<ref>")
@allowed
def order(ref: str) -> str:
    """Show an order: lines, parcels, money, letters, and who did what when, with the reasons."""
    with reading() as session:
        found = sales_orders.by_ref(session, ref)
        lines = sales_orders.lines_of(session, found)
        places = locations.by_code(session)
        payments = charges.all_of_order(session, ref)
        parcels = coming_parcels.for_order(session, ref)
        return render_template(
            "backoffice/order.html",
            order=found,
            lines=lines,
            titles={line.id: line for line in lines},
            places=places,
            parcels=parcels,
            stories=order_parcels.stories(session, parcels),
            signs=order_parcels.signs(session, [ref])[ref],
            news=order_parcels.NEWS,
            payments=payments,
            to_pay_minor=sales_orders.to_pay_minor(found, lines),
            refunds=_of(session, Refund, Refund.payment_id.in_([p.id for p in payments])),
            vat=sales_orders.vat_by_rate(lines, found.shipping_minor),
            messages=_of(session, Message, Message.order_ref == ref),
            stop=stops.standing(session, ref),
            left=office_order.left(session, found, lines),
            unclear=unclear.of_order(session, ref),
            returns=returns.of_order(session, ref),
            papers=issued.of_order(session, ref),
            form_key=uuid.uuid4().hex,
            place_options=[(code, place.name) for code, place in places.items()],
            may_act=permissions.may(current_user.role, "backoffice.order_hold"),
            customer_url=url_for("storefront.order_page", ref=ref, t=found.token)
            if found.channel == "web"
            else None,
            calls=_of(session, CallTask, CallTask.order_ref == ref),
            timeline=sales_orders.timeline(session, ref),
            may_override=permissions.may(current_user.role, "backoffice.order_override")
            and override.movable(session, found),
            decisions=[
                {"row": row, "words": in_words(row.decision, lines, places)}
                for row in reversed(snapshot.history(session, ref))
            ],
        )


def _of(session: Session, row: Any, condition: ColumnElement[bool]) -> list[Any]:
    return list(session.scalars(select(row).where(condition).order_by(row.id)))
