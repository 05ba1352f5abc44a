"""The ways in which goods come, go and change their place, in the words of those who move them.

Each is a few `movements` with a cause and a document. What a place does not hold or has promised
is refused here; goods in a customer's hand are a matter of `counter_sales`, an empty shelf one of
`picking.short_pick`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from fulfilment.claims.shortages import Loss
from fulfilment.stock import counts, losses
from fulfilment.stock.balances import summed
from fulfilment.stock.corrections import correct
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import Movement, booked, lot_of, move, movements
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books
from fulfilment.tracing.lots import UNKNOWN, Lots, arriving, split
from fulfilment.tracing.lots import key as lot_key
from kit.errors import Invalid, Refused

__all__ = [
    "Move",
    "Movement",
    "correct",
    "found",
    "lot_of",
    "move",
    "movements",
    "quarantine",
    "receive",
    "release",
    "take_back",
    "transfer_in",
    "transfer_out",
    "write_off",
]

Lines = Iterable[tuple[str, int]]
"""(SKU, quantity); a SKU that comes twice is added up.

Of a SKU that is kept apart `lots` names the units by lot; they add up to its line. Each function
below raises ``Invalid`` with ``lot_required``, ``lots_differ``, ``lot_not_kept`` or
``serial_quantity`` where they do not, and ``Refused`` with ``lot_short`` or ``serial_elsewhere``
where the books know better. What is recalled comes into quarantine, whatever the function says.
"""


def receive(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    channel: str = "floor",
    lots: Lots | None = None,
) -> list[int]:
    """Book goods that a supplier has delivered, onto the shelf.

    Args:
        session: the open transaction.
        location: code of the receiving location.
        lines: what came.
        document: the delivery note or purchase order.
        actor: who took them in.
        key: of this receipt; the same key again moves nothing.
        channel: where it was entered.

    Returns:
        The ids of the movements.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
    """
    moves = _moves(
        lines, ("supplier", None), ("shelf", location), "receipt", document, key, lots=lots
    )
    return move(session, moves, actor=actor, channel=channel)


def transfer_out(
    session: Session,
    origin: str,
    destination: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[int]:
    """Send goods to another location of ours: from now on they are on the way to it.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
        Refused: ``stock_short``; what is promised to customers does not leave.
    """
    moves = _moves(
        lines, ("shelf", origin), ("transit", destination), "transfer_out", document, key, lots=lots
    )
    return move(session, moves, actor=actor, channel="floor")


def transfer_in(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[int]:
    """Put goods that were on the way to a location onto its shelf.

    Lots need not be named where only one is on the way, or where all that is on the way arrives.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
        Refused: ``stock_short``; so many were not on the way.
    """
    quantities = {(location, sku): units for sku, units in summed(lines).items()}
    held = lock_balances(session, quantities)
    parts = [(sku, units) for (_, sku), units in quantities.items()]
    source, target = ("transit", location), ("shelf", location)
    about = ("transfer_in", document, key)
    unnamed = {
        one.sku: one
        for one in _moves(parts, source, target, *about, lots=lots)
        if one.lot is None and held[location, one.sku].tracking
    }
    if unnamed:
        # The first part of a line keeps the line's own key: a repeat is seen whatever is on the
        # way by then.
        before = booked(session, list(unnamed.values()))
        new = {
            (location, sku): one.quantity for sku, one in unnamed.items() if one.key not in before
        }
        lots = arriving(session, held, new, lots)
    moves = []
    for one in _moves(parts, source, target, *about, lots=lots):
        line = unnamed.pop(one.sku, None)
        moves.append(one if line is None else replace(one, key=line.key))
    return move(session, moves, actor=actor, channel="floor", held=held)


def found(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[int]:
    """Book units that the books did not know of.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
    """
    moves = _moves(
        lines, ("variance", None), ("shelf", location), "found", document, key, lots=lots
    )
    return _take_in(session, location, moves, actor=actor)


def quarantine(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[Loss]:
    """Take units off sale without taking them off the books: defects, recalls, doubts.

    Claims that are not covered any more are lost, each with a shortage.

    Returns:
        The claims that were lost.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
        Refused: ``stock_short``; so many are not on the shelf, units in totes left out.
    """
    moves = _moves(
        lines, ("shelf", location), ("quarantine", location), "quarantine", document, key, lots=lots
    )
    return _take_from_shelf(session, location, moves, actor=actor)


def write_off(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[Loss]:
    """Take units off the books that are broken, stolen or past their date.

    Claims that are not covered any more are lost, each with a shortage.

    Returns, Raises:
        as `quarantine`.
    """
    moves = _moves(
        lines, ("shelf", location), ("loss", None), "write_off", document, key, lots=lots
    )
    return _take_from_shelf(session, location, moves, actor=actor)


def release(
    session: Session,
    location: str,
    lines: Lines,
    *,
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[int]:
    """Put units that were in quarantine back on sale.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``location``.
        Refused: ``stock_short``; so many are not in quarantine.
    """
    moves = _moves(
        lines,
        ("quarantine", location),
        ("shelf", location),
        "quarantine_ended",
        document,
        key,
        lots=lots,
    )
    return move(session, moves, actor=actor, channel="floor")


def _take_from_shelf(
    session: Session, location: str, moves: Sequence[Move], *, actor: str
) -> list[Loss]:
    held = lock_balances(session, [(location, one.sku) for one in moves])
    if booked(session, moves):
        move(session, moves, actor=actor, channel="floor")
        return []
    keep = {place: balance.shelf for place, balance in held.items()}
    for one in moves:
        keep[location, one.sku] -= one.quantity
    short = [
        {
            "sku": sku,
            "location": location,
            "wanted": held[place, sku].shelf - left,
            "available": held[place, sku].shelf - held[place, sku].picked,
        }
        for (place, sku), left in keep.items()
        if left < held[place, sku].picked
    ]
    if short:
        raise Refused("stock_short", short=short)
    lot_books.require(session, held, lot_books.named(session, held, moves))
    lost = losses.drop(session, held, keep, cause=moves[0].cause if moves else "")
    move(session, moves, actor=actor, channel="floor", held=held)
    return lost


def take_back(
    session: Session,
    location: str,
    lines: Lines,
    *,
    to: str = "shelf",
    document: str,
    actor: str,
    key: str,
    lots: Lots | None = None,
) -> list[int]:
    """Book goods that a customer brings back, at the location that receives them.

    Args:
        session: the open transaction.
        location: where they are now, whatever place they were sold from.
        lines: what came back.
        to: ``"shelf"`` as good as new, or ``"quarantine"`` until inspected.
        document: the order or receipt.
        actor: who took them back.
        key: of this return; the same key again moves nothing.

    Raises:
        Invalid: ``quantity``, or ``disposition`` for any other `to`.
        NotFound: ``location``.
    """
    if to not in {"shelf", "quarantine"}:
        raise Invalid("disposition", disposition=to)
    moves = _moves(lines, ("customer", None), (to, location), "return", document, key, lots=lots)
    return _take_in(session, location, moves, actor=actor)


def _take_in(session: Session, location: str, moves: Sequence[Move], *, actor: str) -> list[int]:
    held = lock_balances(session, [(location, one.sku) for one in moves])
    ids = move(session, moves, actor=actor, channel="floor", held=held)
    # Nobody is sent away for a lot number: somebody reads it later.
    unnamed = {
        (location, one.sku)
        for one in moves
        if one.lot in {None, UNKNOWN} and held[location, one.sku].tracking
    }
    document = moves[0].document if moves else ""
    counts.ask(session, sorted(unnamed), cause="lot_unknown", document=document)
    return ids


def _moves(
    lines: Lines,
    source: tuple[str, str | None],
    target: tuple[str, str | None],
    cause: str,
    document: str,
    key: str,
    *,
    lots: Lots | None,
) -> Sequence[Move]:
    return [
        Move(sku, units, *source, *target, cause, document, lot_key(key, sku, lot), lot)
        for sku, quantity in summed(lines).items()
        for lot, units in split(sku, quantity, lots)
    ]
