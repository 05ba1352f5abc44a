"""What is coming of a SKU, from whom and when; and the history of the documents that say so.

Two kinds of documents bring goods: purchase orders (`purchases`) and transfers between locations
(`transfers`; only what has left its origin is coming). A line whose expected day has passed counts
as nothing until somebody gives it a new day: nobody may be promised what is late already. A line
without a day counts as nothing either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, insert, select, text, union
from sqlalchemy.orm import Session

from fulfilment.events import IncomingDelayed
from fulfilment.models.incoming import (
    IncomingEntry,
    PurchaseLine,
    PurchaseOrder,
    Transfer,
    TransferLine,
)
from kit import clock, events, numbers
from kit.errors import Invalid, Refused

Line = PurchaseLine | TransferLine

LONGEST_NUMBER = 32

# What is said together with the day on which it is expected.
_DATED = ("ordered", "requested", "sent")

LINES = """
    SELECT 'purchase' AS kind, number, position, sku, location, outstanding, expected_on
    FROM purchase_order_lines WHERE outstanding > 0 AND {condition}
    UNION ALL
    SELECT 'transfer', number, position, sku, location, outstanding, expected_on
    FROM transfer_lines WHERE outstanding > 0 AND {condition}
"""
"""Open lines of both kinds, with a condition on their own columns: each part has its index."""


@dataclass(frozen=True, slots=True)
class Due:
    """Units of a line that are still to come.

    `kind` is purchase or transfer, `source` the supplier's name or the origin's location code.
    `late` says that the expected day has passed: the units count as nothing.
    """

    kind: str
    document: str
    position: int
    quantity: int
    expected_on: date | None
    source: str
    late: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A document that brings goods, as a list of them shows it.

    `units` are those still to come (of a requested transfer: to be sent), `next_on` is the first
    day on which some of them are expected.
    """

    kind: str
    document: str
    state: str
    source: str
    location: str
    lines: int
    units: int
    next_on: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a line: see `fulfilment.models.incoming.IncomingEntry`."""

    position: int
    sku: str
    what: str
    quantity: int
    was_on: date | None
    expected_on: date | None
    reason: str
    actor: str
    key: str | None
    at: datetime


_DUE = text(
    f"""
    SELECT line.kind, line.number, line.position, line.outstanding, line.expected_on,
        coalesce(purchase.supplier, transfer.origin), coalesce(line.expected_on < :today, false)
    FROM ({LINES.format(condition="sku = :sku AND location = :location")}) AS line
    LEFT JOIN purchase_orders AS purchase
        ON line.kind = 'purchase' AND purchase.number = line.number
    LEFT JOIN transfers AS transfer ON line.kind = 'transfer' AND transfer.number = line.number
    ORDER BY line.expected_on NULLS LAST, line.number, line.position
    """
)
_COMING = text(
    """
    SELECT 'purchase' AS kind, head.number, head.state, head.supplier AS source, head.location,
        count(*) AS lines, sum(line.outstanding) AS units, min(line.expected_on) AS next_on,
        coalesce(min(line.expected_on) < :today, false) AS late
    FROM purchase_orders AS head
    JOIN purchase_order_lines AS line ON line.number = head.number AND line.outstanding > 0
    WHERE head.state = 'open' AND (CAST(:location AS text) IS NULL OR head.location = :location)
    GROUP BY head.number
    UNION ALL
    SELECT 'transfer', head.number, head.state, head.origin, head.location, count(*),
        sum(CASE head.state WHEN 'sent' THEN line.outstanding ELSE line.requested END),
        min(line.expected_on),
        head.state = 'sent' AND coalesce(min(line.expected_on) < :today, false)
    FROM transfers AS head
    JOIN transfer_lines AS line
        ON line.number = head.number AND (head.state = 'requested' OR line.outstanding > 0)
    WHERE head.state IN ('requested', 'sent')
        AND (CAST(:location AS text) IS NULL OR :location IN (head.origin, head.location))
    GROUP BY head.number
    ORDER BY late DESC, next_on NULLS LAST, number
    LIMIT :limit
    """
)
_BOOKED_AT = text(
    """
    SELECT max(booked_at) FROM stock_movements
    WHERE sku = ANY(:skus) AND id = ANY(:ids) AND booked_at >= :since
    """
)
_KEY_SEEN = text("SELECT EXISTS (SELECT FROM incoming_entries WHERE document = :of AND key = :key)")
# Heads before lines, as everywhere; what somebody is busy with is told an hour later.
_TELL_LATE = """
    WITH head AS (
        SELECT number FROM {heads}
        WHERE state IN ('open', 'sent') AND EXISTS (
            SELECT FROM {lines} AS line
            WHERE line.number = {heads}.number AND line.outstanding > 0
                AND line.expected_on < :today
                AND line.told_late_on IS DISTINCT FROM line.expected_on
        )
        ORDER BY number FOR UPDATE SKIP LOCKED
    )
    UPDATE {lines} AS line SET told_late_on = line.expected_on
    FROM head
    WHERE line.number = head.number AND line.outstanding > 0 AND line.expected_on < :today
        AND line.told_late_on IS DISTINCT FROM line.expected_on
    RETURNING line.number, line.sku, line.location, line.outstanding, line.expected_on
