"""Manifests: the list with which a driver takes a location's parcels, signed for at the door."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fulfilment.models import FulfilmentOrder, Manifest, Parcel, Shipment, Tariff
from kit import clock, numbers
from kit.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed parcel that waits for its carrier."""

    id: uuid.UUID
    sscc: str
    job_id: uuid.UUID
    order_ref: str
    carrier: str
    weight_grams: int
    customer: str
    due_at: datetime
    tracking_code: str | None


def waiting(session: Session, location: str) -> dict[str, list[Waiting]]:
    """Return the sealed parcels of a location by carrier, what is due first first."""
    rows = session.execute(
        select(Parcel, FulfilmentOrder, Tariff.carrier)
        .join(FulfilmentOrder, FulfilmentOrder.id == Parcel.fulfilment_order_id)
        .outerjoin(Tariff, Tariff.code == FulfilmentOrder.tariff)
        .where(
            FulfilmentOrder.location == location,
            FulfilmentOrder.state == "packed",
            FulfilmentOrder.kind == "parcel",
        )
        .order_by(FulfilmentOrder.due_at, Parcel.sscc)
    )
    found: dict[str, list[Waiting]] = {}
    for parcel, job, named in rows:
        carrier = named or job.tariff
        found.setdefault(carrier, []).append(
            Waiting(
                parcel.id,
                parcel.sscc,
                job.id,
                job.order_ref,
                carrier,
                parcel.weight_grams,
                str(job.address.get("name", "")),
                job.due_at,
                parcel.tracking_code,
            )
        )
    return found


def write(
    session: Session, location: str, carrier: str, shipments: Sequence[Shipment], *, actor: str,
    driver: str = "",
) -> Manifest:  # fmt: skip
    """Write the list of what has just been handed over; its number has no gaps per location.

    Args:
        session: the transaction that hands the shipments over.
        location: from where.
        carrier: who takes them.
        shipments: at least one.
        actor: who hands over.
        driver: who takes them along, as they say.

    Raises:
        Invalid: ``manifest_empty``.
    """
    if not shipments:
        raise Invalid("manifest_empty")
    ids = [shipment.id for shipment in shipments]
    weights = session.scalars(select(Parcel.weight_grams).where(Parcel.shipment_id.in_(ids))).all()
    serial = numbers.take(session, f"manifest/{location}")
    row = Manifest(
        number=f"M-{location.upper()[:16]}-{serial:06d}",
        location=location,
        carrier=carrier,
        driver=driver.strip()[:80],
        parcels=len(weights),
        weight_grams=sum(weights),
        handed_at=clock.now(),
        handed_by=actor,
    )
    session.add(row)
    session.flush()
    session.execute(
        update(Shipment)
        .where(Shipment.id.in_(ids))
        .values(manifest=row.number)
        .execution_options(synchronize_session="fetch")
    )
    return row


def one(session: Session, number: str) -> Manifest:
    """Return a manifest.

    Raises:
        NotFound: ``manifest``.
    """
    row = session.get(Manifest, number)
    if row is None:
        raise NotFound("manifest", number=number)
    return row


def latest(session: Session, location: str, limit: int = 10) -> list[Manifest]:
    """Return a location's manifests, the newest first."""
    query = select(Manifest).where(Manifest.location == location)
    return list(session.scalars(query.order_by(Manifest.handed_at.desc()).limit(limit)))


def parcels_of(session: Session, number: str) -> list[Parcel]:
    """Return the parcels of a manifest by their SSCC."""
    query = (
        select(Parcel)
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .where(Shipment.manifest == number)
        .order_by(Parcel.sscc)
    )
    return list(session.scalars(query))
