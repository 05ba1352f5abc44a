"""Questions to customers who wanted to collect what the store cannot give: one open per order."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales.models import CollectQuestion
from kit import clock
from kit.errors import Refused
from kit.ids import new_id

REMIND_AFTER = timedelta(hours=24)
"""Nobody has answered: the customer is reminded once."""
CALL_AFTER = timedelta(hours=48)
"""Still nobody: it stands on the back office's worklist as due."""


SHOWN = 200
"""Questions that the list shows at most: the longest overdue."""


def open_for(session: Session, order_ref: str, *, lock: bool = False) -> CollectQuestion | None:
    """Return the open question of an order; with `lock` nobody else answers it meanwhile."""
    query = select(CollectQuestion).where(
        CollectQuestion.order_ref == order_ref, CollectQuestion.answered_at.is_(None)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def ask(
    session: Session, order_ref: str, *, location: str, reason: str, facts: Mapping[str, Any]
) -> tuple[CollectQuestion, bool]:
    """Ask, or bring the open question up to date.

    Args:
        session: the open transaction, which holds the order.
        order_ref: about which order.
        location: the store that cannot hand the goods over.
        reason: why not: a reason of refusals, short_pick, till_sale …
        facts: what the page and the letter say, as plain JSON.

    Returns:
        The question, and whether it is new.
    """
    known = open_for(session, order_ref, lock=True)
    if known is not None:
        known.facts = dict(facts)
        session.flush()
        return known, False
    now = clock.now()
    question = CollectQuestion(
        id=new_id(),
        order_ref=order_ref,
        location=location,
        reason=reason,
        facts=dict(facts),
        asked_at=now,
        remind_at=now + REMIND_AFTER,
        deadline_at=now + CALL_AFTER,
    )
    session.add(question)
    session.flush()
    return question, True


def answer(question: CollectQuestion, chosen: str, by: str) -> None:
    """Note the answer to a locked question.

    Raises:
        Refused: ``question_answered`` with the earlier `answer`.
    """
    if question.answered_at is not None:
        raise Refused("question_answered", answer=question.answer)
    question.answered_at, question.answer, question.answered_by = clock.now(), chosen, by


def to_remind(session: Session, now: datetime) -> list[str]:
    """Return the orders whose customers are to be reminded of a question."""
    row = CollectQuestion
    query = (
        select(row.order_ref)
        .where(row.answered_at.is_(None), row.reminded_at.is_(None), row.remind_at <= now)
        .order_by(row.remind_at)
    )
    return list(session.scalars(query))


def waiting(session: Session) -> list[CollectQuestion]:
    """Return the open questions, the longest overdue first."""
    row = CollectQuestion
    query = (
        select(row).where(row.answered_at.is_(None)).order_by(row.deadline_at, row.id).limit(SHOWN)
    )
    return list(session.scalars(query))
