"""A question from asking to the answer: taken once, stopped, taken over, looked up."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from fulfilment import rules
from fulfilment.whatif import runs
from fulfilment.whatif.replaying import replay
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id
from tests.fulfilment.setups import SETUP, open_shop
from tests.fulfilment.test_whatif import MONDAY, UNTIL, order, receive

DEARER = rules.changed(SETUP, {"locations.bonn.handling_line_minor": 700})


@pytest.fixture
def shop(session):
    open_shop(session)
    with clock.frozen(MONDAY):
        receive(session, "bonn", S0=2)
        receive(session, "lager", S0=2)
        order(session, "K-1", S0=1)
        order(session, "K-2", MONDAY + timedelta(minutes=1), S0=1)
        session.execute(text("DELETE FROM outbox_events"))
        yield session


def ask(session, **more):
    facts = {"title": " Bonn teurer ", "since": MONDAY, "until": UNTIL, "setup": DEARER} | more
    return runs.ask(session, "staff:petra", **facts)


def told(session):
    return [
        payload["run_id"]
        for payload in session.scalars(
            text("SELECT payload FROM outbox_events WHERE name = 'WhatIfAsked' ORDER BY id")
        )
    ]


def test_a_question_is_asked_answered_and_looked_up(shop):
    run = ask(shop)
    assert (run.title, run.state, run.done, run.total) == ("Bonn teurer", "waiting", 0, 2)
    assert [(c.path[-1], c.before, c.after) for c in run.changes] == [
        ("handling_line_minor", 70, 700)
    ]
    assert told(shop) == [str(run.id)]
    assert runs.setup_of(shop, run.id) == DEARER
    assert runs.result(shop, run.id) is None
    assert runs.begin(shop, run.id).state == "running"
    assert runs.advance(shop, run.id, 1)
    assert runs.one(shop, run.id).done == 1
    found = replay(shop, run.since, run.until, DEARER)
    assert runs.finish(shop, run.id, found)
    over = runs.one(shop, run.id)
    assert (over.state, over.done, over.is_over, over.ended_at) == ("done", 2, True, MONDAY)
    assert runs.result(shop, run.id) == found
    assert found.changed == 2
    assert [one.id for one in runs.newest(shop)] == [run.id]


def test_a_question_is_taken_by_one_worker(shop):
    run = ask(shop)
    assert runs.begin(shop, run.id) is not None
    assert runs.begin(shop, run.id) is None


def test_of_a_worker_that_died_another_takes_over(shop):
    run = ask(shop)
    runs.begin(shop, run.id)
    assert runs.ask_again(shop) == 0
    silent(shop, 61)
    assert runs.begin(shop, run.id) is not None
    silent(shop, 119)
    assert runs.ask_again(shop) == 0
    silent(shop, 121)
    assert runs.ask_again(shop) == 1
    assert runs.one(shop, run.id).state == "waiting"
    assert told(shop) == [str(run.id)] * 2
    assert runs.ask_again(shop) == 0


def silent(session, seconds):
    session.execute(
        text("UPDATE whatif_runs SET seen_at = :at"),
        {"at": datetime.now(UTC) - timedelta(seconds=seconds)},
    )


def test_a_cancelled_question_stops_its_worker_and_has_no_answer(shop):
    run = ask(shop)
    runs.begin(shop, run.id)
    assert runs.cancel(shop, run.id).state == "cancelled"
    assert not runs.advance(shop, run.id, 1)
    assert not runs.finish(shop, run.id, replay(shop, MONDAY, UNTIL, DEARER))
    assert not runs.fail(shop, run.id, "late")
    assert runs.result(shop, run.id) is None
    with pytest.raises(Refused) as refused:
        runs.cancel(shop, run.id)
    assert (refused.value.code, refused.value.facts) == ("whatif_state", {"state": "cancelled"})


def test_a_question_that_waits_can_be_cancelled_and_is_not_begun(shop):
    run = ask(shop)
    runs.cancel(shop, run.id)
    assert runs.begin(shop, run.id) is None


def test_a_failure_is_kept_with_its_reason(shop):
    run = ask(shop)
    runs.begin(shop, run.id)
    assert runs.fail(shop, run.id, "x" * 3000)
    assert (runs.one(shop, run.id).state, len(runs.one(shop, run.id).error)) == ("failed", 2000)


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        ({"since": UNTIL}, Invalid, "whatif_period"),
        ({"title": "x" * 121}, Invalid, "whatif_title"),
        ({"setup": rules.changed(SETUP, {"max_parcels": 0})}, Invalid, "setup_invalid"),
        ({"since": UNTIL - timedelta(days=1)}, Refused, "whatif_nothing"),
    ],
)
def test_a_question_that_cannot_be_answered_is_not_put(shop, wrong, kind, code):
    with pytest.raises(kind) as refused:
        ask(shop, **wrong)
    assert refused.value.code == code
    assert runs.newest(shop) == []
    assert told(shop) == []


def test_too_much_is_refused_with_the_limit(shop, monkeypatch):
    monkeypatch.setattr(runs, "MOST_DECISIONS", 1)
    with pytest.raises(Refused) as refused:
        ask(shop)
    assert refused.value.facts == {"decisions": 2, "most": 1}


def test_a_question_that_never_was_is_not_found(shop):
    for look in (runs.one, runs.result, runs.setup_of, runs.cancel):
        with pytest.raises(NotFound) as refused:
            look(shop, new_id())
        assert refused.value.code == "whatif_run"
