"""The virtual environment `.venv`: made, brought to the hashed lock, and entered.

1. Make `.venv` where it is missing, broken or was moved, in whichever way this machine allows.
2. Bring it to the lock: by uv, which takes seconds, else by pip from the same file.
3. Replace this process by the target's program, so that signals reach it directly.

Run by the system's Python before anything is installed: standard library only.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local import debian
from local.terminal import MissingError, complain, last_lines, run, say, works

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kontor-installed"
FULL_LOCK = ROOT / "requirements-dev.txt"
LEAN_LOCK = ROOT / "requirements.txt"
PARENT = "KONTOR_PARENT"  # read by local/supervisor.py
OLDEST_PYTHON = "3.11"

PROGRAMS = {
    "setup": ["-c", "print('ready: .venv')"],
    "demo": ["-m", "local.demo"],
    "demo-reset": ["-m", "local.demo", "--reset"],
    "serve": ["-m", "local.serve"],
    "command": ["-m", "local.command"],
    "test": ["-m", "local.testing"],
    "test-oldest": ["-m", "local.oldest"],
    "soak": ["-m", "local.soak"],
    "check": ["-m", "local.checking"],
    "story": ["-m", "demo.story"],
    "bench-crosssell": ["-m", "bench.crosssell"],
    "bench-ledger": ["-m", "bench.ledger"],
    "bench-ledger-load": ["-m", "bench.load"],
    "bench-office": ["-m", "bench.office"],
    "bench-pos": ["-m", "bench.pos"],
    "bench-router": ["-m", "bench.router"],
    "bench-router-stream": ["-m", "bench.stream"],
    "bench-search": ["-m", "bench.search"],
    "bench-web": ["-m", "bench.web"],
    "audit-web": ["-m", "bench.audit"],
}


def main(arguments: list[str]) -> int:
    """Set up what the target needs and become its program; come back only if that fails."""
    target, rest = arguments[0], arguments[1:]
    os.chdir(ROOT)
    try:
        if target == "lock":
            make_locks(rest)
            return 0
        set_up(target)
    except MissingError as missing:
        complain(str(missing))
        return 1
    except KeyboardInterrupt:
        return 130
    # Without compiled files every process of the shop would compile 1,400 modules at its start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # glibc would keep a heap per thread.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # make is this process's parent and will be the program's, which ends when make is killed.
    # Tests start such programs themselves: those are not make's children.
    os.environ.pop(PARENT, None)
    if target in {"demo", "serve"}:
        os.environ[PARENT] = str(os.getppid())
    return os.execv(PYTHON, [str(PYTHON), *PROGRAMS[target], *rest])  # noqa: S606 - becomes it


def set_up(target: str) -> None:
    """Make sure that `.venv` holds what a target needs.

    Raises:
        MissingError: something is missing that this program can't provide.
    """
    # A shop with its own servers needs neither the embedded ones nor the checks.
    serving = target in {"serve", "command"}
    lean = serving and os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    if installed([FULL_LOCK, LEAN_LOCK] if lean else [FULL_LOCK]):
        return
    lock = LEAN_LOCK if lean else FULL_LOCK
    say("Setting up, once:")
    make_venv()
    install(lock)
    STAMP.write_text(stamp_text(lock))


def stamp_text(lock: Path) -> str:
    """Return what the stamp of a finished installation says: place, lock and digest."""
    return f"{VENV}\n{lock.name}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"


def installed(locks: list[Path]) -> bool:
    """Tell whether `.venv` works and was brought to one of these locks as they are now."""
    try:
        stamp = STAMP.read_text()
    except OSError:
        return False
    return stamp in [stamp_text(lock) for lock in locks] and works([PYTHON, "-c", ""])


def make_venv() -> None:
    """Make `.venv`, by the first way that this machine allows.

    Raises:
        MissingError: none does.
    """
    moved = STAMP.exists() and STAMP.read_text().splitlines()[:1] != [str(VENV)]
    if not moved and works([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
        return
    if os.path.lexists(VENV):
        say("  .venv is broken or was moved: it is made anew")
        remove_venv()
    for way in (by_venv, by_uv, by_virtualenv, by_pip, by_apt):
        if way() and works([PYTHON, "-c", ""]):
            return
        remove_venv()
    raise MissingError(
        "this Python can't make virtual environments (ensurepip is missing). "
        "On Debian and Ubuntu: sudo apt install python3-venv"
    )


def remove_venv() -> None:
    """Remove `.venv`.

    Raises:
        MissingError: it belongs to somebody else.
    """
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
        VENV.unlink(missing_ok=True)
    except OSError as error:
        raise MissingError(f"{VENV} can't be removed: {error.strerror}; remove it.") from None


def by_venv() -> bool:
    """Make `.venv` with this Python's own means; Debian keeps ensurepip in python3-venv."""
    if not works([sys.executable, "-c", "import ensurepip, venv"]):
        return False
    # pip takes seconds to install, and is needed only where uv is not at hand
    options = ["--without-pip"] if uv_on_path() else []
    code, said = run("virtual environment .venv", [sys.executable, "-m", "venv", *options, VENV])
    if code:
        say(last_lines(said))
    return code == 0


