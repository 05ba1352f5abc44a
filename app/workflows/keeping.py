"""What must stay true when an order is routed again: promised days, and goods that are there."""

import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.sales.models import Order, OrderLine
from app.workflows.confirm import promises
from app.workflows.loose import Loose, Rerouted
from fulfilment.answers.availability import available
from fulfilment.claims import allocations
from fulfilment.claims.reservations import Want
from fulfilment.outbound import refusals
from fulfilment.routing.decision import Decision
from kit import clock

Later = dict[uuid.UUID, tuple[int, date]]
"""Units of each line that arrive later than was said, and the day that was said."""


def keep_honest(order: Order, lines: Mapping[uuid.UUID, OrderLine], decision: Decision) -> Later:
    """Give lines that arrive later than was said their new day; return what was said.

    A line that still arrives in time keeps the day that the customer was told.
    """
    later: Later = {}
    for part in decision.assignments:
        line = lines[uuid.UUID(part.key)]
        said_on = later[line.id][1] if line.id in later else line.promised_on
        if said_on is None:
            line.promised_on = part.arrives_on
        elif part.arrives_on > said_on:
            later[line.id] = (later.get(line.id, (0, said_on))[0] + part.quantity, said_on)
            line.promised_on = max(line.promised_on or said_on, part.arrives_on)
    dates = [line.promised_on for line in lines.values() if line.promised_on]
    order.promised_on = max(dates, default=order.promised_on)
    return later


def keep_where_refused(session: Session, units: Loose, found: Rerouted) -> dict[uuid.UUID, int]:
    """Keep what nobody else can send where a location has it and has only refused to send it.

    It is allocated there, in no fulfilment order: the location is not asked again by itself.

    Returns:
        Units kept, by order line.
    """
    if not found.missing:
        return {}
    places = [
        row
        for row in refusals.of_order(session, units.order.ref)
        if row.reason in refusals.GOODS_THERE and row.line_id in found.missing
    ]
    free = available(session, {row.sku for row in places}, clock.now()) if places else {}
    left = {place: held.available for place, held in free.items()}
    kept: dict[uuid.UUID, int] = {}
    wants = []
    for row in places:
        place = (row.location, row.sku)
        quantity = min(found.missing[row.line_id], left.get(place, 0))
        if quantity > 0 and row.line_id not in kept:
            wants.append(Want(row.line_id, row.sku, row.location, quantity))
            kept[row.line_id] = quantity
            left[place] -= quantity
    allocations.allocate(
        session,
        order_ref=units.order.ref,
        wants=wants,
        promised=promises(units.order, list(units.lines.values())),
    )
    return kept
