"""Call tasks: somebody calls the customer before a deadline and says what the facts hold."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.messages.letters import OrderFact
from app.messages.models import CallTask
from kit import clock
from kit.errors import Invalid, NotFound, Refused

OUTCOMES = ("reached", "voicemail", "mailed_instead")


def ask_for(
    session: Session,
    order: OrderFact,
    *,
    location: str,
    kind: str,
    facts: dict[str, Any],
    due_at: datetime,
    key: str,
) -> CallTask:
    """Open a call task, or bring the order's open one up to date: one call says all there is.

    Args:
        location: code of the store that calls; the customer's own where there is one.
        due_at: the deadline; an open task keeps its earlier one.
        key: names the cause once.
    """
    known = session.scalar(select(CallTask).where(CallTask.key == key))
    if known is not None:
        return known
    standing = session.scalar(
        select(CallTask)
        .where(
            CallTask.order_ref == order.ref,
            CallTask.done_at.is_(None),
            # A recall is a call of its own, never part of another one.
            (CallTask.kind == "recall") == (kind == "recall"),
        )
        .with_for_update()
    )
    if standing is not None:
        standing.facts = facts
        session.flush()
        return standing
    task = CallTask(
        order_ref=order.ref,
        location=location,
        customer_name=order.address.get("name", ""),
        phone=order.phone or "",
        kind=kind,
        facts=facts,
        opened_at=clock.now(),
        due_at=due_at,
        note="",
        key=key,
    )
    session.add(task)
    session.flush()
    return task


def done(
    session: Session,
    task_id: uuid.UUID,
    *,
    by: str,
    outcome: str,
    note: str = "",
    location: str | None = None,
) -> CallTask:
    """Note that the call was made.

    Args:
        session: the open transaction.
        task_id: the call task.
        by: who called.
        outcome: one of `OUTCOMES`.
        note: what was said.
        location: where the asker works, if that is all that concerns them.

    Raises:
        NotFound: ``call_task``, also for one of another location.
        Invalid: ``outcome``.
        Refused: ``call_done`` by whom.
    """
    if outcome not in OUTCOMES:
        raise Invalid("outcome", outcome=outcome, known=list(OUTCOMES))
    task = session.get(CallTask, task_id, with_for_update=True)
    if task is None or location not in {None, task.location}:
        raise NotFound("call_task")
    if task.done_at is not None:
        raise Refused("call_done", by=task.done_by)
    task.done_at = clock.now()
    task.done_by = by
    task.outcome = outcome
    task.note = note
    session.flush()
    return task


def due(session: Session, location: str | None = None) -> list[CallTask]:
    """Return open call tasks, the most urgent first, of one location or of all."""
    query = select(CallTask).where(CallTask.done_at.is_(None)).order_by(CallTask.due_at)
    if location is not None:
        query = query.where(CallTask.location == location)
    return list(session.scalars(query))
