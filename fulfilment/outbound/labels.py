"""What is stuck on a parcel: who printed it, the carrier's number, and what went wrong before."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from fulfilment.models import Parcel, ParcelLabel
from kit import clock
from kit.errors import Invalid, NotFound, Refused

_LONGEST_NUMBER = 64


def put(
    session: Session,
    parcel_id: uuid.UUID,
    *,
    source: str,
    carrier: str,
    actor: str,
    number: str | None = None,
    pdf: bytes | None = None,
    problem: str | None = None,
) -> ParcelLabel:
    """Note which label a parcel carries; the last one counts, as on the parcel itself.

    Args:
        session: the open transaction.
        parcel_id: a sealed parcel that has not left yet.
        source: carrier, own or hand.
        carrier: who takes it.
        actor: who made or asked for it.
        number: the carrier's, by which the parcel is followed.
        pdf: the carrier's own label.
        problem: why the carrier gave none.

    Raises:
        Invalid: ``label_number``: empty for a label by hand, or longer than 64.
        NotFound: ``parcel``.
        Refused: ``parcel_gone``: it has been handed over.
    """
    number = (number or "").strip() or None
    if len(number or "") > _LONGEST_NUMBER or (source == "hand" and number is None):
        raise Invalid("label_number")
    parcel = session.get(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", id=str(parcel_id))
    if parcel.shipment_id is not None:
        raise Refused("parcel_gone", sscc=parcel.sscc)
    row = session.get(ParcelLabel, parcel_id) or ParcelLabel(parcel_id=parcel_id)
    row.source, row.carrier, row.number = source, carrier, number
    row.pdf, row.problem = pdf, problem
    row.made_at, row.made_by = clock.now(), actor
    session.add(row)
    parcel.tracking_code = number
    session.flush()
    return row


def of(session: Session, parcel_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ParcelLabel]:
    """Return the labels of parcels, by parcel; the carrier's papers themselves are left out."""
    query = select(ParcelLabel).where(ParcelLabel.parcel_id.in_(sorted(parcel_ids)))
    return {row.parcel_id: row for row in session.scalars(query)}


def pdf_of(session: Session, parcel_id: uuid.UUID) -> bytes | None:
    """Return the carrier's own label of a parcel, None where ours is on it."""
    query = (
        select(ParcelLabel)
        .where(ParcelLabel.parcel_id == parcel_id)
        .options(undefer(ParcelLabel.pdf))
    )
    row = session.scalar(query)
    return row.pdf if row else None
