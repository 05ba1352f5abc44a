"""Picking: a person takes a fulfilment order, scans what is on the shelf, and says what is not.

Each function is one step: it locks the fulfilment order, then the places, and moves units between
`open`, `picked` and `short`. A short pick believes the shelf, not the books.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import shortages
from fulfilment.claims.shortages import Loss
from fulfilment.models import FulfilmentOrder
from fulfilment.models.claims import ALLOCATION_STATES, became
from fulfilment.outbound import stops
from fulfilment.outbound.fulfilment_orders import (
    WAITING,
    Job,
    JobLine,
    Plan,
    advance,
    cancel_empty,
    job,
    jobs,
    locked,
    open_orders,
)
from fulfilment.outbound.missing import doubt_shelf
from fulfilment.stock.balances import Changes, whole, write
from fulfilment.stock.locks import lock_balances
from fulfilment.tracing import picked_lots
from kit import clock
from kit.errors import Refused
from kit.ids import new_id

__all__ = [
    "WAITING",
    "Job",
    "JobLine",
    "Plan",
    "Progress",
    "Shortfall",
    "cancel_empty",
    "claim",
    "finish",
    "job",
    "jobs",
    "open_orders",
    "pick_all",
    "put_back",
    "scan",
    "short_pick",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """After a scan: units of this SKU that are picked and left, and units left in the whole job."""

    sku: str
    picked: int
    left: int
    left_in_all: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a short pick found out.

    `quantity` units of this job are missing, `quarantined` more are not believed until counted,
    and `lost` are claims of other orders that had to give way.
    """

    sku: str
    quantity: int
    quarantined: int
    lost: list[Loss]


@dataclass(frozen=True, slots=True)
class _Part:
    """An allocation of a job: units of an order line in one state."""

    id: uuid.UUID
    line_id: uuid.UUID
    sku: str
    quantity: int
    state: str
    lot: str | None


_PARTS = text(
    """
    SELECT id, line_id, sku, quantity, state, lot FROM stock_allocations
    WHERE fulfilment_order_id = :job AND state IN ('open', 'picked', 'short')
    ORDER BY allocated_at, id
    """
)
_PICK = text(
    f"""
    UPDATE stock_allocations SET {became(ALLOCATION_STATES, "open", "picked")}, lot = :lot
    WHERE id = ANY(:ids) AND state = 'open'
    """
)
_PICK_MORE = text("UPDATE stock_allocations SET quantity = quantity + :units WHERE id = :id")
_PICK_FEWER = text("UPDATE stock_allocations SET quantity = quantity - :units WHERE id = :id")
_SPLIT = text(
    """
    INSERT INTO stock_allocations (
        id, order_ref, line_id, sku, location, quantity, promised_on, state,
        fulfilment_order_id, lot, allocated_at
    )
    SELECT :part, order_ref, line_id, sku, location, :units, promised_on, 'picked',
        fulfilment_order_id, :lot, allocated_at
    FROM stock_allocations WHERE id = :id
    """
)
_PICK_ALL = text(
    f"""
    UPDATE stock_allocations SET {became(ALLOCATION_STATES, "open", "picked")}
    WHERE fulfilment_order_id = :job AND state = 'open'
    RETURNING location, sku, quantity
    """
)
_PUT_BACK = text(
    f"""
    UPDATE stock_allocations SET {became(ALLOCATION_STATES, "picked", "open")}, lot = NULL
    WHERE fulfilment_order_id = :job AND state = 'picked' AND parcel_id IS NULL
    RETURNING location, sku, quantity
    """
)
_SHORT = text(
    f"""
    UPDATE stock_allocations SET {became(ALLOCATION_STATES, "open", "short")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'open'
    """
)


def claim(session: Session, job_id: uuid.UUID, picker: str) -> FulfilmentOrder:
    """Take a fulfilment order: it is this person's until it is put back or done. May be repeated.

    Raises:
        NotFound: ``fulfilment_order``.
        Refused: ``claimed_by_other`` with `picker`; ``fulfilment_order_state`` when it is done or
            cancelled; ``order_stopped``.
    """
    row = locked(session, job_id)
    stops.check(session, row.order_ref)
    _take(row, picker)
    session.flush()
    return row


