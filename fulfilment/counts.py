"""Counting: somebody looks at the shelf where it and the books disagreed, and the books follow."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment import losses
from fulfilment.balances import Place, columns
from fulfilment.locks import lock_balances
from fulfilment.models.claims import CountTask
from fulfilment.movements import Move, move
from fulfilment.shortages import Loss
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id

_ASK = text(
    """
    INSERT INTO count_tasks (id, location, sku, cause, document, opened_at)
    SELECT task.id, task.location, task.sku, :cause, :document, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:locations AS text[]), CAST(:skus AS text[]))
        AS task (id, location, sku)
    ORDER BY task.location, task.sku
    ON CONFLICT (location, sku) WHERE done_at IS NULL DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count did to the books: the posted difference, and claims that had to give way."""

    difference: int
    lost: list[Loss]


@dataclass(frozen=True, slots=True)
class CountTaskView:
    """An open task to count a SKU at a location."""

    id: uuid.UUID
    location: str
    sku: str
    cause: str
    document: str
    opened_at: datetime


def ask(session: Session, places: Iterable[Place], *, cause: str, document: str) -> None:
    """Ask for a count at places; one that waits already is enough.

    Args:
        session: the open transaction, which holds the places' locks.
        places: where to count what.
        cause: found, short_pick …
        document: what it happened for.
    """
    wanted = list(places)
    if not wanted:
        return
    session.execute(
        _ASK,
        {
            **columns(wanted),
            "ids": [new_id() for _ in wanted],
            "cause": cause,
            "document": document,
            "now": clock.now(),
        },
    )


def open_tasks(session: Session, location: str) -> list[CountTaskView]:
    """Return the open count tasks of a location, oldest first."""
    row = CountTask
    query = (
        select(row.id, row.location, row.sku, row.cause, row.document, row.opened_at)
        .where(row.location == location, row.done_at.is_(None))
        .order_by(row.opened_at, row.sku)
    )
    return [CountTaskView(*found) for found in session.execute(query)]


def post(session: Session, task_id: uuid.UUID, counted: int, *, actor: str) -> Counted:
    """Book the result of a count: quarantine ends, the difference is posted. Once per task.

    Args:
        session: the open transaction.
        task_id: the count task.
        counted: units on the shelf and in quarantine, without those in totes and parcels; 0 or
            more.
        actor: who counted.

    Raises:
        Invalid: ``quantity``; below 0.
        NotFound: ``count_task``.
        Refused: ``count_task_done`` with the earlier result.
    """
    if counted < 0:
        raise Invalid("quantity", quantity=counted)
    task = session.get(CountTask, task_id)
    if task is None:
        raise NotFound("count_task")
    place = (task.location, task.sku)
    held = lock_balances(session, [place])
    session.refresh(task)
    if task.done_at is not None:
        raise Refused("count_task_done", counted=task.counted, done_by=task.done_by)
    balance = held[place]
    difference = counted - (balance.on_hand - balance.picked)
    lost = losses.drop(session, held, {place: balance.picked + counted}, cause="count")
    document = f"count {task.id}"
    moves = []
    if balance.quarantined:
        moves.append(_move(place, balance.quarantined, "quarantine", "shelf", document))
    if difference > 0:
        moves.append(_move(place, difference, "variance", "shelf", document))
    if difference < 0:
        moves.append(_move(place, -difference, "shelf", "variance", document))
    move(session, moves, actor=actor, channel="floor", held=held)
    task.done_at, task.counted, task.done_by = clock.now(), counted, actor
    session.flush()
    return Counted(difference, lost)


def _move(place: Place, quantity: int, source: str, target: str, document: str) -> Move:
    location, sku = place
    at_place = {"shelf": location, "quarantine": location}
    cause = "count" if "variance" in {source, target} else "quarantine_ended"
    return Move(
        sku=sku,
        quantity=quantity,
        from_account=source,
        from_location=at_place.get(source),
        to_account=target,
        to_location=at_place.get(target),
        cause=cause,
        document=document,
        key=f"{document}/{source}",
    )
