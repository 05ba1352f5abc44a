"""Forked children behave as if they had been started by a command line."""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children are forked on Linux only"),
]

# The parent runs as a process of its own: a test process must not fork itself.
PARENT = """
import signal, sys, tempfile
from pathlib import Path
from local import forking
from local.processes import Household, Program

forking.MODULES = ("json",)
own = tempfile.TemporaryDirectory()
folder = Path(sys.argv[1])
household = Household(folder / "logs")
program = Program("child", sys.argv[3:], module=sys.argv[2], environment={"SEEN": "yes"},
                  folder=folder)
child = household.start(program)
assert isinstance(child.process, forking.Forked)
if "wait_for_signal" in sys.argv[2]:
    while "listening" not in child.log.read_text():
        pass
    household.stop([child], 5)
    print(child.process.returncode)
else:
    print(child.process.wait(20))
assert Path(own.name).is_dir(), "the child has cleaned up after its parent"
household.close()
"""


def run(tmp_path, source, *arguments, name="program"):
    """Run `source` as a forked module; return its exit code and what it printed."""
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
    outcome = subprocess.run(
        [sys.executable, "-c", PARENT, tmp_path, name, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return int(outcome.stdout), (tmp_path / "logs" / "child.log").read_text()


def test_it_sees_its_command_line_environment_and_folder(tmp_path):
    source = """
        import os, sys
        assert __name__ == "__main__"
        print(sys.argv[1:], dict(os.environ)["SEEN"], "HOME" in os.environ, os.getcwd())
    """
    code, said = run(tmp_path, source, "--port", "1")
    assert code == 0
    assert said == f"['--port', '1'] yes False {tmp_path}\n"


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no port')", 1, "no port\n"),
        ("import sys; sys.exit()", 0, ""),
        ("import atexit; atexit.register(print, 'bye')", 0, "bye\n"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9, ""),
    ],
)
def test_it_ends_as_a_program_ends(tmp_path, source, code, said):
    assert run(tmp_path, source) == (code, said)


def test_its_last_word_is_its_traceback(tmp_path):
    code, said = run(tmp_path, "1 / 0")
    assert code == 1
    assert said.rstrip().endswith("ZeroDivisionError: division by zero")


def test_it_leads_a_session_and_holds_none_of_its_parent_s_files(tmp_path):
    source = """
        import os
        print(os.getsid(0) == os.getpid(), sorted(map(int, os.listdir("/proc/self/fd")))[:4])
    """
    # 3 is the descriptor that lists the folder
    assert run(tmp_path, source) == (0, "True [0, 1, 2, 3]\n")


def test_it_is_stopped_by_a_signal_of_which_it_knows(tmp_path):
    source = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        print("listening")
        time.sleep(60)
    """
    assert run(tmp_path, source, name="wait_for_signal") == (7, "listening\n")


def test_signals_are_as_at_the_start_of_any_program(tmp_path):
    source = """
        import signal
        print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.pthread_sigmask(0, []))
    """
    assert run(tmp_path, source) == (0, "True set()\n")
