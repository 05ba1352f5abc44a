"""What the floor knows of an order, for its page and the board: news, hand-over, who is late."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from fulfilment.models import (
    FulfilmentOrder,
    OrderStop,
    Parcel,
    ParcelEvent,
    ParcelLabel,
    Pickup,
    Shipment,
)
from fulfilment.outbound import journeys, labels
from fulfilment.outbound.shipments import ParcelView

NEWS = {
    "announced": _l("angekündigt"), "in_transit": _l("unterwegs"),
    "out_for_delivery": _l("in Zustellung"), "delivered": _l("zugestellt"),
    "failed": _l("nicht zugestellt"), "returned": _l("kommt zurück"),
}  # fmt: skip
TROUBLE = ("failed", "returned")


@dataclass(frozen=True)
class Story:
    """What is known of one parcel beside what it holds."""

    label: ParcelLabel | None = None
    events: Sequence[ParcelEvent] = ()
    pickup: Pickup | None = None
    manifest: str | None = None
    shelf_place: str | None = None

    @property
    def told(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.label or self.events or self.pickup or self.manifest or self.shelf_place)


def stories(session: Session, parcels: Sequence[ParcelView]) -> Mapping[UUID, Story]:
    """Return what is known of an order's sealed parcels, by parcel."""
    ids = [one.parcel_id for one in parcels if one.parcel_id is not None]
    sent = [one.shipment_id for one in parcels if one.shipment_id is not None]
    stuck, news = labels.of(session, ids), journeys.of(session, ids)
    shipments = {
        row.id: row for row in session.scalars(select(Shipment).where(Shipment.id.in_(sent)))
    }
    pickups = {
        row.shipment_id: row
        for row in session.scalars(select(Pickup).where(Pickup.shipment_id.in_(sent)))
    }
    jobs = {one.fulfilment_order_id for one in parcels}
    places = dict(
        session.execute(
            select(FulfilmentOrder.id, FulfilmentOrder.shelf_place).where(
                FulfilmentOrder.id.in_(jobs)
            )
        ).all()
    )
    found = {}
    for one in parcels:
        if one.parcel_id is None:
            continue
        shipment = shipments.get(one.shipment_id) if one.shipment_id else None
        found[one.parcel_id] = Story(
            stuck.get(one.parcel_id),
            news.get(one.parcel_id, ()),
            pickups.get(shipment.id) if shipment else None,
            shipment.manifest if shipment else None,
            None if shipment else places.get(one.fulfilment_order_id),
        )
    return found


@dataclass
class Signs:
    """What the board marks about an order: who has not taken it, who stopped it, bad news."""

    not_accepted: list[str] = field(default_factory=list)
    stopped: str = ""
    trouble: list[str] = field(default_factory=list)


def signs(session: Session, refs: Collection[str]) -> Mapping[str, Signs]:
    """Return the marks of some orders: locations that nobody's answer came from, and so on.

    Trouble is the last news of a parcel that has not been delivered.
    """
    found = {ref: Signs() for ref in refs}
    job, known = FulfilmentOrder, sorted(refs)
    waiting = select(job.order_ref, job.location).where(
        job.order_ref.in_(known), job.state == "open", job.escalated_at.is_not(None)
    )
    for ref, location in session.execute(waiting.order_by(job.location)):
        found[ref].not_accepted.append(location)
    stopped = select(OrderStop.order_ref, OrderStop.reason).where(
        OrderStop.order_ref.in_(known), OrderStop.released_at.is_(None)
    )
    for ref, reason in session.execute(stopped):
        found[ref].stopped = reason
    last = (
        select(Parcel.order_ref, ParcelEvent.what)
        .join(ParcelEvent, ParcelEvent.parcel_id == Parcel.id)
        .where(Parcel.order_ref.in_(known), Parcel.delivered_at.is_(None))
        .ext(distinct_on(Parcel.id))
        .order_by(Parcel.id, ParcelEvent.at.desc(), ParcelEvent.id.desc())
    )
    for ref, what in session.execute(last):
        if what in TROUBLE:
            found[ref].trouble.append(what)
    return found
