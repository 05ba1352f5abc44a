"""The PostgreSQL that benchmarks run on: embedded, durable, with its data kept in `.bench/`."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from local import ports, postgres
from local.processes import Household
from migrations.run import upgrade

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".bench"
# A shop's own server: fsync as it comes (on), and for the rows that are asked for a quarter of the
# machine's memory (PostgreSQL's manual, "Resource Consumption").
_MEMORY_MB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
SETTINGS = {
    "shared_buffers": f"{max(128, _MEMORY_MB // 4)}MB",
    "max_wal_size": "4GB",
    "work_mem": "64MB",
}


def say(line: str) -> None:
    """Print a line at once; a run takes minutes."""
    print(line, flush=True)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL, and the folder of its programs."""

    address: str  # of the database `postgres`, signed in as the owner
    binaries: Path
    pid: int = 0  # of its first process

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return self.address.rsplit("/", 1)[0] + "/" + database

    def ask(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """Run a statement in a database and return its rows, if it has any."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def has(self, database: str) -> bool:
        """Tell whether there is such a database."""
        return bool(self.ask("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))

    def create(self, database: str) -> str:
        """Make a database anew and return its address."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        return self.url(database)

    def create_migrated(self, database: str) -> str:
        """Make a database anew, with the product's tables, and return its address."""
        url = self.create(database)
        upgrade(url)
        return url

    def pgbench(self, database: str, *arguments: str) -> str:
        """Run PostgreSQL's own benchmark program and return what it says."""
        outcome = subprocess.run(
            [self.binaries / "pgbench", *arguments, self.url(database)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PGOPTIONS": ""},
        )
        return outcome.stdout


@contextmanager
def running() -> Iterator[Server]:
    """Start the server for as long as the block lasts."""
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    household = Household(FOLDER / "logs")
    try:
        started = postgres.start(household, FOLDER, ports.any_free(), settings=SETTINGS)
        pid = started.child.process.pid
        server = Server(started.url("postgres"), postgres.settle(FOLDER).binaries, pid)
        durable = server.ask("postgres", "SHOW fsync")
        if durable != [("on",)]:
            raise RuntimeError("a benchmark without fsync says nothing")
        yield server
    finally:
        household.close()
