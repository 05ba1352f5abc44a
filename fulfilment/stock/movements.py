"""Movements of the stock ledger: booked once, never changed, with their balances beside them.

- a movement is written once; a mistake is corrected by a movement the other way;
- balances change in the same transaction, under the locks of `fulfilment.stock.locks`;
- a movement's key makes a repeat harmless: a key seen before moves nothing;
- what would leave a place with less than it holds or has promised is refused, and moves nothing;
- where a shelf grows, those who wait there are served first (`covering`).
Source: double-entry bookkeeping; GoBD (2019) Rz. 58-60 and 107 for "no change without a trace".
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.claims import covering
from fulfilment.models.stock import HELD_ACCOUNTS, StockMovement
from fulfilment.stock import months
from fulfilment.stock.balances import Balance, Changes, Place, at, whole, write
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from kit import clock
from kit.errors import Invalid, Refused


@dataclass(frozen=True, slots=True)
class Movement:
    """A booked movement, as it is shown."""

    id: int
    sku: str
    quantity: int
    from_account: str
    from_location: str | None
    to_account: str
    to_location: str | None
    lot: str | None
    cause: str
    document: str
    actor: str
    channel: str
    moved_at: datetime
    booked_at: datetime


_BOOK = text(
    """
    WITH move AS (
        SELECT * FROM unnest(
            CAST(:digests AS uuid[]), CAST(:skus AS text[]), CAST(:quantities AS int[]),
            CAST(:from_accounts AS text[]), CAST(:from_locations AS text[]),
            CAST(:to_accounts AS text[]), CAST(:to_locations AS text[]), CAST(:lots AS text[]),
            CAST(:causes AS text[]), CAST(:documents AS text[]), CAST(:keys AS text[])
        ) AS move (
            digest, sku, quantity, from_account, from_location, to_account, to_location, lot,
            cause, document, key
        )
    ), new AS (
        INSERT INTO stock_movement_keys (digest, movement_id, booked_at)
        SELECT digest, nextval('stock_movement_ids'), :now FROM move
        ON CONFLICT (digest) DO NOTHING
        RETURNING digest, movement_id
    )
    INSERT INTO stock_movements (
        id, sku, quantity, from_account, from_location, to_account, to_location, lot, cause,
        document, key, actor, channel, moved_at, booked_at
    )
    SELECT movement_id, sku, quantity, from_account, from_location, to_account, to_location, lot,
        cause, document, key, :actor, :channel, :happened_at, :now
    FROM move JOIN new USING (digest)
    RETURNING key, id
    """
)
_BOOKED = text("SELECT digest, movement_id FROM stock_movement_keys WHERE digest = ANY(:digests)")

_LOT = text(
    "SELECT move.lot FROM stock_movement_keys AS known"
    " JOIN stock_movements AS move ON move.id = known.movement_id"
    " WHERE known.digest = :digest"
)


def move(
    session: Session,
    moves: Sequence[Move],
    *,
    actor: str,
    channel: str,
    claims: Changes | None = None,
    held: Mapping[Place, Balance] | None = None,
    happened_at: datetime | None = None,
) -> list[int]:
    """Book movements and change the balances with them.

    Args:
        session: the open transaction.
        moves: what moves; all of them or none.
        actor: who did it, e.g. ``"floor:anna"`` or ``"till:bonn-1"``.
        channel: web, till, floor, backoffice, import …
        claims: changes of reserved, allocated and picked that go with these movements and are
            written by the same statement.
        held: the places' balances as they are, where the caller has locked them already.
        happened_at: when it happened, if earlier than now (a till that was offline). A later
            instant is a clock that is ahead: it counts as now.

    Returns:
        The id of each movement, in order; of one whose key was seen before, the earlier one's.

    Raises:
        Invalid: ``quantity``; what `lot_books.named` asks of lots; or ``key`` when some keys of
            the call were used by other movements and what remains cannot be booked.
        NotFound: ``location``.
        Refused: ``stock_short`` with `short`: a list of sku, location, wanted and available. The
            units are not there, or are promised. ``lot_short`` and ``serial_elsewhere``: see
            `lot_books.require`. ``recalled``: they may not be sold.
    """
    for one in moves:
        whole(one.quantity)
    if not moves and claims is None:
        return []
    claims = claims or Changes()
    if held is None:
        held = lock_balances(session, [*_places(moves), *claims.by_place])
    moves = _named(session, held, moves, happened_at)
    short = _short(held, moves, claims)
    if short:
        seen = booked(session, moves)
        moves_left = [one for one in moves if one.key not in seen]
        if not moves_left:
            return [seen[one.key] for one in moves]
        if len(moves_left) == len(moves) or (short := _short(held, moves_left, claims)):
            raise Refused("stock_short", short=short)
    _require_lots(session, held, moves)
    now = clock.now()
    happened_at = min(happened_at or now, now)
    who = {"actor": actor, "channel": channel, "happened_at": happened_at}
    ids = _book(session, moves, who)
    new = [one for one in moves if one.key in ids]
    if len(new) < len(moves):
        if new and _short(held, new, claims):
            raise Invalid("key", keys=sorted({one.key for one in moves} - ids.keys()))
        ids |= booked(session, moves)
    changes = _changes(new, claims)
    write(session, changes)
    lot_books.write(session, held, new)
    covering.cover_grown(session, held, changes)
    return [ids[one.key] for one in moves]


def _named(
    session: Session,
    held: Mapping[Place, Balance],
    moves: Sequence[Move],
    happened_at: datetime | None,
) -> Sequence[Move]:
    try:
        return lot_books.named(session, held, moves, happened_at)
    except (Invalid, Refused):
        # What was booked already moves nothing, whatever is asked of lots since.
        seen = booked(session, moves)
        if not seen:
            raise
        new = [one for one in moves if one.key not in seen]
        allowed = iter(lot_books.named(session, held, new, happened_at))
        return [one if one.key in seen else next(allowed) for one in moves]


def _require_lots(session: Session, held: Mapping[Place, Balance], moves: Sequence[Move]) -> None:
    try:
        lot_books.require(session, held, moves)
    except Refused:
        seen = booked(session, moves)
        if not seen:
            raise
        lot_books.require(session, held, [one for one in moves if one.key not in seen])


def enter(session: Session, moves: Sequence[Move], *, actor: str) -> list[int]:
    """Book movements whose effect the balances show already: entries alone, no balance changes.

    Only for `answers.reconciliation`, where a balance and its entries have drifted apart.

    Returns:
        The ids of the movements, in order.

    Raises:
        Invalid: ``quantity``; ``key`` when a key was used before.
    """
    for one in moves:
        whole(one.quantity)
    who = {"actor": actor, "channel": "backoffice", "happened_at": clock.now()}
    ids = _book(session, moves, who)
    if len(ids) < len(moves):
        raise Invalid("key", keys=sorted({one.key for one in moves} - ids.keys()))
    return [ids[one.key] for one in moves]


def _book(session: Session, moves: Sequence[Move], who: Mapping[str, object]) -> dict[str, int]:
    if not moves:
        return {}
    now = clock.now()
    months.open_for(session, now)
    rows = session.execute(
        _BOOK,
        {
            **who,
            "now": now,
            "digests": [digest(one.key) for one in moves],
            "skus": [one.sku for one in moves],
            "quantities": [one.quantity for one in moves],
            "from_accounts": [one.from_account for one in moves],
            "from_locations": [one.from_location for one in moves],
            "to_accounts": [one.to_account for one in moves],
            "to_locations": [one.to_location for one in moves],
            "lots": [one.lot for one in moves],
            "causes": [one.cause for one in moves],
            "documents": [one.document for one in moves],
            "keys": [one.key for one in moves],
        },
    )
    return {row.key: row.id for row in rows}


def booked(session: Session, moves: Sequence[Move]) -> dict[str, int]:
    """Return the ids of the movements that carry the keys of `moves` already, by key."""
    digests = {digest(one.key): one.key for one in moves}
    rows = session.execute(_BOOKED, {"digests": list(digests)})
    return {digests[row.digest]: row.movement_id for row in rows}


def lot_of(session: Session, key: str) -> str | None:
    """Return of which lot the units were that a key has moved; None where it has none.

    Args:
        session: any session.
        key: of a `Move` that was booked.
    """
    found: str | None = session.scalar(_LOT, {"digest": digest(key)})
    return found


def digest(key: str) -> uuid.UUID:
    """Return what `stock_movement_keys` keeps of a movement's key."""
    return uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16])


