"""Allocations: units of a confirmed order line at the location that will send them. No deadline.

A reservation becomes an allocation where it stands, exactly once. Money that comes late claims
again: at the place of the reservation, if anything is left there.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import reservations, shortages
from fulfilment.claims.reservations import ReservationView, Want
from fulfilment.models.claims import ALLOCATION_STATES, RESERVATION_STATES, became
from fulfilment.stock.balances import Balance, Changes, Place, whole, write
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.errors import Invalid
from kit.ids import new_id

Promises = Mapping[uuid.UUID, date]
"""The promise date of each order line, by line id."""


@dataclass(frozen=True, slots=True)
class AllocationView:
    """An allocation as it was when it was read."""

    id: uuid.UUID
    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int
    promised_on: date
    state: str
    fulfilment_order_id: uuid.UUID | None
    parcel_id: uuid.UUID | None
    allocated_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that were reserved and could not be claimed."""

    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int


class Claimed(NamedTuple):
    """What became of an order's reservations: what it has now, and what is missing."""

    allocations: list[AllocationView]
    missing: list[Missing]


COLUMNS = (
    "id, order_ref, line_id, sku, location, quantity, promised_on, state, fulfilment_order_id,"
    " parcel_id, allocated_at, ended_at"
)

_ALLOCATE = text(
    """
    INSERT INTO stock_allocations (
        id, order_ref, line_id, sku, location, quantity, promised_on, state, allocated_at
    )
    SELECT wanted.id, :order_ref, wanted.line_id, wanted.sku, wanted.location, wanted.quantity,
        wanted.promised_on, 'open', :now
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:line_ids AS uuid[]), CAST(:skus AS text[]),
        CAST(:locations AS text[]), CAST(:quantities AS int[]), CAST(:promised AS date[])
    ) AS wanted (id, line_id, sku, location, quantity, promised_on)
    """
)
_CLAIM = text(
    f"""
    UPDATE stock_reservations
    SET {became(RESERVATION_STATES, "held", "claimed")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'held'
    RETURNING id, quantity
    """
)
# The claim that a backorder has become carries its id.
_COVERED = text(
    "SELECT id FROM stock_backorders WHERE order_ref = :order_ref AND state = 'covered'"
)
_OF_ORDER = text(
    f"SELECT {COLUMNS} FROM stock_allocations WHERE order_ref = :order_ref"
    " ORDER BY allocated_at, id"
)
_BY_ID = text(f"SELECT {COLUMNS} FROM stock_allocations WHERE id = ANY(:ids)")
# Nobody packs what is being taken out of the tote.
_LOCK_JOBS = text(
    "SELECT id FROM fulfilment_orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
)
_RELEASE_PICKED = text(
    f"""
    UPDATE stock_allocations
    SET {became(ALLOCATION_STATES, "picked", "released")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'picked' AND parcel_id IS NULL
    RETURNING {COLUMNS}
    """
)
# Two statements, because the balance has to know what was in a tote.
_RELEASE_OPEN = text(
    f"""
    UPDATE stock_allocations
    SET {became(ALLOCATION_STATES, "open", "released")}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'open'
    RETURNING {COLUMNS}
    """
)


