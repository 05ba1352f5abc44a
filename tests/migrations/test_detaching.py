"""An old month goes out of the database into a file, and the books still prove."""

import csv
import gzip
from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from fulfilment.answers import explanations
from fulfilment.stock import ledger, months
from kit import clock
from migrations import months as archive
from migrations.months import NotDetachableError
from migrations.run import upgrade
from tests.fulfilment.warehouse import HOOKS, LURES, broken, open_places, stock
from tests.migrations.test_upgrade import empty_url

pytestmark = pytest.mark.db

__all__ = ["empty_url"]

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


@pytest.fixture
def books(empty_url):
    """Five hooks and a lure in August, two hooks written off in September, both months closed."""
    upgrade(empty_url)
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    with Session(engine) as session:
        with clock.frozen(datetime(2026, 8, 14, 9, tzinfo=UTC)):
            open_places(session)
            stock(session, "bonn", {HOOKS: 5, LURES: 1})
        with clock.frozen(datetime(2026, 9, 14, 9, tzinfo=UTC)):
            ledger.write_off(
                session, "bonn", [(HOOKS, 2)], document="rust", actor="kai", key="rust"
            )
        with clock.frozen(datetime(2026, 11, 14, 9, tzinfo=UTC)):
            assert months.close_due(session) == AUGUST
            assert months.close_due(session) == SEPTEMBER
        session.commit()
        yield session
    engine.dispose()


def test_a_month_goes_into_a_file_and_the_books_still_prove(books, empty_url, tmp_path):
    gone = archive.detach(empty_url, AUGUST, tmp_path)
    assert (gone.movements, gone.units) == (2, 6)
    with gzip.open(gone.path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["sku"], row["quantity"], row["to_account"]) for row in rows] == [
        (HOOKS, "5", "shelf"),
        (LURES, "1", "shelf"),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [gone.path.name]
    assert broken(books) == []
    assert [(row.month, row.detached_at is not None) for row in months.closed(books)] == [
        (SEPTEMBER, False),
        (AUGUST, True),
    ]
    assert months.prove(books, SEPTEMBER) == []
    terms = explanations.why(books, HOOKS, "bonn")
    assert (terms.opening, terms.on_hand, [one.cause for one in terms.causes]) == (
        5,
        3,
        ["write_off"],
    )


def test_the_oldest_goes_first_and_once(books, empty_url, tmp_path):
    for month, why in (
        (SEPTEMBER, "2026-08 is still in the database"),
        (date(2026, 10, 1), "2026-10 is not closed"),
    ):
        with pytest.raises(NotDetachableError, match=why):
            archive.detach(empty_url, month, tmp_path)
    archive.detach(empty_url, AUGUST, tmp_path)
    with pytest.raises(NotDetachableError, match="out of the database already"):
        archive.detach(empty_url, AUGUST, tmp_path)
    archive.detach(empty_url, SEPTEMBER, tmp_path)
    assert broken(books) == []


def test_a_file_that_lacks_something_detaches_nothing(books, empty_url, tmp_path):
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute("UPDATE stock_months SET units = 7 WHERE month = '2026-08-01'")
    with pytest.raises(
        NotDetachableError, match="with 2 movements of 7 units, the file has 2 of 6"
    ):
        archive.detach(empty_url, AUGUST, tmp_path)
    assert list(tmp_path.iterdir()) == []
    found = books.scalar(
        text("SELECT count(*) FROM stock_movements WHERE booked_at < '2026-09-01'")
    )
    assert found == 2


def test_nothing_is_booked_into_a_month_that_is_out(books, empty_url, tmp_path):
    archive.detach(empty_url, AUGUST, tmp_path)
    with (
        psycopg.connect(empty_url, autocommit=True) as owner,
        pytest.raises(
            psycopg.errors.RaiseException, match="2026-08-01 of the stock ledger is closed"
        ),
    ):
        owner.execute("SELECT open_stock_month('2026-08-01')")
