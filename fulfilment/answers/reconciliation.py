"""When a balance and its rows have drifted apart: find it, and make them agree without a lie.

Neither side is simply overwritten; what is done depends on what people have relied on:
1. On hand, quarantined, in transit: people sold from the balance, so it stays. A movement from or
   to `variance` (cause ``reconciliation``) makes the entries agree, and a count finds the truth.
2. Reserved, allocated, picked, backordered: each claim is somebody's, so the rows stay and the
   balance follows. Claims that the shelf does not cover then are lost, with a shortage each.
3. Safety stock and doubt: the rows say who set them and what surprised; the balance follows.
Each term that was repaired leaves a row in `stock_repairs`, each check one in `stock_checks`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from fulfilment.answers import history
from fulfilment.claims.reservations import expire_rows
from fulfilment.claims.shortages import Loss
from fulfilment.models.lots import UNKNOWN
from fulfilment.models.settings import StockCheck, StockRepair
from fulfilment.models.stock import StockBalance
from fulfilment.proofs import Drift, drift
from fulfilment.stock import counts, losses, safety, trust
from fulfilment.stock.balances import Balance, Changes, Place, write
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import enter
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from kit import clock
from kit.ids import new_id

_ENTRIES = ("on_hand", "quarantined", "in_transit")

# What the claims, settings and surprises of one place sum up to, in the order of `_ROWS`.
_ROWS = ("reserved", "allocated", "picked", "backordered", "safety_stock", "doubt")
_SUMS = text(
    f"""
    SELECT
        (SELECT coalesce(sum(quantity), 0) FROM stock_reservations
         WHERE state = 'held' AND sku = :sku AND location = :location),
        allocated.units, allocated.picked,
        (SELECT coalesce(sum(quantity), 0) FROM stock_backorders
         WHERE state = 'waiting' AND sku = :sku AND location = :location),
        coalesce((SELECT safety_stock FROM ({safety.IN_FORCE}) AS setting
         WHERE sku = :sku AND location = :location), 0),
        coalesce((SELECT doubt FROM ({trust.DOUBT}) AS surprise
         WHERE sku = :sku AND location = :location), 0)
    FROM (
        SELECT coalesce(sum(quantity), 0) AS units,
            coalesce(sum(quantity) FILTER (WHERE state = 'picked'), 0) AS picked
        FROM stock_allocations
        WHERE state IN ('open', 'picked') AND sku = :sku AND location = :location
    ) AS allocated
    """
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did: the terms that were wrong, and the claims that were not covered."""

    terms: list[Drift]
    lost: list[Loss]


@dataclass(frozen=True, slots=True)
class RepairView:
    """A repair on record; without `movement_id` the balance followed its rows."""

    location: str
    sku: str
    term: str
    booked: int
    summed: int
    movement_id: int | None
    actor: str
    repaired_at: datetime


def check(session: Session, *, actor: str) -> list[Drift]:
    """Compare all balances with their rows, and write down how that came out.

    Args:
        session: the open transaction.
        actor: who asked, e.g. ``"scheduler"``.

    Returns:
        What disagrees, by location, SKU and term; empty when the books are right.
    """
    found = drift(session)
    balances = session.scalar(select(func.count()).select_from(StockBalance)) or 0
    facts = {"balances": balances, "drifted": len(found)}
    session.execute(insert(StockCheck).values(**facts, actor=actor, checked_at=clock.now()))
    return found


def checks(session: Session, limit: int = 10) -> Sequence[StockCheck]:
    """Return the latest checks, the last one first."""
    return session.scalars(select(StockCheck).order_by(StockCheck.id.desc()).limit(limit)).all()


def repairs(session: Session, limit: int = 50) -> list[RepairView]:
    """Return the latest repairs, the last one first."""
    row = StockRepair
    query = select(
        row.location,
        row.sku,
        row.term,
        row.booked,
        row.summed,
        row.movement_id,
        row.actor,
        row.repaired_at,
    ).order_by(row.id.desc())
    return [RepairView(*found) for found in session.execute(query.limit(limit))]


