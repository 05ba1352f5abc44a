"""Hand over to the driver: all parcels of a carrier at once, with a list that both can keep."""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierRefused
from app.workflows import floor
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder, Shipment
from fulfilment.outbound import manifests
from fulfilment.outbound.manifests import Waiting
from kit.database import transaction
from kit.errors import Invalid, Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Handed:
    """What a hand-over did: its manifest, and orders that had to stay, with the reason."""

    number: str
    parcels: int
    kept: Sequence[tuple[str, Refused]]


def hand_over(
    carrier: str, parcel_ids: Collection[uuid.UUID], worker: Worker, driver: str = ""
) -> Handed:
    """Give parcels to a carrier's driver.

    The parcels of an order leave together or not at all: the customer is told once. An order that
    may not leave (a recall, a hold) stays; the others go.

    Args:
        carrier: who takes them.
        parcel_ids: the parcels that lie at the door.
        worker: who hands over, and where.
        driver: who takes them along, as they say.

    Raises:
        Invalid: ``manifest_empty``.
        Refused: ``parcels_missing`` with `sscc`: parcels of an order that were left out; the first
            reason where every order has to stay.
    """
    chosen_ids = set(parcel_ids)
    kept: list[tuple[str, Refused]] = []
    with transaction() as session:
        waiting = manifests.waiting(session, worker.location).get(carrier, [])
        jobs = _whole(waiting, chosen_ids)
        if not jobs:
            raise Invalid("manifest_empty")
        handed = []
        for _ref, job_id in sorted(jobs):
            try:
                with session.begin_nested():
                    handed.append(floor.hand_over_in(session, job_id, worker, carrier))
            except Refused as error:
                kept.append((session.get_one(FulfilmentOrder, job_id).order_ref, error))
        if not handed:
            raise kept[0][1]
        row = manifests.write(
            session, worker.location, carrier, handed, actor=worker.name, driver=driver
        )
        numbers = _numbers(session, handed)
        done = Handed(row.number, row.parcels, kept)
    _close(carrier, numbers)
    return done


def _whole(waiting: Sequence[Waiting], chosen_ids: set[uuid.UUID]) -> set[tuple[str, uuid.UUID]]:
    """Return the orders whose parcels are all there, sorted as they are locked."""
    jobs = {(one.order_ref, one.job_id) for one in waiting if one.id in chosen_ids}
    missing = [
        one.sscc
        for one in waiting
        if (one.order_ref, one.job_id) in jobs and one.id not in chosen_ids
    ]
    if missing:
        raise Refused("parcels_missing", sscc=missing)
    return jobs


def _numbers(session: Session, shipments: Sequence[Shipment]) -> list[str]:
    return [
        parcel.tracking_code
        for shipment in shipments
        for parcel in floor.sealed_of(session, shipment)
        if parcel.tracking_code
    ]


def _close(name: str, numbers: Sequence[str]) -> None:
    """Tell the carrier; it closes the day by itself, too, so that a failure only is noted."""
    carrier = chosen.carriers().get(name)
    if carrier is None or not numbers:
        return
    try:
        carrier.close(numbers)
    except (CarrierDown, CarrierRefused) as error:
        log.warning("%s was not told of %s parcels: %s", name, len(numbers), error)
