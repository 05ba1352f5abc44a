"""Fixtures of the tests of the catalog."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from catalog import search
from kit import clock
from tests.catalog import shelf


@pytest.fixture
def shop(session: Session) -> Iterator[Session]:
    """A session on Wednesday 12:30 with the small catalog on its shelves, findable."""
    with clock.frozen(shelf.WEDNESDAY):
        shelf.fill(session)
        search.reindex(session)
        yield session
