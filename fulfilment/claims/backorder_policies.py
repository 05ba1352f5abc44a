"""How many units of a SKU a place may owe, and from which day on: set by people, kept for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.models.backorders import BackorderPolicy
from fulfilment.stock.balances import Place, columns
from fulfilment.stock.locks import lock_balances
from kit import clock
from kit.errors import Invalid

MOST = 100_000
"""No place owes more than this; a number beyond it is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Units that a place may owe at once; `ships_on` is a release date, before which none goes."""

    location: str
    sku: str
    units: int
    ships_on: date | None
    actor: str
    set_at: datetime


_COLUMNS = "location, sku, units, ships_on, actor, set_at"
_CURRENT = text(
    f"""
    SELECT DISTINCT ON (sku, location) {_COLUMNS}
    FROM backorder_policies
    JOIN unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)
        USING (location, sku)
    ORDER BY sku, location, id DESC
    """
)


def put(
    session: Session, location: str, sku: str, *, units: int, ships_on: date | None, actor: str
) -> Policy:
    """Say how many units a place may owe, from now on. The same again changes nothing.

    What is waiting already stays, also where it is more than the new limit.

    Args:
        session: the open transaction.
        location: where, a location code; it need not have held the SKU before.
        sku: which.
        units: so many may wait at once; 0 for none.
        ships_on: the release date of a pre-order; None where incoming goods say when.
        actor: who says so.

    Raises:
        Invalid: ``quantity`` (below 0 or above `MOST`), ``ships_on`` (a day that has passed).
        NotFound: ``location``.
    """
    if not 0 <= units <= MOST:
        raise Invalid("quantity", quantity=units)
    if ships_on is not None and ships_on < clock.today():
        raise Invalid("ships_on", ships_on=ships_on.isoformat())
    lock_balances(session, [(location, sku)])
    current = of(session, [(location, sku)]).get((location, sku))
    if current is not None and (current.units, current.ships_on) == (units, ships_on):
        return current
    policy = Policy(location, sku, units, ships_on, actor, clock.now())
    session.add(
        BackorderPolicy(
            location=location,
            sku=sku,
            units=units,
            ships_on=ships_on,
            actor=actor,
            set_at=policy.set_at,
        )
    )
    session.flush()
    return policy


def of(session: Session, places: Iterable[Place]) -> dict[Place, Policy]:
    """Return the policies that hold at places now; a place that never had one is missing."""
    rows = session.execute(_CURRENT, columns(places))
    return {(row.location, row.sku): Policy(*row) for row in rows}


def history(session: Session, sku: str, limit: int = 50) -> list[Policy]:
    """Return what was set for a SKU at any place, the latest first."""
    row = BackorderPolicy
    query = (
        select(row.location, row.sku, row.units, row.ships_on, row.actor, row.set_at)
        .where(row.sku == sku)
        .order_by(row.id.desc())
        .limit(limit)
    )
    return [Policy(*found) for found in session.execute(query)]
