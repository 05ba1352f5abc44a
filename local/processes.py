"""Children that end with this process, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local import forking, watchdog

HERE = Path(__file__).parent
LOG_LIMIT_BYTES = 5_000_000
# In this order they are stopped; the highest goes first.
SERVERS, OUTSIDE, SHOP = 0, 1, 2
STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True)
class User:
    """An unprivileged user to run a child as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """What to start, and how to end it."""

    name: str  # unique among the children; names the log file
    command: Sequence[str | Path]  # where `module` is set: its arguments only
    module: str = ""  # run as `python -m`, with the product already loaded where that can be
    environment: Mapping[str, str] | None = None  # the whole of it; ours where None
    user: User | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    folder: Path | None = None
    stage: int = SHOP
    talks: bool = False  # to the terminal rather than to a log


@dataclass(frozen=True)
class Child:
    """A running child: the leader of a session of its own."""

    program: Program
    process: subprocess.Popen[bytes] | forking.Forked
    log: Path
    started: float  # time.monotonic()

    @property
    def name(self) -> str:
        """Return its program's name."""
        return self.program.name

    def last_words(self, lines: int = 8) -> str:
        """Return the end of the child's log, for an error message."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Household:
    """The children of this process, and the watchdog that ends them should it be killed.

    Start children from the main thread only: Linux ties "die with your parent" to the thread.
    """

    def __init__(self, logs: Path, *, keep_open: Sequence[int] = ()) -> None:
        """Start the watchdog.

        Args:
            logs: folder for one log file per child; made where it is missing.
            keep_open: file descriptors (a lock) that the watchdog holds until it is done.
        """
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.children: dict[str, Child] = {}
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "watchdog.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep_open,
        )

    def _tell(self, line: str) -> None:
        if self._watchdog.stdin is None:
            raise RuntimeError("the watchdog has no pipe")
        self._watchdog.stdin.write(line.encode() + b"\n")
        self._watchdog.stdin.flush()

    def scratch(self, folder: Path) -> None:
        """Have a folder removed should this process be killed."""
        self._tell(f"scratch {folder}")

    def start(self, program: Program) -> Child:
        """Start a child; its output goes to `<logs>/<name>.log`."""
        log = self.logs / f"{program.name}.log"
        # A signal between the start and the note would leave a child that nobody knows of.
        with _signals_held(), _open_log(log) as file:
            output = None if program.talks else file.fileno()
            loaded = bool(program.module) and forking.load()
            process = _fork(program, output) if loaded else _execute(program, output)
            self._tell(f"child {process.pid} {program.stop_signal.value}")
            child = Child(program, process, log, time.monotonic())
            self.children[program.name] = child
        return child

    def bury(self, child: Child) -> None:
        """Note that a child has ended; what it left of its session is killed."""
        for pid in watchdog.members(child.process.pid):
            watchdog.send(pid, signal.SIGKILL)
        self._tell(f"gone {child.process.pid}")
        self.children.pop(child.name, None)

    def stop(self, children: Iterable[Child], seconds: float = 10.0) -> None:
        """End children kindly and at the same time, by force once `seconds` have passed."""
        ending = list(children)
        for child in ending:
            if child.process.poll() is None:
                watchdog.send(child.process.pid, child.program.stop_signal)
        deadline = time.monotonic() + seconds
        for child in ending:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            self.bury(child)
            child.process.wait()

    def close(self, seconds: float = 10.0) -> None:
        """Stop everything, stage by stage, and let the watchdog go."""
        for stage in (SHOP, OUTSIDE, SERVERS):
            self.stop([c for c in self.children.values() if c.program.stage == stage], seconds)
        self._tell("bye")
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()


def started(household: Household, child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Wait until a child is ready; one that does not become so leaves the household.

    Raises:
        RuntimeError: as `wait_until`.
    """
    try:
        wait_until(ready, child, seconds)
    except RuntimeError:
        household.bury(child)
        raise


def _fork(program: Program, output: int | None) -> forking.Forked:
    return forking.start(
        program.name,
        program.module,
        [str(part) for part in program.command],
        environment=dict(os.environ if program.environment is None else program.environment),
        output=output,
        folder=program.folder or Path.cwd(),
        stop_signal=program.stop_signal,
    )


def _execute(program: Program, output: int | None) -> subprocess.Popen[bytes]:
    tether = [sys.executable, "-I", "-S", str(HERE / "tether.py"), str(os.getpid())]
    owner = f"{program.user.uid}:{program.user.gid}" if program.user else "-"
    python = [sys.executable, "-m", program.module] if program.module else []
    return subprocess.Popen(
        [*tether, str(program.stop_signal.value), owner, *python, *map(str, program.command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=program.environment,
        cwd=program.folder,
        start_new_session=True,
    )


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Put off the signals that stop this process until the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_log(log: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large is put aside first."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def wait_until(ready: Callable[[], bool], child: Child, seconds: float) -> None:
    """Wait until `ready()` is true.

    Raises:
        RuntimeError: the child ended or the time is up; with the end of its log.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if child.process.poll() is not None:
            raise RuntimeError(f"{child.name} ended at its start:\n{child.last_words()}")
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"{child.name} is not ready after {seconds:.0f} s:\n{child.last_words()}"
            )
        time.sleep(0.02)
