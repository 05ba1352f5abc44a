"""Safety stock: units of a SKU that a location does not promise to the web.

Whoever sets it says why; what was set before stays on record. What a shelf's surprises add on top
is not decided by anybody: see `fulfilment.stock.trust`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.stock.balances import Changes, Place, columns, write
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.errors import Invalid

MOST = 1_000_000

# The safety stock in force by place, from the rows alone: the proofs compare the balances with it.
IN_FORCE = """
    SELECT DISTINCT ON (sku, location) location, sku, safety_stock
    FROM stock_settings ORDER BY sku, location, id DESC
"""
_SET = text(
    """
    INSERT INTO stock_settings (location, sku, safety_stock, reason, actor, set_at)
    SELECT wanted.location, wanted.sku, wanted.units, :reason, :actor, :now
    FROM unnest(CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:units AS int[]))
        AS wanted (location, sku, units)
    ORDER BY wanted.location, wanted.sku
    """
)
_HISTORY = text(
    """
    SELECT safety_stock, reason, actor, set_at FROM stock_settings
    WHERE sku = :sku AND location = :location ORDER BY id DESC LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A safety stock as it was set: in force until the next one."""

    units: int
    reason: str
    actor: str
    set_at: datetime


def put(session: Session, units: Mapping[Place, int], *, reason: str, actor: str) -> int:
    """Set the safety stock of places.

    More than a place holds may be kept back: then it promises nothing. Claims that are already
    made stay.

    Args:
        session: the open transaction.
        units: by place, how many units to keep back from now on; 0 or more.
        reason: why, in words.
        actor: who decided.

    Returns:
        How many places it changed; setting what is set already changes and records nothing.

    Raises:
        Invalid: ``safety_stock``, or ``reason`` where there is none.
        NotFound: ``location``.
    """
    for place, wanted in units.items():
        if not 0 <= wanted <= MOST:
            raise Invalid("safety_stock", location=place[0], sku=place[1], units=wanted)
    if not reason.strip():
        raise Invalid("reason")
    held = lock_balances(session, units)
    new = {place: wanted for place, wanted in units.items() if held[place].safety_stock != wanted}
    if not new:
        return 0
    changes = Changes()
    for place, wanted in new.items():
        changes.of(*place).safety_stock += wanted - held[place].safety_stock
    session.execute(
        _SET,
        {
            **columns(new),
            "units": list(new.values()),
            "reason": reason.strip(),
            "actor": actor,
            "now": clock.now(),
        },
    )
    write(session, changes)
    return len(new)


def history(session: Session, sku: str, location: str, limit: int = 20) -> list[Setting]:
    """Return what the safety stock of a SKU at a location was set to, the latest first."""
    asked = {"sku": sku, "location": location, "limit": limit}
    return [Setting(*row) for row in session.execute(_HISTORY, asked)]
