"""The floor: pick, short pick, pack and hand over, in warehouse and store alike.

Each function is one step of a person with a phone: one transaction, safe to tap twice.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.community import campaigns
from app.community.models import Campaign
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows.completion import complete_if_done
from catalog import products
from fulfilment.events import ReadyForCollection
from fulfilment.models import FulfilmentOrder, Parcel, Shipment, Tariff
from fulfilment.outbound import (
    fulfilment_orders,
    parcels,
    picking,
    refusals,
    shipments,
    waves,
)
from kit import events, gs1
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused

# Per parcel, order line and quantity.
Contents = list[list[tuple[uuid.UUID, int]]]
# Of a parcel: the code of its carton, and grams on the scales; None where nobody has said so.
Boxed = tuple[str | None, int | None]


@dataclass(frozen=True)
class Worker:
    """Who does it and where: a picker sees and touches only the own location's work."""

    name: str
    location: str


def start(job_id: uuid.UUID, worker: Worker) -> None:
    """Take a fulfilment order; it is then this person's until it is put back or done.

    Raises:
        NotFound: unknown, or another location's.
        Refused: ``claimed_by_other`` with the name.
    """
    with transaction() as session:
        start_in(session, job_id, worker)


def start_in(session: Session, job_id: uuid.UUID, worker: Worker) -> None:
    """As `start`, inside an open transaction."""
    job = _job(session, job_id, worker)
    mine_already = job.state == "picking"
    picking.claim(session, job.id, worker.name)
    if not mine_already:
        orders.note(session, job.order_ref, "picking_started", worker.name, location=job.location)


def put_back(job_id: uuid.UUID, worker: Worker) -> None:
    """Give a claimed fulfilment order back to the list; what was scanned goes back on the shelf."""
    with transaction() as session:
        job = _job(session, job_id, worker)
        back_already = job.state == "open"
        picking.put_back(session, job.id)
        waves.leave(session, job)
        if back_already:
            return
        orders.note(session, job.order_ref, "picking_put_back", worker.name, location=job.location)


def scan(job_id: uuid.UUID, code: str, worker: Worker, lot: str | None = None) -> picking.Progress:
    """Pick one unit of what was scanned: a GTIN or a SKU, or a GS1 code that names its lot too.

    Args:
        job_id: the fulfilment order.
        code: what the scanner read.
        worker: who scans, and where.
        lot: the lot or serial number, typed where the code does not hold it.

    Raises:
        Invalid: ``lot_required`` where the goods are kept apart.
        Refused: ``wrong_item``, ``nothing_left_to_pick`` or ``recalled``; nothing is picked then.
            ``claimed_by_other``: somebody else picks this one.
    """
    with transaction() as session:
        return scan_in(session, job_id, code, worker, lot)


def scan_in(
    session: Session, job_id: uuid.UUID, code: str, worker: Worker, lot: str | None = None
) -> picking.Progress:
    """As `scan`, inside an open transaction. With the last unit the picking is over."""
    read = gs1.read(code)
    job = claimed(session, job_id, worker)
    sku = sku_of(session, read.gtin or code)
    progress = picking.scan(session, job.id, sku, quantity=1, lot=read.lot or lot or None)
    if progress.left_in_all == 0:
        finish_in(session, job_id, worker)
    return progress


def pick_all(job_id: uuid.UUID, worker: Worker) -> None:
    """Pick everything that is left of a fulfilment order, without scanning (list picking)."""
    with transaction() as session:
        pick_all_in(session, job_id, worker)


def pick_all_in(session: Session, job_id: uuid.UUID, worker: Worker) -> None:
    """As `pick_all`, inside an open transaction; imports join several steps."""
    job = _job(session, job_id, worker)
    picking.pick_all(session, job.id, worker.name)
    _note_picked(session, job, worker)


def short_pick(job_id: uuid.UUID, sku: str, worker: Worker) -> int:
    """Report that the shelf holds less than the books; return how many units are missing.

    The order is routed again by the event that this leaves behind, in a moment, not here: the
    picker goes on with the next article at once.
    """
    with transaction() as session:
        return short_pick_in(session, job_id, sku, worker)


