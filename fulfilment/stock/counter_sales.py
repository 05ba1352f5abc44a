"""Sales over the counter: the goods in the customer's hand win.

A sale is never refused for stock. What the books lack is booked as found first, and somebody has
to count; if the sale eats units that are promised, those who lose are named by `losses`. The one
reason to refuse is safety: what is recalled is not sold. A sale that happened before the recall,
at a till that was offline, is booked, and its buyer is told like all others.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.claims.shortages import Loss
from fulfilment.events import RecalledGoodsSold
from fulfilment.models.lots import StockLot
from fulfilment.stock import counts, losses
from fulfilment.stock.balances import Balance, Place, summed
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import digest, move
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from fulfilment.tracing.lots import UNKNOWN, LotBalance, Lots, believe, of_places, split
from kit import events
from kit.errors import Refused

_SOLD = text(
    """
    SELECT movement.sku, movement.quantity, movement.cause
    FROM stock_movement_keys AS used
    JOIN stock_movements AS movement
        ON movement.id = used.movement_id AND movement.booked_at = used.booked_at
    WHERE used.digest = ANY(:digests)
    """
)


@dataclass(frozen=True, slots=True)
class Sold:
    """What a sale did to the books.

    `found` is what they lacked, as (SKU, units); `lost` are the claims that the sale has eaten;
    `repeated` says that the sale had been booked before (then `lost` is empty).
    """

    found: list[tuple[str, int]]
    lost: list[Loss]
    repeated: bool = False


@dataclass(slots=True)
class _Hand:
    """What the customer holds of a SKU, in parts of one lot each.

    `found` is what the books lack. `aside` are units, by lot, that the books have put into
    quarantine since, because they were recalled after the sale.
    """

    place: Place
    units: int
    parts: list[tuple[str | None, int]]
    found: int = 0
    aside: dict[str | None, int] = field(default_factory=dict)

    @property
    def by_lot(self) -> dict[str, int]:
        return {lot: units for lot, units in self.parts if lot is not None}

    @property
    def from_shelf(self) -> int:
        return self.units - sum(self.aside.values())


def sell(  # noqa: PLR0913 - one sale, all its facts, by keyword
    session: Session,
    *,
    location: str,
    lines: Iterable[tuple[str, int]],
    document: str,
    actor: str,
    key: str,
    sold_at: datetime | None = None,
    lots: Lots | None = None,
    unaware: bool = False,
) -> Sold:
    """Book a sale over the counter. The same key again moves nothing.

    Args:
        session: the open transaction.
        location: the store, a location code.
        lines: (SKU, units above 0); a SKU that comes twice is added up.
        document: the receipt number.
        actor: which till, which person.
        key: of this sale.
        sold_at: when it happened, where the till was offline; now where None.
        lots: units by lot, as far as the till knows them. Of a SKU that is kept apart the rest is
            booked under `?`, with a count task; of others they are left out.
        unaware: the till was offline and could not know of a recall: what is sold is booked, and
            its buyer is told.

    Raises:
        Invalid: ``quantity``; ``lots_differ`` when a SKU's lots are more than its units; ``lot``;
            ``serial_quantity``.
        NotFound: ``location``.
        Refused: ``recalled`` with sku, lot and the `lots` that are; under a recall of some lots
            the till has to name the lot.
    """
    quantities = summed(lines)
    places: dict[str, Place] = {sku: (location, sku) for sku in quantities}
    held = lock_balances(session, places.values())
    hands = {sku: _hand(held, places[sku], units, lots) for sku, units in quantities.items()}
    before = session.execute(_SOLD, {"digests": _digests(key, hands)}).all()
    if before:
        found = [(row.sku, row.quantity) for row in before if row.cause == "found"]
        return Sold(found, [], repeated=True)
    kept = [hand for hand in hands.values() if held[hand.place].tracking]
    there = of_places(session, [hand.place for hand in kept])
    late = _recalled(session, held, there, hands, sold_at, unaware=unaware)
    for hand in hands.values():
        # Units in a tote are not what the customer holds in the hand.
        free = held[hand.place].shelf - held[hand.place].picked
        hand.found = max(0, hand.from_shelf - free)
    moves = [
        one
        for hand in hands.values()
        for one in _moves(held, there, hand, document=document, key=key)
    ]
    # What is wrong with a lot is said before a claim gives way.
    lot_books.named(session, held, moves, sold_at)
    keep = {
        hand.place: held[hand.place].shelf + hand.found - hand.from_shelf for hand in hands.values()
    }
    lost = losses.drop(session, held, keep, cause="till_sale")
    move(session, moves, actor=actor, channel="till", held=held, happened_at=sold_at)
    found = [(hand.place[1], hand.found) for hand in hands.values() if hand.found]
    surprises = {places[sku]: units for sku, units in found}
    counts.surprised(session, surprises, cause="found", document=document, actor=actor)
    _ask_for_names(session, kept, moves, document)
    for number in late:
        events.record(session, RecalledGoodsSold(recall_id=number))
    return Sold(found, lost)


def _hand(held: Mapping[Place, Balance], place: Place, units: int, lots: Lots | None) -> _Hand:
    sku = place[1]
    if not held[place].tracking:
        return _Hand(place, units, [(None, units)])
    named = dict((lots or {}).get(sku, {}))
    unnamed = units - sum(named.values())
    if unnamed > 0:
        named[UNKNOWN] = named.get(UNKNOWN, 0) + unnamed
    return _Hand(place, units, split(sku, units, {sku: named}))


def _recalled(
    session: Session,
    held: Mapping[Place, Balance],
    there: Iterable[LotBalance],
    hands: Mapping[str, _Hand],
    sold_at: datetime | None,
    *,
    unaware: bool,
) -> list[str]:
    """Refuse what was recalled when it was sold; return the recalls that came after a sale."""
    skus = [sku for sku, hand in hands.items() if held[hand.place].recalled]
    if not skus:
        return []
    now = lot_books.blocked(session, skus)
    then = lot_books.blocked(session, skus, sold_at) if sold_at else now
    if unaware:
        then = {}
    quarantined = {(row.sku, row.lot): row.quarantined for row in there}
    late = []
    for sku in skus:
        for lot, units in hands[sku].parts:
            if lot_books.is_blocked(then, sku, lot):
                raise Refused("recalled", sku=sku, lot=lot, lots=sorted(then[sku] or ()))
            if lot_books.is_blocked(now, sku, lot):
                late.append(sku)
                aside = held[hands[sku].place].quarantined
                if lot is not None:
                    aside = quarantined.get((sku, lot), 0)
                hands[sku].aside[lot] = min(units, aside)
    return lot_books.open_recalls(session, late)


def _moves(
    held: Mapping[Place, Balance],
    there: Iterable[LotBalance],
    hand: _Hand,
    *,
    document: str,
    key: str,
) -> list[Move]:
    location, sku = hand.place
    found = _found(hand, named=held[hand.place].recalled)
    moves = [
        Move(
            sku, units, "variance", None, "shelf", location, "found", document,
            _found_key(key, sku, lot), lot,
        )
        for lot, units in found.items()
    ]  # fmt: skip
    in_hand = {
        lot: units - hand.aside.get(lot, 0) - found.get(lot, 0)
        for lot, units in hand.by_lot.items()
    }
    in_hand = {lot: units for lot, units in in_hand.items() if units}
    moves += believe(held, there, hand.place, in_hand, document=document, base=key)
    for lot, units in hand.parts:
        aside = hand.aside.get(lot, 0)
        for source, part, base in (
            ("shelf", units - aside, key),
            ("quarantine", aside, f"{key}/aside"),
        ):
            if part:
                moves.append(
                    Move(
                        sku, part, source, location, "customer", None, "till_sale", document,
                        lot_books.key(base, sku, lot), lot,
                    )
                )  # fmt: skip
    return moves


def _found(hand: _Hand, *, named: bool) -> dict[str | None, int]:
    """Return by lot what the books lacked of a hand.

    While a recall is open its units are `named` by the lots in the hand: of a unit that nobody has
    named it could not be said that it may be sold, and it would go into quarantine.
    """
    if not named:
        return {None: hand.found} if hand.found else {}
    left, found = hand.found, {}
    for lot, units in hand.parts:
        part = min(left, units - hand.aside.get(lot, 0))
        if part:
            found[lot] = part
            left -= part
    return found


def _found_key(key: str, sku: str, lot: str | None) -> str:
    return f"{key}/{sku}/+" if lot is None else lot_books.key(f"{key}/+", sku, lot)


def _ask_for_names(
    session: Session, kept: Iterable[_Hand], moves: Iterable[Move], document: str
) -> None:
    """Ask for a count where nobody knows the lot, or where the books saw it somewhere else."""
    doubted = {hand.place for hand in kept if UNKNOWN in hand.by_lot}
    doubted |= {
        (one.from_location, one.sku)
        for one in moves
        if one.cause == "lot_named" and one.from_location is not None
    }
    for hand in kept:
        elsewhere = select(StockLot.location, StockLot.sku).where(
            StockLot.sku == hand.place[1],
            StockLot.lot.in_([lot for lot in hand.by_lot if lot != UNKNOWN]),
            StockLot.location != hand.place[0],
            StockLot.serial,
            StockLot.on_hand + StockLot.in_transit > 0,
        )
        doubted |= {(location, sku) for location, sku in session.execute(elsewhere)}
    counts.ask(session, sorted(doubted), cause="lot_unknown", document=document)


def _digests(key: str, hands: Mapping[str, _Hand]) -> list[uuid.UUID]:
    return [
        digest(name)
        for sku, hand in hands.items()
        for name in (
            f"{key}/{sku}/+",
            *(_found_key(key, sku, lot) for lot, _ in hand.parts),
            *(lot_books.key(key, sku, lot) for lot, _ in hand.parts),
            *(lot_books.key(f"{key}/aside", sku, lot) for lot, _ in hand.parts),
        )
    ]
