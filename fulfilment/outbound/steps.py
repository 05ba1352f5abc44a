"""Steps that a phone reports, each once: it may say them again when it did not hear the answer."""

import uuid
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import FloorStep
from kit import clock
from kit.database import Json
from kit.errors import Invalid

KEPT_FOR = timedelta(days=14)
"""How long a phone may lie in a drawer with steps that it has not told."""

_SHORTEST, _LONGEST = 8, 64


def begin(session: Session, key: str, job_id: uuid.UUID, what: str, actor: str) -> Json | None:
    """Take a step's key; return the answer of before where it was done already.

    Who says the same step at the same time waits here until the first one is over.

    Args:
        session: the open transaction, which does the step.
        key: made by the device for this one step.
        job_id: the fulfilment order that it belongs to; it exists.
        what: e.g. ``"scan"``.
        actor: who does it.

    Raises:
        Invalid: ``step_key``: too short or too long, or used for another step.
    """
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise Invalid("step_key", key=key)
    row = (
        insert(FloorStep)
        .values(
            key=key,
            fulfilment_order_id=job_id,
            what=what,
            answer={},
            actor=actor,
            done_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(FloorStep.key)
    )
    if session.scalar(row) is not None:
        return None
    known = session.get_one(FloorStep, key)
    if (known.fulfilment_order_id, known.what) != (job_id, what):
        raise Invalid("step_key", key=key)
    return known.answer


def end(session: Session, key: str, answer: Json) -> Json:
    """Keep a step's answer for whoever asks again; return it."""
    session.get_one(FloorStep, key).answer = answer
    session.flush()
    return answer


def forget(session: Session) -> int:
    """Drop what no phone will say again; return how many."""
    old = delete(FloorStep).where(FloorStep.done_at < clock.now() - KEPT_FOR)
    return len(session.scalars(old.returning(FloorStep.key)).all())