def _take(row: FulfilmentOrder, picker: str) -> None:
    if row.state == "picking":
        if row.picker != picker:
            raise Refused("claimed_by_other", picker=row.picker)
        return
    advance(row, "picking")
    row.picker = picker
    row.picking_at = clock.now()


def put_back(session: Session, job_id: uuid.UUID) -> FulfilmentOrder:
    """Give a claimed fulfilment order back to the list; what was scanned goes back on the shelf.

    Raises:
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state`` unless it is being picked (or open already).
    """
    row = locked(session, job_id)
    if row.state == "open":
        return row
    parts = _parts(session, row)
    if row.state == "picking" and not any(part.state in {"open", "picked"} for part in parts):
        advance(row, "cancelled")
    else:
        advance(row, "open")
        row.picker = None
        row.picking_at = None
        picked = [part for part in parts if part.state == "picked"]
        lock_balances(session, [(row.location, part.sku) for part in picked])
        changes = Changes()
        for back in session.execute(_PUT_BACK, {"job": row.id}):
            changes.of(back.location, back.sku).picked -= back.quantity
        write(session, changes)
    session.flush()
    return row


def scan(
    session: Session,
    job_id: uuid.UUID,
    sku: str,
    quantity: int = 1,
    *,
    lot: str | None = None,
) -> Progress:
    """Pick units of a SKU that was scanned.

    Args:
        session: the open transaction.
        job_id: the fulfilment order, in picking.
        sku: what the scanned code stands for.
        quantity: units scanned at once.
        lot: their lot or serial number, where the SKU is kept apart; else it is left out. What the
            books do not have of it is there all the same, and the place is to be counted.

    Raises:
        Invalid: ``quantity``; ``lot_required``; ``lot``; ``serial_quantity``.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``wrong_item`` when the job wants no such thing;
            ``nothing_left_to_pick`` when it wants fewer; ``recalled``; ``serial_picked`` when this
            very unit is in a tote already; ``serial_elsewhere``. Nothing is picked then.
    """
    whole(quantity)
    row = _in_picking(session, job_id)
    held = lock_balances(session, [(row.location, sku)], create=False)
    parts = _parts(session, row)
    mine = [part for part in parts if part.sku == sku]
    if not mine:
        raise Refused("wrong_item", sku=sku)
    left = _units(mine, "open")
    if left < quantity:
        raise Refused("nothing_left_to_pick", sku=sku, left=left)
    lot = picked_lots.bind(session, held, row, sku, quantity, lot)
    _pick(session, mine, quantity, lot)
    changes = Changes()
    changes.of(row.location, sku).picked += quantity
    write(session, changes)
    return Progress(
        sku=sku,
        picked=_units(mine, "picked") + quantity,
        left=left - quantity,
        left_in_all=_units(parts, "open") - quantity,
    )


def _pick(session: Session, parts: Sequence[_Part], quantity: int, lot: str | None) -> None:
    """Move units from open to picked, line by line; one row is one state and one lot."""
    entirely: list[uuid.UUID] = []
    for part in parts:
        if part.state != "open" or quantity == 0:
            continue
        units = min(part.quantity, quantity)
        quantity -= units
        if units == part.quantity:
            entirely.append(part.id)
            continue
        session.execute(_PICK_FEWER, {"id": part.id, "units": units})
        begun = next(
            (
                one
                for one in parts
                if (one.state, one.line_id, one.lot) == ("picked", part.line_id, lot)
            ),
            None,
        )
        if begun is not None:
            session.execute(_PICK_MORE, {"id": begun.id, "units": units})
        else:
            split = {"id": part.id, "part": new_id(), "units": units, "lot": lot}
            session.execute(_SPLIT, split)
    if entirely:
        session.execute(_PICK, {"ids": entirely, "lot": lot})