def short_pick_in(session: Session, job_id: uuid.UUID, sku: str, worker: Worker) -> int:
    """As `short_pick`, inside an open transaction. Where nothing else is left, picking is over."""
    job = claimed(session, job_id, worker)
    shortfall = picking.short_pick(session, job.id, sku, worker.name)
    orders.note(
        session,
        job.order_ref,
        "short_pick",
        worker.name,
        location=job.location,
        sku=sku,
        quantity=shortfall.quantity,
    )
    lines = picking.job(session, job_id).lines
    if any(line.picked for line in lines) and not any(line.left for line in lines):
        finish_in(session, job_id, worker)
    return shortfall.quantity


def refuse(
    job_id: uuid.UUID,
    worker: Worker,
    *,
    reason: str,
    line_ids: Collection[uuid.UUID] | None = None,
    note: str | None = None,
) -> int:
    """Say that this place cannot send a job, or some lines of it; return how many units that is.

    The order is routed again, or its customer asked, by the event that this leaves behind.

    Args:
        job_id: the fulfilment order, open or in picking.
        worker: who says so, and where.
        reason: one of `refusals.REASONS`.
        line_ids: which order lines; None means all that is left.
        note: in words; needed with ``other``.

    Raises:
        Invalid, NotFound, Refused: as `refusals.refuse`; ``claimed_by_other``.
    """
    with transaction() as session:
        job = _job(session, job_id, worker)
        if job.state == "picking" and job.picker != worker.name:
            raise Refused("claimed_by_other", picker=job.picker)
        refused = refusals.refuse(
            session, job.id, reason=reason, actor=worker.name, line_ids=line_ids, note=note
        )
        units = sum(loss.quantity for loss in refused)
        orders.note(
            session,
            job.order_ref,
            "refused",
            worker.name,
            location=job.location,
            reason=reason,
            note=note or "",
            units=units,
        )
        return units


def finish(job_id: uuid.UUID, worker: Worker) -> str:
    """End picking: everything is in the tote or reported short. Return the new state.

    Raises:
        Refused: ``still_to_pick`` with what is left.
    """
    with transaction() as session:
        return finish_in(session, job_id, worker)


def finish_in(session: Session, job_id: uuid.UUID, worker: Worker) -> str:
    """As `finish`, inside an open transaction."""
    job = claimed(session, job_id, worker)
    done_already = job.state == "picked"
    state = picking.finish(session, job.id)
    if state == "picked" and not done_already:
        _note_picked(session, job, worker)
    waves.end_if_done(session, job.wave_id)
    return state


def pack(
    job_id: uuid.UUID,
    worker: Worker,
    contents: Contents | None = None,
    boxes: Sequence[Boxed] | None = None,
) -> list[Parcel]:
    """Seal the parcels of a picked fulfilment order; the first parcel of an order gets the QR card.

    Args:
        job_id: the fulfilment order.
        worker: who packs, and where.
        contents: per parcel, order line and quantity; None puts everything into one.
        boxes: per parcel its carton and what the scales say, where somebody has said so.

    Raises:
        Invalid: ``parcel_weight``; less than 1 g or more than the carton carries.
        NotFound: ``box``.
        Refused: as `parcels.pack`.
    """
    with transaction() as session:
        return pack_in(session, job_id, worker, contents, boxes)


def pack_in(
    session: Session,
    job_id: uuid.UUID,
    worker: Worker,
    contents: Contents | None = None,
    boxes: Sequence[Boxed] | None = None,
) -> list[Parcel]:
    """As `pack`, inside an open transaction."""
    job, order = lock_order(session, job_id, worker)
    repeated = job.state in {"packed", "handed_over"}
    lines = orders.lines_of(session, order)
    weights = {line.id: line.weight_grams for line in lines}
    sealed = parcels.pack(session, job.id, contents=contents, unit_weights=weights)
    if repeated:
        return sealed
    for parcel, (box, grams) in zip(sealed, boxes or (), strict=False):
        parcels.put_in_box(session, parcel, box, grams)
    card = card_due(session, order, lines)
    added = card is not None and parcels.add_insert(
        session, order.ref, card.code, sealed[0].id, campaigns.new_token()
    )
    orders.note(
        session,
        order.ref,
        "packed",
        worker.name,
        location=job.location,
        parcels=[parcel.sscc for parcel in sealed],
        card=bool(added),
    )
    if job.kind == "collect":
        job.pickup_code = f"{secrets.randbelow(10_000):04d}"
        laid_out = ReadyForCollection(order_ref=order.ref, fulfilment_order_id=str(job.id))
        events.record(session, laid_out)
    return sealed


