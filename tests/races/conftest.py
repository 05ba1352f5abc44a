"""Fixtures of the races: real commits on real PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kit import database as kit_database
from tests.fulfilment import warehouse


@pytest.fixture
def places(database: Engine) -> Iterator[Engine]:
    """Four committed places; afterwards the books must still be right."""
    with kit_database.transaction() as session:
        warehouse.open_places(session)
    yield database
    with Session(database) as session:
        assert warehouse.broken(session) == []
