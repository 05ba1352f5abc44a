"""Transfers: goods that one location of ours sends to another.

Requested, sent, received. What is sent leaves the origin's shelf for the account `transit` of the
destination (`transfer_out`); what arrives leaves it for the shelf (`transfer_in`). Carriers lose
parcels and people miscount:
- what arrives beyond what was sent is booked as found, and the origin is asked to count;
- what does not arrive stays in transit until somebody closes the transfer with a reason: then it
  is written off (`transfer_lost`), and the origin is asked to count.
So the units in transit to a place are what its open transfers have sent less what has arrived.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfilment.inbound import incoming
from fulfilment.models.incoming import TRANSFER_STATES, Transfer, TransferLine
from fulfilment.places import locations
from fulfilment.stock import counts, ledger
from fulfilment.stock.balances import summed
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.tracing.lots import Lots, never_arrived
from kit import clock
from kit.errors import Invalid, NotFound, Refused

Lines = Iterable[tuple[str, int]]
"""(SKU, units above 0); a SKU that comes twice is added up."""


@dataclass(frozen=True, slots=True)
class TransferLineView:
    """A line as it was when it was read; `outstanding` is on the way, `late` past its day."""

    position: int
    sku: str
    requested: int
    sent: int
    received: int
    lost: int
    found: int
    outstanding: int
    expected_on: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer as it was when it was read; `location` is its destination."""

    number: str
    origin: str
    location: str
    state: str
    requested_at: datetime
    requested_by: str
    sent_at: datetime | None
    ended_at: datetime | None
    lines: list[TransferLineView]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an arrival did: (SKU, units) that came beyond what was sent; whether it was booked."""

    found: list[tuple[str, int]]
    repeated: bool = False


def request(
    session: Session,
    *,
    origin: str,
    location: str,
    lines: Lines,
    actor: str,
    expected_on: date | None = None,
    number: str | None = None,
) -> str:
    """Ask a location to send goods to another; nothing moves yet, and nothing counts as coming.

    Args:
        session: the open transaction.
        origin: code of the location that is to send.
        location: code of the destination.
        lines: what.
        actor: who asks.
        expected_on: the day on which it should arrive.
        number: of the transfer, where another system has given one; the next ``UL-…`` where None.

    Returns:
        The transfer's number.

    Raises:
        Invalid: ``quantity``, ``document_empty``, ``document_number``, ``same_location``.
        NotFound: ``location``.
        Refused: ``document_taken``.
    """
    wanted = summed(lines)
    if not wanted:
        raise Invalid("document_empty")
    if origin == location:
        raise Invalid("same_location", origin=origin, location=location)
    for code in (origin, location):
        locations.one(session, code)
    number = incoming.free_number(session, "transfer", "UL", number)
    now = clock.now()
    session.add(
        Transfer(
            number=number,
            origin=origin,
            location=location,
            state="requested",
            requested_at=now,
            requested_by=actor,
        )
    )
    session.flush()
    added = [
        _line(number, position, sku, location, units, expected_on)
        for position, (sku, units) in enumerate(wanted.items(), start=1)
    ]
    session.add_all(added)
    requested = [(line, line.requested) for line in added]
    incoming.note(session, "requested", requested, actor=actor, at=now)
    session.flush()
    return number


def _line(
    number: str, position: int, sku: str, location: str, requested: int, expected_on: date | None
) -> TransferLine:
    return TransferLine(
        number=number,
        position=position,
        sku=sku,
        location=location,
        requested=requested,
        sent=0,
        received=0,
        lost=0,
        found=0,
        expected_on=expected_on,
    )


def send(
    session: Session,
    number: str,
    *,
    actor: str,
    lines: Lines | None = None,
    expected_on: date | None = None,
    lots: Lots | None = None,
) -> None:
    """Send a transfer on its way: the goods leave the origin's shelf. The same again is harmless.

    Args:
        session: the open transaction.
        number: of the transfer.
        actor: who sends.
        lines: what was put into the boxes, where it is not what was requested; a SKU that is not
            named stays.
        expected_on: when it will arrive; the day of the request where None.
        lots: units by lot of each SKU that is kept apart.

    Raises:
        Invalid: ``quantity``, ``document_empty``.
        NotFound: ``transfer``.
        Refused: ``not_requested`` with `skus`; ``transfer_state``; ``stock_short``: what is
            promised to customers does not leave.
    """
    transfer = _locked(session, number)
    found = _lines(session, number)
    wanted = {line.sku: line.requested for line in found} if lines is None else summed(lines)
    if not wanted:
        raise Invalid("document_empty")
    if strangers := sorted(wanted.keys() - {line.sku for line in found}):
        raise Refused("not_requested", skus=strangers)
    if transfer.state == "sent" and wanted == {line.sku: line.sent for line in found if line.sent}:
        return
    TRANSFER_STATES.check(transfer.state, "sent")
    origin, location = transfer.origin, transfer.location
    booked = ledger.transfer_out(
        session,
        origin,
        location,
        list(wanted.items()),
        document=number,
        actor=actor,
        key=f"{number}/out",
        lots=lots,
    )
    at = incoming.booked_at(session, list(wanted), booked)
    for line in found:
        line.sent = wanted.get(line.sku, 0)
        line.expected_on = expected_on or line.expected_on
    sent = [(line, line.sent) for line in found if line.sent]
    incoming.note(session, "sent", sent, actor=actor, at=at)
    transfer.state, transfer.sent_at = "sent", at
    session.flush()


def reschedule(
    session: Session, number: str, day: date | None, *, actor: str, reason: str = ""
) -> None:
    """Give a transfer another day of arrival; a transfer travels together, so all of it.

    Raises:
        NotFound: ``transfer``.
        Refused: ``transfer_state``; it has ended.
    """
    transfer = _locked(session, number)
    if transfer.state != "requested":
        TRANSFER_STATES.check(transfer.state, "received")
    days = [(line, day) for line in _lines(session, number)]
    incoming.set_days(session, days, actor=actor, reason=reason)


def receive(
    session: Session,
    number: str,
    lines: Lines,
    *,
    key: str,
    actor: str,
    note: str = "",
    lots: Lots | None = None,
) -> Arrival:
    """Put what has arrived of a transfer onto the destination's shelf, all of it or a part.

    Units beyond what was sent, and SKUs that were not sent at all, are booked as found; the origin
    is asked to count them, since its books have them still.

    Args:
        session: the open transaction.
        number: of the transfer.
        lines: what has arrived.
        key: of this arrival, unique within the transfer; the same key again books nothing.
        actor: who took it in.
        note: in words.
        lots: units by lot of what was sent, of each SKU that is kept apart; may be left out where
            only one lot is on the way, or where all that is on the way arrives.

    Raises:
        Invalid: ``quantity``, ``document_empty``.
        NotFound: ``transfer``.
        Refused: ``transfer_state``; it was not sent or has ended.
    """
    quantities = summed(lines)
    if not quantities:
        raise Invalid("document_empty")
    transfer = _locked(session, number)
    if incoming.seen(session, number, key):
        return Arrival([], repeated=True)
    TRANSFER_STATES.check(transfer.state, "received")
    awaited = {line.sku: line for line in _lines(session, number)}
    for sku in sorted(quantities.keys() - awaited.keys()):
        position = 1 + max(line.position for line in awaited.values())
        awaited[sku] = _line(number, position, sku, transfer.location, 0, None)
        session.add(awaited[sku])
    session.flush()
    known = {sku: min(units, awaited[sku].outstanding) for sku, units in quantities.items()}
    found = [(sku, units - known[sku]) for sku, units in quantities.items() if units > known[sku]]
    there, back = transfer.location, transfer.origin
    lock_balances(session, [(there, sku) for sku in quantities] + [(back, sku) for sku, _ in found])
    arrived = [(sku, units) for sku, units in known.items() if units]
    booked = ledger.transfer_in(
        session, there, arrived, document=number, actor=actor, key=f"{number}/{key}", lots=lots
    )
    extra = ledger.found(
        session, there, found, document=number, actor=actor, key=f"{number}/{key}/+"
    )
    for what, parts, ids in (("received", arrived, booked), ("found", found, extra)):
        at = incoming.booked_at(session, [sku for sku, _ in parts], ids)
        came = [(awaited[sku], units) for sku, units in parts]
        incoming.note(session, what, came, actor=actor, at=at, reason=note, key=key)
        for line, units in came:
            setattr(line, what, getattr(line, what) + units)
    counts.ask(session, [(back, sku) for sku, _ in found], cause="transfer_found", document=number)
    session.flush()
    if all(line.sent == line.received + line.lost for line in awaited.values()):
        _end(session, transfer, "received")
    return Arrival(found)


def close(session: Session, number: str, *, reason: str, actor: str) -> list[tuple[str, int]]:
    """End a transfer of which not everything arrived: the rest is written off, with a reason.

    The origin is asked to count: what never arrived may never have left.

    Args:
        session: the open transaction.
        number: of the transfer.
        reason: in words; somebody will be asked.
        actor: who decides.

    Returns:
        (SKU, units) that were written off.

    Raises:
        Invalid: ``reason``; empty.
        NotFound: ``transfer``.
        Refused: ``transfer_state``; it was not sent or has ended.
    """
    if not reason.strip():
        raise Invalid("reason")
    transfer = _locked(session, number)
    TRANSFER_STATES.check(transfer.state, "received")
    lines = _lines(session, number)
    missing = [(line, line.outstanding) for line in lines if line.outstanding]
    lost = [(line.sku, units) for line, units in missing]
    there, back = transfer.location, transfer.origin
    lock_balances(session, [(place, sku) for place in (there, back) for sku, _ in lost])
    booked = move(
        session, never_arrived(session, number, there, lost), actor=actor, channel="backoffice"
    )
    at = incoming.booked_at(session, [sku for sku, _ in lost], booked)
    incoming.note(session, "lost", missing, actor=actor, at=at, reason=reason)
    incoming.tell_slipped(session, [(line, None) for line, _ in missing])
    for line, units in missing:
        line.lost += units
    counts.ask(session, [(back, sku) for sku, _ in lost], cause="transfer_lost", document=number)
    _end(session, transfer, "received")
    return lost


def cancel(session: Session, number: str, *, actor: str, reason: str = "") -> None:
    """Drop a request that nobody has sent anything of.

    Raises:
        NotFound: ``transfer``.
        Refused: ``transfer_state``; it was sent already, or has ended.
    """
    transfer = _locked(session, number)
    TRANSFER_STATES.check(transfer.state, "cancelled")
    dropped = [(line, line.requested) for line in _lines(session, number)]
    incoming.note(session, "cancelled", dropped, actor=actor, reason=reason)
    _end(session, transfer, "cancelled")


def view(session: Session, number: str) -> TransferView:
    """Return a transfer with its lines.

    Raises:
        NotFound: ``transfer``.
    """
    transfer = session.get(Transfer, number)
    if transfer is None:
        raise NotFound("transfer", number=number)
    today = clock.today()
    return TransferView(
        number=number,
        origin=transfer.origin,
        location=transfer.location,
        state=transfer.state,
        requested_at=transfer.requested_at,
        requested_by=transfer.requested_by,
        sent_at=transfer.sent_at,
        ended_at=transfer.ended_at,
        lines=[
            TransferLineView(
                position=line.position,
                sku=line.sku,
                requested=line.requested,
                sent=line.sent,
                received=line.received,
                lost=line.lost,
                found=line.found,
                outstanding=line.outstanding,
                expected_on=line.expected_on,
                late=bool(line.outstanding and line.expected_on and line.expected_on < today),
            )
            for line in _lines(session, number)
        ],
    )


def _locked(session: Session, number: str) -> Transfer:
    transfer = session.get(Transfer, number, with_for_update=True, populate_existing=True)
    if transfer is None:
        raise NotFound("transfer", number=number)
    return transfer


def _lines(session: Session, number: str) -> Sequence[TransferLine]:
    query = select(TransferLine).where(TransferLine.number == number)
    return session.scalars(
        query.order_by(TransferLine.position), execution_options={"populate_existing": True}
    ).all()


def _end(session: Session, transfer: Transfer, state: str) -> None:
    TRANSFER_STATES.check(transfer.state, state)
    transfer.state, transfer.ended_at = state, clock.now()
    session.flush()
