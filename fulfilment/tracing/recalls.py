"""Recalls: goods that nobody may sell any more, and everybody who has some must hear of.

1. From the moment a recall is open, no unit of it goes on a shelf, into a tote, to another place
   or to a customer: balances carry the mark, and whoever locks a place reads it.
2. `gather` puts every unit that is on a shelf into quarantine, units in totes and in sealed parcels
   too: the parcel is opened again and the order goes back to packing. Claims lose and are routed
   again. What somebody has in hand at this moment is left to the next `gather`.
3. What arrives later (receipts, transfers, returns) comes into quarantine by itself.
4. Under a recall of some lots, units whose lot nobody knows count as called back until somebody
   has read them.
5. `closed` with what became of the units: released, destroyed, returned to the supplier, or kept.
Sources: Regulation (EU) 2023/988 (product safety), articles 35 and 36; Regulation (EC) 178/2002,
articles 18 and 19 (food: traceable one step forward, withdrawn and told at once).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfilment.claims.shortages import Loss
from fulfilment.events import RecallOpened
from fulfilment.models.lots import Recall, SkuRule
from fulfilment.stock import losses
from fulfilment.stock.balances import Balance, Place
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from fulfilment.tracing import recalled_picks, tracking
from fulfilment.tracing.lots import UNKNOWN, checked, key, of_places, renamed
from kit import clock, events
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id

RESULTS = ("released", "destroyed", "returned", "kept")


@dataclass(frozen=True, slots=True)
class RecallView:
    """A recall as it was when it was read; `lots` None means every unit of the SKU."""

    id: uuid.UUID
    number: int
    sku: str
    lots: list[str] | None
    reason: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    result: str | None

    @property
    def document(self) -> str:
        """What its movements are booked for: ``R-7``."""
        return f"R-{self.number}"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one call put aside: units by location, claims that lost, orders to be packed again.

    `left` units are in the hands of pickers and packers; another call gets them.
    """

    units: dict[str, int]
    lost: list[Loss]
    reopened: list[uuid.UUID]
    left: int


def open_(
    session: Session, *, sku: str, lots: Collection[str] | None, reason: str, actor: str
) -> tuple[RecallView, Gathered]:
    """Call goods back: from now on none of them is sold, and all that can be reached is put aside.

    `RecallOpened` leaves with the transaction, so that those who have some are told.

    Args:
        session: the open transaction; it holds no stock yet.
        sku: which.
        lots: lots or serial numbers; None calls back every unit.
        reason: in words, as the buyers read it.
        actor: who decides.

    Raises:
        Invalid: ``reason``; ``lots`` where the list is empty; ``lot``; ``lot_not_kept`` when the
            SKU is not kept apart: then only all of it can be called back.
        Refused: ``recall_open`` with `number`; the same goods are called back already.
    """
    if not reason.strip():
        raise Invalid("reason")
    named = None if lots is None else sorted({checked(lot) for lot in lots})
    if named is not None and (not named or UNKNOWN in named):
        raise Invalid("lots", lots=named)
    jobs = recalled_picks.lock_jobs(session, sku)
    lock_balances(session, tracking.places_of(session, sku))
    rule = session.get(SkuRule, sku, populate_existing=True)
    if named is not None and (rule is None or rule.tracking is None):
        raise Invalid("lot_not_kept", sku=sku, lot=named[0])
    for other in of_sku(session, sku):
        if other.closed_at is None and other.lots == named:
            raise Refused("recall_open", number=other.number)
    kept = rule.tracking if rule else None
    tracking.set_rule(session, sku, tracking=kept, recalled=True, actor=actor)
    row = Recall(
        id=new_id(),
        sku=sku,
        lots=named,
        reason=reason.strip(),
        opened_at=clock.now(),
        opened_by=actor,
    )
    session.add(row)
    session.flush()
    gathered = _gather(session, row, jobs, actor)
    events.record(session, RecallOpened(recall_id=str(row.id)))
    return _view(row), gathered


def gather(session: Session, recall_id: uuid.UUID, *, actor: str) -> Gathered:
    """Put aside what can be reached of an open recall. May be repeated; does nothing when closed.

    Raises:
        NotFound: ``recall``.
    """
    row = _row(session, recall_id)
    jobs = recalled_picks.lock_jobs(session, row.sku)
    lock_balances(session, tracking.places_of(session, row.sku))
    session.refresh(row)
    if row.closed_at is not None:
        return Gathered({}, [], [], 0)
    return _gather(session, row, jobs, actor)


def _gather(session: Session, row: Recall, jobs: Collection[uuid.UUID], actor: str) -> Gathered:
    document = f"R-{row.number}"
    taken = recalled_picks.take_out(session, row.sku, row.lots, jobs)
    held = lock_balances(session, tracking.places_of(session, row.sku))
    moves = _aside(session, held, row.lots, document)
    aside = [one for one in moves if one.to_account == "quarantine"]
    keep = {(location, row.sku): balance.shelf for (location, _), balance in held.items()}
    for one in aside:
        keep[str(one.from_location), one.sku] -= one.quantity
    lost = losses.drop(session, held, keep, cause="recall")
    move(session, moves, actor=actor, channel="backoffice", held=held)
    units: dict[str, int] = {}
    for one in aside:
        units[str(one.from_location)] = units.get(str(one.from_location), 0) + one.quantity
    left = recalled_picks.units_left(session, row.sku, row.lots)
    return Gathered(units, [*taken.lost, *lost], taken.reopened, left)


