"""Shipments: one hand-over of parcels to a carrier. From here on the goods are not ours."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from fulfilment.events import ParcelDelivered, ShipmentDispatched
from fulfilment.models import FulfilmentOrder, Parcel, Shipment
from fulfilment.models.claims import ALLOCATION_STATES, became
from fulfilment.outbound import stops
from fulfilment.outbound.fulfilment_orders import advance, locked
from fulfilment.stock.balances import Balance, Changes, Place
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from kit import clock, events
from kit.errors import NotFound, Refused
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class ParcelPart:
    """Units of an order line in a parcel; `lots` says of which lots, where they are kept apart."""

    line_id: uuid.UUID
    sku: str
    quantity: int
    lots: str | None = None


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel of an order, or a fulfilment order that will become one.

    `state` is open, picking, picked (no box yet), packed, handed_over or delivered; `shipment_id`
    is set from the hand-over on, and only then is anything "shipped". One of kind ``collect`` is
    laid out in a store and handed over to the customer there.
    """

    location: str
    fulfilment_order_id: uuid.UUID
    state: str
    ships_on: date
    arrives_on: date
    parcel_id: uuid.UUID | None = None
    sscc: str | None = None
    weight_grams: int | None = None
    shipment_id: uuid.UUID | None = None
    carrier: str | None = None
    tracking_code: str | None = None
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    has_card: bool = False
    kind: str = "parcel"
    lines: list[ParcelPart] = field(default_factory=list)


_SKUS = text(
    "SELECT DISTINCT sku FROM stock_allocations"
    " WHERE fulfilment_order_id = :job AND state = 'picked'"
)
_LOTS = text(
    "SELECT DISTINCT sku, lot FROM stock_allocations"
    " WHERE fulfilment_order_id = :job AND state = 'picked' AND sku = ANY(:skus)"
    " ORDER BY sku, lot"
)
_SHIP = text(
    f"""
    UPDATE stock_allocations SET {became(ALLOCATION_STATES, "picked", "shipped")}, ended_at = :now
    WHERE fulfilment_order_id = :job AND state = 'picked' AND parcel_id IS NOT NULL
    RETURNING sku, lot, quantity
    """
)
_CONTENTS = text(
    """
    SELECT line.line_id, sum(line.quantity) AS quantity
    FROM parcel_lines AS line JOIN parcels ON parcels.id = line.parcel_id
    WHERE parcels.shipment_id = :shipment
    GROUP BY line.line_id
    """
)
_PARCELS = text(
    """
    SELECT parcel.order_ref, parcel.location, parcel.fulfilment_order_id,
        CASE WHEN parcel.delivered_at IS NOT NULL THEN 'delivered'
            WHEN parcel.shipment_id IS NOT NULL THEN 'handed_over'
            ELSE 'packed' END AS state,
        job.kind, job.ships_on, parcel.arrives_on, parcel.id AS parcel_id, parcel.sscc,
        parcel.weight_grams, parcel.shipment_id, shipment.carrier, parcel.tracking_code,
        shipment.handed_over_at, parcel.delivered_at,
        EXISTS (
            SELECT FROM parcel_inserts WHERE parcel_inserts.parcel_id = parcel.id
        ) AS has_card
    FROM parcels AS parcel
    JOIN fulfilment_orders AS job ON job.id = parcel.fulfilment_order_id
    LEFT JOIN shipments AS shipment ON shipment.id = parcel.shipment_id
    WHERE parcel.order_ref = ANY(:refs)
    ORDER BY shipment.handed_over_at NULLS LAST, parcel.sealed_at, parcel.sscc
    """
)
_PLANNED = text(
    """
    SELECT job.order_ref, job.location, job.id AS fulfilment_order_id, job.state, job.kind,
        job.ships_on, job.arrives_on
    FROM fulfilment_orders AS job
    WHERE job.order_ref = ANY(:refs) AND job.state IN ('open', 'picking', 'picked')
    ORDER BY job.arrives_on, job.opened_at, job.id
    """
)
_PACKED_PARTS = text(
    """
    SELECT line.parcel_id, line.line_id, line.sku, line.quantity,
        (
            SELECT string_agg(DISTINCT claim.lot, ', ' ORDER BY claim.lot)
            FROM stock_allocations AS claim
            WHERE claim.parcel_id = line.parcel_id AND claim.line_id = line.line_id
                AND claim.order_ref = parcels.order_ref
        ) AS lots
    FROM parcel_lines AS line JOIN parcels ON parcels.id = line.parcel_id
    WHERE parcels.order_ref = ANY(:refs)
    ORDER BY line.sku, line.line_id
    """
)
_PLANNED_PARTS = text(
    """
    SELECT fulfilment_order_id, line_id, sku, sum(quantity) AS quantity,
        string_agg(DISTINCT lot, ', ' ORDER BY lot) AS lots
    FROM stock_allocations
    WHERE order_ref = ANY(:refs) AND state IN ('open', 'picked') AND parcel_id IS NULL
        AND fulfilment_order_id IS NOT NULL
    GROUP BY fulfilment_order_id, line_id, sku
    ORDER BY sku, line_id
    """
)


