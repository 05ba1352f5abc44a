"""`make demo` as a program: started, stopped, started again, killed, with parts replaced, reset."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime

import psycopg
import pytest

from local import ports, postgres, supervisor
from local.preparation import BERLIN
from tests.conftest import ROOT
from tests.live import FOREIGN
from tests.local.waiting import wait_for

pytestmark = pytest.mark.slow
STOP_SECONDS = 25


class Demo:
    """One run of the demo on a folder."""

    def __init__(self, folder, **environment):
        own = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        self.folder = folder
        self.output = folder / f"output-{time.monotonic_ns()}"
        begun = time.monotonic()
        with self.output.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.demo", "--data", folder, "--free-ports"],
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=own | environment,
            )  # fmt: skip
        assert wait_for(lambda: self.is_ready() or self.process.poll() is not None, 180)
        assert self.is_ready(), self.output.read_text()
        self.seconds = time.monotonic() - begun
        self.facts = json.loads((folder / "running.json").read_text())

    def is_ready(self):
        return self.output.read_text().endswith("\nready\n")

    def everyone(self):
        """Return the processes that it has started, the watchdog included."""
        listed = subprocess.run(
            ["/bin/ps", "-eo", "pid=,ppid=,sess="], capture_output=True, text=True, check=True
        ).stdout
        rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
        children = {pid for pid, parent, _ in rows if parent == self.process.pid}
        return sorted({pid for pid, _, session in rows if session in children} | children)

    def shop_time(self):
        with psycopg.connect(self.facts["environment"]["DATABASE_URL"]) as owner:
            (offset,) = owner.execute("SELECT offset_seconds FROM shop_clock").fetchone()
        return datetime.fromtimestamp(time.time() + float(offset), BERLIN)

    def stop(self, number=signal.SIGINT):
        pids = self.everyone()
        os.killpg(self.process.pid, number)
        code = self.process.wait(STOP_SECONDS)
        assert wait_for(lambda: not any(exists(pid) for pid in pids), STOP_SECONDS)
        return code


def exists(pid):
    try:
        return os.getsid(pid) >= 0 and not zombie(pid)
    except ProcessLookupError:
        return False


def zombie(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture(scope="module")
def folder(module_folder):
    yield module_folder
    postgres.remove(module_folder)


@pytest.fixture(scope="module")
def first(folder):
    """The first run, stopped; with what was seen of it."""
    demo = Demo(folder)
    try:
        demo.said = demo.output.read_text()
        demo.opened = demo.shop_time()
        demo.answers = {
            name: supervisor.answers(demo.facts[name])
            for name in ("shop", "till", "floor", "office", "mail", "stripe")
        }
        demo.sizes = sum(proportional_set_size(pid) for pid in demo.everyone())
        demo.closed = demo.shop_time()
    finally:
        demo.code = demo.stop()
    return demo


def proportional_set_size(pid):
    """Return what a process adds to the memory in use, in bytes; shared pages are shared out."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            line = next(line for line in file if line.startswith("Pss:"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(line.split()[1]) * 1024


def test_everything_that_it_prints_answers(first):
    assert first.answers == dict.fromkeys(first.answers, True)
    for name in first.answers:
        assert first.facts[name] in first.said
    assert "demo-am-rhein" in first.said
    assert first.said.splitlines()[-1] == "ready"


def test_its_clock_starts_on_a_wednesday_at_half_past_twelve(first):
    assert first.opened.strftime("%A %H:%M") == "Wednesday 12:30"


def test_all_processes_together_take_less_than_a_gigabyte(first):
    assert 100e6 < first.sizes < 1e9


def test_ctrl_c_ends_it_with_success(first):
    assert first.code == 0
    assert not (first.folder / "running.json").exists()


def test_a_second_start_keeps_data_and_clock_and_survives_a_kill(first, folder):
    again = Demo(folder)
    try:
        assert "demo shop …" not in again.output.read_text()
        drift = (again.shop_time() - first.closed).total_seconds()
        # the shop's clock stood still while the demo was off, but for the seconds of its start
        assert 0 <= drift < again.seconds + 5
        assert again.facts["shop"] == first.facts["shop"]
        refused = subprocess.run(
            [sys.executable, "-m", "local.demo", "--data", folder],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert refused.returncode == 1
        assert f"it runs already: process {again.process.pid}" in refused.stderr
    finally:
        pids = again.everyone()
        again.process.kill()
        again.process.wait()
    assert wait_for(lambda: not any(exists(pid) for pid in pids), STOP_SECONDS)


def test_a_start_right_after_a_kill_waits_for_the_cleaning_up(first, folder):
    for _ in range(2):
        demo = Demo(folder)
        os.kill(demo.process.pid, signal.SIGKILL)
        demo.process.wait()
    demo = Demo(folder)
    assert demo.stop(signal.SIGTERM) == 0


def test_addresses_in_the_environment_replace_the_embedded_parts(servers, module_folder, first):
    database = servers.create_database(f"demo_{os.urandom(4).hex()}", template="template1")
    with socket.socket() as mail_server:  # nobody answers: the shop has to live with that
        mail_server.bind((ports.HOST, 0))
        smtp_url = f"smtp://{ports.HOST}:{mail_server.getsockname()[1]}"
        path = module_folder / "replaced"
        path.mkdir()
        demo = Demo(
            path,
            DATABASE_URL=database,
            REDIS_URL=servers.redis(30),
            SMTP_URL=smtp_url,
            STRIPE_API_KEY="sk_test_real",
            STRIPE_WEBHOOK_SECRET="whsec_real",
        )
        try:
            logs = {log.stem for log in (path / "logs").glob("*.log")}
            assert logs.isdisjoint({"postgres", "valkey", "mail-sink", "stripe-double"})
            assert logs >= {"web", "worker-events", "worker-mail", "scheduler"}
            assert not {"mail", "stripe"} & demo.facts.keys()
            with psycopg.connect(database) as owner:
                (products,) = owner.execute("SELECT count(*) FROM items").fetchone()
            assert products >= 250
            with urllib.request.urlopen(demo.facts["shop"], timeout=10) as page:
                assert page.status == 200
        finally:
            assert demo.stop() == 0


def test_a_stripe_key_without_its_webhook_secret_is_refused(tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "local.demo", "--data", tmp_path / "demo"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "STRIPE_API_KEY": "sk_test_real", "STRIPE_WEBHOOK_SECRET": ""},
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == (
        "kontor: STRIPE_API_KEY is set without STRIPE_WEBHOOK_SECRET; set both.\n"
    )


def test_a_reset_forgets_everything(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "postgres").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "local.demo", "--data", folder, "--reset"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert not folder.exists()
