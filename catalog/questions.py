"""What shoppers ask where the search finds nothing: a manual they miss, or a question to a store.

Kept word for word and open until somebody closes it with what became of it. The same person asking
the same thing twice (a second press, the back button) is one question.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from catalog.folding import fold
from catalog.models import ShopperQuestion
from kit import clock
from kit.errors import Invalid, NotFound, Refused

MANUAL, QUESTION = "manual", "question"
KINDS = (MANUAL, QUESTION)
OUTCOMES = ("answered", "published", "not_to_be_had", "unclear")
ABOUT_LENGTH, EMAIL_LENGTH, NOTE_LENGTH = 120, 120, 2000
_ADDRESS_PARTS = 2


@dataclass(frozen=True)
class Asked:
    """What somebody asks; `store` is the code of the store that is asked."""

    kind: str
    about: str
    email: str
    note: str = ""
    store: str | None = None
    language: str = "de"


@dataclass(frozen=True)
class QuestionView:
    """A question and, once it is closed, what became of it."""

    id: uuid.UUID
    kind: str
    about: str
    email: str
    note: str
    store: str | None
    language: str
    asked_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None


def faults(asked: Asked) -> list[str]:
    """Return the names of the fields that nobody could answer to."""
    wrong = []
    if not fold(asked.about) or len(asked.about) > ABOUT_LENGTH:
        wrong.append("about")
    parts = asked.email.split("@")
    told = len(parts) == _ADDRESS_PARTS and all(parts) and "." in parts[1]
    if not told or len(asked.email) > EMAIL_LENGTH or any(sign.isspace() for sign in asked.email):
        wrong.append("email")
    if len(asked.note) > NOTE_LENGTH:
        wrong.append("note")
    return wrong


def ask(session: Session, asked: Asked) -> uuid.UUID:
    """Keep a question and return its id; one that is open already is not kept twice.

    Raises:
        Invalid: ``question_kind``; ``question`` with the names of the wrong fields.
    """
    if asked.kind not in KINDS:
        raise Invalid("question_kind", kind=asked.kind)
    if wrong := faults(asked):
        raise Invalid("question", fields=wrong)
    # Two presses at the same time take turns.
    mark = f"question/{asked.kind}/{asked.email.casefold()}/{fold(asked.about)}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(mark, 0))))
    row = ShopperQuestion
    same = select(row.id, row.about).where(
        row.kind == asked.kind,
        func.lower(row.email) == asked.email.lower(),
        row.note == asked.note,
        row.closed_at.is_(None),
    )
    for known, about in session.execute(same):
        if fold(about) == fold(asked.about):
            return uuid.UUID(str(known))
    put = ShopperQuestion(**vars(asked), asked_at=clock.now())
    session.add(put)
    session.flush()
    return put.id


def of_address(session: Session, email: str) -> Sequence[QuestionView]:
    """Return what somebody has asked, the oldest first."""
    row = ShopperQuestion
    columns = [getattr(row, name) for name in QuestionView.__dataclass_fields__]
    query = select(*columns).where(func.lower(row.email) == email.lower())
    return [QuestionView(*found) for found in session.execute(query.order_by(row.asked_at))]


def erase(session: Session, email: str) -> None:
    """Delete what somebody has asked: without an address nobody can answer it."""
    session.execute(
        delete(ShopperQuestion).where(func.lower(ShopperQuestion.email) == email.lower())
    )


def forget(session: Session, before: datetime) -> None:
    """Forget who had asked what was closed before an instant; what was asked about stays."""
    row = ShopperQuestion
    old = update(row).where(row.closed_at < before, row.email != "")
    session.execute(old.values(email="", note=""))


def open_count(kind: str | None = None) -> Select[int]:
    """Return the query for how many questions wait."""
    query = select(func.count()).where(ShopperQuestion.closed_at.is_(None))
    return query if kind is None else query.where(ShopperQuestion.kind == kind)


def listed(session: Session, *, closed: bool = False, limit: int = 200) -> Sequence[QuestionView]:
    """Return the open questions, the oldest first, or the closed ones, the latest first."""
    row = ShopperQuestion
    columns = [getattr(row, name) for name in QuestionView.__dataclass_fields__]
    query = select(*columns).where(
        row.closed_at.is_not(None) if closed else row.closed_at.is_(None)
    )
    order = row.closed_at.desc() if closed else row.asked_at.asc()
    return [QuestionView(*found) for found in session.execute(query.order_by(order).limit(limit))]


def close(session: Session, question_id: uuid.UUID, *, outcome: str, actor: str) -> None:
    """Close a question with what became of it.

    Raises:
        Invalid: ``outcome``.
        NotFound: ``question``.
        Refused: ``question_closed``.
    """
    if outcome not in OUTCOMES:
        raise Invalid("outcome", outcome=outcome)
    row = ShopperQuestion
    closing = (
        update(row)
        .where(row.id == question_id, row.closed_at.is_(None))
        .values(closed_at=clock.now(), closed_by=actor, outcome=outcome)
        .returning(row.id)
    )
    if session.execute(closing).first() is not None:
        return
    if session.scalar(select(row.id).where(row.id == question_id)) is None:
        raise NotFound("question", id=str(question_id))
    raise Refused("question_closed", id=str(question_id))
