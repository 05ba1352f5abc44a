"""Refusals: a location says that it cannot send what it was asked for, and why.

What a reason does to the books (`EFFECTS`):

| reason | the goods | trust |
|---|---|---|
| not_found | not believed until counted, as after a short pick | doubt grows |
| damaged | quarantined | as before: the books were right about the number |
| laid_aside | kept for somebody in the store: quarantined, to be counted | as before |
| no_time, closed | stay as they are; the day takes no further parcel | as before |
| other | stay as they are | as before |

The location is not asked for these lines again (`refused_by`). What was to be sent opens a shortage
and is routed again; what a customer wanted to collect is not moved without asking them.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from fulfilment.claims import shortages
from fulfilment.claims.shortages import Loss
from fulfilment.events import CollectionRefused, DayClosed
from fulfilment.models import FulfilmentOrder, Refusal
from fulfilment.models.claims import ALLOCATION_STATES, became
from fulfilment.outbound.fulfilment_orders import WAITING, advance, locked
from fulfilment.outbound.missing import doubt_shelf
from fulfilment.places import day_limits
from fulfilment.stock import counts
from fulfilment.stock.balances import Balance, Changes, Place, write
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from fulfilment.tracing import lot_books, lots
from kit import clock, events
from kit.errors import Invalid, Refused

REASONS = ("not_found", "damaged", "laid_aside", "no_time", "closed", "other")
"""Why a location refuses, as its people may say it."""
GOODS_THERE = frozenset({"no_time", "closed", "other"})
"""Reasons that leave the goods where they are, free for others."""
NO_MORE_TODAY = frozenset({"no_time", "closed"})
"""Reasons after which the day takes no further parcel."""

_END = """
    UPDATE stock_allocations SET {became}, ended_at = :now
    WHERE id = ANY(:ids) AND state = 'open'
