"""Which lot goes into the tote: read from the label when a unit is picked, and kept from then on.

The picker holds the unit, so it is there: what the books lack of its lot is taken from `?`, and
the place is to be counted. What is recalled is not picked, and goods that are kept apart are not
picked unread.
"""

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.models import FulfilmentOrder
from fulfilment.stock import counts
from fulfilment.stock.balances import Balance, Place, at
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from fulfilment.tracing.lots import UNKNOWN, LotBalance, believe, checked, key, of_places, spread
from kit.errors import Invalid, Refused
from kit.ids import new_id

_OF_JOB = text(
    """
    SELECT line_id, lot, sum(quantity) AS quantity FROM stock_allocations
    WHERE fulfilment_order_id = :job AND state IN ('picked', 'shipped') AND lot IS NOT NULL
    GROUP BY line_id, lot ORDER BY line_id, lot
    """
)


def bind(
    session: Session,
    held: Mapping[Place, Balance],
    job: FulfilmentOrder,
    sku: str,
    quantity: int,
    lot: str | None,
) -> str | None:
    """Return the lot under which scanned units go into the tote; None where none is kept.

    Args:
        session: the open transaction.
        held: the locked balances.
        job: the fulfilment order, locked, in picking.
        sku: what was scanned.
        quantity: units, not more than the job wants.
        lot: what was read.

    Raises:
        Invalid: ``lot_required``; ``lot``; ``serial_quantity``.
        Refused: ``recalled``; ``serial_picked``, ``serial_quarantined``, ``serial_elsewhere``.
    """
    place = (job.location, sku)
    balance = at(held, place)
    kept = balance.tracking
    if kept and (lot is None or lot == UNKNOWN):
        raise Invalid("lot_required", sku=sku, tracking=kept)
    if balance.recalled:
        called = lot_books.blocked(session, [sku])
        if lot_books.is_blocked(called, sku, lot if kept else None):
            raise Refused("recalled", sku=sku, lot=lot, lots=sorted(called[sku] or ()))
    if not kept or lot is None:
        return None
    there = of_places(session, [place])
    if kept == "serial":
        _one_unit(there, sku, checked(lot), quantity)
    document = f"{job.order_ref}: lot"
    base = f"pick/{new_id()}"
    moves = believe(held, there, place, {checked(lot): quantity}, document=document, base=base)
    if moves:
        move(session, moves, actor=job.picker or "", channel="floor", held=held)
        counts.ask(session, [place], cause="lot_unknown", document=job.order_ref)
    return lot


def _one_unit(there: Iterable[LotBalance], sku: str, lot: str, quantity: int) -> None:
    if quantity != 1:
        raise Invalid("serial_quantity", sku=sku, lot=lot, quantity=quantity)
    for row in there:
        if row.lot == lot and row.picked:
            raise Refused("serial_picked", sku=sku, lot=lot)
        if row.lot == lot and row.quarantined:
            raise Refused("serial_quarantined", sku=sku, lot=lot)


def forbid_unread(held: Mapping[Place, Balance]) -> None:
    """Pass places whose goods may be picked without a scan.

    Raises:
        Invalid: ``lot_required``.
        Refused: ``recalled``.
    """
    for (_, sku), balance in held.items():
        if balance.tracking:
            raise Invalid("lot_required", sku=sku, tracking=balance.tracking)
        if balance.recalled:
            raise Refused("recalled", sku=sku, lot=None, lots=[])


def doubted(
    session: Session,
    held: Mapping[Place, Balance],
    place: Place,
    units: int,
    *,
    document: str,
    base: str,
) -> list[Move]:
    """Return the moves that put what is left of a shelf into quarantine, lot by lot."""
    location, sku = place
    shelf, quarantine = ("shelf", location), ("quarantine", location)
    if not at(held, place).tracking:
        return [Move(sku, units, *shelf, *quarantine, "short_pick", document, base)]
    return [
        Move(sku, part, *shelf, *quarantine, "short_pick", document, key(base, sku, lot), lot)
        for lot, part in spread(of_places(session, [place]), units)
    ]


def suggested(session: Session, location: str, skus: Iterable[str]) -> dict[str, list[LotBalance]]:
    """Return the lots that are free on a shelf, by SKU: what is to leave first stands first.

    First expired, first out; where no date is known, what came first.
    """
    found: dict[str, list[LotBalance]] = {}
    for row in of_places(session, [(location, sku) for sku in skus]):
        if row.free > 0 and row.lot != UNKNOWN:
            found.setdefault(row.sku, []).append(row)
    return found


def of_job(session: Session, job_id: uuid.UUID) -> dict[uuid.UUID, list[tuple[str, int]]]:
    """Return the lots that were picked for a fulfilment order: (lot, units) by order line."""
    found: dict[uuid.UUID, list[tuple[str, int]]] = {}
    for line_id, lot, quantity in session.execute(_OF_JOB, {"job": job_id}):
        found.setdefault(line_id, []).append((lot, int(quantity)))
    return found
