from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from local.preparation import Once, fingerprint, next_wednesday

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-21T23:30", "2026-11-25T12:30+01:00"),  # a Saturday
        ("2026-11-25T12:29", "2026-11-25T12:30+01:00"),  # the Wednesday itself, before
        ("2026-11-25T12:30", "2026-12-02T12:30+01:00"),  # and after
        ("2026-03-28T10:00", "2026-04-01T12:30+02:00"),  # the clock changes on the Sunday between
        ("2026-12-31T00:00", "2027-01-06T12:30+01:00"),  # over the end of the year
    ],
)
def test_the_demo_opens_on_the_coming_wednesday(now, opening):
    moment = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    assert next_wednesday(moment).isoformat(timespec="minutes") == opening


def test_a_fingerprint_changes_with_a_file_and_with_nothing_else(tmp_path):
    (tmp_path / "one.py").write_text("1")
    before = fingerprint(["*.py"], tmp_path)
    (tmp_path / "other.txt").write_text("1")
    assert fingerprint(["*.py"], tmp_path) == before
    (tmp_path / "one.py").write_text("12")
    assert fingerprint(["*.py"], tmp_path) != before


def test_work_is_done_once_per_input(tmp_path):
    once = Once(tmp_path, forgetful=False)
    once.note("seed", "a")
    assert once.done("seed", "a")
    assert not once.done("seed", "b")


def test_a_database_that_is_not_ours_is_prepared_every_time(tmp_path):
    once = Once(tmp_path, forgetful=True)
    once.note("seed", "a")
    assert not once.done("seed", "a")