def from_reservations(session: Session, *, order_ref: str, promised: Promises) -> Claimed:
    """Turn an order's reservations into allocations where they stand. Harmless when repeated.

    What is still held is claimed, even past its deadline: nobody needed it yet. What expired, was
    released or lost is claimed again from what is free at its place.

    Args:
        session: the open transaction.
        order_ref: the order that was paid.
        promised: the promise date of each of its lines.

    Returns:
        The order's open allocations, and the units that are missing; the caller opens shortages.

    Raises:
        Invalid: ``promise``; a line has no promise date.
    """
    rows = reservations.of_order(session, order_ref)
    held = lock_balances(session, {(row.location, row.sku) for row in rows}, create=False)
    claiming = {"ids": [row.id for row in rows], "now": clock.now()}
    claimed = {row.id: row.quantity for row in session.execute(_CLAIM, claiming)}
    earlier: list[AllocationView] = []
    if claimed != {row.id: row.quantity for row in rows}:
        # Some had ended before, or lost a part while this waited for the lock. Nothing changes
        # any more: this transaction holds their places.
        rows = reservations.of_order(session, order_ref)
        earlier = of_order(session, order_ref)
        # What an unpaid order had lost is part of what is missing below; it is opened anew.
        shortages.forget_unpaid(session, order_ref, "claimed")
    claims = [row for row in rows if row.id in claimed]
    changes = Changes()
    for row in claims:
        change = changes.of(row.location, row.sku)
        change.reserved -= row.quantity
        change.allocated += row.quantity
    wants = [Want(row.line_id, row.sku, row.location, row.quantity) for row in claims]
    ended = [row for row in rows if row.id not in claimed and row.state != "claimed"]
    covered = _covered(session, order_ref) if ended else set()
    again, missing = _again(session, held, ended, _lacking(rows, claims, earlier, covered))
    for want in again:
        changes.of(want.location, want.sku).allocated += want.quantity
    new = _insert(session, order_ref, [*wants, *again], promised)
    write(session, changes)
    live = [row for row in earlier if row.state == "open"]
    return Claimed([*live, *new], missing)


def _lacking(
    rows: Sequence[ReservationView],
    claims: Sequence[ReservationView],
    earlier: Sequence[AllocationView],
    covered: set[uuid.UUID],
) -> Counter[uuid.UUID]:
    """Units of each line that were reserved for it once and never allocated.

    Those are what was reserved when the order was placed, and backorders that were covered before
    it was paid (`covered`, their ids).
    """
    earlier = [row for row in earlier if row.id not in covered]
    first: dict[uuid.UUID, datetime] = {}
    for row in rows:
        first[row.line_id] = min(row.placed_at, first.get(row.line_id, row.placed_at))
    lacking: Counter[uuid.UUID] = Counter()
    for row in rows:
        # Later reservations of a line stand in for lost ones of the first.
        if row.placed_at == first[row.line_id] or row.id in covered:
            lacking[row.line_id] += row.quantity
    lacking.subtract(_per_line(claims))
    lacking.subtract(_per_line(earlier))
    return +lacking


def _covered(session: Session, order_ref: str) -> set[uuid.UUID]:
    return set(session.scalars(_COVERED, {"order_ref": order_ref}))


def _per_line(rows: Iterable[ReservationView | AllocationView]) -> Counter[uuid.UUID]:
    total: Counter[uuid.UUID] = Counter()
    for row in rows:
        total[row.line_id] += row.quantity
    return total


def _again(
    session: Session,
    held: dict[Place, Balance],
    ended: Sequence[ReservationView],
    lacking: Counter[uuid.UUID],
) -> tuple[list[Want], list[Missing]]:
    """Find what is lacking in what is free at the places where it was reserved."""
    ended = [row for row in ended if lacking[row.line_id]]
    if not ended:
        return [], []
    reservations.end_expired(session, held, {(row.location, row.sku) for row in ended})
    free: Counter[Place] = Counter({place: balance.available for place, balance in held.items()})
    found: list[Want] = []
    for row in ended:
        place = (row.location, row.sku)
        quantity = min(lacking[row.line_id], free[place], row.quantity)
        if quantity > 0:
            found.append(Want(row.line_id, row.sku, row.location, quantity))
            lacking[row.line_id] -= quantity
            free[place] -= quantity
    missing = {row.line_id: row for row in ended}
    return found, [
        Missing(line_id, row.sku, row.location, lacking[line_id])
        for line_id, row in missing.items()
        if lacking[line_id] > 0
    ]


def allocate(
    session: Session, *, order_ref: str, wants: Sequence[Want], promised: Promises
) -> list[AllocationView]:
    """Allocate units without a reservation, for re-routing: all of them, or none.

    Args:
        session: the open transaction.
        order_ref: whose they are.
        wants: which line wants how many units from where; several may share one SKU and place.
        promised: the promise date of each line.

    Returns:
        One open allocation per want, in order, in no fulfilment order yet.

    Raises:
        Invalid: ``quantity``, or ``promise``: a line has no promise date.
        Refused: ``stock_short`` with `short`: a list of sku, location, wanted and available.
    """
    changes = Changes()
    for want in wants:
        changes.of(want.location, want.sku).allocated += whole(want.quantity)
    held = lock_balances(session, changes.by_place, create=False)
    wanted = {place: change.allocated for place, change in changes.by_place.items()}
    reservations.require(session, held, wanted)
    allocated = _insert(session, order_ref, wants, promised)
    write(session, changes)
    return allocated


