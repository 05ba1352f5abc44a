"""The board of split shipments: order, parcels, where, state, promise, and why it is so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.messages import reasons
from app.messages.models import CallTask, Message
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.web.backoffice import order_parcels, worklists
from app.web.backoffice.order_parcels import Signs
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from fulfilment.models import Location
from fulfilment.outbound import shipments
from fulfilment.outbound.shipments import ParcelView
from fulfilment.places import locations
from fulfilment.routing import snapshot
from kit import clock
from kit.database import reading

_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """An order as the board shows it."""

    order: Order
    lines: Mapping[Any, OrderLine]
    parcels: Sequence[ParcelView]
    call: CallTask | None
    told: Message | None
    reason: Sequence[str]
    signs: Signs


@blueprint.get("/")
@allowed
def board() -> str:
    """Show a worklist of orders with their parcels; split shipments where none is named."""
    only = request.args.get("only", "split")
    if only not in worklists.LISTS:
        only = "split"
    with reading() as session:
        places = locations.by_code(session)
        wanted = worklists.LISTS[only]()
        total = session.scalar(select(func.count()).select_from(wanted))
        rows = session.scalars(
            select(Order)
            .where(Order.ref.in_(select(wanted.c.ref)))
            .order_by(Order.state == "completed", Order.promised_on, Order.placed_at.desc())
            .limit(_PAGE)
        )
        found = rows.all()
        signs = order_parcels.signs(session, [order.ref for order in found])
        entries = [_entry(session, order, places, signs[order.ref]) for order in found]
    return render_template(
        "backoffice/board.html",
        entries=entries,
        only=only,
        places=places,
        news=order_parcels.NEWS,
        total=total,
        now=clock.now(),
    )


def _entry(session: Session, order: Order, places: Mapping[str, Location], signs: Signs) -> Entry:
    lines = orders.lines_of(session, order)
    call = select(CallTask).where(CallTask.order_ref == order.ref).order_by(CallTask.id.desc())
    told = (
        select(Message)
        .where(Message.order_ref == order.ref, Message.kind == "split")
        .order_by(Message.created_at.desc())
    )
    return Entry(
        order=order,
        lines={line.id: line for line in lines},
        parcels=shipments.for_order(session, order.ref),
        call=session.scalars(call.limit(1)).first(),
        told=session.scalars(told.limit(1)).first(),
        reason=reason_of(session, order, lines, places),
        signs=signs,
    )


def reason_of(
    session: Session, order: Order, lines: Sequence[OrderLine], places: Mapping[str, Location]
) -> Sequence[str]:
    """Return the newest routing decision of an order in words; nothing for a till sale."""
    stored = snapshot.history(session, order.ref)
    return in_words(stored[-1].decision, lines, places) if stored else []


def in_words(
    decision: Mapping[str, Any], lines: Sequence[OrderLine], places: Mapping[str, Location]
) -> Sequence[str]:
    """Return a stored decision as sentences, with the goods called by their names."""
    # The first decision knows a line by its SKU, later ones by its id.
    titles = {str(line.id): line.title for line in lines} | {line.sku: line.title for line in lines}
    names = {code: place.name for code, place in places.items()}
    return reasons.explain(decision, names, titles)
