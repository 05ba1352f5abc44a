"""Till sessions: a drawer is opened with a float, sells, is counted blind, and closes with a Z.

1. Documents come in any order. A sale may name a session whose opening is still on its way: the
   session is there from then on, and the opening gives it its float.
2. Counting says which receipt was the last. While one before it is missing, the session waits;
   the last one to come closes it.
3. What was counted stands. The difference to what the ledger expects is booked, with its sign.
4. A till that knows no sessions gets one, so that every cent is in some drawer.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills import cash, reports
from app.tills.cash import Entry
from app.tills.fiscal import modules
from app.tills.fiscal.models import FiscalOutage
from app.tills.models import TillReceipt, TillSession
from kit import clock, numbers
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id
from kit.numbers import NumberRange

_MISSING_SHOWN = 50
OWN = "auto:"
"""What the ids of sessions begin with that were made here, for a till that knows none."""


@dataclass(frozen=True)
class Opening:
    """A drawer with its float, as the till posted it; `offline`: it happened without a network."""

    session_id: str
    opening_minor: int
    cashier: str | None = None
    opened_at: datetime | None = None
    offline: bool = False


@dataclass(frozen=True)
class Closing:
    """What was counted. `counts` are notes and coins: value in minor units → how many."""

    counted_minor: int
    counts: dict[str, int] | None = None
    cashier: str | None = None
    closed_at: datetime | None = None
    last_number: int | None = None
    note: str = ""


def last_number(session: Session, device: str) -> int:
    """Return the highest receipt number that has been seen of a till."""
    row = session.get(NumberRange, f"receipt/{device}")
    return row.last if row else 0


def standing(session: Session, device: str) -> dict[str, Any] | None:
    """Return the newest open session of a till, as tills know it."""
    row = _open(session, device)
    if row is None or row.automatic:
        return None
    return {
        "session_id": row.session_id,
        "opened_at": row.opened_at,
        "opening_minor": row.opening_minor,
        "cashier": row.cashier,
    }


def _open(session: Session, device: str, *, lock: bool = False) -> TillSession | None:
    query = (
        select(TillSession)
        .where(TillSession.device == device, TillSession.state == "open")
        .order_by(TillSession.opened_at.desc(), TillSession.id.desc())
        .limit(1)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).first()


def loose_ends(session: Session, device: str) -> tuple[bool, bool]:
    """Tell whether a counted session of a till waits for receipts, and whether its signer is out.

    Hardly ever; so both are asked in one go before anything is done about either.
    """
    waiting = select(TillSession.id).where(
        TillSession.device == device, TillSession.state == "waiting"
    )
    out = select(FiscalOutage.id).where(
        FiscalOutage.device == device, FiscalOutage.ended_at.is_(None)
    )
    row = session.execute(select(waiting.exists(), out.exists())).one()
    return bool(row[0]), bool(row[1])


def by_id(session: Session, session_id: str, device: str, *, lock: bool = False) -> TillSession:
    """Return a session of a till by the till's id of it.

    Raises:
        NotFound: ``session``, also for one of another till.
    """
    query = select(TillSession).where(
        TillSession.session_id == session_id, TillSession.device == device
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound("session", session_id=session_id)
    return row


def open_(session: Session, device: Device, opening: Opening) -> tuple[TillSession, bool]:
    """Open a session; say whether it had been opened before.

    Raises:
        Invalid: ``opening_minor``; ``session_id_reused``: opened with another float before, or by
            another till.
        Refused: ``session_open``: another one is, and this one happens now.
    """
    if not 0 <= opening.opening_minor <= cash.MOST_MINOR:
        raise Invalid("opening_minor", opening_minor=opening.opening_minor)
    row = _named(session, device, opening.session_id, opening.opened_at or clock.now())
    if not row.automatic:
        if row.opening_minor != opening.opening_minor:
            raise Invalid("session_id_reused", session_id=opening.session_id)
        return row, True
    others = select(TillSession).where(
        TillSession.device == device.code,
        TillSession.state == "open",
        TillSession.id != row.id,
        ~TillSession.automatic,
    )
    other = session.scalars(others.limit(1)).first()
    if other is not None and not opening.offline:
        raise Refused("session_open", session_id=other.session_id)
    row.automatic = False
    row.cashier = opening.cashier
    row.opening_minor = opening.opening_minor
    row.opened_at = min(row.opened_at, opening.opened_at or row.opened_at)
    _book(
        session,
        row,
        Entry(
            "opening",
            opening.opening_minor,
            opening.session_id,
            f"opening/{row.id}",
            cashier=opening.cashier,
            happened_at=row.opened_at,
        ),
    )
    session.flush()
    close_if_complete(session, row)
    return row, False


def _named(session: Session, device: Device, session_id: str, at: datetime) -> TillSession:
    """Return a till's session, locked; one that nobody has heard of is made, still without float.

    Raises:
        Invalid: ``session_id_reused``: another till has this id.
    """
    query = select(TillSession).where(TillSession.session_id == session_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(locked).one_or_none()
    if row is not None:
        return _own(row, device)
    made = insert(TillSession).values(
        id=new_id(),
        session_id=session_id,
        device=device.code,
        location=device.location,
        state="open",
        automatic=True,
        opened_at=at,
        opening_minor=0,
        note="",
    )
    session.execute(made.on_conflict_do_nothing(index_elements=["session_id"]))
    return _own(session.scalars(locked).one(), device)


def _own(row: TillSession, device: Device) -> TillSession:
    if row.device != device.code:
        raise Invalid("session_id_reused", session_id=row.session_id)
    return row


def for_document(
    session: Session, device: Device, session_id: str | None, at: datetime, number: int | None
) -> tuple[TillSession, bool]:
    """Return the session that a document belongs to, locked, and whether it came too late for it.

    Args:
        session_id: as the till named it; None takes the one that is open.
        at: when it happened.
        number: of the receipt; one that a counted session waits for is not too late.
    """
    if session_id is not None:
        row = _named(session, device, session_id, at)
        awaited = number is not None and row.last_number is not None and number <= row.last_number
        if row.state == "open" or (row.state == "waiting" and awaited):
            return row, False
    # Who waited here for a count finds the drawer closed, and gets None.
    locked = _open(session, device.code, lock=True)
    if locked is not None:
        return locked, session_id is not None
    return _named(session, device, f"{OWN}{new_id()}", at), session_id is not None


def count(session: Session, device: Device, session_id: str, closing: Closing) -> TillSession:
    """Take the count of a session; it closes at once, or when the last receipt has come.

    Raises:
        Invalid: ``counted_minor``; ``closing_reused``: counted before, with another result.
        NotFound: ``session``.
    """
    if not 0 <= closing.counted_minor <= cash.MOST_MINOR:
        raise Invalid("counted_minor", counted_minor=closing.counted_minor)
    row = by_id(session, session_id, device.code, lock=True)
    if row.state != "open":
        if row.counted_minor != closing.counted_minor:
            raise Invalid("closing_reused", session_id=session_id, counted_minor=row.counted_minor)
        return row
    row.state = "waiting"
    row.counted_minor = closing.counted_minor
    row.counts = closing.counts
    row.counted_by = closing.cashier
    row.note = closing.note
    row.closed_at = closing.closed_at or clock.now()
    row.last_number = closing.last_number
    session.flush()
    close_if_complete(session, row)
    return row


def close_if_complete(session: Session, row: TillSession) -> None:
    """Close a counted session once all its receipts are there: the difference, the Z number.

    One that a till has named waits for its opening, too: without the float nothing is right.
    """
    if row.state != "waiting" or row.counted_minor is None or missing(session, row):
        return
    if row.automatic and not row.session_id.startswith(OWN):
        return
    difference = row.counted_minor - cash.expected(session, row.id)
    if difference:
        _book(
            session,
            row,
            Entry(
                "difference",
                difference,
                row.session_id,
                f"difference/{row.id}",
                reason=row.note,
                cashier=row.counted_by,
                happened_at=row.closed_at,
            ),
        )
    row.z_number = numbers.take(session, f"z/{row.device}")
    row.state = "closed"
    session.flush()
    row.report = reports.plain(reports.of(session, row))
    session.flush()


def close_waiting(session: Session, device: str) -> None:
    """Close what has waited for a receipt that is here now."""
    query = select(TillSession).where(TillSession.device == device, TillSession.state == "waiting")
    for row in session.scalars(query.order_by(TillSession.opened_at).with_for_update()):
        close_if_complete(session, row)


def missing(session: Session, row: TillSession) -> Sequence[int]:
    """Return the receipt numbers that a session waits for, the first of them."""
    if row.last_number is None:
        return []
    before = select(func.max(TillSession.last_number)).where(
        TillSession.device == row.device,
        TillSession.state == "closed",
        TillSession.id != row.id,
        TillSession.last_number < row.last_number,
    )
    first = (session.scalar(before) or 0) + 1
    wanted = select(func.generate_series(first, row.last_number).label("number")).subquery()
    there = select(TillReceipt.number).where(
        TillReceipt.device == row.device, TillReceipt.number == wanted.c.number
    )
    query = select(wanted.c.number).where(~there.exists()).order_by(wanted.c.number)
    return list(session.scalars(query.limit(_MISSING_SHOWN)))


def move_cash(
    session: Session, device: Device, session_id: str | None, entry: Entry
) -> tuple[TillSession, bool, bool]:
    """Book cash that people put in or take out.

    Returns:
        The session, whether the movement had been booked before, and whether it came too late for
        the session that it names.

    Raises:
        Invalid: ``cash_kind``, ``cash_amount``, or ``movement_id_reused``.
    """
    cash.by_hand(entry.kind, entry.amount_minor)
    known = cash.by_key(session, entry.key)
    if known is not None:
        if (known.kind, known.amount_minor, known.device) != (
            entry.kind,
            entry.amount_minor,
            device.code,
        ):
            raise Invalid("movement_id_reused", movement_id=entry.document)
        return session.get_one(TillSession, known.session), True, False
    at = entry.happened_at or clock.now()
    row, late = for_document(session, device, session_id, at, None)
    _book(session, row, entry)
    return row, False, late


def _book(session: Session, row: TillSession, entry: Entry) -> None:
    """Book cash that people move, once, and have it signed like a receipt."""
    booked = cash.book(session, row, entry)
    if booked is not None and entry.amount_minor:
        at = entry.happened_at or clock.now()
        modules.record_cash(session, booked, row.device, entry.amount_minor, at)


def listed(session: Session, location: str | None, *, limit: int = 50) -> list[TillSession]:
    """Return the newest sessions, of one location where one is named."""
    query = select(TillSession).order_by(TillSession.opened_at.desc()).limit(limit)
    if location is not None:
        query = query.where(TillSession.location == location)
    return list(session.scalars(query))


def one(session: Session, key: uuid.UUID) -> TillSession:
    """Return a session by its row's id.

    Raises:
        NotFound: ``session``.
    """
    row = session.get(TillSession, key)
    if row is None:
        raise NotFound("session")
    return row
