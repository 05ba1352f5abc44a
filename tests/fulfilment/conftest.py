"""Fixtures of the tests of stock."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from fulfilment.outbound import picking
from kit import clock
from tests.fulfilment import warehouse
from tests.fulfilment.warehouse import HOOKS, LURES, want


@pytest.fixture
def shop(session: Session) -> Iterator[Session]:
    """A session on Wednesday 12:30 with four places; afterwards the books must still be right."""
    with clock.frozen(warehouse.WEDNESDAY):
        warehouse.open_places(session)
        yield session
        assert warehouse.broken(session) == []


@pytest.fixture
def job(shop: Session) -> uuid.UUID:
    """A fulfilment order of three hooks and two lures at the warehouse, taken by Anna."""
    warehouse.stock(shop, "lager", {HOOKS: 9, LURES: 9})
    number = warehouse.order(shop, "K-1", want(HOOKS, "lager", 3), want(LURES, "lager", 2))
    picking.claim(shop, number["lager"], "Anna")
    return number["lager"]
