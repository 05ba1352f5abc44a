"""Legal texts with versions: in force from an instant on, and readable for good.

A version is never changed and never removed; a mistake is corrected by the next one. Which text
an order was made under, the instant of the order says.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.legal.models import LegalDraft, LegalVersion
from kit import clock
from kit.errors import Invalid, NotFound, Refused


def in_force(session: Session, page: str, at: datetime | None = None) -> LegalVersion | None:
    """Return the version of a page that is in force at an instant (now where None)."""
    query = (
        select(LegalVersion)
        .where(LegalVersion.page == page, LegalVersion.valid_from <= (at or clock.now()))
        .order_by(LegalVersion.valid_from.desc(), LegalVersion.version.desc())
        .limit(1)
    )
    return session.scalar(query)


def version(session: Session, page: str, number: int) -> LegalVersion:
    """Return a version by its number.

    Raises:
        NotFound: ``legal_version``.
    """
    row = session.scalar(
        select(LegalVersion).where(LegalVersion.page == page, LegalVersion.version == number)
    )
    if row is None:
        raise NotFound("legal_version", page=page, version=number)
    return row


def versions(session: Session, page: str) -> list[LegalVersion]:
    """Return every version of a page, the newest first."""
    query = (
        select(LegalVersion).where(LegalVersion.page == page).order_by(LegalVersion.version.desc())
    )
    return list(session.scalars(query))


def draft(session: Session, page: str) -> LegalDraft | None:
    """Return what somebody is working on."""
    return session.get(LegalDraft, page, populate_existing=True)


def keep_draft(session: Session, page: str, texts: Mapping[str, Any], actor: str) -> None:
    """Keep a draft; the next one replaces it."""
    row = insert(LegalDraft).values(
        page=page, texts=dict(texts), actor=actor, changed_at=clock.now()
    )
    changed = {name: row.excluded[name] for name in ("texts", "actor", "changed_at")}
    session.execute(row.on_conflict_do_update(index_elements=["page"], set_=changed))


def publish(
    session: Session,
    page: str,
    texts: Mapping[str, Any],
    *,
    actor: str,
    note: str,
    valid_from: datetime | None = None,
) -> LegalVersion:
    """Publish a version; the draft of the page is done with.

    Args:
        session: an open transaction.
        page: which.
        texts: see `LegalVersion`.
        actor: who.
        note: why, for whoever asks later.
        valid_from: from when on; now where None. Never in the past: what customers read then
            cannot be changed.

    Raises:
        Invalid: ``legal_note`` or ``legal_valid_from``.
        Refused: ``nothing_changed``: it is word for word the last version.
    """
    now = clock.now()
    starts = valid_from or now
    if not note.strip():
        raise Invalid("legal_note")
    if starts < now:
        raise Invalid("legal_valid_from")
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"legal/{page}"))))
    last = next(iter(versions(session, page)), None)
    if last is not None and last.texts == dict(texts):
        raise Refused("nothing_changed")
    row = LegalVersion(
        page=page,
        version=last.version + 1 if last else 1,
        valid_from=starts,
        texts=dict(texts),
        note=note.strip(),
        actor=actor,
        published_at=now,
    )
    session.add(row)
    standing = draft(session, page)
    if standing is not None:
        session.delete(standing)
    session.flush()
    return row
