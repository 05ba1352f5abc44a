"""Clean up after an owner that was killed: a small process that outlives it by some seconds.

The owner writes one line per fact to this process's standard input:

    child PGID SIGNAL    a process group was started; SIGNAL ends it kindly
    gone PGID            it ended by itself
    scratch PATH         a folder to remove at the end
    bye                  the owner has stopped everything itself

When the pipe closes without "bye", the owner was killed: every group still there gets its signal,
after a grace period SIGKILL, and the scratch folders go. PR_SET_PDEATHSIG (see tether) does the
same faster for direct children; only this one reaches their children, and it works on macOS.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 6.0


def alive(group: int) -> bool:
    """Tell whether a process group still has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, signal_number: int) -> None:
    """Signal a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)


def end_groups(groups: dict[int, int], grace_seconds: float = GRACE_SECONDS) -> None:
    """End process groups kindly, the last started first, and by force after the grace period.

    Args:
        groups: process group → the signal that ends it kindly.
        grace_seconds: how long they may take.
    """
    for group, signal_number in reversed(groups.items()):
        send(group, signal_number)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline and any(alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def main() -> None:
    """Listen until the pipe closes, then clean up unless the owner said goodbye."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    scratch: list[str] = []
    for line in sys.stdin:
        match line.rstrip("\n").split(" ", 1):
            case ["child", facts]:
                group, signal_number = facts.split()
                groups[int(group)] = int(signal_number)
            case ["gone", group]:
                groups.pop(int(group), None)
            case ["scratch", path]:
                scratch.append(path)
            case ["bye"]:
                groups.clear()
    end_groups(groups)
    for path in scratch:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
