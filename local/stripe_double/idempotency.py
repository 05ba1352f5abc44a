"""Idempotency keys. Source: Stripe API reference, "Idempotent requests"; "Error codes".

- The status and body of the first request with a key are kept, whether it succeeded or not,
  a 500 included, and sent again with `Idempotent-Replayed: true`.
- The same key with other parameters or another path: 400 `idempotency_error`.
- The same key while the first request is still running: 409 `idempotency_key_in_use`.
- Nothing is kept when the endpoint never started (failed validation, conflict).
- A key may be forgotten after 24 hours. Only POST looks at it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .store import Store

KEPT_SECONDS = 24 * 3600
MAX_LENGTH = 255


@dataclass(frozen=True)
class Answer:
    """A reply as it went out the first time."""

    status: int
    body: dict[str, Any]
    request_id: str


def fingerprint(params: dict[str, Any]) -> str:
    """The parameters in a form that does not depend on their order."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


class Idempotency:
    """Kept answers in the store, running keys in memory: a restart ends what was running."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._running: set[str] = set()

    @contextmanager
    def running(self, key: str) -> Iterator[None]:
        """Mark the key as in use for the block; a second one gets 409."""
        if len(key) > MAX_LENGTH:
            raise ApiError(
                400,
                f"Idempotency keys may be up to {MAX_LENGTH} characters long.",
                kind="idempotency_error",
                began=False,
            )
        with self._lock:
            if key in self._running:
                raise ApiError(
                    409,
                    "There is currently another in-progress request using this Idempotent Key"
                    " (that probably means you submitted twice, and the other request is still"
                    f" going through): {key}. Please try again later.",
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                    began=False,
                )
            self._running.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(key)

    def recall(self, key: str, path: str, params: str) -> Answer | None:
        """The kept answer; raises ApiError where the key belongs to another request."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM answers WHERE saved_at < ?", (time.time() - KEPT_SECONDS,))
            row = db.execute(
                "SELECT path, params, status, body, request_id FROM answers WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            return None
        if row[0] != path:
            raise _reused(key, f"the same endpoint they were first used for ('{row[0]}')")
        if row[1] != params:
            raise _reused(key, "the same parameters they were first used with")
        return Answer(row[2], json.loads(row[3]), row[4])

    def keep(self, key: str, path: str, params: str, answer: Answer) -> None:
        """Keep the answer, in the transaction that did the work."""
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO answers (key, path, params, request_id, status, body, saved_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    path,
                    params,
                    answer.request_id,
                    answer.status,
                    json.dumps(answer.body),
                    time.time(),
                ),
            )


def _reused(key: str, what: str) -> ApiError:
    return ApiError(
        400,
        f"Keys for idempotent requests can only be used with {what}. Try using a key other than"
        f" '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        began=False,
    )
