"""Clean up after an owner that was killed: a small process that outlives it by some seconds.

The owner writes one line per fact to this process's standard input:

    child PID SIGNAL     a child was started as the leader of a session; SIGNAL ends it kindly
    gone PID             it and its session have ended
    scratch PATH         a folder to remove at the end
    bye                  the owner has stopped everything itself

When the pipe closes without "bye", the owner was killed: every child gets its signal, after a grace
period whatever is left of the sessions gets SIGKILL, and the scratch folders go. PR_SET_PDEATHSIG
(see tether) does the first half faster; only this one reaches the children's children, and it works
on macOS.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_SECONDS = 3.0
PROC = Path("/proc")


def members(leader: int) -> list[int]:
    """Return the processes of a leader's session (where /proc is missing: of its group)."""
    if not (PROC / "self" / "stat").exists():
        return _group_by_ps(leader)
    found = []
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # "pid (name) state ppid group session …"; the name may hold blanks and brackets
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(facts[3]) == leader and facts[0] != "Z":
                found.append(int(folder.name))
    return found


def _group_by_ps(leader: int) -> list[int]:
    listed = subprocess.run(
        ["/bin/ps", "-axo", "pid=,pgid=,stat="], capture_output=True, text=True, check=False
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == leader and not row[2].startswith("Z")]


def send(pid: int, signal_number: int) -> None:
    """Signal a process that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal_number)


def end(leaders: dict[int, int], grace_seconds: float = GRACE_SECONDS) -> None:
    """End sessions: their leaders kindly, after the grace period whatever is left by force.

    Args:
        leaders: process id → the signal that ends it kindly.
        grace_seconds: how long they may take.
    """
    for leader, signal_number in reversed(leaders.items()):
        send(leader, signal_number)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline and any(members(leader) for leader in leaders):
        time.sleep(0.05)
    for leader in leaders:
        for pid in members(leader):
            send(pid, signal.SIGKILL)


def main() -> None:
    """Listen until the pipe closes, then clean up unless the owner said goodbye."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    leaders: dict[int, int] = {}
    scratch: list[str] = []
    for line in sys.stdin:
        match line.rstrip("\n").split(" ", 1):
            case ["child", facts]:
                pid, signal_number = facts.split()
                leaders[int(pid)] = int(signal_number)
            case ["gone", pid]:
                leaders.pop(int(pid), None)
            case ["scratch", path]:
                scratch.append(path)
            case ["bye"]:
                return
    end(leaders)
    for path in scratch:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
