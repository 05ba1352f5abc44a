"""Children that begin with the product's modules already loaded.

Loading them takes a process one or two seconds and 80 MB. The supervisor loads them once and forks;
its children share both. Only on Linux: elsewhere system libraries do not survive a fork.
"""

import atexit
import contextlib
import gc
import importlib
import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

from local import tether

# What every process of the shop loads anyway.
MODULES = ("app.factory", "flask.cli", "granian.cli", "granian.server")
LOOK_SECONDS = 0.02
_loaded: list[str] = []


def load() -> bool:
    """Load the product's modules, if this system allows to fork; tell whether it did."""
    if sys.platform != "linux":
        return False
    if not _loaded:
        gc.disable()  # a quarter of the time would go into looking for garbage that is not there
        _loaded.extend(importlib.import_module(name).__name__ for name in MODULES)
        gc.collect()
        gc.freeze()  # the collector would write to, and so copy, every shared page
        gc.enable()
    return True


class Forked:
    """A forked child, with the part of `subprocess.Popen` that the household uses."""

    def __init__(self, pid: int) -> None:
        """Stand for the child `pid` of this process."""
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while the child runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises:
            subprocess.TimeoutExpired: it has not come in `timeout` seconds.
        """
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code


def start(
    name: str,
    module: str,
    arguments: list[str],
    *,
    environment: Mapping[str, str],
    output: int | None,
    folder: Path,
    stop_signal: signal.Signals,
) -> Forked:
    """Fork a child that runs `python -m module arguments`.

    Args:
        name: what `ps` calls it.
        module: what to run.
        arguments: its command line.
        environment: its whole environment.
        output: descriptor that takes what it prints; None leaves it to the terminal.
        folder: its working directory.
        stop_signal: what it gets when this process ends.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Forked(pid)
    code = 1
    try:
        _leave_home(parent, stop_signal, output)
        tether.call_itself(name)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        code = _exit_code(lambda: _run(module, arguments))
    finally:
        os._exit(code)  # never back into the frames of the supervisor


def _leave_home(parent: int, stop_signal: signal.Signals, output: int | None) -> None:
    """Become the leader of a session that shares nothing with the supervisor but memory."""
    os.setsid()
    # What the supervisor will clean up at its end, a temporary folder for one, is not the child's.
    for finalizer in tuple(weakref.finalize._registry):  # type: ignore[attr-defined]  # noqa: SLF001
        finalizer.atexit = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    tether.die_with_parent(stop_signal, parent)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if output is not None:
        os.dup2(output, 1)
        os.dup2(output, 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _run(module: str, arguments: list[str]) -> None:
    # granian forks its workers by this; Python 3.14 would start them afresh
    multiprocessing.set_start_method("fork", force=True)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _exit_code(program: Callable[[], None]) -> int:
    """Run a program as Python runs its main module, with what Python does at its end."""
    code = 0
    try:
        program()
    except SystemExit as left:
        if isinstance(left.code, str):
            sys.stderr.write(f"{left.code}\n")
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # noqa: BLE001 - as for any program, the traceback is its last word
        traceback.print_exc()
        code = 1
    with contextlib.suppress(Exception):
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
        atexit._run_exitfuncs()  # noqa: SLF001
        sys.stdout.flush()
        sys.stderr.flush()
    return code