def card_due(session: Session, order: Order, lines: Sequence[OrderLine]) -> Campaign | None:
    """Return the campaign whose card goes into the order's next sealed parcel, or None."""
    skus = [line.sku for line in lines]
    return campaigns.card_for(session, order.ref, skus, address=order.email)


def hand_over(job_id: uuid.UUID, worker: Worker, carrier: str | None = None) -> Shipment:
    """Give the sealed parcels to the carrier: now the goods have left us and "shipped" is true.

    Args:
        job_id: the packed fulfilment order.
        worker: who hands over, and where.
        carrier: None means the one that the plan has counted with.
    """
    with transaction() as session:
        return hand_over_in(session, job_id, worker, carrier)


def hand_over_in(
    session: Session, job_id: uuid.UUID, worker: Worker, carrier: str | None = None
) -> Shipment:
    """As `hand_over`, inside an open transaction."""
    job, order = lock_order(session, job_id, worker)
    repeated = job.state == "handed_over"
    carrier = carrier or carrier_of(session, job.id)
    shipment = shipments.dispatch(session, job.id, carrier=carrier, actor=worker.name)
    if repeated:
        return shipment
    if job.kind == "collect":
        for parcel in sealed_of(session, shipment):
            shipments.deliver(session, parcel.id)
    _count_shipped(session, order, shipment)
    orders.note(
        session,
        order.ref,
        "handed_over",
        worker.name,
        location=job.location,
        carrier=carrier,
        shipment=str(shipment.id),
    )
    complete_if_done(session, order)
    return shipment


def sealed_of(session: Session, shipment: Shipment) -> list[Parcel]:
    """Return the parcels of a shipment."""
    return list(session.scalars(select(Parcel).where(Parcel.shipment_id == shipment.id)))


def carrier_of(session: Session, job_id: uuid.UUID) -> str:
    """Return the name of the carrier that a fulfilment order was planned with."""
    planned = session.get_one(FulfilmentOrder, job_id).tariff
    tariff = session.get(Tariff, planned)
    return tariff.carrier if tariff else planned


def _count_shipped(session: Session, order: Order, shipment: Shipment) -> None:
    orders.count_shipped(session, order, shipments.contents(session, shipment.id))


def _job(session: Session, job_id: uuid.UUID, worker: Worker) -> FulfilmentOrder:
    job = session.get(FulfilmentOrder, job_id)
    if job is None or job.location != worker.location:
        raise NotFound("fulfilment_order")
    return job


def lock_order(
    session: Session, job_id: uuid.UUID, worker: Worker
) -> tuple[FulfilmentOrder, Order]:
    """Lock the order of a job, and return both as they are now. Orders are locked before jobs."""
    job = _job(session, job_id, worker)
    order = orders.by_ref(session, job.order_ref, lock=True)
    session.refresh(job)
    return job, order


def claimed(session: Session, job_id: uuid.UUID, worker: Worker) -> FulfilmentOrder:
    """Return a job that nobody else has claimed; the lock holds until the transaction ends."""
    _job(session, job_id, worker)
    job = fulfilment_orders.locked(session, job_id)
    if job.state == "picking" and job.picker != worker.name:
        raise Refused("claimed_by_other", picker=job.picker)
    return job


def sku_of(session: Session, code: str) -> str:
    """Return what a scanned code stands for: a label's GTIN, or the SKU of a shelf label."""
    code = code.strip()
    if code.isdigit():
        try:
            return products.by_gtin(session, code).sku
        except (Invalid, NotFound):
            return code
    return code


def _note_picked(session: Session, job: FulfilmentOrder, worker: Worker) -> None:
    orders.note(session, job.order_ref, "picked", worker.name, location=job.location)
