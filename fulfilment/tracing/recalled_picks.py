"""Recalled goods that were picked already: taken out of totes, and out of parcels not handed over.

A sealed parcel is opened again: its number (SSCC) is given up, the card in it too, and the order
goes back to packing with what is left of it. Each unit that is taken out opens a shortage.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.claims import shortages
from fulfilment.claims.shortages import Loss
from fulfilment.models import Allocation, FulfilmentOrder
from fulfilment.models.claims import ALLOCATION_STATES, became
from fulfilment.outbound import parcels
from fulfilment.outbound.fulfilment_orders import advance
from fulfilment.stock.balances import Changes, write
from kit import clock


@dataclass(slots=True)
class Taken:
    """Claims whose units were taken out, and fulfilment orders that have to be packed again."""

    lost: list[Loss] = field(default_factory=list)
    reopened: list[uuid.UUID] = field(default_factory=list)


_JOBS = text(
    """
    SELECT id FROM fulfilment_orders
    WHERE state IN ('picking', 'picked', 'packed') AND id IN (
        SELECT fulfilment_order_id FROM stock_allocations WHERE sku = :sku AND state = 'picked'
    )
    ORDER BY id FOR UPDATE
    """
)
_PICKED = """
    FROM stock_allocations
    WHERE sku = :sku AND state = 'picked'
        AND (CAST(:lots AS text[]) IS NULL OR lot = ANY(CAST(:lots AS text[])))
"""
_FOUND = text(
    "SELECT id, order_ref, line_id, sku, location, quantity, fulfilment_order_id, parcel_id"
    f" {_PICKED} AND fulfilment_order_id = ANY(:jobs) ORDER BY id"
)
_LEFT = text(f"SELECT coalesce(sum(quantity), 0) {_PICKED}")
_LOSE = text(
    f"""
    UPDATE stock_allocations
    SET {became(ALLOCATION_STATES, "picked", "lost")}, ended_at = :now, parcel_id = NULL
    WHERE id = ANY(:ids) AND state = 'picked'
    """
)


def lock_jobs(session: Session, sku: str) -> set[uuid.UUID]:
    """Lock the fulfilment orders that have units of a SKU in totes or parcels; before balances."""
    return set(session.scalars(_JOBS, {"sku": sku}))


def units_left(session: Session, sku: str, lots: Sequence[str] | None) -> int:
    """Return how many recalled units are still in totes and parcels of ours."""
    return int(session.scalar(_LEFT, {"sku": sku, "lots": lots}) or 0)


def take_out(
    session: Session, sku: str, lots: Sequence[str] | None, jobs: Collection[uuid.UUID]
) -> Taken:
    """Take recalled units out of the totes and parcels of locked fulfilment orders.

    Args:
        session: the transaction that holds the locks of the jobs and of the SKU's places.
        sku: which.
        lots: of which lots; None takes all.
        jobs: the locked fulfilment orders; units of others stay where they are.
    """
    asked = {"sku": sku, "lots": lots, "jobs": list(jobs)}
    rows = session.execute(_FOUND, asked).all() if jobs else []
    taken = Taken()
    if not rows:
        return taken
    for job_id in sorted({row.fulfilment_order_id for row in rows if row.parcel_id is not None}):
        parcels.open_again(session, _job(session, job_id))
        taken.reopened.append(job_id)
    session.execute(_LOSE, {"ids": [row.id for row in rows], "now": clock.now()})
    changes = Changes()
    for row in rows:
        change = changes.of(row.location, row.sku)
        change.allocated -= row.quantity
        change.picked -= row.quantity
        taken.lost.append(Loss(row.order_ref, row.line_id, row.sku, row.location, row.quantity))
    write(session, changes)
    shortages.open_all(session, taken.lost, cause="recall")
    for job_id in sorted({row.fulfilment_order_id for row in rows}):
        _end_if_empty(session, _job(session, job_id))
    return taken


def _job(session: Session, job_id: uuid.UUID) -> FulfilmentOrder:
    return session.get_one(FulfilmentOrder, job_id, populate_existing=True)


def _end_if_empty(session: Session, job: FulfilmentOrder) -> None:
    """Cancel a picked fulfilment order that has nothing left; one in picking ends by itself."""
    live = select(Allocation.id).where(
        Allocation.fulfilment_order_id == job.id, Allocation.state.in_(("open", "picked"))
    )
    if job.state == "picked" and session.scalar(live.limit(1)) is None:
        advance(job, "cancelled")
        session.flush()
