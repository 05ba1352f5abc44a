"""What `make story` says when it cannot play, and how it tells the steps."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo.story import play
from demo.story.stage import NotRunningError, Stage
from demo.story.telling import NotAsToldError, Teller, same, told

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "in_time"),
    [
        ("2026-11-25T12:29", False),
        ("2026-11-25T12:30", True),
        ("2026-11-25T15:44", True),
        ("2026-11-25T15:45", False),
        ("2026-11-26T13:00", False),
    ],
)
def test_the_story_is_played_on_a_wednesday_before_bonn_has_sent_its_parcels(
    now: str, *, in_time: bool
) -> None:
    assert play._in_time(at(now)) is in_time


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-25T12:30", "2026-12-02T12:30"),
        ("2026-11-25T09:00", "2026-11-25T12:30"),
        ("2026-11-26T09:00", "2026-12-02T12:30"),
    ],
)
def test_the_clock_moves_on_to_wednesday_never_back(now: str, then: str) -> None:
    assert play._next_wednesday(at(now)) == at(then)


def test_without_a_running_demo_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="make demo"):
        Stage.of(tmp_path)


def test_a_step_is_told_with_what_it_has_seen(capsys: pytest.CaptureFixture[str]) -> None:
    teller = Teller()
    with teller.step("two lures"):
        teller.found("13,10 €")
    with pytest.raises(NotAsToldError, match="expected 2, saw 1"), teller.step("two parcels"):
        same(1, 2, "parcels")
    first, second = capsys.readouterr().out.splitlines()
    assert (first[:3], "two lures: 13,10 €" in first) == ("  ✓", True)
    assert (second[:3], second[-11:]) == ("  ✗", "two parcels")
    assert teller.steps == 1


def test_what_is_not_there_is_not_as_told() -> None:
    told("something", "never said")
    with pytest.raises(NotAsToldError, match="a deadline"):
        told(None, "a deadline")


def test_a_time_counts_where_times_are_looked_at() -> None:
    Teller().within(5.0, 5.0)
    with pytest.raises(NotAsToldError, match=r"told within 5.0 s, took 5.1 s"):
        Teller().within(5.0, 5.1)
    Teller(timed=False).within(5.0, 29.0)