def by_uv() -> bool:
    """Make `.venv` with a uv that is on PATH."""
    uv = uv_on_path()
    if uv is None:
        return False
    command = [uv, "venv", "--quiet", "--python", sys.executable, VENV]
    return run("virtual environment .venv, by uv", command)[0] == 0


def by_virtualenv() -> bool:
    """Make `.venv` with the package virtualenv."""
    if not works([sys.executable, "-c", "import virtualenv"]):
        return False
    command = [sys.executable, "-m", "virtualenv", "--quiet", VENV]
    return run("virtual environment .venv, by virtualenv", command)[0] == 0


def by_pip() -> bool:
    """Make `.venv` without pip in it; this Python's own pip can install into it from outside."""
    if not works([sys.executable, "-c", "import pip, venv"]):
        return False
    command = [sys.executable, "-m", "venv", "--without-pip", VENV]
    if run("virtual environment .venv, without pip", command)[0] != 0:
        return False
    return works([*pip_command(), "--version"])


def by_apt() -> bool:
    """As root on Debian or Ubuntu: install what is missing, then do as `by_venv`."""
    package = f"python3.{sys.version_info.minor}-venv"
    if not debian.may_install():
        return False
    say(f"  ensurepip is missing; root may install it: {package}")
    return debian.install(package) and by_venv()


def pip_command() -> list[str]:
    """Return the pip that installs into `.venv`: its own, made now if need be, or this Python's."""
    own = [str(PYTHON), "-m", "pip"]
    if works([*own, "--version"]) or works([PYTHON, "-m", "ensurepip", "--default-pip"]):
        return own
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def uv_on_path() -> str | None:
    """Return this machine's uv, if it has one that works."""
    uv = shutil.which("uv")
    return uv if uv and works([uv, "pip", "--help"]) else None


def find_uv() -> str | None:
    """Return a uv that works: of this machine, or installed beside the packages; else None."""
    uv = uv_on_path()
    if uv is not None:
        return uv
    own = VENV / "tools" / "bin" / "uv"
    if not works([own, "--version"]):
        lock = ROOT / "requirements-uv.txt"
        where = ["--target", str(own.parent.parent), "--require-hashes", "-r", str(lock)]
        run("the installer uv, by pip", [*pip_command(), "install", "--quiet", *where])
    return str(own) if works([own, "--version"]) else None


def uv_environment() -> dict[str, str]:
    """Return the environment for uv, which does not read pip's settings: same index, same roots."""
    environment = dict(os.environ)
    for ours, name in (("UV_DEFAULT_INDEX", "index-url"), ("SSL_CERT_FILE", "cert")):
        value = pip_setting(name)
        if value:
            environment.setdefault(ours, value)
    return environment


def pip_setting(name: str) -> str:
    """Return one of pip's settings, from its environment variable or its files; empty if unset."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"), "")
    if value:
        return value
    command = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def install(lock: Path) -> None:
    """Bring `.venv` to a lock.

    Raises:
        MissingError: neither uv nor pip could.
    """
    count = sum(line[:1].isalnum() for line in lock.read_text().splitlines())
    title = f"{count} packages of {lock.name}"
    uv = find_uv()
    if uv:
        command = [uv, "pip", "sync", "--require-hashes", "--python", str(PYTHON), str(lock)]
        code, said = run(f"{title}, by uv", command, uv_environment())
        if code == 0:
            return
        say(last_lines(said, 4))
    command = [*pip_command(), "install", "--require-hashes", "--no-deps", "-r", str(lock)]
    code, said = run(f"{title}, by pip (takes a minute or two)", command)
    if code != 0:
        say(last_lines(said))
        raise MissingError("the packages can't be installed: is the package index within reach?")


def make_locks(options: list[str]) -> None:
    """Resolve requirements*.in into locks that hold every version and hash, for every system.

    Raises:
        MissingError: there is no uv, or it finds no solution.
    """
    make_venv()
    uv = find_uv()
    if uv is None:
        raise MissingError("uv makes the locks, and it can't be installed here.")
    for name in ("requirements-uv", "requirements", "requirements-dev"):
        command = [
            uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes",
            "--python-version", OLDEST_PYTHON, "--no-emit-index-url",
            "--custom-compile-command", "make lock", f"{name}.in", "-o", f"{name}.txt",
        ]  # fmt: skip
        if name == "requirements-dev":
            command += ["-c", LEAN_LOCK.name]
        code, said = run(f"{name}.txt", [*command, *options], uv_environment())
        if code != 0:
            say(last_lines(said))
            raise MissingError(f"uv can't resolve {name}.in")
