"""Purchase orders: what suppliers owe us, when, and what of it has come.

- What arrives is booked as `receipt` with the order's number as document; the proofs hold the
  order's received units against those movements.
- Part deliveries are normal. What comes beyond the ordered units is booked and stands on the line:
  it is here, whether or not somebody will pay for it.
- A SKU that nobody ordered is refused (`not_ordered`): far more often it is a wrong scan or a
  wrong carton than a present. Whoever wants to keep it adds a line first, with a name under it.
- An order ends when nothing of it is awaited any more, delivered or cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fulfilment.inbound import incoming
from fulfilment.models.incoming import PURCHASE_STATES, PurchaseLine, PurchaseOrder
from fulfilment.places import locations
from fulfilment.stock import ledger
from fulfilment.stock.balances import summed, whole
from fulfilment.stock.locks import lock_balances
from fulfilment.tracing.lots import Lots
from kit import clock
from kit.errors import Invalid, NotFound, Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a SKU to be ordered; `expected_on` None where the supplier names no day yet."""

    sku: str
    quantity: int
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class PurchaseLineView:
    """A line as it was when it was read; `late` says that its day has passed."""

    position: int
    sku: str
    ordered: int
    received: int
    cancelled: int
    outstanding: int
    expected_on: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase order as it was when it was read."""

    number: str
    supplier: str
    location: str
    state: str
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    lines: list[PurchaseLineView]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a receipt did: (SKU, units) beyond what was ordered; whether it was booked before."""

    over: list[tuple[str, int]]
    repeated: bool = False


def place(
    session: Session,
    *,
    supplier: str,
    location: str,
    lines: Sequence[Wanted],
    actor: str,
    number: str | None = None,
) -> str:
    """Order goods from a supplier.

    Args:
        session: the open transaction.
        supplier: the name.
        location: code of the location that will receive them.
        lines: what; a SKU may come twice, with different days.
        actor: who ordered.
        number: of the order, where another system has given one; the next ``EK-…`` where None.

    Returns:
        The order's number.

    Raises:
        Invalid: ``quantity``; ``document_empty``; ``supplier`` or ``document_number``, empty, too
            long or with a slash.
        NotFound: ``location``.
        Refused: ``document_taken``; a purchase order or transfer of this number exists.
    """
    if not lines:
        raise Invalid("document_empty")
    if not supplier.strip():
        raise Invalid("supplier")
    locations.one(session, location)
    number = incoming.free_number(session, "purchase_order", "EK", number)
    now = clock.now()
    session.add(
        PurchaseOrder(
            number=number,
            supplier=supplier.strip(),
            location=location,
            state="open",
            placed_at=now,
            placed_by=actor,
        )
    )
    session.flush()
    _add(session, number, location, 1, lines, actor)
    return number


def add(session: Session, number: str, lines: Sequence[Wanted], *, actor: str) -> None:
    """Add lines to an open order: a second wish, or goods that came without being ordered.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``purchase_order``.
        Refused: ``purchase_order_state``; it is not open.
    """
    order = _locked(session, number)
    _still_open(order)
    last = session.scalar(
        select(func.max(PurchaseLine.position)).where(PurchaseLine.number == number)
    )
    _add(session, number, order.location, (last or 0) + 1, lines, actor)


def reschedule(
    session: Session,
    number: str,
    days: Mapping[int, date | None],
    *,
    actor: str,
    reason: str = "",
) -> None:
    """Give lines another expected day; what was expected before is kept in the history.

    Args:
        session: the open transaction.
        number: of the order.
        days: the new day by line position; None where the supplier names none any more.
        actor: who said so.
        reason: in words.

    Raises:
        NotFound: ``purchase_order``, ``purchase_line``.
        Refused: ``purchase_order_state``; it is not open.
    """
    order = _locked(session, number)
    _still_open(order)
    lines = {line.position: line for line in _lines(session, number)}
    if unknown := days.keys() - lines.keys():
        raise NotFound("purchase_line", position=min(unknown))
    by_line = [(lines[position], day) for position, day in days.items()]
    incoming.set_days(session, by_line, actor=actor, reason=reason)


def receive(
    session: Session,
    number: str,
    lines: Iterable[tuple[str, int]],
    *,
    key: str,
    actor: str,
    note: str = "",
    channel: str = "backoffice",
    lots: Lots | None = None,
) -> Delivery:
    """Book what a supplier has delivered of an order, all of it or a part.

    Units go to the order's lines of their SKU by expected day; what is left over goes to the last
    of them.

    Args:
        session: the open transaction.
        number: of the order.
        lines: (SKU, units above 0); a SKU that comes twice is added up.
        key: of this delivery, unique within the order; the same key again books nothing.
        actor: who took it in.
        note: the supplier's delivery note.
        channel: where it was entered.
        lots: units by lot of each SKU that is kept apart.

    Raises:
        Invalid: ``quantity``, ``document_empty``.
        NotFound: ``purchase_order``.
        Refused: ``not_ordered`` with `skus`; ``purchase_order_state``; it has ended.
    """
    quantities = summed(lines)
    if not quantities:
        raise Invalid("document_empty")
    order = _locked(session, number)
    if incoming.seen(session, number, key):
        return Delivery([], repeated=True)
    _still_open(order)
    found = _lines(session, number)
    unordered = sorted(quantities.keys() - {line.sku for line in found})
    if unordered:
        raise Refused("not_ordered", skus=unordered)
    booked = ledger.receive(
        session,
        order.location,
        list(quantities.items()),
        document=number,
        actor=actor,
        key=f"{number}/{key}",
        channel=channel,
        lots=lots,
    )
    at = incoming.booked_at(session, list(quantities), booked)
    over = []
    for sku, units in quantities.items():
        shares, surplus = _shares([line for line in found if line.sku == sku], units)
        incoming.note(session, "received", shares, actor=actor, at=at, reason=note, key=key)
        for line, share in shares:
            line.received += share
        if surplus:
            over.append((sku, surplus))
    _end_if_done(session, order, found)
    return Delivery(over)


