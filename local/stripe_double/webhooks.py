"""Sends events to the shop, signed, again and again until it says 2xx.

Source: Stripe documentation, "Receive Stripe events in your webhook endpoint":
`Stripe-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of "t.body">`, a new timestamp and signature
for each attempt, any 2xx counts as received, redirects do not, retries back off exponentially
for up to three days, and neither order nor single delivery is promised.

The model squeezes the back-off (1, 2, 4 … `RETRY_CAP` seconds) so that a demo need not wait.
Delay, doubles and shuffling are set by the control API; the random numbers come from a seed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import random
import sqlite3
import threading
import time
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from .store import Object, Store

log = logging.getLogger("stripe_double")

RETRY_FIRST = 1.0
RETRY_CAP = 15.0
GIVE_UP_AFTER = 3 * 24 * 3600
TIMEOUT = 10.0
DEFAULT_ENDPOINT = "default"


@dataclass
class Settings:
    """How the deliveries misbehave. All zero: at once, once, in order."""

    delay: float = 0.0  # seconds every delivery waits
    duplicate: float = 0.0  # chance that an event is sent two to five times
    reorder: float = 0.0  # each delivery waits a random time up to this many seconds
    hold: bool = False  # send nothing until this is taken back


def sign(payload: bytes, secret: str, at: int | None = None) -> str:
    """The `Stripe-Signature` header for this body, by real time."""
    stamp = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


def body_of(event: Object) -> bytes:
    """The exact bytes that are sent and signed."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def post(url: str, payload: bytes, headers: dict[str, str]) -> int:
    """Post once; the status, or 0 where no answer came."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, payload, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Webhooks:
    """The queue of deliveries and the thread that works it off."""

    def __init__(self, store: Store, url: str | None, secret: str, seed: int) -> None:
        self._store = store
        self._default = {"id": DEFAULT_ENDPOINT, "url": url, "secret": secret} if url else None
        self._wake = threading.Event()
        self._stopped = False
        self.seed = seed
        self.settings = Settings()
        self._random = random.Random(seed)  # noqa: S311 - order of webhooks, not secrets
        self._lock = threading.Lock()

    # -- putting in ----------------------------------------------------------------------

    def enqueue(self, db: sqlite3.Connection, event: Object, endpoints: list[Object]) -> None:
        """Plan the deliveries of an event, in the transaction that wrote it."""
        targets = [self._default["id"]] if self._default else []
        targets += [item["id"] for item in endpoints if _wants(item, event["type"])]
        for target in targets:
            for due in self._instants():
                db.execute(
                    "INSERT INTO deliveries (event, endpoint, due_at) VALUES (?, ?, ?)",
                    (event["id"], target, due),
                )
        self._wake.set()

    def _instants(self) -> list[float]:
        with self._lock:
            chosen = self.settings
            copies = 1
            if self._random.random() < chosen.duplicate:
                copies = self._random.randint(2, 5)
            start = time.time() + chosen.delay
            return [start + self._random.uniform(0, chosen.reorder) for _ in range(copies)]

    # -- sending -------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send, also what an earlier run left waiting."""
        threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def stop(self) -> None:
        """Send no more; what waits stays in the store."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._step()
            except Exception:
                log.exception("delivering webhooks")
                time.sleep(1)

    def _step(self) -> None:
        """Send what is due, or wait for the next delivery."""
        due = None if self.settings.hold else self._next()
        if due is None or due[3] > time.time():
            pause = 0.5 if due is None else min(0.5, max(0.0, due[3] - time.time()))
            self._wake.wait(pause)
            self._wake.clear()
            return
        self._deliver(due[0], due[1], due[2])

    def _next(self) -> tuple[int, str, str, float] | None:
        with self._store.transaction() as db:
            return db.execute(  # type: ignore[no-any-return]
                "SELECT id, event, endpoint, due_at FROM deliveries WHERE state = 'waiting'"
                " ORDER BY due_at, id LIMIT 1"
            ).fetchone()

    def _deliver(self, delivery: int, event_id: str, endpoint_id: str) -> None:
        event = self._store.get("event", event_id)
        endpoint = self.endpoint(endpoint_id)
        if not event or not endpoint or endpoint.get("status") == "disabled":
            self._finish(delivery, "dropped", None)
            return
        status = self.send(endpoint, body_of(event))
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            self._finish(delivery, "delivered", status)
        else:
            self._retry(delivery, status, event["created"])

    def send(self, endpoint: Object, payload: bytes, signature: str | None = None) -> int:
        """One attempt, signed now unless a (forged) signature is given."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "StripeDouble/1.0 (model, not Stripe)",
            "Stripe-Signature": sign(payload, endpoint["secret"])
            if signature is None
            else signature,
        }
        return post(endpoint["url"], payload, {k: v for k, v in headers.items() if v})

    def _finish(self, delivery: int, state: str, status: int | None) -> None:
        with self._store.transaction() as db:
            db.execute(
                "UPDATE deliveries SET state = ?, last_status = ?, attempts = attempts + 1"
                " WHERE id = ?",
                (state, status, delivery),
            )

    def _retry(self, delivery: int, status: int, created: int) -> None:
        if time.time() - created > GIVE_UP_AFTER:
            self._finish(delivery, "given_up", status)
            return
        with self._store.transaction() as db:
            (attempts,) = db.execute(
                "SELECT attempts FROM deliveries WHERE id = ?", (delivery,)
            ).fetchone()
            pause = min(RETRY_FIRST * 2**attempts, RETRY_CAP)
            db.execute(
                "UPDATE deliveries SET attempts = attempts + 1, last_status = ?, due_at = ?"
                " WHERE id = ?",
                (status, time.time() + pause, delivery),
            )

    # -- for the control API -------------------------------------------------------------

    def endpoint(self, endpoint_id: str) -> Object | None:
        """The endpoint of the command line or one made over the API."""
        if endpoint_id == DEFAULT_ENDPOINT:
            return self._default
        return self._store.get("webhook_endpoint", endpoint_id)

    def change(self, values: dict[str, Any]) -> Settings:
        """Set what is named, restart the random numbers if `seed` is. Raises on nonsense."""
        seed = values.pop("seed", None)
        settings = Settings(**{**asdict(self.settings), **values})
        if not 0 <= settings.duplicate <= 1 or min(settings.delay, settings.reorder) < 0:
            raise ValueError("duplicate is a chance from 0 to 1; delay and reorder are seconds")
        with self._lock:
            self.settings = settings
            if seed is not None:
                self.seed = int(seed)
                self._random.seed(self.seed)
        self._wake.set()
        return settings

    def again(self, event_id: str, copies: int) -> None:
        """Send an event once more, as "Resend" in Stripe's Workbench does."""
        with self._store.transaction() as db:
            for _ in range(copies):
                db.execute(
                    "INSERT INTO deliveries (event, endpoint, due_at) VALUES (?, ?, ?)",
                    (event_id, DEFAULT_ENDPOINT, time.time()),
                )
        self._wake.set()

    def log(self, limit: int = 200) -> list[dict[str, Any]]:
        """The newest deliveries: event, type, attempts, state, last status."""
        with self._store.transaction() as db:
            rows = db.execute(
                "SELECT d.id, d.event, json_extract(o.body, '$.type'), d.endpoint, d.attempts,"
                " d.last_status, d.state FROM deliveries d LEFT JOIN objects o ON o.id = d.event"
                " ORDER BY d.id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        names = ("id", "event", "type", "endpoint", "attempts", "last_status", "state")
        return [dict(zip(names, row, strict=True)) for row in rows]


def _wants(endpoint: Object, kind: str) -> bool:
    chosen = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in chosen or kind in chosen)
