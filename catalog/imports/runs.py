"""Imports from the upload to the takeover: looking → looked_at → running → done; or discarded.

A worker looks and takes over; both say now and then how far they are. Where one has died, its
event is delivered again: looking changes nothing, taking over is one transaction, and what is done
already is found as it should be.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from catalog.events import CatalogImportAsked
from catalog.imports import planning, sheets
from catalog.imports.models import CatalogImport
from catalog.imports.planning import Plan
from catalog.imports.sheets import Row
from kit import clock, events
from kit.database import Json
from kit.errors import NotFound, Refused
from kit.ids import new_id

LOOKING, LOOKED_AT, RUNNING, DONE, FAILED, DISCARDED = (
    "looking", "looked_at", "running", "done", "failed", "discarded",
)  # fmt: skip
AT_WORK = (LOOKING, RUNNING)
LONGEST_NAME = 200


def upload(session: Session, kind: str, filename: str, content: bytes, *, actor: str) -> uuid.UUID:
    """Keep a file and have it looked at; return the import's id.

    Raises:
        Invalid: as `sheets.read` and `planning.check_columns`.
    """
    rows = sheets.read(filename, content)
    planning.check_columns(kind, rows)
    row = CatalogImport(
        id=new_id(),
        kind=kind,
        filename=filename[-LONGEST_NAME:],
        state=LOOKING,
        rows=[[line, cells] for line, cells in rows],
        found=Plan().to_json(),
        done=0,
        total=len(rows),
        actor=actor,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    events.record(session, CatalogImportAsked(import_id=str(row.id)))
    return row.id


def take_over(session: Session, import_id: uuid.UUID, *, actor: str) -> None:
    """Have what was looked at done.

    Raises:
        NotFound: ``import``.
        Refused: ``import_state``; ``import_bad`` where a line is bad: nothing is done then.
    """
    row = one(session, import_id, lock=True)
    if row.state != LOOKED_AT:
        raise Refused("import_state", state=row.state)
    if row.found["bad"]:
        raise Refused("import_bad", bad=row.found["bad"])
    row.state, row.done, row.actor, row.started_at = RUNNING, 0, actor, clock.now()
    session.flush()
    events.record(session, CatalogImportAsked(import_id=str(row.id)))


def discard(session: Session, import_id: uuid.UUID) -> None:
    """Leave it.

    Raises:
        NotFound: ``import``.
        Refused: ``import_state``: it is being worked on, or done.
    """
    row = one(session, import_id, lock=True)
    if row.state != LOOKED_AT:
        raise Refused("import_state", state=row.state)
    row.state, row.ended_at = DISCARDED, clock.now()
    session.flush()


def one(session: Session, import_id: uuid.UUID, *, lock: bool = False) -> CatalogImport:
    """Return an import without its lines.

    Raises:
        NotFound: ``import``.
    """
    row = session.get(
        CatalogImport, import_id, with_for_update=lock or None, populate_existing=True
    )
    if row is None:
        raise NotFound("import", id=str(import_id))
    return row


def newest(session: Session, limit: int = 30) -> Sequence[CatalogImport]:
    """Return imports, the newest first."""
    query = select(CatalogImport).order_by(CatalogImport.asked_at.desc()).limit(limit)
    return session.scalars(query).all()


def lines(session: Session, import_id: uuid.UUID) -> list[Row]:
    """Return the lines of an import's file."""
    row = session.get_one(CatalogImport, import_id, options=[undefer(CatalogImport.rows)])
    return [(int(line), dict(cells)) for line, cells in row.rows]


def end(session: Session, import_id: uuid.UUID, was: str, found: Plan | None, **more: Any) -> None:
    """Note how a look or a takeover ended; nothing where somebody else was quicker."""
    values: Json = {**more}
    if found is not None:
        values["found"] = found.to_json()
    session.execute(
        update(CatalogImport)
        .where(CatalogImport.id == import_id, CatalogImport.state == was)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