def dispatch(
    session: Session,
    job_id: uuid.UUID,
    *,
    carrier: str,
    actor: str,
    tracking_codes: Mapping[uuid.UUID, str] | None = None,
) -> Shipment:
    """Hand the parcels of a packed fulfilment order over. Once done, it returns what was done.

    On hand goes down, the claims end, and `ShipmentDispatched` leaves with the transaction.

    Args:
        session: the open transaction.
        job_id: the fulfilment order, packed.
        carrier: who takes the parcels.
        actor: who hands them over.
        tracking_codes: the carrier's numbers by parcel id.

    Raises:
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``recalled``: a parcel holds goods that were called
            back while it was being packed; ``order_stopped``.
    """
    job = locked(session, job_id)
    if job.state == "handed_over":
        return session.scalars(select(Shipment).where(Shipment.fulfilment_order_id == job.id)).one()
    stops.check(session, job.order_ref)
    held = _held(session, job)
    advance(job, "handed_over")
    shipment = Shipment(
        id=new_id(),
        order_ref=job.order_ref,
        fulfilment_order_id=job.id,
        location=job.location,
        carrier=carrier,
        handed_over_at=clock.now(),
        handed_over_by=actor,
    )
    session.add(shipment)
    session.flush()
    session.execute(
        update(Parcel)
        .where(Parcel.fulfilment_order_id == job.id)
        .values(shipment_id=shipment.id)
        .execution_options(synchronize_session="fetch")
    )
    for parcel_id, code in (tracking_codes or {}).items():
        _track(session, job, parcel_id, code)
    _take_out(session, job, shipment, actor, held)
    events.record(
        session, ShipmentDispatched(order_ref=job.order_ref, shipment_id=str(shipment.id))
    )
    return shipment


def _track(session: Session, job: FulfilmentOrder, parcel_id: uuid.UUID, code: str) -> None:
    parcel = session.get(Parcel, parcel_id)
    if parcel is None or parcel.fulfilment_order_id != job.id:
        raise NotFound("parcel", id=str(parcel_id))
    parcel.tracking_code = code
    session.flush()


def _held(session: Session, job: FulfilmentOrder) -> dict[Place, Balance]:
    """Lock the places of what is in the parcels; nothing of it may have been called back."""
    skus = session.scalars(_SKUS, {"job": job.id})
    held = lock_balances(session, [(job.location, sku) for sku in skus], create=False)
    recalled = [sku for (_, sku), balance in held.items() if balance.recalled]
    if recalled:
        called = lot_books.blocked(session, recalled)
        for sku, lot in session.execute(_LOTS, {"job": job.id, "skus": recalled}):
            if lot_books.is_blocked(called, sku, lot):
                raise Refused("recalled", sku=sku, lot=lot, lots=sorted(called[sku] or ()))
    return held


def _take_out(
    session: Session,
    job: FulfilmentOrder,
    shipment: Shipment,
    actor: str,
    held: dict[Place, Balance],
) -> None:
    claims = Changes()
    gone: dict[tuple[str, str | None], int] = {}
    for row in session.execute(_SHIP, {"job": job.id, "now": clock.now()}):
        change = claims.of(job.location, row.sku)
        change.allocated -= row.quantity
        change.picked -= row.quantity
        part = (row.sku, row.lot)
        gone[part] = gone.get(part, 0) + row.quantity
    moves = [
        Move(
            sku=sku,
            quantity=units,
            from_account="shelf",
            from_location=job.location,
            to_account="customer",
            to_location=None,
            cause="shipment",
            document=job.order_ref,
            key=lot_books.key(f"shipment/{shipment.id}", sku, lot),
            lot=lot,
        )
        for (sku, lot), units in gone.items()
    ]
    move(session, moves, actor=actor, channel="floor", claims=claims, held=held)


def contents(session: Session, shipment_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return the units of each order line that a shipment holds, by line id."""
    rows = session.execute(_CONTENTS, {"shipment": shipment_id})
    return {row.line_id: int(row.quantity) for row in rows}


def deliver(session: Session, parcel_id: uuid.UUID, at: datetime | None = None) -> bool:
    """Note that a parcel has reached the customer. Harmless when repeated.

    Args:
        session: the open transaction.
        parcel_id: which.
        at: when (UTC); now where None.

    Returns:
        Whether this call noted it.

    Raises:
        NotFound: ``parcel``.
        Refused: ``parcel_not_handed_over``.
    """
    parcel = session.get(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", id=str(parcel_id))
    if parcel.shipment_id is None:
        raise Refused("parcel_not_handed_over", sscc=parcel.sscc)
    if parcel.delivered_at is not None:
        return False
    parcel.delivered_at = at or clock.now()
    session.flush()
    events.record(session, ParcelDelivered(order_ref=parcel.order_ref, parcel_id=str(parcel.id)))
    return True


def for_order(session: Session, order_ref: str) -> list[ParcelView]:
    """Return the parcels of an order, those that are only planned included. Four queries.

    What has left comes first; then what is packed; then what is to be picked, by arrival.

    Args:
        session: any session.
        order_ref: which order.

    Returns:
        Parcels with their contents; a fulfilment order with nothing to send is left out.
    """
    return for_orders(session, [order_ref])[order_ref]


def for_orders(session: Session, refs: Collection[str]) -> dict[str, list[ParcelView]]:
    """Return the parcels of some orders, each as `for_order` does. Four queries for all of them.

    Args:
        session: any session.
        refs: which orders.

    Returns:
        By reference; a list for each that was asked for.
    """
    asked = {"refs": sorted(set(refs))}
    parts: dict[uuid.UUID, list[ParcelPart]] = {}
    for query in (_PACKED_PARTS, _PLANNED_PARTS):
        for owner, line_id, sku, quantity, named in session.execute(query, asked):
            parts.setdefault(owner, []).append(ParcelPart(line_id, sku, int(quantity), named))
    found: dict[str, list[ParcelView]] = {ref: [] for ref in asked["refs"]}
    for query in (_PARCELS, _PLANNED):
        for row in session.execute(query, asked).mappings():
            facts = dict(row)
            ref = str(facts.pop("order_ref"))
            view = ParcelView(**facts)
            lines = parts.get(view.parcel_id or view.fulfilment_order_id)
            if lines:
                found[ref].append(replace(view, lines=lines))
    return found