def repair(session: Session, place: Place, *, actor: str) -> Repaired:
    """Make a balance and its rows agree, in every term that has drifted.

    Args:
        session: the open transaction.
        place: location code and SKU.
        actor: who repairs.

    Returns:
        What was wrong, and claims that were lost; nothing where the books are right by now.

    Raises:
        NotFound: ``location``.
    """
    balance = lock_balances(session, [place])[place]
    found = _drift(session, balance)
    if not found:
        return Repaired([], [])
    entered = _enter(session, balance, [one for one in found if one.term in _ENTRIES], actor)
    lost = _lose(session, place, balance) if len(entered) < len(found) else []
    changes = Changes()
    for one in _drift(session, balance):
        setattr(changes.of(*place), one.term, one.summed - one.booked)
    write(session, changes)
    session.execute(
        insert(StockRepair),
        [
            {
                "location": one.location,
                "sku": one.sku,
                "term": one.term,
                "booked": one.booked,
                "summed": one.summed,
                "movement_id": entered.get(one.term),
                "actor": actor,
                "repaired_at": clock.now(),
            }
            for one in found
        ],
    )
    return Repaired(found, lost)


def _enter(
    session: Session, balance: Balance, wrong: Sequence[Drift], actor: str
) -> dict[str, int]:
    """Book what makes the entries agree with the balance; return the movement of each term."""
    if not wrong:
        return {}
    place = (balance.location, balance.sku)
    document = f"reconciliation {new_id()}"
    # Of a SKU that is kept apart by lots nobody knows which they are: the count names them.
    lot = UNKNOWN if balance.tracking else None
    moves = [_entry(place, one, document, lot) for one in wrong]
    ids = enter(session, moves, actor=actor)
    lot_books.write(session, {place: balance}, moves)
    counts.ask(session, [place], cause="reconciliation", document=document)
    return {one.term: number for one, number in zip(wrong, ids, strict=True)}


def _entry(place: Place, wrong: Drift, document: str, lot: str | None) -> Move:
    """Return the movement of one term: quarantined units come off the shelf, others from nowhere.

    On hand is shelf and quarantine, so that each term can be repaired by itself.
    """
    location, sku = place
    account = {"on_hand": "shelf", "quarantined": "quarantine", "in_transit": "transit"}[wrong.term]
    here: tuple[str, str | None] = (account, location)
    there: tuple[str, str | None] = ("variance", None)
    if wrong.term == "quarantined":
        there = ("shelf", location)
    missing = wrong.booked - wrong.summed
    source, target = (there, here) if missing > 0 else (here, there)
    key = f"{document}/{wrong.term}"
    return Move(sku, abs(missing), *source, *target, "reconciliation", document, key, lot)


def _drift(session: Session, balance: Balance) -> list[Drift]:
    """Compare a locked balance with its rows, term by term."""
    sku, location = balance.sku, balance.location
    entries = history.entries(session, sku, location)
    rows = session.execute(_SUMS, {"sku": sku, "location": location}).one()
    sums = dict(zip((*_ENTRIES, *_ROWS), (*entries, *map(int, rows)), strict=True))
    return [
        Drift(location, sku, term, getattr(balance, term), summed)
        for term, summed in sums.items()
        if getattr(balance, term) != summed
    ]


def _lose(session: Session, place: Place, balance: Balance) -> list[Loss]:
    """End claims that the shelf does not cover, rows only; the balance is written afterwards."""
    location, sku = place
    expire_rows(session, [place])
    reserved, allocated, *_ = session.execute(_SUMS, {"location": location, "sku": sku}).one()
    excess = int(reserved) + int(allocated) - balance.shelf
    return losses.end(session, {place: excess}, cause="reconciliation")
