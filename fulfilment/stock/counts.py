"""Counting: somebody looks at the shelf, because it surprised us or in turn, and the books follow.

Counts are blind: a task names the SKU and the place, not what the books say.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.claims.shortages import Loss
from fulfilment.models.claims import CountTask
from fulfilment.stock import losses, trust
from fulfilment.stock.balances import Place, columns
from fulfilment.stock.locks import lock_balances
from fulfilment.stock.movements import move
from fulfilment.tracing import counted_lots
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id

REASONS = ("miscount", "theft", "damage", "misdelivery", "unknown")
"""Why a count posts a difference, as far as the counter knows."""

_ASK = text(
    """
    INSERT INTO count_tasks (id, location, sku, cause, document, opened_at)
    SELECT task.id, task.location, task.sku, :cause, :document, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:locations AS text[]), CAST(:skus AS text[]))
        AS task (id, location, sku)
    ORDER BY task.location, task.sku
    ON CONFLICT (location, sku) WHERE done_at IS NULL DO NOTHING
    RETURNING id
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


def ask(session: Session, places: Iterable[Place], *, cause: str, document: str) -> int:
    """Ask for a count at places; one that waits already is enough.

    Args:
        session: the open transaction, which holds the places' locks.
        places: where to count what.
        cause: found, short_pick, planned …
        document: what it happened for.

    Returns:
        How many tasks are new.
    """
    wanted = list(places)
    if not wanted:
        return 0
    asked = session.execute(
        _ASK,
        {
            **columns(wanted),
            "ids": [new_id() for _ in wanted],
            "cause": cause,
            "document": document,
            "now": clock.now(),
        },
    )
    return len(asked.all())


def surprised(
    session: Session,
    differences: Mapping[Place, int],
    *,
    cause: str,
    document: str,
    actor: str,
) -> None:
    """Note that shelves held more or less than the books, and ask for counts there.

    Args:
        session: the open transaction, which holds the places' locks.
        differences: by place, units that the shelf had more (positive) or less than the books.
        cause: how it was noticed: found, short_pick …
        document: what it happened for.
        actor: who noticed.
    """
    trust.note(session, differences, cause=cause, document=document, actor=actor)
    ask(session, differences, cause=cause, document=document)


def plan(session: Session, places: Iterable[Place], *, document: str) -> int:
    """Ask for counts in turn, without a surprise; a task that waits already is enough.

    Args:
        session: the open transaction.
        places: where to count what.
        document: the plan, e.g. ``"week 47"``.

    Returns:
        How many tasks are new.

    Raises:
        NotFound: ``location``.
    """
    wanted = set(places)
    lock_balances(session, wanted)
    return ask(session, wanted, cause="planned", document=document)


def open_tasks(session: Session, location: str) -> list[CountTaskView]:
    """Return the open count tasks of a location, oldest first."""
    row = CountTask
    query = (
        select(row.id, row.location, row.sku, row.cause, row.document, row.opened_at)
        .where(row.location == location, row.done_at.is_(None))
        .order_by(row.opened_at, row.sku)
    )
    return [CountTaskView(*found) for found in session.execute(query)]


def post(
    session: Session,
    task_id: uuid.UUID,
    counted: int,
    *,
    actor: str,
    reason: str | None = None,
    lots: Mapping[str, int] | None = None,
) -> Counted:
    """Book a count, once per task: quarantine and doubt end, the difference is posted.

    What is called back stays in quarantine, or goes there.

    Args:
        session: the open transaction.
        task_id: the count task.
        counted: units on the shelf and in quarantine, without those in totes and parcels; 0 or
            more.
        actor: who counted.
        reason: why there is a difference, one of `REASONS`; unknown where None.
        lots: the counted units by lot, of a SKU that is kept apart; a lot that is not named is not
            there. Where None the difference is of unknown lot.

    Raises:
        Invalid: ``quantity``; below 0. ``count_reason``. What `counted_lots.moves` asks of lots.
        NotFound: ``count_task``.
        Refused: ``count_task_done`` with the earlier result; ``serial_elsewhere``.
    """
    if counted < 0:
        raise Invalid("quantity", quantity=counted)
    if reason is not None and reason not in REASONS:
        raise Invalid("count_reason", reason=reason)
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
    document = f"count {task.id}"
    moves = counted_lots.moves(session, held, place, counted, lots, document)
    shelf = balance.shelf + sum(
        one.quantity * ((one.to_account == "shelf") - (one.from_account == "shelf"))
        for one in moves
    )
    lost = losses.drop(session, held, {place: shelf}, cause="count")
    move(session, moves, actor=actor, channel="floor", held=held)
    why = (reason or "unknown") if difference else None
    trust.counted(session, held, place, difference, reason=why, document=document, actor=actor)
    task.done_at, task.counted, task.done_by = clock.now(), counted, actor
    session.flush()
    return Counted(difference, lost)
