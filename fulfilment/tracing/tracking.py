"""Keeping goods apart: from when on a SKU's units go by lot or by serial number."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.models.lots import UNKNOWN, SkuRule
from fulfilment.places import locations
from fulfilment.stock import counts
from fulfilment.stock.balances import Place
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.errors import Invalid, Refused

KINDS = ("lot", "serial")

_RULE = text(
    """
    INSERT INTO sku_rules (sku, tracking, recalled, changed_at, changed_by)
    VALUES (:sku, :tracking, :recalled, :now, :actor)
    ON CONFLICT (sku) DO UPDATE
    SET tracking = excluded.tracking, recalled = excluded.recalled,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by
    """
)
_SHOW = text(
    """
    UPDATE stock_balances SET tracking = :tracking, recalled = :recalled, changed_at = :now
    WHERE sku = :sku
    """
)

_UNKNOWN = text(
    "INSERT INTO lots (sku, lot, first_seen_at) VALUES (:sku, :unknown, :now)"
    " ON CONFLICT DO NOTHING"
)
_OPENING = text(
    """
    INSERT INTO stock_lots (sku, location, lot, serial, on_hand, quarantined, in_transit)
    SELECT sku, location, :unknown, :serial, on_hand, quarantined, 0
    FROM stock_balances WHERE sku = :sku AND on_hand > 0
    """
)


def places_of(session: Session, sku: str) -> list[Place]:
    """Return the SKU at every location: who locks them all keeps new balances of it out, too."""
    return [(code, sku) for code in locations.by_code(session)]


def set_rule(
    session: Session, sku: str, *, tracking: str | None, recalled: bool, actor: str
) -> None:
    """Write what a SKU asks for, and show it at every place; the caller holds all its places."""
    rule = {
        "sku": sku, "tracking": tracking, "recalled": recalled, "actor": actor, "now": clock.now()
    }  # fmt: skip
    session.execute(_RULE, rule)
    session.execute(_SHOW, rule)


def track(session: Session, sku: str, by: str, *, actor: str) -> None:
    """Keep the units of a SKU apart from now on. The same again changes nothing.

    What lies on shelves and in quarantine is of lot `?` until somebody counts it by lots; each
    such place gets a count task.

    Args:
        session: the open transaction.
        sku: which.
        by: ``lot``, or ``serial`` where every unit has a number of its own.
        actor: who says so.

    Raises:
        Invalid: ``tracking``.
        Refused: ``tracking_set``: it is kept apart in the other way; ``tracking_now``: units are
            in totes, parcels or on the way between places, and nobody could say which.
    """
    if by not in KINDS:
        raise Invalid("tracking", tracking=by, known=list(KINDS))
    held = lock_balances(session, places_of(session, sku))
    rule = session.get(SkuRule, sku, populate_existing=True)
    before = rule.tracking if rule else None
    if before == by:
        return
    if before is not None:
        raise Refused("tracking_set", sku=sku, tracking=before)
    busy = sum(balance.picked + balance.in_transit for balance in held.values())
    if busy:
        raise Refused("tracking_now", sku=sku, units=busy)
    set_rule(session, sku, tracking=by, recalled=bool(rule and rule.recalled), actor=actor)
    session.execute(_UNKNOWN, {"sku": sku, "unknown": UNKNOWN, "now": clock.now()})
    session.execute(_OPENING, {"sku": sku, "unknown": UNKNOWN, "serial": by == "serial"})
    there = [place for place, balance in held.items() if balance.on_hand]
    counts.ask(session, there, cause="lot_unknown", document=actor)
