"""Real PostgreSQL and Valkey for one test run, whatever the number of its worker processes.

The first test that needs them starts this module as a process of its own; it serves all workers of
the run and ends with the run's controller, also when that one is killed.

    python -m tests.services RUN_FOLDER CONTROLLER_PID
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local import ports, postgres, valkey
from local.processes import Household
from migrations.run import upgrade

ROOT = Path(__file__).parent.parent
TEMPLATE = "template_migrated"
START_SECONDS = 90
STOP_SECONDS = 15


@dataclass(frozen=True)
class Services:
    """Where the run's servers are; `number` tells the worker processes apart."""

    postgres_url: str
    redis_url: str
    pid: int

    def database_url(self, name: str) -> str:
        """Return the address of a database on this server."""
        return self.postgres_url.rsplit("/", 1)[0] + "/" + name

    def redis(self, number: int) -> str:
        """Return the address of a numbered Valkey database."""
        return self.redis_url.rsplit("/", 1)[0] + f"/{number}"

    def create_database(self, name: str, template: str = TEMPLATE) -> str:
        """Make an empty, migrated database and return its address."""
        with psycopg.connect(self.postgres_url, autocommit=True) as owner:
            owner.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.database_url(name)


@contextmanager
def only_one(run: Path, name: str) -> Iterator[None]:
    """Let one worker process of the run at a time into the block."""
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def obtain(run: Path, controller: int) -> Services:
    """Return the run's servers, started and migrated by whoever asks first."""
    facts = run / "services.json"
    with only_one(run, "services"):
        if not facts.exists():
            _start(run, controller, facts)
            services = Services(**json.loads(facts.read_text()))
            _make_template(services)
    return Services(**json.loads(facts.read_text()))


def _start(run: Path, controller: int, facts: Path) -> None:
    with (run / "services.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.services", str(run), str(controller)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while not facts.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"no test services:\n{(run / 'services.log').read_text()}")
        time.sleep(0.02)
    keeper.returncode = 0  # its end is not waited for here: it outlives this worker process


def _make_template(services: Services) -> None:
    with psycopg.connect(services.postgres_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    upgrade(services.database_url(TEMPLATE))


def dismiss(run: Path) -> None:
    """Stop the servers of a run, if it has any, and wait until they are gone."""
    facts = run / "services.json"
    if not facts.exists():
        return
    pid = Services(**json.loads(facts.read_text())).pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while facts.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def end_leftover_transactions(owner: psycopg.Connection[Any]) -> None:
    """End connections that a test left inside a transaction: they would block the emptying."""
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
    )


def keep(run: Path, controller: int) -> None:
    """Run the servers until the controller ends or SIGTERM arrives."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    household = Household(run / "logs")
    household.scratch(run)
    try:
        settings = {**postgres.FORGETFUL, "max_connections": "300"}
        database = postgres.start(household, run, ports.any_free(), settings=settings)
        queue = valkey.start(household, run, ports.any_free(), durable=False)
        facts = Services(database.url("postgres"), queue.url(), os.getpid())
        draft = run / "services.draft"
        draft.write_text(json.dumps(asdict(facts)))
        draft.rename(run / "services.json")
        while not stopped and _exists(controller):
            time.sleep(0.2)
    finally:
        household.close()
        postgres.remove(run)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
