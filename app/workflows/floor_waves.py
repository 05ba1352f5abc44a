"""Waves as steps of a person: begin, scan; what a wave's orders do by themselves is `floor`."""

import uuid
from collections.abc import Sequence

from app.sales import orders
from app.workflows import floor
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import waves
from fulfilment.outbound.waves import Scanned
from kit import gs1
from kit.database import transaction
from kit.errors import NotFound, Refused


def begin(job_ids: Sequence[uuid.UUID], worker: Worker, totes: Sequence[str] = ()) -> uuid.UUID:
    """Take fulfilment orders together, each with its tote; all of them, or none.

    Raises:
        Invalid, NotFound, Refused: as `waves.begin`.
    """
    with transaction() as session:
        wave = waves.begin(session, worker.location, job_ids, worker.name, totes)
        for job_id in job_ids:
            ref = session.get_one(FulfilmentOrder, job_id).order_ref
            orders.note(session, ref, "picking_started", worker.name, location=worker.location)
        return wave.id


def scan(wave_id: uuid.UUID, code: str, worker: Worker, lot: str | None = None) -> Scanned:
    """Pick one unit for the first tote that wants it.

    Raises:
        NotFound: ``wave``, unknown or of another place.
        Invalid, Refused: as `waves.scan`; ``claimed_by_other``.
    """
    read = gs1.read(code)
    with transaction() as session:
        wave = waves.one(session, wave_id)
        if wave.location != worker.location:
            raise NotFound("wave")
        if wave.picker != worker.name:
            raise Refused("claimed_by_other", picker=wave.picker)
        sku = floor.sku_of(session, read.gtin or code)
        scanned = waves.scan(session, wave, sku, read.lot or lot)
        if scanned.left_in_tote == 0:
            floor.finish_in(session, scanned.job_id, worker)
        return scanned
