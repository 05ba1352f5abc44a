"""Points: a ledger that books a key once, and a balance that it proves."""

import threading

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kit import database as kit_database
from kit.errors import Invalid, NotFound, Refused
from loyalty import customers, points
from loyalty.points import Drift
from loyalty.proofs import PROOFS

NUMBER = "2104881"


def earn(session, points_earned=12, key="order/K-1", number=NUMBER):
    return points.earn(
        session, number=number, points=points_earned, cause="sale", document="K-1", key=key
    )


def take(session, taken, key):
    return points.take_back(
        session, number=NUMBER, points=taken, cause="return", document="K-1", key=key
    )


def entries(session):
    return session.scalar(text("SELECT count(*) FROM points_entries"))


@pytest.mark.parametrize(
    ("minor", "earned"), [(0, 0), (99, 0), (100, 1), (199, 1), (12_345, 123), (1_000_000, 10_000)]
)
def test_every_full_euro_is_a_point(minor, earned):
    assert points.points_for(minor) == earned


def test_a_negative_amount_earns_nothing_but_an_error():
    with pytest.raises(Invalid) as error:
        points.points_for(-1)
    assert error.value.code == "amount"


def test_a_key_books_once(session, mueller):
    assert earn(session) is True
    assert earn(session) is False
    assert points.balance(session, "2 104 881") == 12
    assert [
        (entry.points, entry.cause, entry.key) for entry in points.entries(session, NUMBER)
    ] == [(12, "sale", "order/K-1")]
    assert points.drift(session) == []


def test_a_key_cannot_stand_for_something_else(session, mueller):
    other = customers.enrol(session, name="Inge", email="inge@post.example").number
    earn(session)
    for wrong in ({"points_earned": 13}, {"number": other}):
        with pytest.raises(Refused) as error:
            earn(session, **wrong)
        assert error.value.code == "points_key_reused"
    with pytest.raises(Refused):
        take(session, 12, "order/K-1")
    assert points.balance(session, NUMBER) == 12
    assert points.balance(session, other) == 0
    assert entries(session) == 1


def test_points_are_taken_back_below_zero_if_need_be(session, mueller):
    earn(session, 12)
    assert take(session, 20, "return/1") is True
    assert take(session, 20, "return/1") is False
    assert points.balance(session, NUMBER) == -8
    assert [entry.points for entry in points.entries(session, NUMBER)] == [-20, 12]
    assert [entry.points for entry in points.entries(session, NUMBER, limit=1)] == [-20]


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "3"])
def test_wrong_points_move_nothing(session, mueller, wrong):
    for book in (earn, lambda session, given: take(session, given, "x")):
        with pytest.raises(Invalid) as error:
            book(session, wrong)
        assert error.value.code == "points"
    assert entries(session) == 0


def test_nobody_earns_points_under_an_unknown_or_mistyped_number(session, mueller):
    with pytest.raises(NotFound):
        earn(session, number="1000009")
    with pytest.raises(Invalid):
        earn(session, number="2104880")
    with pytest.raises(NotFound):
        points.balance(session, "1000009")
    assert entries(session) == 0


STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 500), st.integers(0, 9)), min_size=1, max_size=30
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_the_balance_is_the_sum_of_the_entries(session, mueller, steps):
    with session.begin_nested() as savepoint:
        expected: dict[int, int] = {}
        for earned, amount, key in steps:
            signed = amount if earned else -amount
            try:
                booked = (
                    earn(session, amount, str(key)) if earned else take(session, amount, str(key))
                )
            except Refused:
                assert expected[key] != signed
            else:
                assert booked == (key not in expected)
                assert expected.setdefault(key, signed) == signed
        assert points.balance(session, NUMBER) == sum(expected.values())
        assert points.drift(session) == []
        assert session.execute(text(PROOFS[10])).all() == []
        savepoint.rollback()


def test_drift_and_the_proof_name_a_balance_that_lies(session, mueller):
    earn(session)
    session.execute(text("UPDATE points_balances SET points = 99"))
    assert points.drift(session) == [Drift(NUMBER, booked=99, summed=12)]
    assert session.execute(text(PROOFS[10])).all() == [(NUMBER, 99, 12)]
    session.execute(text("DELETE FROM points_balances"))
    assert points.drift(session) == [Drift(NUMBER, booked=0, summed=12)]
    assert session.execute(text(PROOFS[10])).all() == [(NUMBER, 0, 12)]


def test_the_database_refuses_to_change_an_entry(session, mueller, owner):
    earn(session)
    session.commit()
    for change in ("UPDATE points_entries SET points = 99", "DELETE FROM points_entries"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(change)
    assert points.balance(session, NUMBER) == 12


@pytest.mark.race
def test_the_same_key_from_eight_connections_books_once(session, mueller):
    session.commit()
    start, answers = threading.Barrier(8), []

    def race():
        start.wait()
        with kit_database.transaction() as own:
            answers.append(earn(own, 12, "sale/till-1/0815"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
    assert points.balance(session, NUMBER) == 12
    assert entries(session) == 1


@pytest.mark.race
def test_a_second_connection_waits_and_books_when_the_first_one_gives_up(session, mueller):
    session.commit()
    waiting, answers = threading.Event(), []

    def second():
        waiting.set()
        with kit_database.transaction() as own:
            answers.append(earn(own, 12, "sale/till-1/0815"))

    earn(session, 12, "sale/till-1/0815")
    thread = threading.Thread(target=second)
    thread.start()
    waiting.wait()
    thread.join(timeout=0.3)
    assert thread.is_alive()
    assert answers == []
    session.rollback()
    thread.join()
    assert answers == [True]
    assert points.balance(session, NUMBER) == 12


@pytest.mark.race
def test_many_keys_from_many_connections_all_count(session, mueller):
    session.commit()

    def race(first):
        for place in range(10):
            with kit_database.transaction() as own:
                # Every key comes from two threads.
                earn(own, 1 + place, f"sale/{first // 2}/{place}")

    threads = [threading.Thread(target=race, args=[first]) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert points.balance(session, NUMBER) == 3 * sum(range(1, 11))
    assert entries(session) == 30
    assert points.drift(session) == []
