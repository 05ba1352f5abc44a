"""Children that end with this process, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
LOG_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True)
class User:
    """An unprivileged user to run a child as."""

    uid: int
    gid: int


@dataclass
class Child:
    """A running child: the leader of a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    log: Path

    def last_words(self, lines: int = 5) -> str:
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
        pipe = self._watchdog.stdin
        if pipe is None:
            raise RuntimeError("the watchdog has no pipe")
        pipe.write(line.encode() + b"\n")
        pipe.flush()

    def scratch(self, folder: Path) -> None:
        """Have a folder removed should this process be killed."""
        self._tell(f"scratch {folder}")

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        user: User | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        folder: Path | None = None,
    ) -> Child:
        """Start a child whose output goes to `<logs>/<name>.log`.

        Args:
            name: unique among the children; names the log file.
            command: program and arguments.
            environment: the child's whole environment; this process's own where None.
            user: run it as this user (only root can).
            stop_signal: what ends it kindly.
            folder: its working directory.
        """
        log = self.logs / f"{name}.log"
        tether = [sys.executable, "-I", "-S", str(HERE / "tether.py"), str(os.getpid())]
        owner = f"{user.uid}:{user.gid}" if user else "-"
        with _open_log(log) as output:
            process = subprocess.Popen(
                [*tether, str(stop_signal.value), owner, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                process_group=0,
            )
        self._tell(f"child {process.pid} {stop_signal.value}")
        child = Child(name, process, stop_signal, log)
        self.children[name] = child
        return child

    def forget(self, child: Child) -> None:
        """Note that a child ended by itself; what it left in its group is killed."""
        _signal_group(child, signal.SIGKILL)
        self._tell(f"gone {child.process.pid}")
        self.children.pop(child.name, None)

    def stop(self, child: Child, seconds: float = 10.0) -> None:
        """End a child kindly, and its whole group by force once `seconds` have passed."""
        if child.process.poll() is None:
            _signal_group(child, child.stop_signal)
            try:
                child.process.wait(seconds)
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.process.wait()
        self.forget(child)

    def close(self) -> None:
        """Stop the children, the last started first, and let the watchdog go."""
        for child in reversed(list(self.children.values())):
            self.stop(child)
        self._tell("bye")
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()


def _open_log(log: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large is put aside first."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def _signal_group(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


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
