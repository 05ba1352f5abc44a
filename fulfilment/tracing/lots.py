"""Lots and serial numbers: which units of a shelf are which.

- claims stay per SKU: the lot is bound when a unit is picked, sold or moved;
- what expires first is to leave first (first expired, first out); where no date is known, what
  came first;
- goods in hand win: what somebody holds is there, whatever the books say of its lot. The number of
  units at the place stays; what is too many of one lot is taken from `?`.
`tracking.track` says how a SKU is kept apart; `lot_books` writes what places hold.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.models.lots import UNKNOWN, Lot, SkuRule
from fulfilment.stock.balances import Balance, Place, at, whole
from fulfilment.stock.moves import Move
from fulfilment.tracing.lot_books import LotBalance, checked, key, of_places
from kit.errors import Invalid, NotFound

__all__ = [
    "UNKNOWN",
    "LotBalance",
    "Lots",
    "arriving",
    "believe",
    "best_before",
    "checked",
    "date_lot",
    "key",
    "never_arrived",
    "of_places",
    "of_sku",
    "split",
    "spread",
    "trackings",
    "travelling",
]

Lots = Mapping[str, Mapping[str, int]]
"""Units by lot, by SKU; of each SKU they add up to its line."""

_DATE = text(
    "UPDATE lots SET best_before = :best_before WHERE sku = :sku AND lot = :lot RETURNING lot"
)
_PLACES = text("SELECT location, sku FROM stock_lots WHERE sku = :sku GROUP BY location, sku")


def trackings(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """Return how SKUs are kept apart, ``lot`` or ``serial``; others are left out."""
    query = select(SkuRule.sku, SkuRule.tracking).where(
        SkuRule.sku.in_(sorted(skus)), SkuRule.tracking.is_not(None)
    )
    return {sku: str(kind) for sku, kind in session.execute(query)}


def of_sku(session: Session, sku: str) -> list[LotBalance]:
    """Return what every place holds of the lots of a SKU, by place, what expires first first."""
    return of_places(
        session, [(row.location, row.sku) for row in session.execute(_PLACES, {"sku": sku})]
    )


def best_before(session: Session, skus: Iterable[str]) -> dict[tuple[str, str], date]:
    """Return the dates that are known of lots, by SKU and lot."""
    query = select(Lot.sku, Lot.lot, Lot.best_before).where(
        Lot.sku.in_(sorted(skus)), Lot.best_before.is_not(None)
    )
    return {(sku, lot): day for sku, lot, day in session.execute(query) if day is not None}


def date_lot(session: Session, sku: str, lot: str, best_before: date) -> None:
    """Note until when a lot is good, as it is printed on it.

    Raises:
        NotFound: ``lot``; the books have never seen it.
    """
    noted = session.scalar(_DATE, {"sku": sku, "lot": lot, "best_before": best_before})
    if noted is None:
        raise NotFound("lot", sku=sku, lot=lot)


def split(sku: str, quantity: int, lots: Lots | None) -> list[tuple[str | None, int]]:
    """Return a line as parts of one lot each; one part without a lot where none are named.

    Raises:
        Invalid: ``quantity``, ``lot``; or ``lots_differ`` when the lots do not add up to the line.
    """
    named = (lots or {}).get(sku)
    if named is None:
        return [(None, quantity)]
    parts = [(checked(lot), whole(units)) for lot, units in named.items()]
    if sum(units for _, units in parts) != quantity:
        raise Invalid(
            "lots_differ", sku=sku, quantity=quantity, named=sum(units for _, units in parts)
        )
    return list(parts)


def spread(lots: Iterable[LotBalance], units: int) -> list[tuple[str, int]]:
    """Take units from what is free of lots, in their order: (lot, units).

    Fewer come back where less is free.
    """
    taken = []
    for row in lots:
        part = min(units, row.free)
        if part > 0:
            taken.append((row.lot, part))
            units -= part
    return taken


def travelling(there: Iterable[LotBalance], units: int) -> list[tuple[str, int]]:
    """Take units from what is on the way to a place, what expires first first: (lot, units)."""
    taken = []
    for row in there:
        part = min(units, row.in_transit)
        if part > 0:
            taken.append((row.lot, part))
            units -= part
    return taken


def arriving(
    session: Session, held: Mapping[Place, Balance], lines: Mapping[Place, int], lots: Lots | None
) -> Lots:
    """Return the lots of goods that were on the way, where only these can be meant.

    That is so where one lot is on the way, or everything that is on the way arrives. Other lines
    keep what `lots` says of them.
    """
    found = dict(lots or {})
    unnamed = [
        place for place in lines if at(held, place).tracking is not None and place[1] not in found
    ]
    for place in unnamed:
        there = [row for row in of_places(session, [place]) if row.in_transit]
        if len(there) == 1 or lines[place] == sum(row.in_transit for row in there):
            found[place[1]] = dict(travelling(there, lines[place]))
    return found


def never_arrived(
    session: Session, document: str, location: str, lost: Iterable[tuple[str, int]]
) -> list[Move]:
    """Return the moves that write off goods which were on the way and never came, lot by lot."""
    units_by_sku = dict(lost)
    kept = trackings(session, units_by_sku)
    there = of_places(session, [(location, sku) for sku in kept])
    transit, loss = ("transit", location), ("loss", None)
    parts: list[tuple[str, str | None, int]] = []
    for sku, units in units_by_sku.items():
        if sku in kept:
            mine = [row for row in there if row.sku == sku]
            parts += [(sku, lot, part) for lot, part in travelling(mine, units)]
        else:
            parts.append((sku, None, units))
    base = f"{document}/lost"
    return [
        Move(sku, units, *transit, *loss, "transfer_lost", document, key(base, sku, lot), lot)
        for sku, lot, units in parts
    ]


def believe(
    held: Mapping[Place, Balance],
    there: Iterable[LotBalance],
    place: Place,
    wanted: Mapping[str, int],
    *,
    document: str,
    base: str,
) -> list[Move]:
    """Return the moves after which a shelf has so many free units of lots that are in hand.

    Args:
        held: the locked balances.
        there: what the place holds of each lot.
        place: where.
        wanted: units in hand by lot.
        document: what the moves are booked for.
        base: begins their keys.
    """
    if at(held, place).tracking is None:
        return []
    free = {row.lot: row.free for row in there if (row.location, row.sku) == place}
    moves: list[Move] = []
    for lot, units in wanted.items():
        lacking = units - max(0, free.get(lot, 0))
        if lot != UNKNOWN and lacking > 0:
            moves += renamed(place, lacking, UNKNOWN, lot, document=document, base=base)
    return moves


def renamed(
    place: Place, units: int, before: str | None, after: str, *, document: str, base: str
) -> list[Move]:
    """Return the two moves by which units of a shelf turn out to be of another lot."""
    location, sku = place
    shelf, variance = ("shelf", location), ("variance", None)
    return [
        Move(
            sku, units, *shelf, *variance, "lot_named", document, key(f"{base}/-", sku, after),
            before,
        ),
        Move(
            sku, units, *variance, *shelf, "lot_named", document, key(f"{base}/+", sku, after),
            after,
        ),
    ]  # fmt: skip
