"""Why is it 3? A number of stock as a sum of named terms, each with its documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.answers import history
from fulfilment.inbound import incoming
from fulfilment.inbound.incoming import Due
from fulfilment.stock import safety, trust
from fulfilment.stock.movements import Movement, movements
from fulfilment.stock.safety import Setting
from fulfilment.stock.trust import Surprise
from kit import clock


@dataclass(frozen=True, slots=True)
class CauseSum:
    """What a cause added to an account (or took, negative), in how many movements.

    `documents` names the latest of them.
    """

    cause: str
    quantity: int
    count: int
    latest_at: datetime
    documents: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has a claim on units here: a reservation, an allocation or a backorder.

    `kind` is reservation, allocation or backorder; `state` is held, expired (past its deadline and
    not yet ended, so free), open, picked or waiting.
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
    """The stock of a SKU at a location as two sums.

    On hand is `opening` (what months that are not in the database any more left behind, at the end
    of `opened_on`'s month) and the sum of `causes`. Available is on hand less the six terms after
    it, not below 0. Every term has its documents: `causes`, `quarantine` (what the quarantined
    units consist of), `claims` (reserved, allocated, backordered), `setting` (safety), `surprises`
    (doubt) and, for what is not here yet, `incoming`. `documents` are the latest movements.
    """

    location: str
    sku: str
    on_hand: int
    reserved: int
    allocated: int
    backordered: int
    quarantined: int
    safety: int
    doubt: int
    opening: int
    opened_on: date | None
    causes: list[CauseSum]
    quarantine: list[CauseSum]
    claims: list[Claim]
    setting: Setting | None
    surprises: list[Surprise]
    incoming: list[Due] = field(default_factory=list)
    documents: list[Movement] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Units that are not available, for whatever reason."""
        claimed = self.reserved + self.allocated + self.backordered
        return claimed + self.quarantined + self.safety + self.doubt

    @property
    def available(self) -> int:
        """Units that may be promised now."""
        return max(0, self.on_hand - self.taken)

    @property
    def beyond(self) -> int:
        """Units that the terms take beyond what is on hand, because available stops at 0."""
        return max(0, self.taken - self.on_hand)


# The months that are still there, on top of what the last one before them left. An account is
# asked for by name; `opening` comes as a cause of its own.
_CAUSES = text(
    """
    SELECT cause, sum(signed) AS quantity, count(*), max(moved_at),
        (array_agg(document ORDER BY id DESC))[1:5]
    FROM (
        SELECT id, cause, quantity AS signed, moved_at, document FROM stock_movements
        WHERE sku = :sku AND to_location = :location AND to_account = ANY(:accounts)
            AND booked_at >= :since
        UNION ALL
        SELECT id, cause, -quantity, moved_at, document FROM stock_movements
        WHERE sku = :sku AND from_location = :location AND from_account = ANY(:accounts)
            AND booked_at >= :since
    ) AS entry
    GROUP BY cause
    HAVING sum(signed) <> 0
    ORDER BY min(moved_at), cause
    """
)
_OPENING = text(
    """
    SELECT coalesce(sum(quantity), 0) FROM stock_held_at_end_of(CAST(:month AS date)) AS closing
    WHERE sku = :sku AND location = :location
        AND account IN ('shelf', 'quarantine')
    """
)
_BALANCE = text(
    """
    SELECT on_hand, quarantined, allocated, safety_stock, doubt,
        reserved - (
            SELECT coalesce(sum(quantity), 0) FROM stock_reservations
            WHERE state = 'held' AND location = :location AND sku = :sku AND expires_at <= :now
        ) AS reserved,
        backordered - (
            SELECT coalesce(sum(quantity), 0) FROM stock_backorders
            WHERE state = 'waiting' AND location = :location AND sku = :sku
                AND confirmed_at IS NULL AND expires_at <= :now
        ) AS backordered
    FROM stock_balances WHERE location = :location AND sku = :sku
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
    UNION ALL
    SELECT 'backorder', order_ref, quantity,
        CASE WHEN confirmed_at IS NULL AND expires_at <= :now THEN 'expired' ELSE state END,
        placed_at, CASE WHEN confirmed_at IS NULL THEN expires_at END, promised_on
    FROM stock_backorders
    WHERE state = 'waiting' AND location = :location AND sku = :sku
    ORDER BY since_at, order_ref
    """
)
_HELD = ["shelf", "quarantine"]


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
    detached, since = history.attached_since(session)
    asked = {"sku": sku, "location": location, "now": clock.now(), "since": since}
    found = session.execute(_BALANCE, asked).mappings().one_or_none()
    balance = {name: int(value) for name, value in found.items()} if found else {}
    opening = int(session.scalar(_OPENING, {**asked, "month": detached}) or 0) if detached else 0
    doubt = balance.get("doubt", 0)
    return Terms(
        location=location,
        sku=sku,
        on_hand=balance.get("on_hand", 0),
        reserved=balance.get("reserved", 0),
        allocated=balance.get("allocated", 0),
        backordered=balance.get("backordered", 0),
        quarantined=balance.get("quarantined", 0),
        safety=balance.get("safety_stock", 0),
        doubt=doubt,
        opening=opening,
        opened_on=detached,
        causes=_causes(session, asked, _HELD),
        quarantine=_causes(session, asked, ["quarantine"]) if balance.get("quarantined") else [],
        claims=[Claim(*row) for row in session.execute(_CLAIMS, asked)],
        setting=next(iter(safety.history(session, sku, location, limit=1)), None),
        surprises=trust.since_count(session, sku, location) if doubt else [],
        incoming=list(incoming.due(session, sku, location)),
        documents=movements(session, sku, location, documents),
    )


def _causes(session: Session, asked: dict[str, Any], accounts: list[str]) -> list[CauseSum]:
    rows = session.execute(_CAUSES, {**asked, "accounts": accounts})
    return [
        CauseSum(cause, int(quantity), count, latest_at, tuple(names))
        for cause, quantity, count, latest_at, names in rows
    ]
