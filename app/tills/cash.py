"""The cash of a drawer as a ledger: every cent in or out has an entry with its reason."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.tills.models import CashEntry, TillSession
from kit import clock
from kit.errors import Invalid

BY_HAND = {"deposit": 1, "tip": 1, "payout": -1, "bank": -1}
"""What people move themselves, and in which direction: 1 into the drawer."""

MOST_MINOR = 100_000_000


@dataclass(frozen=True)
class Entry:
    """A movement to be booked. `key` names it once."""

    kind: str
    amount_minor: int
    document: str
    key: str
    reason: str = ""
    cashier: str | None = None
    happened_at: datetime | None = None


def book(session: Session, drawer: TillSession, entry: Entry) -> int | None:
    """Book a movement of cash and return its id; None where its key has been booked before."""
    row = insert(CashEntry).values(_values(drawer, entry))
    claim = row.on_conflict_do_nothing(index_elements=["key"]).returning(CashEntry.id)
    return session.scalar(claim)


def made(drawer: TillSession, entry: Entry) -> CashEntry:
    """Return the row of a movement, for who writes it with other rows (`kit.writing`)."""
    return CashEntry(**_values(drawer, entry))


def _values(drawer: TillSession, entry: Entry) -> dict[str, Any]:
    booked_at = clock.now()
    return {
        **asdict(entry),
        "session": drawer.id,
        "device": drawer.device,
        "happened_at": entry.happened_at or booked_at,
        "booked_at": booked_at,
    }


def by_key(session: Session, key: str) -> CashEntry | None:
    """Return the movement that has this key."""
    return session.scalar(select(CashEntry).where(CashEntry.key == key))


def by_hand(kind: str, amount_minor: int) -> None:
    """Pass a movement that people make themselves.

    Raises:
        Invalid: ``cash_kind`` or ``cash_amount``: nothing, too much, or the wrong way.
    """
    if kind not in BY_HAND:
        raise Invalid("cash_kind", kind=kind, known=sorted(BY_HAND))
    if not 0 < amount_minor * BY_HAND[kind] <= MOST_MINOR:
        raise Invalid("cash_amount", kind=kind, amount_minor=amount_minor)


def expected(session: Session, drawer: uuid.UUID) -> int:
    """Return what the drawer should hold, minor units."""
    query = select(func.sum(CashEntry.amount_minor)).where(
        CashEntry.session == drawer, CashEntry.kind != "difference"
    )
    return int(session.scalar(query) or 0)


def entries(session: Session, drawer: uuid.UUID) -> list[CashEntry]:
    """Return every movement of a drawer, oldest first."""
    query = select(CashEntry).where(CashEntry.session == drawer)
    return list(session.scalars(query.order_by(CashEntry.happened_at, CashEntry.id)))
