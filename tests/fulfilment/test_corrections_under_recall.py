"""A mistake that is corrected during a recall puts nothing on sale again."""

import pytest
from sqlalchemy import select

from fulfilment.models import StockMovement
from fulfilment.stock import ledger
from kit.errors import Refused
from tests.fulfilment.test_lots import (
    BAIT,
    bait,  # noqa: F401 - a fixture
    balance,
    held,
)
from tests.fulfilment.test_recalls import (
    books,  # noqa: F401 - a fixture
    recall,
)
from tests.fulfilment.warehouse import broken, photograph


def newest(session, cause):
    query = select(StockMovement).where(StockMovement.cause == cause, StockMovement.sku == BAIT)
    return session.scalars(query.order_by(StockMovement.id.desc())).first()


def correct(session, movement):
    return ledger.correct(session, movement.id, reason="mistake", actor="Eva", key="c1")


def test_what_was_put_aside_does_not_come_back_onto_the_shelf(books):  # noqa: F811
    recall(books)
    aside = newest(books, "recall")
    before = photograph(books)
    with pytest.raises(Refused) as refusal:
        correct(books, aside)
    assert (refusal.value.code, refusal.value.facts["lot"]) == ("recalled", "A1")
    assert photograph(books) == before


def test_units_that_were_written_off_by_mistake_come_back_into_quarantine(books):  # noqa: F811
    ledger.write_off(
        books, "bonn", [(BAIT, 2)], document="wet", actor="kai", key="w", lots={BAIT: {"A1": 2}}
    )
    recall(books)
    assert balance(books, BAIT, "bonn") == (1, 1, 0, 0)
    correct(books, newest(books, "write_off"))
    assert balance(books, BAIT, "bonn") == (3, 3, 0, 0)
    assert held(books, BAIT, "bonn") == {"A1": (3, 3, 0, 0)}
    assert newest(books, "correction").to_account == "quarantine"
    assert broken(books) == []


def test_lots_that_are_not_called_back_are_corrected_onto_the_shelf(books):  # noqa: F811
    ledger.write_off(
        books, "koblenz", [(BAIT, 1)], document="wet", actor="kai", key="w", lots={BAIT: {"B2": 1}}
    )
    recall(books)
    correct(books, newest(books, "write_off"))
    assert balance(books, BAIT, "koblenz") == (2, 0, 0, 0)
