"""Events leave with the change that caused them, are handled once, and end up somewhere."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from kit import clock, events
from kit.database import reading, transaction
from kit.events import MAX_ATTEMPTS, Event, OutboxEvent


@dataclass(frozen=True)
class LampLit(Event):
    """A lamp was lit."""

    room: str
    watts: int = 40


def lit(room="hall"):
    with transaction() as session:
        return events.record(session, LampLit(room))


def row(event_id):
    with reading() as session:
        return session.get_one(OutboxEvent, event_id)


def waiting_ids(**options):
    with reading() as session:
        return [found.id for found in events.waiting(session, **options)]


def fail(event_id, error="no light"):
    with transaction() as session:
        events.mark_failed(session, event_id, error)


def make_due(owner, event_id, ago="1 second"):
    owner.execute(
        f"UPDATE outbox_events SET due_at = now() - interval '{ago}' WHERE id = %s", [event_id]
    )


def test_an_event_is_stored_with_its_transaction_and_loads_again(database):
    with clock.frozen(datetime(2026, 11, 25, 11, 30, tzinfo=UTC)):
        event_id = lit()
    stored = row(event_id)
    assert (stored.name, stored.payload) == ("LampLit", {"room": "hall", "watts": 40})
    assert stored.occurred_at == datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
    assert (stored.attempts, stored.delivered_at, stored.dead_at) == (0, None, None)
    assert LampLit.load(stored.payload) == LampLit("hall")
    assert waiting_ids() == [event_id]


def test_an_event_is_rolled_back_with_its_transaction(database):
    with suppress(ZeroDivisionError), transaction() as session:
        events.record(session, LampLit("hall"))
        raise ZeroDivisionError
    assert waiting_ids() == []


def test_the_relay_is_told_once_what_a_session_recorded(database):
    with transaction() as session:
        first = events.record(session, LampLit("hall"))
        second = events.record(session, LampLit("attic"))
        # Asked here: after the commit the relay of an application has taken them.
        assert events.recorded(session) == [(first, "LampLit"), (second, "LampLit")]
        assert events.recorded(session) == []


@pytest.mark.parametrize("value", [uuid.uuid4(), date(2026, 11, 25), datetime.now(UTC)])
def test_an_event_carries_plain_values_only(database, value):
    with transaction() as session, pytest.raises(TypeError, match=r"LampLit\.room"):
        events.record(session, LampLit(value))
    assert waiting_ids() == []


def test_a_handler_acts_once_per_event(database):
    event_id, other = lit(), lit()
    answers = []
    for key, handler in [(event_id, "a"), (event_id, "a"), (event_id, "b"), (other, "a")]:
        with transaction() as session:
            answers.append(events.first_time(session, key, handler))
    assert answers == [True, False, True, True]


def test_a_handler_that_failed_may_act_again(database):
    event_id = lit()
    with suppress(ZeroDivisionError), transaction() as session:
        assert events.first_time(session, event_id, "a")
        raise ZeroDivisionError
    with transaction() as session:
        assert events.first_time(session, event_id, "a")


@pytest.mark.race
@pytest.mark.parametrize(("first_commits", "second_acts"), [(True, False), (False, True)])
def test_a_second_delivery_waits_for_the_first(database, first_commits, second_acts):
    event_id = lit()
    claimed, may_end = threading.Event(), threading.Event()

    def first():
        with transaction() as session:
            answer = events.first_time(session, event_id, "a")
            claimed.set()
            may_end.wait(20)
            if not first_commits:
                session.rollback()
        return answer

    def second():
        claimed.wait(20)
        with transaction() as session:
            return events.first_time(session, event_id, "a")

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.submit(first), threads.submit(second)
        claimed.wait(20)
        assert not two.done()
        may_end.set()
        assert (one.result(20), two.result(20)) == (True, second_acts)


def test_a_delivered_event_waits_no_longer(database):
    event_id = lit()
    with transaction() as session:
        events.mark_delivered(session, event_id)
    assert row(event_id).delivered_at is not None
    assert waiting_ids() == []


def test_each_failure_doubles_the_wait_and_the_last_gives_up(database, owner):
    event_id = lit()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        before = datetime.now(UTC)
        fail(event_id, f"no light {attempt}")
        after = datetime.now(UTC)
        stored = row(event_id)
        pause = timedelta(seconds=2**attempt)
        assert before + pause <= stored.due_at <= after + pause
        assert (stored.attempts, stored.last_error) == (attempt, f"no light {attempt}")
        assert (stored.dead_at is not None) == (attempt == MAX_ATTEMPTS)
        assert waiting_ids() == []
        make_due(owner, event_id)
        assert waiting_ids() == ([] if attempt == MAX_ATTEMPTS else [event_id])
    assert row(event_id).delivered_at is None


def test_a_long_error_is_cut(database):
    event_id = lit()
    fail(event_id, "x" * 5000)
    assert row(event_id).last_error == "x" * 2000


def test_the_oldest_comes_first_and_no_more_than_asked_for(database, owner):
    made = [lit() for _ in range(4)]
    for age, event_id in zip([1, 4, 3, 2], made, strict=True):
        make_due(owner, event_id, f"{age} minutes")
    assert waiting_ids() == [made[1], made[2], made[3], made[0]]
    assert waiting_ids(limit=2) == [made[1], made[2]]
    assert waiting_ids(older_than=timedelta(seconds=150)) == [made[1], made[2]]


def test_a_moved_shop_clock_holds_nothing_back(database):
    for instant in (datetime(2030, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)):
        with clock.frozen(instant):
            event_id = lit()
            assert event_id in waiting_ids()
        assert abs(row(event_id).due_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert len(waiting_ids()) == 2
