"""Take back what somebody has changed at cartons and shelf places, as long as it stands like that.

The log of changes (`app.identity.audit`) knows what was. A change is all that one person wrote in
one step: a table of a thousand places is taken back as a whole, or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.models import AuditEntry
from fulfilment.models import Box, ShelfPlace
from fulfilment.outbound import boxes, shelving
from kit.database import transaction
from kit.errors import NotFound, Refused

_TAKEN_BACK = 12
_BETWEEN = " / "


@dataclass(frozen=True)
class Change:
    """What a person changed in one step: `first` is the id of its first entry."""

    first: int
    thing: str
    actor: str
    happened_at: datetime
    rows: int
    key: str
    was: dict[str, Any]
    becomes: dict[str, Any]


def latest(
    session: Session, thing: str, *, location: str | None = None, limit: int = _TAKEN_BACK
) -> Sequence[Change]:
    """Return the last changes of a thing, the newest first; one entry stands for its whole step.

    Args:
        session: any session.
        thing: ``boxes`` or ``shelf_places``.
        location: only shelf places of this location.
        limit: how many at most.
    """
    entry = AuditEntry
    steps = (
        select(func.min(entry.id).label("first"), func.count().label("rows"))
        .where(
            entry.thing == thing, entry.key.startswith(f"{location}{_BETWEEN}" if location else "")
        )
        .group_by(entry.happened_at, entry.actor)
        .order_by(func.min(entry.id).desc())
        .limit(limit)
        .subquery()
    )
    query = select(entry, steps.c.rows).join(steps, steps.c.first == entry.id)
    return [
        Change(
            row.id, thing, row.actor, row.happened_at, rows, row.key, row.was or {},
            row.becomes or {},
        )
        for row, rows in session.execute(query.order_by(entry.id.desc()))
    ]  # fmt: skip


def take_back(first: int, *, location: str | None = None) -> int:
    """Undo a change as a whole; return how many rows that were. It is a change itself.

    Args:
        first: of `Change`.
        location: only what is of this location, for who belongs to one; None takes back any.

    Raises:
        NotFound: ``change``: there is none, it is another location's, or of things that cannot be
            taken back here.
        Refused: ``changed_meanwhile``; nothing is taken back then.
    """
    with transaction() as session:
        found = session.get(AuditEntry, first)
        if found is None or found.thing not in _UNDO:
            raise NotFound("change")
        entries = session.scalars(
            select(AuditEntry)
            .where(
                AuditEntry.thing == found.thing,
                AuditEntry.actor == found.actor,
                AuditEntry.happened_at == found.happened_at,
            )
            .order_by(AuditEntry.id.desc())
        ).all()
        for entry in entries:
            if location and _BETWEEN in entry.key and not entry.key.startswith(location + _BETWEEN):
                raise NotFound("change")
            _UNDO[entry.thing](session, entry)
        return len(entries)


def _undo_box(session: Session, entry: AuditEntry) -> None:
    row = boxes.one(session, entry.key)
    if entry.action == "insert":
        boxes.retire(session, entry.key)
        return
    was, becomes = entry.was or {}, entry.becomes or {}
    for name, value in becomes.items():
        if getattr(row, name) != _read(Box, name, value):
            raise Refused("changed_meanwhile", key=entry.key)
    for name, value in was.items():
        setattr(row, name, _read(Box, name, value))
    session.flush()


def _read(table: type[Box], name: str, value: Any) -> Any:
    """Return a value of the log as its column holds it."""
    instant = table.__table__.c[name].type.python_type is datetime
    return datetime.fromisoformat(value) if instant and value is not None else value


def _undo_place(session: Session, entry: AuditEntry) -> None:
    location, _between, sku = entry.key.partition(_BETWEEN)
    now = session.get(ShelfPlace, (location, sku), populate_existing=True)
    becomes = (entry.becomes or {}).get("place")
    if (now.place if now else None) != becomes:
        raise Refused("changed_meanwhile", key=entry.key)
    was = (entry.was or {}).get("place")
    if was is None:
        shelving.clear(session, location, [sku])
    else:
        shelving.put(session, location, {sku: was})


_UNDO: dict[str, Callable[[Session, AuditEntry], None]] = {
    "boxes": _undo_box,
    "shelf_places": _undo_place,
}
