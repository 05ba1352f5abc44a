"""Who changed what: the database notes it by itself where a person is named for a transaction.

Triggers on the tables of goods, prices, people, locations and so on (migration 0022) write what
was and what has become into `audit_log`, in the same transaction. Nobody has to remember to, and
nobody can change it afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from app.identity.models import AuditEntry
from kit import clock

_NAME = text("SELECT set_config('kontor.actor', :actor, true), set_config('kontor.at', :at, true)")


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; empty fields ask for all."""

    actor: str = ""
    thing: str = ""
    key: str = ""
    since: datetime | None = None
    until: datetime | None = None


def name(connection: Connection, actor: str) -> None:
    """Name the person for the rest of an open transaction; what changes from here on is theirs."""
    connection.execute(_NAME, {"actor": actor, "at": clock.now().isoformat()})


def note(session: Session, actor: str, action: str, thing: str, key: str, **facts: object) -> None:
    """Note something that no table shows: somebody signed in, or was refused."""
    session.add(
        AuditEntry(
            happened_at=clock.now(),
            actor=actor,
            action=action,
            thing=thing,
            key=key,
            was=None,
            becomes=dict(facts) or None,
        )
    )
    session.flush()


def entries(
    session: Session, wanted: Wanted, *, limit: int = 100, before: int | None = None
) -> Sequence[AuditEntry]:
    """Return entries, the newest first.

    Args:
        session: any session.
        wanted: which.
        limit: how many at most.
        before: only those with a smaller id: the next page.
    """
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if wanted.actor:
        query = query.where(AuditEntry.actor.icontains(wanted.actor, autoescape=True))
    if wanted.thing:
        query = query.where(AuditEntry.thing == wanted.thing)
    if wanted.key:
        query = query.where(func.lower(AuditEntry.key) == wanted.key.lower())
    if wanted.since:
        query = query.where(AuditEntry.happened_at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.happened_at < wanted.until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query).all()


def things(session: Session) -> list[str]:
    """Return what has been changed at all, as names of tables."""
    return list(session.scalars(select(AuditEntry.thing).distinct().order_by(AuditEntry.thing)))