def _shares(
    lines: Sequence[PurchaseLine], units: int
) -> tuple[list[tuple[PurchaseLine, int]], int]:
    """Spread delivered units over the lines of their SKU; also say how many nobody awaited."""
    by_day = sorted(lines, key=lambda line: (line.expected_on or date.max, line.position))
    shares = {line.position: 0 for line in by_day}
    left = units
    for line in by_day:
        share = min(left, line.outstanding)
        shares[line.position] = share
        left -= share
    shares[by_day[-1].position] += left
    return [(line, shares[line.position]) for line in by_day if shares[line.position]], left


def cancel_rest(
    session: Session,
    number: str,
    *,
    actor: str,
    reason: str = "",
    positions: Iterable[int] | None = None,
) -> int:
    """Await no more of an order, or of some of its lines; what has come stays.

    Args:
        session: the open transaction.
        number: of the order.
        actor: who cancelled.
        reason: in words.
        positions: only these lines; all of them where None.

    Returns:
        The units that are not awaited any more.

    Raises:
        NotFound: ``purchase_order``, ``purchase_line``.
        Refused: ``purchase_order_state``; it has ended.
    """
    order = _locked(session, number)
    _still_open(order)
    lines = _lines(session, number)
    wanted = set(positions) if positions is not None else {line.position for line in lines}
    if unknown := wanted - {line.position for line in lines}:
        raise NotFound("purchase_line", position=min(unknown))
    cut = [
        (line, line.outstanding) for line in lines if line.position in wanted and line.outstanding
    ]
    incoming.note(session, "cancelled", cut, actor=actor, reason=reason)
    incoming.tell_slipped(session, [(line, None) for line, _ in cut])
    for line, units in cut:
        line.cancelled += units
    _end_if_done(session, order, lines)
    return sum(units for _, units in cut)


def view(session: Session, number: str) -> PurchaseView:
    """Return an order with its lines.

    Raises:
        NotFound: ``purchase_order``.
    """
    order = session.get(PurchaseOrder, number)
    if order is None:
        raise NotFound("purchase_order", number=number)
    today = clock.today()
    return PurchaseView(
        number=number,
        supplier=order.supplier,
        location=order.location,
        state=order.state,
        placed_at=order.placed_at,
        placed_by=order.placed_by,
        ended_at=order.ended_at,
        lines=[
            PurchaseLineView(
                position=line.position,
                sku=line.sku,
                ordered=line.ordered,
                received=line.received,
                cancelled=line.cancelled,
                outstanding=line.outstanding,
                expected_on=line.expected_on,
                late=bool(line.outstanding and line.expected_on and line.expected_on < today),
            )
            for line in _lines(session, number)
        ],
    )


def _add(
    session: Session,
    number: str,
    location: str,
    first: int,
    lines: Sequence[Wanted],
    actor: str,
) -> None:
    added = [
        PurchaseLine(
            number=number,
            position=position,
            sku=line.sku,
            location=location,
            ordered=whole(line.quantity),
            received=0,
            cancelled=0,
            expected_on=line.expected_on,
        )
        for position, line in enumerate(lines, start=first)
    ]
    session.add_all(added)
    session.flush()
    incoming.note(session, "ordered", [(line, line.ordered) for line in added], actor=actor)
    # A place has a balance before it has goods: availability reads what is due beside it.
    lock_balances(session, [(location, line.sku) for line in added])


def _locked(session: Session, number: str) -> PurchaseOrder:
    order = session.get(PurchaseOrder, number, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound("purchase_order", number=number)
    return order


def _lines(session: Session, number: str) -> list[PurchaseLine]:
    query = select(PurchaseLine).where(PurchaseLine.number == number)
    return list(
        session.scalars(
            query.order_by(PurchaseLine.position), execution_options={"populate_existing": True}
        )
    )


def _still_open(order: PurchaseOrder) -> None:
    if order.state != "open":
        PURCHASE_STATES.check(order.state, "received")


def _end_if_done(session: Session, order: PurchaseOrder, lines: Sequence[PurchaseLine]) -> None:
    """End an order of which nothing is awaited any more."""
    session.flush()
    if any(line.ordered - line.cancelled > line.received for line in lines):
        return
    ended = "received" if any(line.received for line in lines) else "cancelled"
    PURCHASE_STATES.check(order.state, ended)
    order.state, order.ended_at = ended, clock.now()
    session.flush()