"""
_TELL_LATE_OF = (
    text(_TELL_LATE.format(heads="purchase_orders", lines="purchase_order_lines")),
    text(_TELL_LATE.format(heads="transfers", lines="transfer_lines")),
)


def due(session: Session, sku: str, location: str) -> list[Due]:
    """Return what is to come of a SKU at a location, by expected day; days unknown come last.

    Args:
        session: any session.
        sku: which.
        location: where to.

    Returns:
        One row per open line; sum up those that are not `late` and have a day for what counts.
    """
    asked = {"sku": sku, "location": location, "today": clock.today()}
    return [Due(*row) for row in session.execute(_DUE, asked)]


def coming(session: Session, location: str | None = None, limit: int = 500) -> list[Coming]:
    """Return the open documents, late ones first, then by the next expected day.

    Args:
        session: any session.
        location: only those that this location receives or has to send.
        limit: at most so many.
    """
    asked = {"location": location, "today": clock.today(), "limit": limit}
    return [
        Coming(kind, number, state, source, place, lines, int(units), next_on, late)
        for kind, number, state, source, place, lines, units, next_on, late in session.execute(
            _COMING, asked
        )
    ]


def late_documents(today: date) -> Select[int]:
    """Return the query that counts the documents with goods whose day has passed."""
    purchase, transfer = PurchaseLine, TransferLine
    late = union(
        select(purchase.number).where(purchase.outstanding > 0, purchase.expected_on < today),
        select(transfer.number).where(transfer.outstanding > 0, transfer.expected_on < today),
    ).subquery()
    return select(func.count()).select_from(late)


def history(session: Session, document: str) -> list[Entry]:
    """Return everything that happened to a document, the latest first."""
    row = IncomingEntry
    query = select(
        row.position,
        row.sku,
        row.what,
        row.quantity,
        row.was_on,
        row.expected_on,
        row.reason,
        row.actor,
        row.key,
        row.at,
    ).where(row.document == document)
    found = session.execute(query.order_by(row.id.desc()))
    return [Entry(**entry) for entry in found.mappings()]


def free_number(session: Session, kind: str, prefix: str, number: str | None) -> str:
    """Return a number that no purchase order and no transfer has.

    Args:
        session: the open transaction.
        kind: the number range.
        prefix: of the numbers of that range.
        number: the wish; the next one of the range where None.

    Raises:
        Invalid: ``document_number``; empty, too long or with a slash.
        Refused: ``document_taken``.
    """
    if number is None:
        return f"{prefix}-{numbers.take(session, kind):05}"
    number = number.strip()
    # The keys of its movements are parted by slashes, and so are addresses of pages.
    if not number.strip(".") or len(number) > LONGEST_NUMBER or "/" in number:
        raise Invalid("document_number", number=number)
    if session.get(PurchaseOrder, number) or session.get(Transfer, number):
        raise Refused("document_taken", number=number)
    return number


def note(
    session: Session,
    what: str,
    units: Sequence[tuple[Line, int]],
    *,
    actor: str,
    at: datetime | None = None,
    reason: str = "",
    key: str | None = None,
) -> None:
    """Write what has happened to lines; the caller changes them in the same transaction.

    Args:
        session: the open transaction.
        what: ordered, requested, sent, received, found, lost or cancelled.
        units: lines, each with its units.
        actor: who did it.
        at: when the ledger booked it; now where it books nothing.
        reason: in words.
        key: under which a repeat is known.
    """
    rows = [
        {
            "document": line.number,
            "position": line.position,
            "sku": line.sku,
            "what": what,
            "quantity": quantity,
            "was_on": None,
            "expected_on": line.expected_on if what in _DATED else None,
            "reason": reason,
            "actor": actor,
            "key": key,
            "at": at or clock.now(),
        }
        for line, quantity in units
    ]
    if rows:
        session.execute(insert(IncomingEntry), rows)


def set_days(
    session: Session, days: Sequence[tuple[Line, date | None]], *, actor: str, reason: str
) -> None:
    """Give lines of one document another expected day; tell the house what slips.

    Args:
        session: the open transaction.
        days: lines, each with its new day; None where nobody knows one any more.
        actor: who said so.
        reason: in words.
    """
    changed = [(line, day) for line, day in days if line.expected_on != day]
    if not changed:
        return
    now = clock.now()
    rows = [
        {
            "document": line.number,
            "position": line.position,
            "sku": line.sku,
            "what": "date",
            "quantity": 0,
            "was_on": line.expected_on,
            "expected_on": day,
            "reason": reason,
            "actor": actor,
            "key": None,
            "at": now,
        }
        for line, day in changed
    ]
    session.execute(insert(IncomingEntry), rows)
    tell_slipped(session, changed)
    for line, day in changed:
        line.expected_on = day
    session.flush()


def tell_slipped(session: Session, days: Sequence[tuple[Line, date | None]]) -> None:
    """Record `IncomingDelayed` for those lines of a document that now come later, or never.

    Args:
        session: the open transaction.
        days: lines as they were, each with its new day; None is later than any day.
    """
    slipped = [
        (line, day)
        for line, day in days
        if line.outstanding and line.expected_on and (day is None or day > line.expected_on)
    ]
    if not slipped:
        return
    line, _ = slipped[0]
    lines = [_slip(line.sku, line.outstanding, line.expected_on, day) for line, day in slipped]
    events.record(session, IncomingDelayed(line.number, line.location, lines))


def _slip(
    sku: str, quantity: int, was_on: date | None, expected_on: date | None
) -> dict[str, object]:
    return {
        "sku": sku,
        "quantity": quantity,
        "was_on": was_on.isoformat() if was_on else None,
        "expected_on": expected_on.isoformat() if expected_on else None,
    }


def seen(session: Session, document: str, key: str) -> bool:
    """Tell whether something was noted under this key; the caller holds the document's lock."""
    return bool(session.scalar(_KEY_SEEN, {"of": document, "key": key}))


def booked_at(session: Session, skus: Sequence[str], movements: Sequence[int]) -> datetime:
    """Return when movements that this transaction has made were booked.

    An entry and its movements fall into the same month of the ledger, to the microsecond, so that
    proofs which begin with a month see either both or none.
    """
    now = clock.now()
    asked = {"skus": list(skus), "ids": list(movements), "since": now - timedelta(hours=1)}
    found: datetime | None = session.scalar(_BOOKED_AT, asked)
    return found or now


def tell_late(session: Session) -> int:
    """Record `IncomingDelayed` for lines whose day has passed without the goods; once per day.

    The scheduler calls it. Nobody knows a new day, so `expected_on` is None in these events.

    Returns:
        How many lines were told to be late.
    """
    lines = 0
    for statement in _TELL_LATE_OF:
        documents: dict[tuple[str, str], list[dict[str, object]]] = {}
        for row in session.execute(statement, {"today": clock.today()}):
            slipped = _slip(row.sku, row.outstanding, row.expected_on, None)
            documents.setdefault((row.number, row.location), []).append(slipped)
            lines += 1
        for (document, location), awaited in sorted(documents.items()):
            events.record(session, IncomingDelayed(document, location, awaited))
    return lines
