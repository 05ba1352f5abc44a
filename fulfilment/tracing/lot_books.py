"""Lots in the books: what a place holds of each lot, written beside its balance.

- a SKU that is kept apart names the lot of every unit that moves; others name none;
- a till sale, a find and a return are booked even where nobody knows the lot: under `?`;
- `?` may be below zero on a shelf: so many units left it, and nobody knows of which lot; a count
  that names the lots brings it back to zero;
- what is recalled reaches no shelf (it is booked into quarantine) and leaves to no customer.
`movements.move` calls this; a SKU that is neither kept apart nor recalled costs no statement.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.models.lots import UNKNOWN, Recall
from fulfilment.models.stock import HELD_ACCOUNTS
from fulfilment.stock.balances import Balance, Place, columns
from fulfilment.stock.moves import Move
from kit import clock
from kit.errors import Invalid, Refused

LotPlace = tuple[str, str, str]
"""Location code, SKU, lot."""

# Goods that are in somebody's hands, or that somebody holds out: what they are comes later.
_GUESSED = frozenset({"till_sale", "found", "return"})
# `?` stands for units that others are: only these may take from it what it has not.
_OVERDRAWS = frozenset({"till_sale", "lot_named", "count"})
# Goods that come in all the same when they are recalled: not onto the shelf.
_ARRIVES = frozenset({"receipt", "transfer_in", "return", "found", "transfer_found", "correction"})
# What brings goods from quarantine back on sale.
_FREES = frozenset({"quarantine_ended", "correction", "inspection"})
_LONGEST_KEY = 128


class LotBalance(NamedTuple):
    """What a place holds of a lot, in units; on hand includes quarantined, picked is in totes."""

    location: str
    sku: str
    lot: str
    on_hand: int = 0
    quarantined: int = 0
    in_transit: int = 0
    picked: int = 0
    best_before: date | None = None

    @property
    def free(self) -> int:
        """Units on the shelf that are in no tote and no parcel."""
        return self.on_hand - self.quarantined - self.picked


_HELD = text(
    """
    SELECT held.location, held.sku, held.lot, held.on_hand, held.quarantined, held.in_transit,
        (
            SELECT coalesce(sum(claim.quantity), 0) FROM stock_allocations AS claim
            WHERE claim.sku = held.sku AND claim.location = held.location
                AND claim.state = 'picked' AND claim.lot = held.lot
        )::int AS picked,
        lots.best_before
    FROM stock_lots AS held
    JOIN unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)
        ON held.location = place.location AND held.sku = place.sku
    JOIN lots ON lots.sku = held.sku AND lots.lot = held.lot
    WHERE held.on_hand <> 0 OR held.quarantined <> 0 OR held.in_transit <> 0
    ORDER BY held.location, held.sku, lots.best_before NULLS LAST, lots.first_seen_at, held.lot
    """
)
_SEEN = text(
    """
    INSERT INTO lots (sku, lot, first_seen_at)
    SELECT DISTINCT sku, lot, CAST(:now AS timestamptz)
    FROM unnest(CAST(:skus AS text[]), CAST(:lots AS text[])) AS seen (sku, lot)
    ORDER BY sku, lot
    ON CONFLICT DO NOTHING
    """
)
_OPEN = text(
    """
    INSERT INTO stock_lots (sku, location, lot, serial, on_hand, quarantined, in_transit)
    SELECT new.sku, new.location, new.lot, rule.tracking = 'serial', 0, 0, 0
    FROM unnest(CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:lots AS text[]))
        AS new (location, sku, lot)
    JOIN sku_rules AS rule ON rule.sku = new.sku
    ORDER BY new.location, new.sku, new.lot
    ON CONFLICT (sku, location, lot) DO NOTHING
    """
)
_WRITE = text(
    """
    UPDATE stock_lots AS held
    SET on_hand = held.on_hand + change.on_hand,
        quarantined = held.quarantined + change.quarantined,
        in_transit = held.in_transit + change.in_transit
    FROM unnest(
        CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:lots AS text[]),
        CAST(:on_hand AS int[]), CAST(:quarantined AS int[]), CAST(:in_transit AS int[])
    ) AS change (location, sku, lot, on_hand, quarantined, in_transit)
    WHERE held.location = change.location AND held.sku = change.sku AND held.lot = change.lot
    """
)
_ELSEWHERE = text(
    """
    SELECT held.sku, held.location, held.lot FROM stock_lots AS held
    JOIN unnest(CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:lots AS text[]))
        AS wanted (location, sku, lot)
        ON held.sku = wanted.sku AND held.lot = wanted.lot AND held.location <> wanted.location
    WHERE held.serial AND held.lot <> :unknown AND held.on_hand + held.in_transit > 0
    ORDER BY held.sku, held.lot
    """
)


def key(base: str, sku: str, lot: str | None) -> str:
    """Return the key of a movement: of a cause, of a SKU, of a lot; never too long to be kept."""
    whole = f"{base}/{sku}" if lot is None else f"{base}/{sku}/{lot}"
    if len(whole) <= _LONGEST_KEY or lot is None:
        return whole
    return f"{base}/{_digest(f'{sku}/{lot}')}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def of_places(session: Session, places: Iterable[Place]) -> list[LotBalance]:
    """Return what places hold of each lot: first what expires first, then what came first."""
    listed = list(places)
    if not listed:
        return []
    return [LotBalance(*row) for row in session.execute(_HELD, columns(listed))]


def tracking(held: Mapping[Place, Balance]) -> dict[str, str]:
    """Return how the SKUs of locked places are kept apart: ``lot`` or ``serial``, by SKU."""
    return {sku: balance.tracking for (_, sku), balance in held.items() if balance.tracking}


def named(
    session: Session,
    held: Mapping[Place, Balance],
    moves: Sequence[Move],
    at: datetime | None = None,
) -> Sequence[Move]:
    """Return moves as they may be booked: each with its lot, and nothing recalled onto a shelf.

    Args:
        session: the open transaction.
        held: the locked balances.
        moves: what is to move.
        at: when it happened; a recall that was opened later does not undo it. Now where None.

    Raises:
        Invalid: ``lot_required``; ``lot_not_kept`` when the SKU is not kept apart;
            ``serial_quantity`` when a serial number stands for more than one unit.
        Refused: ``recalled`` with sku and lot: it may not leave to a customer or go on sale.
    """
    kept = tracking(held)
    if kept or any(one.lot is not None for one in moves):
        moves = [_named(one, kept.get(one.sku)) for one in moves]
    called = {sku for (_, sku), balance in held.items() if balance.recalled}
    if called:
        moves = _guarded(moves, blocked(session, called, at))
    return moves


def _named(one: Move, kept: str | None) -> Move:
    if kept is None:
        if one.lot is not None:
            raise Invalid("lot_not_kept", sku=one.sku, lot=one.lot)
        return one
    if one.lot is None:
        if one.cause not in _GUESSED:
            raise Invalid("lot_required", sku=one.sku)
        return replace(one, lot=UNKNOWN)
    checked(one.lot)
    if kept == "serial" and one.lot != UNKNOWN and one.quantity != 1:
        raise Invalid("serial_quantity", sku=one.sku, lot=one.lot, quantity=one.quantity)
    return one


def checked(lot: str) -> str:
    """Return a lot number that may be kept.

    Raises:
        Invalid: ``lot``; blank around it, empty, or longer than 64 characters.
    """
    if not lot or lot != lot.strip() or len(lot) > 64:  # noqa: PLR2004 - the column's length
        raise Invalid("lot", lot=lot)
    return lot


def blocked(
    session: Session, skus: Iterable[str], at: datetime | None = None
) -> dict[str, set[str] | None]:
    """Return what open recalls block of SKUs: lots, or None where every unit is blocked.

    Args:
        session: any session.
        skus: which.
        at: leave out the recalls that were opened after this instant.
    """
    query = select(Recall.sku, Recall.lots).where(
        Recall.sku.in_(sorted(skus)), Recall.closed_at.is_(None)
    )
    if at is not None:
        query = query.where(Recall.opened_at <= at)
    found: dict[str, set[str] | None] = {}
    for sku, lots in session.execute(query):
        before = found.get(sku, set())
        found[sku] = None if lots is None or before is None else before | set(lots)
    return found


def open_recalls(session: Session, skus: Iterable[str]) -> list[str]:
    """Return the ids of the open recalls of SKUs, as text."""
    query = select(Recall.id).where(Recall.sku.in_(sorted(skus)), Recall.closed_at.is_(None))
    return [str(number) for number in session.scalars(query.order_by(Recall.number))]


def is_blocked(called: Mapping[str, set[str] | None], sku: str, lot: str | None) -> bool:
    """Tell whether a unit may not be sold: it is recalled, or nobody knows that it is not."""
    if sku not in called:
        return False
    lots = called[sku]
    return lots is None or lot is None or lot == UNKNOWN or lot in lots


def _guarded(moves: Sequence[Move], called: Mapping[str, set[str] | None]) -> Sequence[Move]:
    allowed = []
    for one in moves:
        if not is_blocked(called, one.sku, one.lot):
            allowed.append(one)
        elif _leaves_or_goes_on_sale(one):
            raise Refused("recalled", sku=one.sku, lot=one.lot)
        elif one.to_account == "shelf" and one.cause in _ARRIVES:
            allowed.append(replace(one, to_account="quarantine"))
        else:
            allowed.append(one)
    return allowed


def _leaves_or_goes_on_sale(one: Move) -> bool:
    if one.from_account == "shelf":
        return one.to_account in {"customer", "transit"}
    ends = one.from_account == "quarantine" and one.to_account == "shelf"
    return ends and one.cause in _FREES


def require(session: Session, held: Mapping[Place, Balance], moves: Iterable[Move]) -> None:
    """Pass moves whose lots are where they leave, and whose serial numbers are nowhere else.

    Raises:
        Refused: ``lot_short`` with `short`: a list of sku, location, lot, wanted and available;
            ``serial_elsewhere`` with sku, lot and location.
    """
    kept = tracking(held)
    moves = [one for one in moves if one.sku in kept]
    if not moves:
        return
    changes = _changes(moves)
    before = {
        (row.location, row.sku, row.lot): row
        for row in of_places(session, {(location, sku) for location, sku, _ in changes})
    }
    overdrawn = {one.sku for one in moves if one.lot == UNKNOWN and one.cause in _OVERDRAWS}
    short = []
    for place, change in sorted(changes.items()):
        row = before.get(place) or LotBalance(*place)
        shelf = (change.quarantined - change.on_hand, row.free)
        if place[2] == UNKNOWN and place[1] in overdrawn:
            shelf = (0, 0)
        quarantine = (-change.quarantined, row.quarantined)
        transit = (-change.in_transit, row.in_transit)
        for wanted, available in (shelf, quarantine, transit):
            if wanted > max(0, available):
                named = dict(zip(("location", "sku", "lot"), place, strict=True))
                short.append({**named, "wanted": wanted, "available": max(0, available)})
                break
    if short:
        raise Refused("lot_short", short=short)
    _one_place(session, kept, changes)


def _one_place(
    session: Session, kept: Mapping[str, str], changes: Mapping[LotPlace, LotBalance]
) -> None:
    arriving = [
        place
        for place, change in changes.items()
        if kept[place[1]] == "serial" and change.on_hand + change.in_transit > 0
    ]
    leaving = {place for place, change in changes.items() if change.on_hand + change.in_transit < 0}
    if not arriving:
        return
    asked = {**_lot_columns(arriving), "unknown": UNKNOWN}
    for sku, location, lot in session.execute(_ELSEWHERE, asked):
        if (location, sku, lot) not in leaving:
            raise Refused("serial_elsewhere", sku=sku, lot=lot, location=location)


def write(session: Session, held: Mapping[Place, Balance], moves: Sequence[Move]) -> None:
    """Write what booked moves change in the lots of places whose locks are held."""
    kept = tracking(held)
    changes = _changes([one for one in moves if one.sku in kept])
    if not changes:
        return
    places = sorted(changes)
    columns_ = _lot_columns(places)
    session.execute(_SEEN, {**columns_, "now": clock.now()})
    session.execute(_OPEN, columns_)
    session.execute(
        _WRITE,
        {
            **columns_,
            "on_hand": [changes[place].on_hand for place in places],
            "quarantined": [changes[place].quarantined for place in places],
            "in_transit": [changes[place].in_transit for place in places],
        },
    )


def _lot_columns(places: Iterable[LotPlace]) -> dict[str, list[str]]:
    locations, skus, lots = map(list, zip(*places, strict=True))
    return {"locations": locations, "skus": skus, "lots": lots}


def _changes(moves: Iterable[Move]) -> dict[LotPlace, LotBalance]:
    """Add up what moves change, by place and lot; a lot that stays as it is is left out."""
    changes: dict[LotPlace, LotBalance] = {}
    for one in moves:
        for account, location, units in (
            (one.from_account, one.from_location, -one.quantity),
            (one.to_account, one.to_location, one.quantity),
        ):
            if account not in HELD_ACCOUNTS or location is None or one.lot is None:
                continue
            place = (location, one.sku, one.lot)
            change = changes.get(place) or LotBalance(*place)
            if account == "transit":
                change = change._replace(in_transit=change.in_transit + units)
            else:
                change = change._replace(on_hand=change.on_hand + units)
            if account == "quarantine":
                change = change._replace(quarantined=change.quarantined + units)
            changes[place] = change
    return {
        place: change
        for place, change in changes.items()
        if change.on_hand or change.quarantined or change.in_transit
    }
