"""What happens to a parcel after it has left: events of the carrier, until it is delivered."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import Parcel, ParcelEvent
from fulfilment.models.floor import TRACKING
from fulfilment.outbound import shipments
from kit import clock
from kit.errors import Invalid, NotFound, Refused


def note(
    session: Session,
    parcel_id: uuid.UUID,
    what: str,
    *,
    at: datetime,
    source: str,
    key: str,
    place: str = "",
    note: str = "",
) -> bool:
    """Keep what is said of a parcel; one that is delivered gets its `delivered_at`.

    Args:
        session: the open transaction.
        parcel_id: which; it has been handed over.
        what: one of `TRACKING`.
        at: when it happened (UTC).
        source: who says so: the carrier's name, or a person's.
        key: of this event; the same again is not kept twice.
        place: where, as the source has it.
        note: in the source's words.

    Returns:
        Whether it is new.

    Raises:
        Invalid: ``tracking``; ``tracking_at``: later than now.
        NotFound: ``parcel``.
        Refused: ``parcel_not_handed_over``.
    """
    if what not in TRACKING:
        raise Invalid("tracking", what=what)
    if at > clock.now():
        raise Invalid("tracking_at")
    parcel = session.get(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    if parcel is None:
        raise NotFound("parcel", id=str(parcel_id))
    if parcel.shipment_id is None:
        raise Refused("parcel_not_handed_over", sscc=parcel.sscc)
    row = (
        insert(ParcelEvent)
        .values(
            parcel_id=parcel_id,
            what=what,
            at=at,
            place=place,
            note=note,
            source=source,
            key=f"{parcel.sscc}/{key}"[:128],
            booked_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(ParcelEvent.id)
    )
    if session.scalar(row) is None:
        return False
    if what == "delivered":
        shipments.deliver(session, parcel_id, at)
    return True


def of(session: Session, parcel_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[ParcelEvent]]:
    """Return the events of parcels, by parcel, the first one first."""
    found: dict[uuid.UUID, list[ParcelEvent]] = {}
    query = (
        select(ParcelEvent)
        .where(ParcelEvent.parcel_id.in_(sorted(parcel_ids)))
        .order_by(ParcelEvent.at, ParcelEvent.id)
    )
    for event in session.scalars(query):
        found.setdefault(event.parcel_id, []).append(event)
    return found


def on_the_way(session: Session, location: str | None = None, limit: int = 200) -> list[Parcel]:
    """Return parcels that have left and are not delivered, the one that is due first first."""
    query = select(Parcel).where(Parcel.shipment_id.is_not(None), Parcel.delivered_at.is_(None))
    if location is not None:
        query = query.where(Parcel.location == location)
    return list(session.scalars(query.order_by(Parcel.arrives_on, Parcel.sscc).limit(limit)))
