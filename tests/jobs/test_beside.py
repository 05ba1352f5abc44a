"""A long duty runs beside the others, one at a time."""

import logging
import threading

from app.jobs.beside import Beside


def test_what_falls_due_while_one_runs_is_left_out():
    beside, done, go = Beside(), [], threading.Event()

    def first():
        go.wait(10)
        done.append("first")

    assert beside.start(first)
    assert not beside.start(lambda: done.append("second"))
    assert not beside.wait(0.01)
    assert done == []
    go.set()
    assert beside.wait(10)
    assert beside.start(lambda: done.append("third"))
    assert beside.wait(10)
    assert done == ["first", "third"]


def test_one_that_fails_is_logged_and_the_next_is_started(caplog):
    beside = Beside()

    def fail():
        raise RuntimeError("no light")

    with caplog.at_level(logging.ERROR):
        assert beside.start(fail)
        assert beside.wait(10)
    assert [record.exc_info[1].args for record in caplog.records] == [("no light",)]
    done = []
    assert beside.start(lambda: done.append(1))
    assert beside.wait(10)
    assert done == [1]


def test_nothing_started_is_nothing_to_wait_for():
    assert Beside().wait(0)
