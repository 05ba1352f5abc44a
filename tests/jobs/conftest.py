"""Fixtures of the jobs: listeners of a test, and the relay of the application."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app import subscribers
from app.jobs import handlers
from app.jobs.handlers import Handler
from app.jobs.relay import Relay
from tests.jobs.bench import LampLit


@pytest.fixture
def relay(app: Flask) -> Relay:
    """The application's relay; its queues are empty."""
    return app.extensions["kontor_relay"]


@pytest.fixture
def listen() -> Iterator[Callable[..., None]]:
    """Have these handlers listen to `LampLit`, and nobody to anything else."""

    def register(*listening: Handler) -> None:
        handlers.register({LampLit: listening})

    yield register
    subscribers.register()


@pytest.fixture
def hall(owner: Any) -> Iterator[Any]:
    """A table that handlers write into, as the application may."""
    owner.execute("CREATE TABLE hall (lamp text NOT NULL)")
    owner.execute("GRANT SELECT, INSERT ON hall TO kontor_app")
    yield lambda: [lamp for (lamp,) in owner.execute("SELECT lamp FROM hall ORDER BY lamp")]
    owner.execute("DROP TABLE hall")
