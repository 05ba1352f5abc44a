"""The one place that locks stock, in one order: location, then SKU.

Why nobody ever waits in a circle:
- balances that are missing are inserted first, in that order, and a row once made never goes away;
- then the balances are locked in that order, with one statement;
- a transaction that calls several functions of this package calls `lock_balances` with all their
  places first; what is held already is read, not locked again.
Rows of fulfilment orders are locked before balances, never after; where one is wanted after them
it is skipped if somebody else has it.
"""

import logging
from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session, SessionTransaction

from fulfilment.stock.balances import Balance, Place, columns
from kit import clock
from kit.errors import NotFound

log = logging.getLogger(__name__)

_HELD = "locked_stock"

_CREATE = text(
    """
    INSERT INTO stock_balances (
        location, sku, on_hand, quarantined, reserved, allocated, picked, in_transit,
        safety_stock, tracking, recalled, changed_at
    )
    SELECT wanted.location, wanted.sku, 0, 0, 0, 0, 0, 0, 0, rule.tracking,
        coalesce(rule.recalled, false), :now
    FROM unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS wanted (location, sku)
    JOIN locations ON locations.code = wanted.location
    LEFT JOIN sku_rules AS rule ON rule.sku = wanted.sku
    WHERE NOT EXISTS (
        SELECT FROM stock_balances AS balance
        WHERE balance.location = wanted.location AND balance.sku = wanted.sku
    )
    ORDER BY wanted.location, wanted.sku
    ON CONFLICT DO NOTHING
    """
)

_COLUMNS = """
    balance.location, balance.sku, balance.on_hand, balance.quarantined, balance.reserved,
    balance.allocated, balance.picked, balance.in_transit, balance.safety_stock, balance.doubt,
    balance.backordered, balance.tracking, balance.recalled
    FROM stock_balances AS balance
    JOIN unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS wanted (location, sku)
        ON balance.location = wanted.location AND balance.sku = wanted.sku
    ORDER BY balance.location, balance.sku
"""
_LOCK = text(f"SELECT {_COLUMNS} FOR UPDATE OF balance")
_READ = text(f"SELECT {_COLUMNS}")


def lock_balances(
    session: Session, places: Iterable[Place], *, create: bool = True
) -> dict[Place, Balance]:
    """Lock the balances of places until the transaction ends, and return them as they are now.

    Args:
        session: the open transaction.
        places: (location, SKU) pairs in any order, repeated ones too.
        create: make a balance of zeros where there is none. Claims need none: nothing is there.

    Returns:
        The balances by place; without `create` a place that has none is missing.

    Raises:
        NotFound: ``location``; no such location (with `create`).
    """
    wanted = set(places)
    if not wanted:
        return {}
    held: set[Place] = session.info.setdefault(_HELD, set())
    if wanted <= held:
        return {(row[0], row[1]): Balance(*row) for row in session.execute(_READ, columns(wanted))}
    _warn(held, wanted)
    if create:
        session.execute(_CREATE, {**columns(wanted), "now": clock.now()})
    found = {(row[0], row[1]): Balance(*row) for row in session.execute(_LOCK, columns(wanted))}
    held.update(found)
    if create and len(found) < len(wanted):
        unknown = sorted({location for location, _ in wanted - found.keys()})
        raise NotFound("location", location=unknown[0])
    return found


def note_locked(session: Session, places: Iterable[Place]) -> None:
    """Remember places that a statement of its own has locked, in the order that holds here."""
    held: set[Place] = session.info.setdefault(_HELD, set())
    wanted = set(places)
    _warn(held, wanted)
    held.update(wanted)


def _warn(held: set[Place], wanted: set[Place]) -> None:
    new = wanted - held
    if held and new and min(new) < max(held):
        log.warning("stock is locked out of order: %s after %s", min(new), max(held))


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, _transaction: SessionTransaction, *_: Any) -> None:
    # Savepoints too: rolling back to one lets go of the locks taken since.
    session.info.pop(_HELD, None)
