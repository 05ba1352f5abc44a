"""Why is it 3? A number of stock as a sum of named terms, each with its documents."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.availability import Availability, available
from fulfilment.movements import Movement, movements
from kit import clock


@dataclass(frozen=True, slots=True)
class CauseSum:
    """What a cause added to on hand (or took, negative), in how many movements."""

    cause: str
    quantity: int
    count: int
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has a claim on units here: a reservation (with its deadline) or an allocation.

    `kind` is reservation or allocation; `state` is held, expired (past its deadline and not yet
    ended, so free), open or picked.
    """

    kind: str
    order_ref: str
    quantity: int
    state: str
    since_at: datetime
    expires_at: datetime | None
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class Terms:
    """On hand is the sum of `causes`; available is on hand less the four terms after it.

    `documents` are the latest movements, `claims` what reserved and allocated consist of.
    """

    location: str
    sku: str
    on_hand: int
    reserved: int
    allocated: int
    quarantined: int
    safety: int
    available: int
    causes: list[CauseSum]
    claims: list[Claim]
    documents: list[Movement]


_CAUSES = text(
    """
    SELECT cause, sum(signed) AS quantity, count(*), max(moved_at)
    FROM (
        SELECT cause, quantity AS signed, moved_at FROM stock_movements
        WHERE sku = :sku AND to_location = :location AND to_account IN ('shelf', 'quarantine')
        UNION ALL
        SELECT cause, -quantity, moved_at FROM stock_movements
        WHERE sku = :sku AND from_location = :location
            AND from_account IN ('shelf', 'quarantine')
    ) AS entry
    GROUP BY cause
    HAVING sum(signed) <> 0
    ORDER BY min(moved_at), cause
    """
)
_CLAIMS = text(
    """
    SELECT 'reservation' AS kind, order_ref, quantity,
        CASE WHEN expires_at <= :now THEN 'expired' ELSE 'held' END AS state,
        placed_at AS since_at, expires_at, NULL::date AS promised_on
    FROM stock_reservations
    WHERE state = 'held' AND location = :location AND sku = :sku
    UNION ALL
    SELECT 'allocation', order_ref, quantity, state, allocated_at, NULL, promised_on
    FROM stock_allocations
    WHERE state IN ('open', 'picked') AND location = :location AND sku = :sku
    ORDER BY since_at, order_ref
    """
)


def why(session: Session, sku: str, location: str, *, documents: int = 50) -> Terms:
    """Explain the stock of a SKU at a location.

    Args:
        session: any session, e.g. a read-only one.
        sku: which.
        location: where, a location code.
        documents: so many of the latest movements are named.

    Returns:
        The terms; all zero where the location never held the SKU.
    """
    asked = {"sku": sku, "location": location, "now": clock.now()}
    none = Availability(on_hand=0, reserved=0, allocated=0, safety=0, quarantined=0)
    here = available(session, [sku]).get((location, sku), none)
    return Terms(
        location=location,
        sku=sku,
        on_hand=here.on_hand,
        reserved=here.reserved,
        allocated=here.allocated,
        quarantined=here.quarantined,
        safety=here.safety,
        available=here.available,
        causes=[
            CauseSum(cause, int(quantity), count, latest_at)
            for cause, quantity, count, latest_at in session.execute(_CAUSES, asked)
        ],
        claims=[Claim(*row) for row in session.execute(_CLAIMS, asked)],
        documents=movements(session, sku, location, documents),
    )
