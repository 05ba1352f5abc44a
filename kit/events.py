"""Events leave with the change that caused them: an outbox row in the same transaction.

PostgreSQL is the truth. A relay hands rows to the queue after commit, a sweeper finds what a dead
process left behind, and a handler may run twice: `first_time` lets it act once.
Source: the transactional outbox pattern (Richardson, Microservices Patterns, chapter 3).
"""

import dataclasses
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Self

from sqlalchemy import Index, String, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kit import clock
from kit.database import Instant, Json, Key, Prose, Row
from kit.ids import new_id

MAX_ATTEMPTS = 8


class Event:
    """Base of all events: frozen dataclasses of plain values, named in the past tense."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def load(cls, payload: Json) -> Self:
        """Rebuild the event from its stored payload."""
        return cls(**payload)


class OutboxEvent(Row):
    """An event on its way: delivered when `delivered_at` is set, given up when `dead_at` is."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index(
            "ix_outbox_events_waiting",
            "due_at",
            postgresql_where=text("delivered_at IS NULL AND dead_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[Json]
    occurred_at: Mapped[Instant]
    # Real time, not the shop's: a moved clock must neither hold back nor hurry a delivery.
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[Instant | None]
    dead_at: Mapped[Instant | None]
    last_error: Mapped[Prose | None]


class EventDelivery(Row):
    """One handler has dealt with one event."""

    __tablename__ = "event_deliveries"

    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    handler: Mapped[str] = mapped_column(String(128), primary_key=True)
    handled_at: Mapped[Instant]


def record(session: Session, event: Event) -> uuid.UUID:
    """Write an event into the outbox of the open transaction.

    Args:
        session: the transaction that makes the change.
        event: a frozen dataclass of plain JSON values (ids and dates as text, quantities, codes).

    Returns:
        The event's id.
    """
    row = made(session, event)
    session.add(row)
    session.flush()
    return row.id


def made(session: Session, event: Event) -> OutboxEvent:
    """Return the row of an event, for who writes it with other rows (`kit.writing`).

    The relay hears of it after the commit, as of all that are recorded in this session.
    """
    payload = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    for name, value in payload.items():
        if isinstance(value, uuid.UUID | date | datetime):
            raise TypeError(f"{type(event).__name__}.{name}: events carry plain JSON values")
    row = OutboxEvent(
        id=new_id(),
        name=type(event).__name__,
        payload=payload,
        occurred_at=clock.now(),
        due_at=datetime.now(UTC),
        attempts=0,
    )
    session.info.setdefault("recorded_events", []).append((row.id, row.name))
    return row


def recorded(session: Session) -> list[tuple[uuid.UUID, str]]:
    """Return (and forget) id and name of each event recorded in this session, for the relay."""
    pairs: list[tuple[uuid.UUID, str]] = session.info.pop("recorded_events", [])
    return pairs


def first_time(session: Session, event_id: uuid.UUID, handler: str) -> bool:
    """Claim an event for a handler inside the handler's own transaction.

    Returns:
        True once per event and handler; False when another delivery has dealt with it. A second
        delivery that runs at the same time waits here until the first one has ended.
    """
    claim = (
        insert(EventDelivery)
        .values(event_id=event_id, handler=handler, handled_at=clock.now())
        .on_conflict_do_nothing()
        .returning(EventDelivery.event_id)
    )
    return session.scalar(claim) is not None


def waiting(
    session: Session, limit: int = 500, older_than: timedelta = timedelta()
) -> list[OutboxEvent]:
    """Return events that are due and neither delivered nor given up, oldest first.

    Args:
        older_than: leave alone what became due only just now; its own process is handing it over.
    """
    rows = (
        select(OutboxEvent)
        .where(
            OutboxEvent.delivered_at.is_(None),
            OutboxEvent.dead_at.is_(None),
            OutboxEvent.due_at <= datetime.now(UTC) - older_than,
        )
        .order_by(OutboxEvent.due_at)
        .limit(limit)
    )
    return list(session.scalars(rows))


def mark_delivered(session: Session, event_id: uuid.UUID) -> None:
    """Note that every handler of the event has run."""
    session.execute(
        update(OutboxEvent).where(OutboxEvent.id == event_id).values(delivered_at=clock.now())
    )


def mark_failed(session: Session, event_id: uuid.UUID, error: str) -> None:
    """Note a failed delivery: try again later, twice as late each time, and give up after eight."""
    row = session.get_one(OutboxEvent, event_id, with_for_update=True)
    if row.delivered_at is not None:
        # Another delivery at the same time has managed what this one could not.
        return
    row.attempts += 1
    row.last_error = error[:2000]
    row.due_at = datetime.now(UTC) + timedelta(seconds=2**row.attempts)
    if row.attempts >= MAX_ATTEMPTS:
        row.dead_at = clock.now()
