"""Give back a part of what is allocated, where some units of an order come from elsewhere now."""

import uuid
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import allocations
from fulfilment.claims.allocations import AllocationView
from fulfilment.models.claims import ALLOCATION_STATES
from fulfilment.stock.balances import Changes, write
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.ids import new_id

ALLOCATION_STATES.check("open", "released")
# The row keeps what stays, and a new row stands for what is given back.
_PART = text(
    """
    WITH part AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:new_ids AS uuid[]), CAST(:quantities AS int[])
        ) AS part (id, new_id, quantity)
    ), rest AS (
        UPDATE stock_allocations AS claim SET quantity = claim.quantity - part.quantity
        FROM part WHERE claim.id = part.id AND claim.state = 'open'
            AND claim.quantity > part.quantity
        RETURNING claim.*, part.new_id, part.quantity AS gone
    )
    INSERT INTO stock_allocations (
        id, quantity, state, ended_at, order_ref, line_id, sku, location, promised_on,
        fulfilment_order_id, allocated_at
    )
    SELECT new_id, gone, 'released', :now, order_ref, line_id, sku, location, promised_on,
        fulfilment_order_id, allocated_at
    FROM rest
    RETURNING location, sku, quantity
    """
)


def give_back(session: Session, units: Mapping[uuid.UUID, int]) -> None:
    """Give so many units of each open allocation back to its place.

    Args:
        session: the open transaction.
        units: by allocation id; all of its units, or fewer. Those that were picked or lost in the
            meantime stay as they are.
    """
    found = {row.id: row for row in allocations.by_ids(session, units)}
    rows = [found[one] for one in units if one in found]
    if not rows:
        return
    lock_balances(session, {(row.location, row.sku) for row in rows}, create=False)
    rows = allocations.by_ids(session, units)
    whole = [row.id for row in rows if units[row.id] >= row.quantity]
    allocations.release(session, allocation_ids=whole)
    _part(session, [row for row in rows if units[row.id] < row.quantity], units)


def _part(session: Session, rows: list[AllocationView], units: Mapping[uuid.UUID, int]) -> None:
    if not rows:
        return
    changes = Changes()
    given = session.execute(
        _PART,
        {
            "ids": [row.id for row in rows],
            "new_ids": [new_id() for _ in rows],
            "quantities": [units[row.id] for row in rows],
            "now": clock.now(),
        },
    )
    for location, sku, quantity in given:
        changes.of(location, sku).allocated -= quantity
    write(session, changes)