def _places(moves: Iterable[Move]) -> set[Place]:
    places = set()
    for one in moves:
        if one.from_location is not None:
            places.add((one.from_location, one.sku))
        if one.to_location is not None:
            places.add((one.to_location, one.sku))
    return places


def _changes(moves: Iterable[Move], claims: Changes) -> Changes:
    changes = Changes()
    changes.add(claims)
    for one in moves:
        _count(changes, one.from_account, one.from_location, one.sku, -one.quantity)
        _count(changes, one.to_account, one.to_location, one.sku, one.quantity)
    return changes


def _count(changes: Changes, account: str, location: str | None, sku: str, quantity: int) -> None:
    if account not in HELD_ACCOUNTS or location is None:
        return
    change = changes.of(location, sku)
    if account == "transit":
        change.in_transit += quantity
        return
    change.on_hand += quantity
    if account == "quarantine":
        change.quarantined += quantity


def _short(
    held: Mapping[Place, Balance], moves: Iterable[Move], claims: Changes
) -> list[dict[str, object]]:
    """Name the places that cannot give what the moves take."""
    short: list[dict[str, object]] = []
    changes = _changes(moves, claims)
    for place in sorted(changes.by_place):
        before = at(held, place)
        after = changes.after(before)
        shelf = (before.shelf - after.shelf, claims.after(before).free)
        quarantine = (before.quarantined - after.quarantined, before.quarantined)
        transit = (before.in_transit - after.in_transit, before.in_transit)
        for wanted, available in (shelf, quarantine, transit):
            if wanted > max(0, available):
                short.append(
                    {
                        "sku": place[1],
                        "location": place[0],
                        "wanted": wanted,
                        "available": max(0, available),
                    }
                )
                break
    return short


def movements(
    session: Session, sku: str, location: str | None = None, limit: int = 100
) -> list[Movement]:
    """Return the movements of a SKU, the latest first.

    Args:
        session: any session.
        sku: which.
        location: only those that touch this location.
        limit: at most so many.
    """
    row = StockMovement
    query = select(
        row.id,
        row.sku,
        row.quantity,
        row.from_account,
        row.from_location,
        row.to_account,
        row.to_location,
        row.lot,
        row.cause,
        row.document,
        row.actor,
        row.channel,
        row.moved_at,
        row.booked_at,
    ).where(row.sku == sku)
    if location is not None:
        query = query.where((row.from_location == location) | (row.to_location == location))
    found = session.execute(query.order_by(row.id.desc()).limit(limit))
    return [Movement(**row) for row in found.mappings()]
