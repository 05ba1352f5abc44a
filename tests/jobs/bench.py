"""What the tests of the jobs share: an event of their own, its handlers, and a real worker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from kit import events
from kit.database import reading, transaction
from kit.events import Event

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class LampLit(Event):
    """A lamp was lit."""

    room: str


def lit(room: str = "hall") -> str:
    """Record an event and return its id."""
    with transaction() as session:
        return str(events.record(session, LampLit(room)))


def outbox(event_id: str) -> tuple[int, bool, bool, str | None]:
    """Return attempts, whether it is delivered, whether it is given up, and the last error."""
    with reading() as session:
        row = session.execute(
            text(
                "SELECT attempts, delivered_at IS NOT NULL, dead_at IS NOT NULL, last_error"
                " FROM outbox_events WHERE id = :id"
            ),
            {"id": event_id},
        ).one()
    return tuple(row)


def count(query: str) -> int:
    """Return the one number that a query asks for."""
    with reading() as session:
        return int(session.scalar(text(query)) or 0)


def until(holds: Callable[[], bool], wanted: str) -> None:
    """Wait until something is true; how long it takes is no test's business."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still not: {wanted}"
        time.sleep(0.05)


@contextmanager
def worker(app: Flask, queue: str = "events") -> Iterator[subprocess.Popen[bytes]]:
    """Run the shop's own worker as a process; at the end it is stopped, if it still lives."""
    config = app.config["KONTOR"]
    environment = {
        **os.environ,
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "KONTOR_SECRET_KEY": config.secret_key,
        "KONTOR_PUBLIC_URL": config.public_url,
        "KONTOR_DATA": str(config.data),
        "STRIPE_API_KEY": config.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": config.stripe_webhook_secret,
        "STRIPE_API_BASE": config.stripe_api_base,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", queue],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and the work horse that it has forked, without a word of warning."""
    for pid in [*descendants(process.pid), process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
    process.wait()


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            parents.setdefault(parent, []).append(int(entry.name))
    found = parents.get(pid, [])
    return [*found, *(below for child in found for below in descendants(child))]
