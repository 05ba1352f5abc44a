"""However the supervisor ends, nothing of its family is left; whoever falls is raised again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.watchdog import members
from tests.conftest import ROOT
from tests.local.waiting import wait_for

pytestmark = pytest.mark.slow
LEFT_SECONDS = 12
PATIENCE_SECONDS = 40  # three stages of ten seconds each, on a busy machine


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it may end between open and read
        return False
    return state != "Z"


def described(pid):
    """Who a process is, for the message of a test that found it alive."""
    try:
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_text()!r}"
    except (FileNotFoundError, ProcessLookupError):
        return f"{pid}, just gone"


class Family:
    def __init__(self, folder, command, env=None):
        self.folder = folder
        self.pids = []
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
        self.wait_for_line("READY")
        self.pids = [int(pid) for pid in (folder / "pids").read_text().split()]
        assert len(self.pids) >= 8  # postgres and its helpers, valkey, the pair, the watchdog
        assert all(alive(pid) for pid in self.pids)

    def wait_for_line(self, wanted):
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if wanted in line:
                return line
        self.clear()
        raise AssertionError(f"{wanted!r} never came: {seen}")

    def survivors(self):
        wait_for(lambda: not any(alive(pid) for pid in self.pids), PATIENCE_SECONDS)
        return [described(pid) for pid in self.pids if alive(pid)]

    def clear(self):
        for pid in [self.process.pid, *self.pids]:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def family(short_folder):
    family = Family(short_folder, [sys.executable, "-m", "tests.local.family", short_folder])
    yield family
    family.clear()


def test_kill_9_leaves_nothing_behind(family):
    os.kill(family.process.pid, signal.SIGKILL)
    assert family.survivors() == []
    assert wait_for(lambda: not (family.folder / "scratch").exists())


def test_kill_9_of_the_whole_process_group_leaves_nothing_behind(family):
    os.killpg(family.process.pid, signal.SIGKILL)
    assert family.survivors() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_to_the_group_stops_all(family, number):
    os.killpg(family.process.pid, number)
    family.wait_for_line("stopping")
    assert family.process.wait(LEFT_SECONDS + 5) == 0
    assert family.survivors() == []


def test_who_asks_twice_is_served_at_once(family):
    os.kill(family.process.pid, signal.SIGINT)
    family.wait_for_line("stopping")
    begun = time.monotonic()
    os.kill(family.process.pid, signal.SIGINT)
    family.process.wait(LEFT_SECONDS)
    assert time.monotonic() - begun < 3
    assert family.survivors() == []


def test_the_supervisor_ends_with_the_make_that_started_it(short_folder):
    # the shell stands for make: it waits for the family, and is killed
    script = 'KONTOR_PARENT=$$ "$0" -m tests.local.family "$1" & wait'
    family = Family(short_folder, ["/bin/sh", "-c", script, sys.executable, short_folder])
    try:
        os.kill(family.process.pid, signal.SIGKILL)
        assert family.survivors() == []
    finally:
        family.clear()


def test_a_child_that_dies_is_raised_again_and_said_so(family):
    first = int((family.folder / "pair").read_text())
    grandchildren = [pid for pid in members(first) if pid != first]
    os.kill(first, signal.SIGKILL)
    assert "SIGKILL" in family.wait_for_line("pair ended")
    family.wait_for_line("pair is started again")
    assert [pid for pid in grandchildren if alive(pid)] == []


def test_a_postgres_that_was_killed_comes_back_on_its_data(family):
    postmaster = int((family.folder / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    family.wait_for_line("postgres is started again")

    def ready_again():
        lines = (family.folder / "postgres" / "postmaster.pid").read_text().split()
        return lines[:1] != [str(postmaster)] and lines[-1:] == ["ready"]

    assert wait_for(ready_again)
    os.kill(family.process.pid, signal.SIGTERM)
    assert family.process.wait(LEFT_SECONDS) == 0
    assert family.survivors() == []