def _aside(
    session: Session, held: Mapping[Place, Balance], lots: Sequence[str] | None, document: str
) -> list[Move]:
    """Return the moves that put what is on shelves and in no tote into quarantine.

    Where that was all there is, what the books say of lots beyond it is not there: what somebody
    counted too few of without naming lots was of these.
    """
    moves = []
    there = of_places(session, held)
    for (location, sku), balance in sorted(held.items()):
        rest = balance.shelf - balance.picked
        parts: Iterable[tuple[str | None, int]] = [(None, rest)]
        if balance.tracking:
            mine = [row for row in there if row.location == location]
            if lots is not None:
                mine = [row for row in mine if row.lot in lots or row.lot == UNKNOWN]
            parts = [(row.lot, row.free) for row in mine]
        for lot, free in parts:
            units = min(free, rest)
            if units > 0:
                rest -= units
                name = key(f"{document}/{new_id()}", sku, lot)
                shelf, quarantine = ("shelf", location), ("quarantine", location)
                moves.append(Move(sku, units, *shelf, *quarantine, "recall", document, name, lot))
            if lot not in {None, UNKNOWN} and free > max(units, 0):
                moves += renamed(
                    (location, sku), free - max(units, 0), lot, UNKNOWN,
                    document=document, base=f"{document}/{new_id()}",
                )  # fmt: skip
    return moves


def close(session: Session, recall_id: uuid.UUID, *, result: str, actor: str) -> RecallView:
    """End a recall with what becomes of the units in quarantine. The same result again is harmless.

    Args:
        session: the open transaction.
        recall_id: which.
        result: ``released`` onto the shelves again, ``destroyed``, ``returned`` to the supplier, or
            ``kept`` in quarantine. What another recall of the SKU still calls back stays there, and
            so do units of unknown lot unless they are released.
        actor: who decides.

    Raises:
        Invalid: ``result``.
        NotFound: ``recall``.
        Refused: ``recall_closed`` with `result`; ``recall_busy`` with `left`: units are in totes
            or parcels.
    """
    if result not in RESULTS:
        raise Invalid("result", result=result, known=list(RESULTS))
    row = _row(session, recall_id)
    held = lock_balances(session, tracking.places_of(session, row.sku))
    session.refresh(row)
    if row.result == result:
        return _view(row)
    if row.closed_at is not None:
        raise Refused("recall_closed", result=row.result)
    left = recalled_picks.units_left(session, row.sku, row.lots)
    if left:
        raise Refused("recall_busy", left=left)
    others = [
        other
        for other in of_sku(session, row.sku)
        if other.closed_at is None and other.id != row.id
    ]
    row.closed_at, row.closed_by, row.result = clock.now(), actor, result
    session.flush()
    kept = session.get_one(SkuRule, row.sku).tracking
    tracking.set_rule(session, row.sku, tracking=kept, recalled=bool(others), actor=actor)
    held = lock_balances(session, tracking.places_of(session, row.sku))
    moves = _ending(session, held, row, others) if result != "kept" else []
    move(session, moves, actor=actor, channel="backoffice", held=held)
    return _view(row)


_ENDS = {
    "released": ("shelf", "quarantine_ended"),
    "destroyed": ("loss", "write_off"),
    "returned": ("supplier", "supplier_return"),
}


def _ending(
    session: Session, held: Mapping[Place, Balance], row: Recall, others: Sequence[RecallView]
) -> list[Move]:
    document = f"R-{row.number}"
    account, cause = _ENDS[str(row.result)]
    moves = []
    there = of_places(session, held)
    for (location, sku), balance in sorted(held.items()):
        parts: list[tuple[str | None, int]] = [(None, balance.quarantined)]
        if balance.tracking:
            parts = [
                (one.lot, one.quarantined)
                for one in there
                if one.location == location and _ends(one.lot, row)
            ]
        target = (account, location if account == "shelf" else None)
        for lot, units in parts:
            if units and not any(_calls(other, lot) for other in others):
                name = key(f"{document}/{account}/{location}", sku, lot)
                source = ("quarantine", location)
                moves.append(Move(sku, units, *source, *target, cause, document, name, lot))
    return moves


def _ends(lot: str, row: Recall) -> bool:
    if lot == UNKNOWN:
        return row.result == "released"
    return row.lots is None or lot in row.lots


def _calls(other: RecallView, lot: str | None) -> bool:
    return other.lots is None or lot is None or lot == UNKNOWN or lot in other.lots


def one(session: Session, recall_id: uuid.UUID) -> RecallView:
    """Return a recall.

    Raises:
        NotFound: ``recall``.
    """
    return _view(_row(session, recall_id))


def listed(session: Session, limit: int = 100) -> list[RecallView]:
    """Return recalls, the open ones first, then the latest."""
    query = select(Recall).order_by(Recall.closed_at.is_not(None), Recall.number.desc())
    return [_view(row) for row in session.scalars(query.limit(limit))]


def of_sku(session: Session, sku: str) -> list[RecallView]:
    """Return the recalls of a SKU, the latest first."""
    query = select(Recall).where(Recall.sku == sku).order_by(Recall.number.desc())
    return [_view(row) for row in session.scalars(query)]


def _row(session: Session, recall_id: uuid.UUID) -> Recall:
    row = session.get(Recall, recall_id)
    if row is None:
        raise NotFound("recall", id=str(recall_id))
    return row


def _view(row: Recall) -> RecallView:
    return RecallView(**{name: getattr(row, name) for name in RecallView.__dataclass_fields__})
