"""Start the work of a paid order at once, where everything that was held for it is still held.

The same as `allocations.from_reservations` and `fulfilment_orders.open_orders`, for the usual case:
nothing has expired, nothing was lost, nothing is owed, no work is open. Whatever is otherwise is
theirs. The claims are made by the last statement of the transaction, so that a place that everybody
wants is locked for a moment only.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from fulfilment.models import FulfilmentOrder
from fulfilment.outbound.fulfilment_orders import Plan
from kit import clock
from kit.arrays import literal
from kit.database import Json
from kit.ids import new_id
from kit.plain import ClosingFailed, Plain, ask, close_with
from kit.writing import fresh


class Held(NamedTuple):
    """Units that are held for an order line at a location."""

    id: uuid.UUID
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int


# Sorted as `locks` wants it.
_HELD = """
    SELECT json_agg(
        json_build_array(id, line_id, sku, location, quantity) ORDER BY location, sku, id
    ){besides}
    FROM stock_reservations WHERE order_ref = $1
    HAVING bool_and(state = 'held')
        AND NOT EXISTS (SELECT FROM stock_backorders WHERE order_ref = $1)
        AND NOT EXISTS (SELECT FROM stock_allocations WHERE order_ref = $1)
        AND NOT EXISTS (SELECT FROM fulfilment_orders WHERE order_ref = $1)
"""
_CLAIM = b"SELECT claim_stock($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_NOT_HELD = "KS002"


def held(
    session: Session, order_ref: str, besides: Sequence[str] = ()
) -> tuple[list[Held], tuple[bytes | None, ...]]:
    """Return what is held for an order if that is all that there is of it; else nothing.

    Args:
        session: the transaction that has locked the order.
        order_ref: whose.
        besides: terms of SQL to be read in the same moment, of this house; ``$1`` is the order.

    Returns:
        The rows, and the terms as text; no terms where there are no rows.
    """
    statement = _HELD.format(besides="".join(f", {term}" for term in besides)).encode()
    found = ask(session, Plain(statement, [order_ref.encode()]))
    if not found or not found[0]:
        return [], ()
    rows = [
        Held(uuid.UUID(key), uuid.UUID(line), sku, location, quantity)
        for key, line, sku, location, quantity in json.loads(found[0])
    ]
    return rows, found[1:]


def start(
    session: Session,
    order_ref: str,
    rows: Sequence[Held],
    *,
    promised: Mapping[uuid.UUID, date],
    plans: Mapping[str, Plan],
    address: Json,
) -> list[FulfilmentOrder]:
    """Claim what is held, with the COMMIT, and return the fulfilment orders to be written.

    Args:
        session: the open transaction, which has locked the order.
        order_ref: whose.
        rows: from `held`; each location has a plan and each line a promise.
        promised: the promise date of each line.
        plans: the router's facts by location code.
        address: where the parcels go.

    Returns:
        Rows that no session knows yet.

    Raises:
        ClosingFailed: at the end of the transaction; see `refused`.
    """
    now = clock.now()
    jobs = {
        location: fresh(
            FulfilmentOrder,
            id=new_id(),
            order_ref=order_ref,
            location=location,
            kind=plans[location].kind,
            state="open",
            tariff=plans[location].tariff,
            address=address,
            opened_at=now,
            due_at=plans[location].due_at,
            ships_on=plans[location].ships_on,
            arrives_on=plans[location].arrives_on,
        )
        for location in sorted({row.location for row in rows})
    }
    parameters = (
        order_ref,
        now.isoformat(),
        literal([row.id for row in rows]),
        literal([new_id() for _ in rows]),
        literal([row.line_id for row in rows]),
        literal([row.sku for row in rows]),
        literal([row.location for row in rows]),
        literal([row.quantity for row in rows]),
        literal([promised[row.line_id] for row in rows]),
        literal([jobs[row.location].id for row in rows]),
    )
    close_with(session, Plain(_CLAIM, [text.encode() for text in parameters]))
    return list(jobs.values())


def refused(error: ClosingFailed) -> bool:
    """Tell whether a transaction failed because something was not held any more.

    Nothing of it happened; `allocations.from_reservations` finds out what is to be done.
    """
    return error.sqlstate == _NOT_HELD
