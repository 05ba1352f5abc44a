"""What has to be done to a database before the shop may open, and only once."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from local import postgres, shop
from local.folder import DataFolder
from local.processes import Household, Program
from local.switches import Switches
from local.terminal import step

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = 2
OPENING = {"hour": 12, "minute": 30, "second": 0, "microsecond": 0}
# What the shape of the database and what its demo content are made from.
SHAPE = ("migrations/**/*.py", "kit/*.py", "*/models.py", "app/*/models.py")
CONTENT = ("demo/**/*",)


def database(server: postgres.Server) -> str:
    """Make the shop's database on a server of ours where it is missing; return its address."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as owner:
        known = owner.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [postgres.OWNER]
        ).fetchone()
        if known is None:
            owner.execute(f"CREATE DATABASE {postgres.OWNER}")
    return server.url()


def next_wednesday(now: datetime) -> datetime:
    """Return the coming Wednesday at 12:30 in Berlin, never one that has passed."""
    local = now.astimezone(BERLIN)
    day = (local + timedelta(days=(WEDNESDAY - local.weekday()) % 7)).replace(**OPENING)
    return day if day > local else (day + timedelta(days=7)).replace(**OPENING)


def fingerprint(patterns: Iterable[str], root: Path = shop.ROOT) -> str:
    """Return a digest of the names, sizes and times of the files that match."""
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                facts = path.stat()
                digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Once:
    """Remembers in the data folder which work was done on which input."""

    def __init__(self, folder: Path, *, forgetful: bool) -> None:
        """Remember in `folder`; a database that is not ours may be another one each time."""
        self._folder = folder
        self._forgetful = forgetful

    def done(self, name: str, digest: str) -> bool:
        """Tell whether `name` was done on exactly this input."""
        file = self._folder / f"done-{name}"
        return not self._forgetful and file.exists() and file.read_text() == digest

    def note(self, name: str, digest: str) -> None:
        """Note that it is done."""
        (self._folder / f"done-{name}").write_text(digest)


def prepare(
    household: Household, folder: DataFolder, environment: Mapping[str, str], switches: Switches
) -> None:
    """Migrate and seed as far as needed, and set the shop's clock.

    The first start begins on a Wednesday at 12:30; a later one where the last one stopped.

    Raises:
        RuntimeError: one of the commands failed; it has said why.
    """
    once = Once(folder.path, forgetful=bool(switches.database_url))
    shape, content = fingerprint(SHAPE), fingerprint(CONTENT)

    def command(name: str, *arguments: str) -> None:
        run_to_end(household, shop.flask(name, environment, *arguments, talks=True))

    if not once.done("migrate", shape):
        with step("database shape"):
            command("migrate", "migrate")
        once.note("migrate", shape)
    opening = next_wednesday(datetime.now(BERLIN))
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as owner:
        first = owner.execute("SELECT FROM shop_clock").fetchone() is None
        if first:
            set_clock(owner, opening)
        else:
            turn_clock_back(owner, folder.seconds_since_beat() or 0.0)
        if not once.done("seed", content):
            with step("demo shop"):
                command("seed", "demo", "seed")
            once.note("seed", content)
        if first:
            set_clock(owner, opening)


def run_to_end(household: Household, program: Program) -> None:
    """Run a command of the shop.

    Raises:
        RuntimeError: it failed.
    """
    child = household.start(program)
    code = child.process.wait()
    household.bury(child)
    if code != 0:
        raise RuntimeError(
            f"`flask {' '.join(map(str, program.command[2:]))}` failed (exit {code})"
        )


# `kit.clock` keeps one row. To change it here saves the seconds that a command of the shop takes.


def set_clock(owner: psycopg.Connection[tuple[object, ...]], opening: datetime) -> None:
    """Set the shop's clock to `opening`, from where it runs on."""
    offset = (opening - datetime.now(BERLIN)).total_seconds()
    owner.execute(
        "INSERT INTO shop_clock (id, offset_seconds) VALUES (1, %s)"
        " ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds",
        [offset],
    )


def turn_clock_back(owner: psycopg.Connection[tuple[object, ...]], off_seconds: float) -> None:
    """Turn the shop's clock back by the time that the demo was off."""
    owner.execute("UPDATE shop_clock SET offset_seconds = offset_seconds - %s", [off_seconds])
