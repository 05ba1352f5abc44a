"""Fixtures of the tests of stock."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from kit import clock
from tests.fulfilment import warehouse


@pytest.fixture
def shop(session: Session) -> Iterator[Session]:
    """A session on Wednesday 12:30 with four places; afterwards the books must still be right."""
    with clock.frozen(warehouse.WEDNESDAY):
        warehouse.open_places(session)
        yield session
        assert warehouse.broken(session) == []