def _insert(
    session: Session, order_ref: str, wants: Sequence[Want], promised: Promises
) -> list[AllocationView]:
    if not wants:
        return []
    now = clock.now()
    rows = [
        AllocationView(
            id=new_id(),
            order_ref=order_ref,
            line_id=want.line_id,
            sku=want.sku,
            location=want.location,
            quantity=want.quantity,
            promised_on=_promise(promised, want),
            state="open",
            fulfilment_order_id=None,
            parcel_id=None,
            allocated_at=now,
            ended_at=None,
        )
        for want in wants
    ]
    session.execute(
        _ALLOCATE,
        {
            "order_ref": order_ref,
            "now": now,
            "ids": [row.id for row in rows],
            "line_ids": [row.line_id for row in rows],
            "skus": [row.sku for row in rows],
            "locations": [row.location for row in rows],
            "quantities": [row.quantity for row in rows],
            "promised": [row.promised_on for row in rows],
        },
    )
    return rows


def _promise(promised: Promises, want: Want) -> date:
    if want.line_id not in promised:
        raise Invalid("promise", line_id=str(want.line_id))
    return promised[want.line_id]


def of_order(session: Session, order_ref: str) -> list[AllocationView]:
    """Return all allocations of an order, whatever became of them, oldest first."""
    rows = session.execute(_OF_ORDER, {"order_ref": order_ref})
    return [AllocationView(*row) for row in rows]


def by_ids(session: Session, allocation_ids: Iterable[uuid.UUID]) -> list[AllocationView]:
    """Return allocations by their ids, whatever became of them; unknown ids are left out."""
    rows = session.execute(_BY_ID, {"ids": list(allocation_ids)})
    return [AllocationView(*row) for row in rows]


def release(
    session: Session,
    *,
    allocation_ids: Iterable[uuid.UUID] | None = None,
    order_ref: str | None = None,
    picked: bool = False,
) -> list[AllocationView]:
    """Give allocated units back to their places. Harmless when repeated.

    Args:
        session: the open transaction.
        allocation_ids: which; or
        order_ref: all of this order.
        picked: also those that are in a tote already (an order that is cancelled while it is
            picked; somebody puts them back). Never those in a parcel.

    Returns:
        The allocations that this call released, as they are now.
    """
    if order_ref is not None:
        rows = of_order(session, order_ref)
    else:
        rows = by_ids(session, allocation_ids or ())
    states = {"open", "picked"} if picked else {"open"}
    rows = [row for row in rows if row.state in states and row.parcel_id is None]
    if not rows:
        return []
    if picked:
        jobs = {row.fulfilment_order_id for row in rows if row.fulfilment_order_id is not None}
        session.execute(_LOCK_JOBS, {"ids": sorted(jobs)})
    lock_balances(session, {(row.location, row.sku) for row in rows}, create=False)
    return _release(session, [row.id for row in rows], picked=picked)


def _release(session: Session, ids: Sequence[uuid.UUID], *, picked: bool) -> list[AllocationView]:
    wanted = {"ids": list(ids), "now": clock.now()}
    changes = Changes()
    open_ = [AllocationView(*row) for row in session.execute(_RELEASE_OPEN, wanted)]
    in_totes: list[AllocationView] = []
    if picked:
        in_totes = [AllocationView(*row) for row in session.execute(_RELEASE_PICKED, wanted)]
    for row in [*open_, *in_totes]:
        changes.of(row.location, row.sku).allocated -= row.quantity
    for row in in_totes:
        changes.of(row.location, row.sku).picked -= row.quantity
    write(session, changes)
    return [*open_, *in_totes]
