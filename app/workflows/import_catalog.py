"""Look at an uploaded table, or take it over: a worker's job, with its progress to be seen.

1. Looking does every line in a transaction that is taken back.
2. Taking over does the same in one that stays; where a line has gone bad meanwhile, none of it.
The changes are those of the person who asked: the audit log names them.
"""

import logging
import time
import uuid
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.identity import audit
from catalog.events import CatalogImportAsked
from catalog.imports import planning, runs
from catalog.imports.models import CatalogImport
from catalog.imports.planning import Plan
from kit import clock
from kit.database import apart, engine, reading, transaction

log = logging.getLogger(__name__)

_SAY_EVERY_SECONDS = 0.5
_SAY = "UPDATE catalog_imports SET done = %s WHERE id = %s"


class _TakenBack(Exception):
    """Ends a transaction whose changes are not wanted."""


def carry_out(event: CatalogImportAsked) -> None:
    """Look at an import, or take it over (handler of `CatalogImportAsked`). May be repeated."""
    import_id = uuid.UUID(event.import_id)
    with reading() as session:
        row = runs.one(session, import_id)
    if row.state not in runs.AT_WORK:
        return
    try:
        if row.state == runs.LOOKING:
            found = _look(row)
            ended = {"state": runs.LOOKED_AT, "done": row.total}
        else:
            found = _take_over(row)
            ended = {"state": runs.LOOKED_AT if found.bad else runs.DONE, "done": row.total}
            ended["ended_at"] = None if found.bad else clock.now()
    except Exception as error:
        log.exception("import %s failed", import_id)
        with transaction() as session:
            more = {"state": runs.FAILED, "error": repr(error)[:500], "ended_at": clock.now()}
            runs.end(session, import_id, row.state, None, **more)
        return
    with transaction() as session:
        runs.end(session, import_id, row.state, found, **ended)


def _look(row: CatalogImport) -> Plan:
    found = Plan()
    try:
        with transaction() as session:
            found = _apply(session, row)
            raise _TakenBack
    except _TakenBack:
        return found


def _take_over(row: CatalogImport) -> Plan:
    found = Plan()
    try:
        with transaction() as session:
            audit.name(session.connection(), row.actor)
            found = _apply(session, row)
            if found.bad:
                raise _TakenBack
    except _TakenBack:
        pass
    return found


def _apply(session: Session, row: CatalogImport) -> Plan:
    kind = planning.KINDS[row.kind]
    at = row.started_at or clock.now()
    return planning.apply(session, kind, runs.lines(session, row.id), at, _saying(row.id))


def _saying(import_id: uuid.UUID) -> Callable[[int], None]:
    """Return what notes the progress twice a second, beside the transaction that is open."""
    said_at = time.monotonic()

    def say(done: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at < _SAY_EVERY_SECONDS:
            return
        said_at = time.monotonic()
        with apart(engine()) as connection:
            connection.execute(_SAY, (done, import_id))

    return say
