"""Parcels on their way: carriers are asked, people may note; each parcel is delivered by itself."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierRefused
from app.sales import orders
from fulfilment.models import FulfilmentOrder, Parcel, Shipment
from fulfilment.outbound import journeys
from kit.database import reading, transaction
from kit.errors import NotFound

log = logging.getLogger(__name__)

_AT_ONCE = 100
_NOTED = ("delivered", "failed", "returned")
"""What the order's timeline has to show, too."""


@dataclass(frozen=True)
class _Followed:
    id: uuid.UUID
    number: str
    carrier: str
    postal_code: str


def ask_carriers() -> int:
    """Ask where parcels are that have left and are not delivered; return how many news there were.

    A duty of the scheduler. A carrier that does not answer is asked at the next turn.
    """
    known = chosen.carriers()
    if not known:
        return 0
    news = 0
    for followed in _to_follow(list(known)):
        try:
            found = known[followed.carrier].movements(followed.number, followed.postal_code)
        except (CarrierDown, CarrierRefused) as error:
            log.info("no news of %s: %s", followed.number, error)
            continue
        for movement in found:
            news += note(
                followed.id,
                movement.what,
                at=movement.at,
                place=movement.place,
                words=movement.note,
                source=followed.carrier,
            )
    return news


def _to_follow(carriers: Sequence[str]) -> list[_Followed]:
    query = (
        select(
            Parcel.id,
            Parcel.tracking_code,
            Shipment.carrier,
            FulfilmentOrder.address["postal_code"].astext,
        )
        .join(Shipment, Shipment.id == Parcel.shipment_id)
        .join(FulfilmentOrder, FulfilmentOrder.id == Parcel.fulfilment_order_id)
        .where(
            Parcel.delivered_at.is_(None),
            Parcel.tracking_code.is_not(None),
            Shipment.carrier.in_(carriers),
        )
        .order_by(Parcel.arrives_on, Parcel.id)
        .limit(_AT_ONCE)
    )
    with reading() as session:
        return [_Followed(*row) for row in session.execute(query)]


def note(
    parcel_id: uuid.UUID,
    what: str,
    *,
    at: datetime,
    source: str,
    place: str = "",
    words: str = "",
    location: str | None = None,
) -> bool:
    """Keep news of a parcel; tell whether it is new.

    Args:
        parcel_id: which.
        what: one of `fulfilment.models.floor.TRACKING`.
        at: when it happened.
        source: the carrier, or who asked there.
        place: where.
        words: in the source's words.
        location: only for a parcel of this location, where somebody of it says so.

    Raises:
        Invalid, NotFound, Refused: as `journeys.note`.
    """
    with transaction() as session:
        parcel = session.get(Parcel, parcel_id)
        if parcel is None or (location is not None and parcel.location != location):
            raise NotFound("parcel")
        new = journeys.note(
            session,
            parcel_id,
            what,
            at=at,
            place=place,
            note=words,
            source=source,
            key=f"{what}/{at.isoformat()}",
        )
        if new and what in _NOTED:
            facts = {"sscc": parcel.sscc, "location": parcel.location, "note": words}
            orders.note(session, parcel.order_ref, f"parcel_{what}", source, **facts)
        return new
