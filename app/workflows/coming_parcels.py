"""The parcels of an order as people are told of them: planned ones are told apart by goods group.

Goods groups never share a parcel (docs/routing.md), but a location has one fulfilment order for all
of them. Until that is packed, it stands here as one parcel per group.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales.models import OrderLine
from fulfilment.outbound import shipments
from fulfilment.outbound.shipments import ParcelPart, ParcelView
from fulfilment.routing.decision import Decision


def for_order(session: Session, order_ref: str) -> list[ParcelView]:
    """Return the parcels of an order in the order of `shipments.for_order`."""
    return for_orders(session, [order_ref])[order_ref]


def for_orders(session: Session, refs: Collection[str]) -> dict[str, list[ParcelView]]:
    """Return the parcels of some orders; one more query where something may be told apart."""
    found = shipments.for_orders(session, refs)
    asked = {
        part.line_id
        for views in found.values()
        for view in views
        if _open(view) and len(view.lines) > 1
        for part in view.lines
    }
    if not asked:
        return found
    query = select(OrderLine.id, OrderLine.shipping_group).where(OrderLine.id.in_(asked))
    groups = {row.id: row.shipping_group for row in session.execute(query)}
    return {
        ref: [one for view in views for one in _apart(view, groups)] for ref, views in found.items()
    }


def planned(decision: Decision) -> int:
    """Return how many parcels a plan comes in: one per location and goods group."""
    loads = {(parcel.location, parcel.group) for parcel in decision.parcels}
    sending = {location for location, _ in loads}
    return len(loads) + sum(location not in sending for location in decision.locations)


def _open(view: ParcelView) -> bool:
    return view.parcel_id is None and view.kind == "parcel"


def _apart(view: ParcelView, groups: Mapping[uuid.UUID, str]) -> Iterator[ParcelView]:
    if not _open(view) or len(view.lines) == 1:
        yield view
        return
    loads: dict[str, list[ParcelPart]] = {}
    for part in view.lines:
        loads.setdefault(groups[part.line_id], []).append(part)
    for number, parts in enumerate(loads.values()):
        # The card lies in one of them.
        yield replace(view, lines=parts, has_card=view.has_card and number == 0)
