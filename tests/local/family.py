"""A small supervised family for the tests of the supervisor, run as a process of its own.

    python -m tests.local.family FOLDER

Starts real PostgreSQL and Valkey and a child that has a child of its own, which ignores SIGTERM;
writes all process ids to FOLDER/pids, prints `READY`, and watches.
"""

import sys
import time
from pathlib import Path

from local import ports, postgres, supervisor, valkey
from local.processes import Household, Program
from local.supervisor import StoppedError, Supervisor
from local.watchdog import members

PARENT_AND_CHILD = """
import signal, subprocess, sys, time
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn])
time.sleep(600)
"""


def main(folder: Path) -> None:
    """Start the family and watch it until a signal comes."""
    supervisor.stop_on_signals()
    supervisor.end_with_parent()
    household = Household(folder / "logs")
    household.scratch(folder / "scratch")
    (folder / "scratch").mkdir(exist_ok=True)
    try:
        database = postgres.start(household, folder, ports.any_free(), settings=postgres.FORGETFUL)
        # not durable: an fsync on a busy disk takes as long as it takes, and is not the point here
        valkey.start(household, folder, ports.any_free(), durable=False)
        pair = household.start(Program("pair", [sys.executable, "-c", PARENT_AND_CHILD]))
        while len(members(pair.process.pid)) < 2:
            time.sleep(0.02)
        backends = [int(pid) for pid in _backends(database.child.process.pid)]
        leaders = [child.process.pid for child in household.children.values()]
        everyone = {pid for leader in leaders for pid in members(leader)} | set(backends)
        watchdog = household._watchdog.pid
        (folder / "pids").write_text(" ".join(map(str, sorted({*everyone, watchdog}))))
        (folder / "pair").write_text(str(pair.process.pid))
        print("READY", flush=True)
        Supervisor(household, tell=lambda line: print(line, flush=True)).run()
    except StoppedError:
        print("stopping", flush=True)
    finally:
        supervisor.close(household)


def _backends(postmaster: int) -> list[str]:
    task = Path(f"/proc/{postmaster}/task/{postmaster}/children")
    return task.read_text().split() if task.exists() else []


if __name__ == "__main__":
    main(Path(sys.argv[1]))
