"""What a count says of lots, and of goods that are called back: these stay in quarantine.

- counted by lots, each lot is set right by itself, and `?` comes back to zero;
- counted in one number, the difference is booked under `?`;
- under a recall goods that are kept apart have to be counted by lots.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from fulfilment.stock.balances import Balance, Place
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from fulfilment.tracing.lots import UNKNOWN, LotBalance, checked, key, of_places
from kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class _Part:
    """A lot (None where none are kept) at the counted place, and what was counted of it.

    `free` units are on the shelf and in no tote; `called` says that the lot is called back.
    """

    lot: str | None
    free: int
    quarantined: int
    counted: int
    called: bool

    @property
    def difference(self) -> int:
        return self.counted - self.free - self.quarantined


def moves(
    session: Session,
    held: Mapping[Place, Balance],
    place: Place,
    counted: int,
    lots: Mapping[str, int] | None,
    document: str,
) -> list[Move]:
    """Return the moves that make the books say what was counted at a place.

    Args:
        session: the open transaction.
        held: the locked balances.
        place: where was counted.
        counted: units on the shelf and in quarantine, without those in totes and parcels.
        lots: the same by lot, of a SKU that is kept apart.
        document: of the count.

    Raises:
        Invalid: ``lots_differ``, ``lot``, ``lot_not_kept``, ``serial_quantity``; ``lot_required``
            under a recall.
        Refused: ``serial_elsewhere``.
    """
    parts = _parts(session, held[place], counted, lots)
    found = [one for part in parts for one in _moves(place, part, document)]
    lot_books.require(session, held, found)
    return found


def _parts(
    session: Session, balance: Balance, counted: int, lots: Mapping[str, int] | None
) -> Iterable[_Part]:
    sku = balance.sku
    called = lot_books.blocked(session, [sku]) if balance.recalled else {}
    if not balance.tracking:
        if lots:
            raise Invalid("lot_not_kept", sku=sku, lot=min(lots))
        free = balance.shelf - balance.picked
        return [_Part(None, free, balance.quarantined, counted, bool(called))]
    there = {row.lot: row for row in of_places(session, [(balance.location, sku)])}
    if lots is None:
        if called:
            raise Invalid("lot_required", sku=sku, tracking=balance.tracking)
        difference = counted - balance.shelf + balance.picked - balance.quarantined
        lots = {lot: row.free + row.quarantined for lot, row in there.items()}
        lots = {**lots, UNKNOWN: lots.get(UNKNOWN, 0) + difference}
    else:
        _check(balance, counted, lots)
    nothing = LotBalance(balance.location, sku, "")
    return [
        _Part(
            lot,
            there.get(lot, nothing).free,
            there.get(lot, nothing).quarantined,
            lots.get(lot, 0),
            lot_books.is_blocked(called, sku, lot),
        )
        for lot in sorted({*there, *lots})
    ]


def _check(balance: Balance, counted: int, lots: Mapping[str, int]) -> None:
    for lot, units in lots.items():
        checked(lot)
        if units < 0:
            raise Invalid("quantity", quantity=units)
        if balance.tracking == "serial" and lot != UNKNOWN and units > 1:
            raise Invalid("serial_quantity", sku=balance.sku, lot=lot, quantity=units)
    if sum(lots.values()) != counted:
        named = sum(lots.values())
        raise Invalid("lots_differ", sku=balance.sku, quantity=counted, named=named)


def _moves(place: Place, part: _Part, document: str) -> Iterator[Move]:
    location, sku = place
    shelf, quarantine = ("shelf", location), ("quarantine", location)
    variance = ("variance", None)

    def one(
        units: int, source: tuple[str, str | None], target: tuple[str, str | None], cause: str
    ) -> Move:
        base = f"{document}/{source[0]}"
        name = base if part.lot is None else key(base, sku, part.lot)
        return Move(sku, units, *source, *target, cause, document, name, part.lot)

    if part.called and part.free > 0:
        yield one(part.free, shelf, quarantine, "quarantine")
    if not part.called and part.quarantined:
        yield one(part.quarantined, quarantine, shelf, "quarantine_ended")
    side = quarantine if part.called else shelf
    if part.difference > 0:
        yield one(part.difference, variance, side, "count")
    if part.difference < 0:
        yield one(-part.difference, side, variance, "count")
