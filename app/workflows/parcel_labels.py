"""Labels for sealed parcels: the carrier is asked outside any transaction, and may fail.

Nobody at a packing table waits longer than the carrier's limit: what it refuses or does not answer
gets our own label, with the reason beside it, and can be asked for again or written by hand.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierRefused, Consignment, Party
from app.legal.retailer import Retailer
from app.sales import orders
from app.workflows import floor
from app.workflows.floor import Worker
from catalog import products
from fulfilment.events import LabelGivenUp
from fulfilment.models import Box, FulfilmentOrder, Location, Parcel, ParcelLine
from fulfilment.outbound import labels, parcels
from kit.database import reading, transaction
from kit.errors import NotFound, Refused

DOWN = "down"
"""What stands as the problem where the carrier gave no answer; else it is the carrier's words."""


@dataclass(frozen=True)
class _Wanted:
    """A parcel without the carrier's label, as it is asked for."""

    parcel_id: uuid.UUID
    carrier: str
    consignment: Consignment


def order(job_id: uuid.UUID, worker: Worker, seller: Retailer) -> dict[uuid.UUID, str | None]:
    """Ask the carrier for the labels of a packed fulfilment order; ours where it gives none.

    Args:
        job_id: packed, of the worker's location.
        worker: who packs, and where.
        seller: whose name stands as the sender.

    Returns:
        By parcel what went wrong: None, `DOWN`, or the carrier's words.

    Raises:
        NotFound: ``fulfilment_order``.
    """
    with reading() as session:
        wanted = _wanted(session, job_id, worker, seller)
    return {one.parcel_id: _ask(one, worker) for one in wanted}


def _ask(wanted: _Wanted, worker: Worker) -> str | None:
    carrier = chosen.carriers().get(wanted.carrier)
    facts = {"carrier": wanted.carrier, "actor": worker.name}
    problem = number = pdf = None
    if carrier is not None:
        try:
            got = carrier.label(wanted.consignment)
            number, pdf = got.number, got.pdf
        except CarrierRefused as error:
            problem = error.words[:500]
        except CarrierDown:
            problem = DOWN
    source = "own" if pdf is None else "carrier"
    try:
        with transaction() as session:
            labels.put(
                session,
                wanted.parcel_id,
                source=source,
                number=number,
                pdf=pdf,
                problem=problem,
                **facts,
            )
    except (NotFound, Refused):
        # Opened again or gone meanwhile: the label is not used, and costs money if it is kept.
        if carrier is not None and number is not None:
            _give_back(wanted.carrier, number)
    return problem


def give_back(event: LabelGivenUp) -> None:
    """Void a label at its carrier: its parcel was opened again before it left.

    May run twice: what the carrier does not know any more, it refuses, and that is as good.

    Raises:
        CarrierDown: no answer; it is tried again later.
    """
    carrier = chosen.carriers().get(event.carrier)
    if carrier is None:
        return
    facts = {"carrier": event.carrier, "number": event.number}
    try:
        carrier.cancel(event.number)
    except CarrierRefused as error:
        facts["words"] = error.words[:500]
    with transaction() as session:
        orders.by_ref(session, event.order_ref, lock=True)
        noted = [
            entry.facts.get("number")
            for entry in orders.timeline(session, event.order_ref)
            if entry.what == "label_given_back"
        ]
        if event.number not in noted:
            orders.note(session, event.order_ref, "label_given_back", "kontor", **facts)


def _give_back(name: str, number: str) -> None:
    try:
        chosen.carriers()[name].cancel(number)
    except (CarrierDown, CarrierRefused):
        # It lapses by itself: a label that is never handed over is not charged.
        return


def by_hand(parcel_id: uuid.UUID, carrier: str, number: str, worker: Worker) -> None:
    """Note a label that somebody has written or bought elsewhere, with its number.

    Raises:
        Invalid: ``label_number``.
        NotFound: ``parcel``.
        Refused: ``parcel_gone``.
    """
    with transaction() as session:
        parcel = session.get(Parcel, parcel_id)
        if parcel is None or parcel.location != worker.location:
            raise NotFound("parcel")
        name = carrier.strip()[:60] or floor.carrier_of(session, parcel.fulfilment_order_id)
        labels.put(
            session, parcel_id, source="hand", carrier=name, number=number, actor=worker.name
        )
        orders.note(
            session, parcel.order_ref, "label_by_hand", worker.name, number=number, carrier=name
        )


def _wanted(session: Session, job_id: uuid.UUID, worker: Worker, seller: Retailer) -> list[_Wanted]:
    job = session.get(FulfilmentOrder, job_id)
    if job is None or job.location != worker.location:
        raise NotFound("fulfilment_order")
    if job.kind != "parcel" or job.state != "packed":
        return []
    found = parcels.of_job(session, job.id)
    known = labels.of(session, [parcel.id for parcel in found])
    boxes = {box.code: box for box in session.scalars(select(Box))}
    place = session.get_one(Location, job.location)
    sender = Party(
        f"{seller.name}, {place.name}", place.street, place.postal_code, place.city,
        email=place.email, phone=place.phone,
    )  # fmt: skip
    carrier = floor.carrier_of(session, job.id)
    return [
        _Wanted(
            parcel.id, carrier, _consignment(job, parcel, boxes, sender, age_of(session, parcel))
        )
        for parcel in found
        if parcel.id not in known or known[parcel.id].source == "own"
    ]


def age_of(session: Session, parcel: Parcel) -> int:
    """Return the age below which nobody may be given a parcel; 0 where its goods are for all."""
    skus = session.scalars(select(ParcelLine.sku).where(ParcelLine.parcel_id == parcel.id))
    items = products.items(session, list(skus)).values()
    return max((item.age_min for item in items if item.adults_only), default=0)


def _consignment(
    job: FulfilmentOrder, parcel: Parcel, boxes: Mapping[str, Box], sender: Party, age_min: int
) -> Consignment:
    box = boxes.get(parcel.box or "")
    to = job.address
    return Consignment(
        sscc=parcel.sscc,
        reference=f"{parcel.order_ref} {parcel.sscc[-8:]}",
        sender=sender,
        receiver=Party(
            str(to.get("name", "")),
            str(to.get("street", "")),
            str(to.get("postal_code", "")),
            str(to.get("city", "")),
            extra=str(to.get("extra", "") or ""),
        ),
        weight_grams=parcel.weight_grams,
        ships_on=job.ships_on,
        sides=(box.length_mm, box.width_mm, box.height_mm) if box else None,
        drop_off="" if age_min else str(to.get("drop_off", "") or ""),
        neighbour="" if age_min else str(to.get("neighbour", "") or ""),
        age_min=age_min,
    )