def pick_all(session: Session, job_id: uuid.UUID, picker: str) -> FulfilmentOrder:
    """Take a fulfilment order, pick everything that is left of it and finish it, without scans.

    Raises:
        Invalid: ``lot_required``; goods that are kept apart have to be scanned.
        NotFound: ``fulfilment_order``.
        Refused: ``claimed_by_other``, ``fulfilment_order_state``; ``recalled``.
    """
    row = locked(session, job_id)
    stops.check(session, row.order_ref)
    # Taken and finished in one step: one UPDATE of the row at the end is enough.
    with session.no_autoflush:
        parts = _parts(session, row)
        wanted = [(row.location, part.sku) for part in parts if part.state == "open"]
        held = lock_balances(session, wanted, create=False)
        picked_lots.forbid_unread(held)
        _take(row, picker)
        changes = Changes()
        for part in session.execute(_PICK_ALL, {"job": row.id}):
            changes.of(part.location, part.sku).picked += part.quantity
        write(session, changes)
    _close(row, in_tote=bool(changes.by_place) or _units(parts, "picked") > 0)
    session.flush()
    return row


def short_pick(session: Session, job_id: uuid.UUID, sku: str, picker: str) -> Shortfall:
    """Report that the shelf holds less than the books say.

    The units of this SKU that are still open in the job become short. Nothing that the books
    still see on the shelf is believed until somebody counts: it goes to quarantine, and other
    claims on it are lost. Each loss opens a shortage.

    Args:
        session: the open transaction.
        job_id: the fulfilment order, in picking.
        sku: what is missing.
        picker: who says so.

    Raises:
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``wrong_item``; ``nothing_left_to_pick``.
    """
    row = _in_picking(session, job_id)
    place = (row.location, sku)
    held = lock_balances(session, [place])
    mine = [part for part in _parts(session, row) if part.sku == sku]
    if not mine:
        raise Refused("wrong_item", sku=sku)
    missing = [part for part in mine if part.state == "open"]
    if not missing:
        raise Refused("nothing_left_to_pick", sku=sku, left=0)
    quantity = _units(missing, "open")
    session.execute(_SHORT, {"ids": [part.id for part in missing], "now": clock.now()})
    changes = Changes()
    changes.of(*place).allocated -= quantity
    write(session, changes)
    held[place] = changes.after(held[place])
    shortages.open_all(
        session,
        [Loss(row.order_ref, part.line_id, sku, row.location, part.quantity) for part in missing],
        cause="short_pick",
    )
    rest, lost = doubt_shelf(
        session,
        held,
        place,
        quantity,
        cause="short_pick",
        key=f"short/{missing[0].id}",
        document=row.order_ref,
        actor=picker,
    )
    return Shortfall(sku, quantity, rest, lost)


def finish(session: Session, job_id: uuid.UUID) -> str:
    """End picking: everything is in the tote or reported short. May be repeated.

    Returns:
        ``picked``, or ``cancelled`` when nothing is in the tote.

    Raises:
        NotFound: ``fulfilment_order``.
        Refused: ``still_to_pick`` with `lines`: a list of sku and quantity;
            ``fulfilment_order_state``.
    """
    row = locked(session, job_id)
    if row.state in {"picked", "cancelled"}:
        return row.state
    parts = _parts(session, row)
    left: dict[str, int] = {}
    for part in parts:
        if part.state == "open":
            left[part.sku] = left.get(part.sku, 0) + part.quantity
    if left:
        lines = [{"sku": sku, "quantity": units} for sku, units in left.items()]
        raise Refused("still_to_pick", lines=lines)
    _close(row, in_tote=_units(parts, "picked") > 0)
    session.flush()
    return row.state


def _close(row: FulfilmentOrder, *, in_tote: bool) -> None:
    if in_tote:
        advance(row, "picked")
        row.picked_at = clock.now()
    else:
        advance(row, "cancelled")


def _in_picking(session: Session, job_id: uuid.UUID) -> FulfilmentOrder:
    row = locked(session, job_id)
    if row.state != "picking":
        raise Refused("fulfilment_order_state", state=row.state, wanted="picking")
    return row


def _parts(session: Session, row: FulfilmentOrder) -> list[_Part]:
    return [_Part(*values) for values in session.execute(_PARTS, {"job": row.id})]


def _units(parts: Sequence[_Part], state: str) -> int:
    return sum(part.quantity for part in parts if part.state == state)
