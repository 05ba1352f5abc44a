"""Keep the children running until somebody says stop.

A child that ends is started again after a pause, which doubles each time it ends soon after its
start. Ctrl-C, SIGTERM, SIGHUP and the end of the parent (make) stop everything, in order.
"""

import os
import signal
import time
import types
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from local import tether
from local.processes import STOPPING, Child, Household, Program
from local.terminal import say

PARENT = "KONTOR_PARENT"
LOOK_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # whoever ran that long starts with a short pause again


class StoppedError(BaseException):
    """Somebody wants the end; like KeyboardInterrupt, not an error for `except Exception`."""


def stop_on_signals() -> None:
    """Have the signals that mean "stop" raise `StoppedError` in the main thread."""

    def stop(_number: int, _frame: types.FrameType | None) -> None:
        raise StoppedError

    for number in STOPPING:
        signal.signal(number, stop)


def end_with_parent() -> None:
    """Stop when the process named in KONTOR_PARENT, our parent, ends. Without it: live on."""
    parent = int(os.environ.get(PARENT, "0"))
    if parent > 1:
        tether.die_with_parent(signal.SIGTERM, parent)


def parent_is_gone() -> bool:
    """Tell whether the process named in KONTOR_PARENT is no longer our parent."""
    parent = int(os.environ.get(PARENT, "0"))
    return parent > 1 and os.getppid() != parent


@dataclass
class _Fallen:
    program: Program
    due: float
    pause: float


class Supervisor:
    """Watches the children of a household."""

    def __init__(self, household: Household, tell: Callable[[str], None] = say) -> None:
        """Watch `household`; `tell` gets a line whenever a child ends or is back."""
        self._household = household
        self._tell = tell
        self._fallen: dict[str, _Fallen] = {}
        self._pauses: dict[str, float] = {}

    def look(self) -> None:
        """Bury who has ended, and start again whose pause is over."""
        for child in list(self._household.children.values()):
            if child.process.poll() is not None:
                self._mourn(child)
        for fallen in list(self._fallen.values()):
            if fallen.due <= time.monotonic():
                del self._fallen[fallen.program.name]
                self._household.start(fallen.program)
                self._tell(f"  {fallen.program.name} is started again")

    def _mourn(self, child: Child) -> None:
        self._household.bury(child)
        steady = time.monotonic() - child.started > STEADY_SECONDS
        before = 0.0 if steady else self._pauses.get(child.name, 0.0)
        pause = min(max(before * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._pauses[child.name] = pause
        self._fallen[child.name] = _Fallen(child.program, time.monotonic() + pause, pause)
        self._tell(
            f"  {child.name} ended ({_how(child.process.returncode)}): again in {pause:g} s;"
            f" its log: {child.log}"
        )

    def run(self, tick: Callable[[], None] = lambda: None) -> None:
        """Watch for ever, calling `tick` several times a second.

        Raises:
            StoppedError: a signal arrived, or the parent is gone.
        """
        while not parent_is_gone():
            self.look()
            tick()
            time.sleep(LOOK_SECONDS)
        raise StoppedError


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


def close(household: Household) -> None:
    """Stop everything; who asks a second time gets it at once."""
    try:
        household.close()
    except StoppedError:
        household.close(seconds=0)


def answers(url: str) -> bool:
    """Tell whether a GET of `url` gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own http URL
            return bool(response.status == 200)  # noqa: PLR2004 - the status is the point
    except (urllib.error.URLError, OSError):
        return False
