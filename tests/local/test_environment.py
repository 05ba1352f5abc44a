"""The set-up of the virtual environment: which way it takes, and what it says when none is left."""

import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from local import debian, environment
from local.terminal import MissingError
from tests.conftest import ROOT


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """The constants of the module, in a folder of the test."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", venv / "kontor-installed")
    return tmp_path


@pytest.fixture
def tried(clone, monkeypatch):
    """The commands that would be run; none is, and all fail."""
    commands = []

    def refuse(title, command, env=None):
        commands.append([str(part) for part in command])
        return 1, "refused"

    monkeypatch.setattr(environment, "run", refuse)
    monkeypatch.setattr(debian, "run", refuse)
    monkeypatch.setattr(environment, "works", lambda _command: False)
    return commands


def test_a_machine_without_any_way_is_told_what_to_install(tried, monkeypatch, capsys):
    monkeypatch.setattr(debian, "may_install", lambda: False)
    with pytest.raises(MissingError, match=r"sudo apt install python3-venv$"):
        environment.make_venv()
    assert tried == []


def test_root_on_debian_installs_what_is_missing_and_says_so(tried, monkeypatch, capsys):
    monkeypatch.setattr(debian, "may_install", lambda: True)
    with pytest.raises(MissingError):
        environment.make_venv()
    package = f"python3.{sys.version_info.minor}-venv"
    assert [command[:2] for command in tried] == [
        ["apt-get", "install"], ["apt-get", "update"], ["apt-get", "install"],
    ]  # fmt: skip
    assert package in capsys.readouterr().out


def test_packages_that_no_installer_gets_are_named_as_a_matter_of_the_index(tried, clone):
    lock = clone / "requirements.txt"
    lock.write_text("flask==3.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(MissingError, match="is the package index within reach"):
        environment.install(lock)
    assert tried[-1][-4:] == ["--require-hashes", "--no-deps", "-r", str(lock)]


def test_an_environment_is_whole_only_for_this_lock_at_this_place(clone):
    lock = clone / "requirements.txt"
    lock.write_text("flask==3.1\n")
    environment.PYTHON.parent.mkdir(parents=True)
    environment.PYTHON.symlink_to(sys.executable)
    assert not environment.installed([lock])
    environment.STAMP.write_text(environment.stamp_text(lock))
    assert environment.installed([lock])
    lock.write_text("flask==3.2\n")
    assert not environment.installed([lock])
    lock.write_text("flask==3.1\n")
    environment.PYTHON.unlink()
    assert not environment.installed([lock])


def test_a_moved_environment_is_made_anew(clone, monkeypatch):
    environment.PYTHON.parent.mkdir(parents=True)
    environment.PYTHON.symlink_to(sys.executable)
    environment.STAMP.write_text("/elsewhere/.venv\nrequirements.txt\n00\n")
    made = []
    monkeypatch.setattr(environment, "by_venv", lambda: made.append("venv") or fake_venv())
    environment.make_venv()
    assert made == ["venv"]
    assert not environment.STAMP.exists()


def fake_venv():
    environment.PYTHON.parent.mkdir(parents=True)
    environment.PYTHON.symlink_to(sys.executable)
    return True


def test_an_old_python_looks_for_a_newer_one(tmp_path, monkeypatch):
    placeholder, newer = tmp_path / "python3.13", tmp_path / "python3.12"
    placeholder.write_text("#!/bin/sh\nexit 127\n")
    newer.write_text("#!/bin/sh\nexit 0\n")
    for program in (placeholder, newer):
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"/nowhere:{tmp_path}")
    assert bootstrap.newer_python() == str(newer)
    newer.chmod(0o644)
    assert bootstrap.newer_python() is None


def test_an_old_python_without_a_newer_one_says_so_in_one_line(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(bootstrap, "newer_python", lambda: None)
    with pytest.raises(SystemExit) as refused:
        bootstrap.main()
    message = str(refused.value)
    assert message.startswith("kontor: Python 3.11 or newer is needed, this is ")
    assert "\n" not in message


def test_bootstrap_can_be_read_by_an_old_python():
    import ast

    ast.parse((ROOT / "bootstrap.py").read_text(), feature_version=(3, 6))


def test_the_set_up_needs_nothing_but_the_standard_library():
    # -S: without site-packages, as on a machine that has none
    program = "import sys; sys.path.insert(0, '.'); import local.environment"
    subprocess.run([sys.executable, "-S", "-E", "-c", program], cwd=ROOT, check=True)


def test_the_locks_pin_and_hash_everything_and_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        text = (ROOT / name).read_text()
        pinned = [line for line in text.splitlines() if line[:1].isalnum()]
        assert pinned
        assert all("==" in line for line in pinned)
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text


def test_the_lean_lock_is_part_of_the_full_one():
    def pins(name):
        lines = Path(ROOT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if line[:1].isalnum()}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_make_alone_lists_the_targets():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [line.split()[1] for line in listed.splitlines()]
    for target in ("demo", "demo-reset", "serve", "test", "check", "story", "lock"):
        assert target in named