"""
_SHORT = text(_END.format(became=became(ALLOCATION_STATES, "open", "short")))
_RELEASE = text(_END.format(became=became(ALLOCATION_STATES, "open", "released")))
_DETACH = text(
    "UPDATE stock_allocations SET fulfilment_order_id = NULL"
    " WHERE id = ANY(:ids) AND state = 'open'"
)
_OPEN_PARTS = text(
    """
    SELECT id, line_id, sku, quantity FROM stock_allocations
    WHERE fulfilment_order_id = :job AND state = 'open' ORDER BY sku, allocated_at, id
    """
)
_LIVE = text(
    "SELECT count(*) FROM stock_allocations"
    " WHERE fulfilment_order_id = :job AND state IN ('open', 'picked')"
)


class Share(NamedTuple):
    """How many fulfilment orders a location refused of those that it got, in a span of time."""

    refused: int
    asked: int


@dataclass(frozen=True, slots=True)
class _Part:
    id: uuid.UUID
    line_id: uuid.UUID
    sku: str
    quantity: int


def refuse(
    session: Session,
    job_id: uuid.UUID,
    *,
    reason: str,
    actor: str,
    line_ids: Collection[uuid.UUID] | None = None,
    note: str | None = None,
) -> list[Loss]:
    """Say no to what is still to be picked of a fulfilment order, or to some of its lines.

    Args:
        session: the open transaction.
        job_id: the fulfilment order, open or in picking.
        reason: one of `REASONS`.
        actor: who says so.
        line_ids: which order lines; None means all that is left.
        note: in words; needed with ``other``.

    Returns:
        What was refused: units by order line and SKU.

    Raises:
        Invalid: ``refusal_reason``; ``refusal_note`` where ``other`` has none.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state`` once it is picked; ``nothing_left_to_pick``.
    """
    note = (note or "").strip() or None
    if reason not in REASONS:
        raise Invalid("refusal_reason", reason=reason, known=list(REASONS))
    if reason == "other" and note is None:
        raise Invalid("refusal_note")
    row = locked(session, job_id)
    if row.state not in WAITING:
        raise Refused("fulfilment_order_state", state=row.state, wanted="cancelled")
    parts = [_Part(*found) for found in session.execute(_OPEN_PARTS, {"job": row.id})]
    parts = [part for part in parts if line_ids is None or part.line_id in line_ids]
    if not parts:
        raise Refused("nothing_left_to_pick", left=0)
    held = lock_balances(session, {(row.location, part.sku) for part in parts})
    _record(session, row, parts, reason, note, actor)
    _act(session, held, row, parts, reason, actor)
    if not session.scalar(_LIVE, {"job": row.id}):
        advance(row, "cancelled")
    session.flush()
    return [_loss(row, part) for part in parts]


def _loss(row: FulfilmentOrder, part: _Part) -> Loss:
    return Loss(row.order_ref, part.line_id, part.sku, row.location, part.quantity)


def _record(
    session: Session,
    row: FulfilmentOrder,
    parts: Sequence[_Part],
    reason: str,
    note: str | None,
    actor: str,
) -> None:
    session.add_all(
        Refusal(
            order_ref=row.order_ref,
            line_id=part.line_id,
            sku=part.sku,
            location=row.location,
            quantity=part.quantity,
            fulfilment_order_id=row.id,
            reason=reason,
            note=note,
            actor=actor,
            refused_at=clock.now(),
        )
        for part in parts
    )
    session.flush()


def _act(
    session: Session,
    held: dict[Place, Balance],
    row: FulfilmentOrder,
    parts: Sequence[_Part],
    reason: str,
    actor: str,
) -> None:
    if reason in NO_MORE_TODAY:
        _fill_day(session, row, reason, actor)
    ids = [part.id for part in parts]
    if row.kind == "collect" and reason in GOODS_THERE:
        # They stay allocated where they lie until the customer has answered.
        session.execute(_DETACH, {"ids": ids})
        refused = CollectionRefused(order_ref=row.order_ref, location=row.location, reason=reason)
        events.record(session, refused)
        return
    statement = _SHORT if reason == "not_found" else _RELEASE
    session.execute(statement, {"ids": ids, "now": clock.now()})
    missing: dict[str, int] = {}
    changes = Changes()
    for part in parts:
        missing[part.sku] = missing.get(part.sku, 0) + part.quantity
        changes.of(row.location, part.sku).allocated -= part.quantity
    write(session, changes)
    for place in changes.by_place:
        held[place] = changes.after(held[place])
    shortages.open_all(session, [_loss(row, part) for part in parts], cause="rejection")
    for sku, units in missing.items():
        key = f"refused/{min(part.id for part in parts if part.sku == sku)}"
        _treat(session, held, row, (sku, units), reason, actor=actor, key=key)


def _treat(
    session: Session,
    held: dict[Place, Balance],
    row: FulfilmentOrder,
    refused: tuple[str, int],
    reason: str,
    *,
    actor: str,
    key: str,
) -> None:
    """Do to the goods what the reason says of them."""
    sku, units = refused
    place = (row.location, sku)
    if reason == "not_found":
        doubt_shelf(
            session,
            held,
            place,
            units,
            cause="rejection",
            key=key,
            document=row.order_ref,
            actor=actor,
        )
        return
    if reason in GOODS_THERE:
        return
    moves = _aside(session, held, place, units, f"{row.order_ref}: {reason}", key)
    move(session, moves, actor=actor, channel="floor", held=held)
    if reason == "laid_aside":
        counts.ask(session, [place], cause="laid_aside", document=row.order_ref)


def _aside(
    session: Session,
    held: Mapping[Place, Balance],
    place: Place,
    units: int,
    document: str,
    key: str,
) -> list[Move]:
    """Return the moves that put units of a shelf into quarantine, lot by lot where kept apart."""
    location, sku = place
    sides = ("shelf", location, "quarantine", location, "rejection", document)
    if not held[place].tracking:
        return [Move(sku, units, *sides, key)]
    return [
        Move(sku, part, *sides, lot_books.key(key, sku, lot), lot)
        for lot, part in lots.spread(lot_books.of_places(session, [place]), units)
    ]


def _fill_day(session: Session, row: FulfilmentOrder, reason: str, actor: str) -> None:
    """Let the day take nothing further: what others have there stays, unless it is closed."""
    day = max(row.ships_on, clock.today())
    others = select(func.count()).where(
        FulfilmentOrder.location == row.location,
        FulfilmentOrder.ships_on == day,
        FulfilmentOrder.kind == "parcel",
        FulfilmentOrder.state.in_(("open", "picking", "picked", "packed")),
        FulfilmentOrder.id != row.id,
    )
    most = 0 if reason == "closed" else int(session.scalar(others) or 0)
    day_limits.put(session, row.location, day, most, reason=reason, actor=actor)
    if reason == "closed":
        events.record(session, DayClosed(location=row.location, day=day.isoformat(), actor=actor))


def refused_by(session: Session, order_ref: str) -> Mapping[uuid.UUID, frozenset[str]]:
    """Return which locations have refused which line of an order."""
    rows = select(Refusal.line_id, Refusal.location).where(Refusal.order_ref == order_ref)
    found: dict[uuid.UUID, set[str]] = {}
    for line_id, location in session.execute(rows):
        found.setdefault(line_id, set()).add(location)
    return {line_id: frozenset(places) for line_id, places in found.items()}


def of_order(session: Session, order_ref: str) -> list[Refusal]:
    """Return the refusals of an order, oldest first."""
    rows = select(Refusal).where(Refusal.order_ref == order_ref).order_by(Refusal.id)
    return list(session.scalars(rows))


def shares(session: Session, since: datetime) -> Mapping[str, Share]:
    """Return which share of its fulfilment orders each location has refused since an instant.

    Args:
        session: any session.
        since: from when on.

    Returns:
        By location code, of those that have refused at all; one refused in part counts as refused.
    """
    said_no = select(Refusal.location, func.count(Refusal.fulfilment_order_id.distinct())).where(
        Refusal.refused_at >= since
    )
    refused = dict(session.execute(said_no.group_by(Refusal.location)).all())
    job = FulfilmentOrder
    asked = (
        select(job.location, func.count())
        .where(job.location.in_(sorted(refused)), job.opened_at >= since)
        .group_by(job.location)
    )
    counted = dict(session.execute(asked).all()) if refused else {}
    return {place: Share(jobs, max(jobs, counted.get(place, 0))) for place, jobs in refused.items()}
