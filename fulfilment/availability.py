"""What may be promised, per place: on hand less everything that is spoken for.

ATP = on hand - reserved - allocated - safety stock - quarantined, not below 0 (house rule). A
reservation that is past its deadline counts as free for everyone, whether or not the sweeper came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.balances import Place
from kit import clock


@dataclass(frozen=True, slots=True)
class Availability:
    """What a location has of a SKU, in units. `reserved` leaves out what has expired.

    `safety` is the safety stock and what the shelf's surprises have added to it.
    """

    on_hand: int
    reserved: int
    allocated: int
    safety: int
    quarantined: int

    @property
    def available(self) -> int:
        """Units that may be promised now."""
        claimed = self.reserved + self.allocated
        return max(0, self.on_hand - claimed - self.safety - self.quarantined)


# Held reservations are few and the index on them starts with the place: a probe per balance that
# has any reserved units is cheaper than a join.
_AVAILABLE = text(
    """
    SELECT balance.location, balance.sku, balance.on_hand,
        CASE WHEN balance.reserved = 0 THEN 0 ELSE balance.reserved - (
            SELECT coalesce(sum(expired.quantity), 0)
            FROM stock_reservations AS expired
            WHERE expired.state = 'held'
                AND expired.location = balance.location
                AND expired.sku = balance.sku
                AND expired.expires_at <= :at
        ) END AS reserved,
        balance.allocated, balance.safety_stock + balance.doubt, balance.quarantined
    FROM stock_balances AS balance
    WHERE balance.sku = ANY(:skus)
    """
)


def available(
    session: Session, skus: Iterable[str], at: datetime | None = None
) -> dict[Place, Availability]:
    """Return what each location has of the SKUs, with one query.

    Args:
        session: any session; nothing is locked, so the answer may be old when it is used.
        skus: which; unknown ones are left out.
        at: the instant at which reservations count as expired; now where None.

    Returns:
        Availability by (location, SKU); a place that never held the SKU is missing.
    """
    wanted = {"skus": sorted(set(skus)), "at": at or clock.now()}
    if not wanted["skus"]:
        return {}
    return {
        (location, sku): Availability(on_hand, int(reserved), allocated, safety, quarantined)
        for location, sku, on_hand, reserved, allocated, safety, quarantined in session.execute(
            _AVAILABLE, wanted
        )
    }
