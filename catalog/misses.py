"""Texts that nothing was found for: counted, so that people see which synonym is missing.

Nothing of the person is kept, and nothing that may name one: no addresses, no long numbers.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.folding import fold
from catalog.models import SearchMiss
from kit import clock

KEPT = timedelta(days=90)
MAX_LENGTH = 60
# Telephone, customer and card numbers; type numbers and GTINs are no longer than this by much.
_PERSONAL = re.compile(r"@|\+?\d[\d /-]{8,}")


@dataclass(frozen=True)
class Miss:
    """A text in normal form, and how often it was typed in vain."""

    term: str
    times: int
    last_at: datetime


def note(session: Session, typed: str) -> bool:
    """Count a text that nothing was found for; tell whether it was counted."""
    term = fold(typed)
    if not term or len(typed) > MAX_LENGTH or _PERSONAL.search(typed):
        return False
    now = clock.now()
    put = insert(SearchMiss).values(term=term[:96], times=1, first_at=now, last_at=now)
    session.execute(
        put.on_conflict_do_update(
            index_elements=["term"], set_={"times": SearchMiss.times + 1, "last_at": now}
        )
    )
    return True


def listed(session: Session, *, limit: int = 30) -> list[Miss]:
    """Return what was typed in vain in the last 90 days, the most frequent first."""
    row = SearchMiss
    query = (
        select(row.term, row.times, row.last_at)
        .where(row.last_at > clock.now() - KEPT)
        .order_by(row.times.desc(), row.last_at.desc(), row.term)
        .limit(limit)
    )
    return [Miss(*found) for found in session.execute(query)]


def forget(session: Session, term: str | None = None) -> int:
    """Forget a text that has been dealt with, or all that are older than 90 days."""
    row = SearchMiss
    old = row.last_at <= clock.now() - KEPT if term is None else row.term == term
    gone = session.scalars(delete(row).where(old).returning(row.term))
    return len(gone.all())
