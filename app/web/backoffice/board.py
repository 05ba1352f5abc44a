"""The board of split shipments: order, parcels, where, state, promise, and why it is so."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.messages import reasons
from app.messages.models import CallTask, Message
from app.sales.models import Order, OrderLine
from app.web.backoffice import order_parcels, worklists
from app.web.backoffice.order_parcels import Signs
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import coming_parcels
from fulfilment.models import Location
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
        entries = _entries(session, rows.all(), places)
    return render_template(
        "backoffice/board.html",
        entries=entries,
        only=only,
        places=places,
        news=order_parcels.NEWS,
        total=total,
        now=clock.now(),
    )


def _entries(
    session: Session, found: Sequence[Order], places: Mapping[str, Location]
) -> list[Entry]:
    """Gather what the board shows: a question for all orders each, as it asks every few seconds."""
    refs = [order.ref for order in found]
    signs = order_parcels.signs(session, refs)
    parcels = coming_parcels.for_orders(session, refs)
    lines = _lines(session, found)
    decided = snapshot.newest(session, refs)
    calls = _last(session, select(CallTask).where(CallTask.order_ref.in_(refs)), CallTask.id)
    splits = select(Message).where(Message.order_ref.in_(refs), Message.kind == "split")
    told = _last(session, splits, Message.created_at)
    return [
        Entry(
            order=order,
            lines={line.id: line for line in lines[order.id]},
            parcels=parcels[order.ref],
            call=calls.get(order.ref),
            told=told.get(order.ref),
            # A till sale was never routed.
            reason=in_words(decided[order.ref], lines[order.id], places)
            if order.ref in decided
            else [],
            signs=signs[order.ref],
        )
        for order in found
    ]


def _lines(session: Session, found: Sequence[Order]) -> dict[uuid.UUID, list[OrderLine]]:
    lines: dict[uuid.UUID, list[OrderLine]] = {order.id: [] for order in found}
    rows = select(OrderLine).where(OrderLine.order_id.in_(lines)).order_by(OrderLine.position)
    for line in session.scalars(rows):
        lines[line.order_id].append(line)
    return lines


def _last(session: Session, query: Select[Any], by: Any) -> dict[str, Any]:
    """Return the last row of each order; the query is narrowed down to a few orders."""
    return {row.order_ref: row for row in session.scalars(query.order_by(by))}


def in_words(
    decision: Mapping[str, Any], lines: Sequence[OrderLine], places: Mapping[str, Location]
) -> Sequence[str]:
    """Return a stored decision as sentences, with the goods called by their names."""
    # The first decision knows a line by its SKU, later ones by its id.
    titles = {str(line.id): line.title for line in lines} | {line.sku: line.title for line in lines}
    names = {code: place.name for code, place in places.items()}
    return reasons.explain(decision, names, titles)
