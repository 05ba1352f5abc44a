"""The shop's clock stands still, moves for every process, and never touches real time."""

import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from kit import clock
from kit.database import reading, transaction

CHRISTMAS = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def own_clock(database):
    """A clock of this test; afterwards it shows real time again."""
    yield
    clock._clock.offset = timedelta()


def stored_offsets():
    with reading() as session:
        return list(session.scalars(text("SELECT offset_seconds FROM shop_clock")))


def test_a_frozen_clock_stands_still_and_runs_on_afterwards():
    with clock.frozen(CHRISTMAS):
        first = clock.now()
        time.sleep(0.01)
        assert (first, clock.now()) == (CHRISTMAS, CHRISTMAS)
        assert clock.is_moved()
        with clock.frozen(CHRISTMAS + A_MINUTE):
            assert clock.now() == CHRISTMAS + A_MINUTE
        assert clock.now() == CHRISTMAS
    assert not clock.is_moved()
    assert abs(clock.now() - datetime.now(UTC)) < A_MINUTE


def test_a_frozen_clock_thaws_when_the_block_fails():
    with pytest.raises(ZeroDivisionError), clock.frozen(CHRISTMAS):
        raise ZeroDivisionError
    assert not clock.is_moved()


def test_another_zone_is_the_same_instant():
    with clock.frozen(datetime(2026, 12, 24, 4, 0, tzinfo=timezone(timedelta(hours=-5)))):
        assert clock.now() == CHRISTMAS
        assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 25, 22, 59, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 23, 0, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_the_day_changes_at_midnight_in_berlin(instant, day):
    with clock.frozen(instant):
        assert clock.today() == day


def test_the_hour_that_comes_twice_stays_two_instants():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    walls = [clock.berlin(first), clock.berlin(first + timedelta(hours=1))]
    assert [wall.strftime("%H:%M %z") for wall in walls] == ["02:30 +0200", "02:30 +0100"]


def test_a_moved_clock_is_seen_by_another_process_after_it_refreshes(own_clock):
    with transaction() as session:
        clock.move_to(session, CHRISTMAS)
    assert abs(clock.now() - CHRISTMAS) < A_MINUTE
    clock._clock.offset = timedelta()  # what another process still knows
    assert not clock.is_moved()
    with reading() as session:
        clock.refresh(session)
    assert abs(clock.now() - CHRISTMAS) < A_MINUTE
    assert clock.is_moved()


def test_a_moved_clock_runs_on(own_clock):
    with transaction() as session:
        clock.move_to(session, CHRISTMAS)
    earlier = clock.now()
    time.sleep(0.01)
    assert clock.now() - earlier >= timedelta(milliseconds=10)


def test_moving_twice_keeps_one_row(own_clock):
    for instant in (CHRISTMAS, CHRISTMAS + timedelta(days=1)):
        with transaction() as session:
            clock.move_to(session, instant)
    (offset,) = stored_offsets()
    arrived = datetime.now(UTC) + timedelta(seconds=offset)
    assert abs(arrived - CHRISTMAS - timedelta(days=1)) < A_MINUTE


def test_a_move_that_is_rolled_back_reaches_nobody(own_clock):
    with suppress(ZeroDivisionError), transaction() as session:
        clock.move_to(session, CHRISTMAS)
        raise ZeroDivisionError
    assert stored_offsets() == []
    with reading() as session:
        clock.refresh(session)
    assert not clock.is_moved()


def test_an_instant_without_zone_is_none(own_clock):
    naive = datetime(2026, 12, 24, 9, 0)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="time zone"), clock.frozen(naive):
        pass
    with transaction() as session, pytest.raises(ValueError, match="time zone"):
        clock.move_to(session, naive)
    assert stored_offsets() == []
