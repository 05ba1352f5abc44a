"""Finding Chromium, and what `make test` does where there is none."""

import pytest

from local import browser, debian, testing


@pytest.fixture
def bare(monkeypatch):
    """A machine without any Chromium; returns what would be run to get one."""
    commands = []

    def refuse(title, command, env=None):
        commands.append([str(part) for part in command][-4:])
        return 1, "refused"

    monkeypatch.delenv("KONTOR_CHROMIUM", raising=False)
    monkeypatch.delenv("KONTOR_WITHOUT_BROWSER", raising=False)
    monkeypatch.setattr(browser, "NAMES", ())
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setattr(browser, "CACHES", ())
    monkeypatch.setattr(browser, "run", refuse)
    monkeypatch.setattr(debian, "run", refuse)
    return commands


def test_root_on_debian_gets_the_system_s_chromium(bare, monkeypatch):
    monkeypatch.setattr(debian, "may_install", lambda: True)
    monkeypatch.setattr(debian, "is_debian", lambda: True)
    assert browser.obtain() is None
    assert bare[0] == ["install", "-y", "--no-install-recommends", "chromium"]
    assert bare[-1] == ["playwright", "install", "--with-deps", "chromium"]


def test_others_get_playwright_s_own(bare, monkeypatch):
    monkeypatch.setattr(debian, "may_install", lambda: False)
    assert browser.obtain() is None
    assert bare == [["-m", "playwright", "install", "chromium"]]


def test_a_named_chromium_is_taken(bare, monkeypatch, tmp_path):
    program = tmp_path / "my-chromium"
    program.touch(mode=0o755)
    monkeypatch.setenv("KONTOR_CHROMIUM", str(program))
    assert browser.find() == program
    assert bare == []


@pytest.mark.parametrize(("outcome", "code"), [(0, 1), (2, 2)])
def test_the_other_tests_run_and_the_command_fails_with_what_to_do(
    monkeypatch, capsys, outcome, code
):
    monkeypatch.delenv("KONTOR_WITHOUT_BROWSER", raising=False)
    monkeypatch.setattr(browser, "obtain", lambda: None)
    ran = []
    monkeypatch.setattr(testing, "run_pytest", lambda arguments: ran.append(arguments) or outcome)
    assert testing.main(["-k", "word"]) == code
    assert ran == [["-k", "word"]]
    assert capsys.readouterr().err.endswith(f"were left out. {browser.ADVICE}\n")


def test_the_browser_can_be_left_out_on_purpose(monkeypatch, capsys):
    monkeypatch.setenv("KONTOR_WITHOUT_BROWSER", "1")
    monkeypatch.setattr(testing, "run_pytest", lambda _arguments: 0)
    assert testing.main([]) == 0
    assert capsys.readouterr().err == ""
