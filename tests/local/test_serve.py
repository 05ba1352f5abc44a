"""`make serve` as a program: no demo part, its own folder, the operator's commands beside it."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from local import ports, postgres, supervisor
from tests.conftest import ROOT
from tests.live import FOREIGN
from tests.local.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(module_folder):
    yield module_folder
    postgres.remove(module_folder)


def environment_of(folder, **more):
    own = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    return {**own, "KONTOR_DATA": str(folder), "KONTOR_WEB_PROCESSES": "1", **more}


@pytest.fixture(scope="module")
def shop(folder):
    """A served shop without any address of a real server: notes, output and the process."""
    output = folder / "output"
    port = ports.any_free()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.serve"],
            cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            env=environment_of(folder, KONTOR_PORT=str(port)),
        )  # fmt: skip
    try:
        assert wait_for(lambda: "\nready\n" in output.read_text() or process.poll(), 90)
        assert process.poll() is None, output.read_text()
        facts = json.loads((folder / "running.json").read_text())
        yield {**facts, "said": output.read_text(), "port": port}
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0


def flask(shop, *arguments, given=""):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT, env={**os.environ, **shop["environment"]}, input=given,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_answers_on_the_port_it_was_given(shop):
    assert shop["shop"] == f"http://127.0.0.1:{shop['port']}/"
    assert supervisor.answers(f"{shop['shop']}healthz")


def test_it_starts_no_part_of_the_demo(shop, folder):
    logs = {log.stem for log in (folder / "logs").glob("*.log")}
    assert logs >= {"postgres", "valkey", "web", "worker-events", "worker-mail", "scheduler"}
    assert logs.isdisjoint({"mail-sink", "stripe-double", "seed"})
    assert "KONTOR_DEMO" not in shop["environment"]


def test_its_notes_with_the_secrets_are_for_its_owner_only(shop, folder):
    for name in ("running.json", "secret-key", "postgres-password"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name


def test_it_names_the_settings_that_it_lacks(shop):
    for name in ("STRIPE_API_KEY", "SMTP_URL", "KONTOR_PUBLIC_URL"):
        assert f"{name} is not set" in shop["said"]


def test_the_first_admin_is_made_by_a_command(shop):
    arguments = ["staff", "create", "--email", "chef@example.org", "--name", "Chefin"]
    secret = "a long enough secret 4711"
    made = flask(shop, *arguments, given=f"{secret}\n{secret}\n")
    assert made.returncode == 0, made.stderr
    assert "chef@example.org can sign in as admin" in made.stdout


def test_its_clock_is_real(shop):
    said = datetime.fromisoformat(flask(shop, "clock", "show").stdout.strip())
    assert abs(datetime.now(UTC) - said) < timedelta(seconds=30)


def test_a_taken_port_is_named_and_nothing_is_started(shop, tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "local.serve"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment_of(tmp_path / "other", KONTOR_PORT=str(shop["port"])),
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == (
        f"kontor: port {shop['port']} is taken; set KONTOR_PORT to another one.\n"
    )
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_senseless_number_is_refused(tmp_path, value):
    refused = subprocess.run(
        [sys.executable, "-m", "local.serve"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment_of(tmp_path / "other", KONTOR_PORT=value),
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == f"kontor: KONTOR_PORT is a whole number above 0, not {value!r}.\n"


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "local.command", *map(str, arguments)],
        cwd=ROOT, env=environment_of(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_command_joins_the_shop_that_runs(shop, folder, tmp_path):
    written = command(folder, "backup", tmp_path / "while-open.tar")
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "while-open.tar").stat().st_size > 10_000


def test_a_command_without_a_shop_starts_its_own_servers_and_stops_them(short_folder):
    assert command(short_folder, "migrate").returncode == 0
    backup = short_folder / "closed.tar"
    assert command(short_folder, "backup", backup).returncode == 0
    refused = command(short_folder, "restore", backup)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    restored = command(short_folder, "restore", backup, "--replace")
    assert restored.returncode == 0, restored.stderr
    assert not (short_folder / "postgres" / "postmaster.pid").exists()
