"""Everything the model remembers, in one SQLite file (or in memory).

An answer, the objects it changed, the events that follow and the idempotency record are
committed together, so a killed double comes back with all of it or none of it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Object = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects (parent, kind) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    params TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    saved_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting'
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at, id);
CREATE TABLE IF NOT EXISTS open_sessions (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
"""
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An id in Stripe's style: `pi_3Nt…`; unguessable, which the page address relies on."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Store:
    """Objects by id. All access happens inside `transaction()`, one at a time."""

    def __init__(self, path: str | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.isolation_level = None
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock, commit at the end, roll back when an exception passes through."""
        with self._lock:
            if self._depth:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def put(self, obj: Object, *, parent: str | None = None) -> Object:
        """Insert or replace an object. `parent` is the PaymentIntent it belongs to."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO objects (id, kind, parent, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET body = excluded.body,"
                " parent = coalesce(excluded.parent, parent)",
                (obj["id"], obj["object"], parent, json.dumps(obj)),
            )
        return obj

    def get(self, kind: str, object_id: str) -> Object | None:
        """The object of this kind, or None."""
        with self.transaction() as db:
            row = db.execute(
                "SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def find(self, object_id: str) -> Object | None:
        """An object of any kind (for `expand`)."""
        with self.transaction() as db:
            row = db.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def newest(
        self,
        kind: str,
        *,
        parent: str | None = None,
        after: str | None = None,
        limit: int = 10,
    ) -> tuple[list[Object], bool]:
        """The newest objects first and whether there are more ("Pagination")."""
        clauses, values = ["kind = ?"], [kind]
        if parent:
            clauses.append("parent = ?")
            values.append(parent)
        if after:
            clauses.append("seq < (SELECT seq FROM objects WHERE id = ?)")
            values.append(after)
        with self.transaction() as db:
            rows = db.execute(
                f"SELECT body FROM objects WHERE {' AND '.join(clauses)}"  # noqa: S608
                " ORDER BY seq DESC LIMIT ?",
                (*values, limit + 1),
            ).fetchall()
        return [json.loads(row[0]) for row in rows[:limit]], len(rows) > limit

    def counts(self) -> dict[str, int]:
        """How many objects of each kind there are."""
        with self.transaction() as db:
            rows = db.execute("SELECT kind, count(*) FROM objects GROUP BY kind").fetchall()
        return dict(rows)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
