"""What every workflow test stands on: the application, a frozen Wednesday, delivered events."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from app import invariants
from app.jobs.deliver import deliver
from kit import clock, events
from kit.database import reading
from tests.small_shop import WEDNESDAY


@pytest.fixture
def wednesday(database: Engine) -> Iterator[None]:
    """Wednesday, 25 November 2026, 12:30 in Berlin; the clock stands still."""
    with clock.frozen(WEDNESDAY):
        yield


@pytest.fixture
def settle_events(app: Flask) -> Callable[[], int]:
    """Deliver every waiting event until none is left, as the worker would; return how many."""

    def run() -> int:
        delivered = 0
        while True:
            with reading() as session:
                waiting = [row.id for row in events.waiting(session) if row.name != "MessageWritten"]
            if not waiting:
                return delivered
            for event_id in waiting:
                deliver(str(event_id))
                delivered += 1

    return run


@pytest.fixture
def sound(database: Engine) -> Iterator[None]:
    """Check every invariant after the test."""
    yield
    with reading() as session:
        broken = [found for found in invariants.check(session) if found.state == "broken"]
    assert broken == []
