"""The scheduler does what falls due, and goes on when a duty fails."""

import logging
from datetime import timedelta

import pytest

from app.jobs import schedule
from app.jobs.schedule import Duty
from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from kit import clock
from kit.database import reading, transaction
from kit.ids import new_id
from tests import small_shop
from tests.small_shop import LURE, WEDNESDAY


@pytest.fixture
def rounds(app, monkeypatch):
    """Run the scheduler for so many rounds of one second each, with these duties."""

    def run(count, *duties):
        seconds = iter(range(1000))
        now = [100.0]
        monkeypatch.setattr(schedule.time, "monotonic", lambda: now[0])
        monkeypatch.setattr(schedule.time, "sleep", lambda _: now.__setitem__(0, now[0] + 1))
        monkeypatch.setattr(schedule, "rota", lambda _relay: list(duties))
        schedule.run(app.extensions["kontor_relay"], lambda: next(seconds) >= count)

    return run


def test_each_duty_comes_round_in_its_own_time(rounds):
    done = []
    rounds(
        7,
        Duty("often", 2, lambda: done.append("often")),
        Duty("rarely", 5, lambda: done.append("rarely")),
    )
    assert done == ["often", "rarely", "often", "often", "rarely", "often"]


def test_a_duty_that_fails_is_logged_and_stops_nothing(rounds, caplog):
    done = []

    def fail():
        done.append("failing")
        raise RuntimeError("no light")

    with caplog.at_level(logging.ERROR):
        rounds(2, Duty("lamp", 1, fail), Duty("door", 1, lambda: done.append("door")))
    assert done == ["failing", "door"] * 2
    assert [record.message for record in caplog.records] == ["duty failed: lamp"] * 2


def test_the_duties_go_by_the_clock_of_the_shop(rounds, app):
    seen = []
    with transaction() as session:
        clock.move_to(session, WEDNESDAY)
    clock._clock.offset = timedelta()
    rounds(1, Duty("look", 1, lambda: seen.append(clock.now())))
    clock._clock.offset = timedelta()
    assert abs(seen[0] - WEDNESDAY) < timedelta(minutes=1)


def test_the_rota_frees_what_nobody_paid_and_looks_at_the_books(app, wednesday, owner, caplog):
    small_shop.build({("lager", LURE): 5})
    with transaction() as session:
        reservations.place(
            session,
            order_ref="K-1",
            wants=[Want(new_id(), LURE, "lager", 2)],
            expires_at=WEDNESDAY - timedelta(seconds=1),
        )
    owner.execute("UPDATE stock_balances SET in_transit = 7")
    with caplog.at_level(logging.ERROR):
        for duty in schedule.rota(app.extensions["kontor_relay"]):
            duty.run()
        assert schedule._beside.wait(60)
        assert schedule._beside_learning.wait(60)
    with reading() as session:
        assert small_shop.books(session) == {("lager", LURE): (5, 0, 0, 0)}
    said = [record.getMessage() for record in caplog.records]
    assert [text[:21] for text in said if text.startswith("invariant")] == [
        "invariant 1 is broken",
        "invariant 2 is broken",
    ]
    assert [text for text in said if not text.startswith("invariant")] == [
        f"in_transit of {LURE} at lager: 7 booked, 0 summed"
    ]
