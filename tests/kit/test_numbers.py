"""Receipt numbers have no gaps: not after a roll-back, not between two that want one at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import text

from kit import numbers
from kit.database import reading, transaction

RANGE = "receipt/bonn-1"


def last():
    with reading() as session:
        return session.scalar(text("SELECT last FROM number_ranges WHERE name = :n"), {"n": RANGE})


def test_numbers_count_from_one_and_ranges_are_strangers(database):
    with transaction() as session:
        taken = [numbers.take(session, RANGE) for _ in range(3)]
        other = numbers.take(session, "receipt/koeln-1")
    assert (taken, other, last()) == ([1, 2, 3], 1, 3)


def test_a_rolled_back_number_is_given_out_again(database):
    with transaction() as session:
        assert numbers.take(session, RANGE) == 1
    with suppress(ZeroDivisionError), transaction() as session:
        assert numbers.take(session, RANGE) == 2
        raise ZeroDivisionError
    assert last() == 1
    with transaction() as session:
        assert numbers.take(session, RANGE) == 2


@pytest.mark.race
@pytest.mark.parametrize(("first_commits", "second_gets"), [(True, 2), (False, 1)])
def test_the_second_waits_for_what_becomes_of_the_first(database, first_commits, second_gets):
    took, may_end = threading.Event(), threading.Event()

    def first():
        with transaction() as session:
            number = numbers.take(session, RANGE)
            took.set()
            may_end.wait(20)
            if not first_commits:
                session.rollback()
        return number

    def second():
        took.wait(20)
        with transaction() as session:
            return numbers.take(session, RANGE)

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.submit(first), threads.submit(second)
        took.wait(20)
        assert not two.done()
        may_end.set()
        assert (one.result(20), two.result(20)) == (1, second_gets)
    assert last() == second_gets


@pytest.mark.race
def test_many_at_once_leave_no_gap(database):
    def take(turn):
        try:
            with transaction() as session:
                number = numbers.take(session, RANGE)
                if turn % 4 == 0:
                    raise ZeroDivisionError
                return number
        except ZeroDivisionError:
            return None

    with ThreadPoolExecutor(8) as threads:
        taken = [number for number in threads.map(take, range(64)) if number is not None]
    assert sorted(taken) == list(range(1, 49))
    assert last() == 48
