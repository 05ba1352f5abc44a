"""The ledger's benchmarks at a small size: what they load proves, what they count is stated."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import load, order, pages, places
from bench.crowd import Wish, gathered
from bench.load import Size
from bench.server import Server
from fulfilment.stock import months
from kit import database
from kit.database import reading
from local import postgres
from tests.fulfilment.warehouse import broken

pytestmark = pytest.mark.db

# 60 places: 60 receipts, then sales, in three months.
TINY = Size(skus=20, locations=3, movements=250)


@pytest.fixture
def shop(servers, tmp_path, monkeypatch):
    """The server of the tests, as the benchmarks see theirs."""
    monkeypatch.setattr(database, "_database", database._Database())
    monkeypatch.setattr(load, "PER_MONTH", 100)
    shop = Server(servers.postgres_url, postgres.settle(tmp_path).binaries)
    yield shop
    database.disconnect()


@pytest.fixture
def loaded(shop):
    """The same server, which loses again what was loaded."""
    yield shop
    for name in (TINY.name, f"{TINY.name}_draft"):
        shop.ask("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def ledger(shop, worker_number):
    """Address of a migrated database of this worker: one server serves all of them."""
    name = f"ledger_{worker_number}"
    yield shop.create_migrated(name)
    shop.ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_a_loaded_ledger_proves_like_one_that_was_lived(loaded):
    said = []
    assert load.make(loaded, TINY, said.append) == TINY.name
    assert loaded.has(TINY.name)
    assert not loaded.has(f"{TINY.name}_draft")
    assert said[:3] == ["  2024-01: 100", "  2024-02: 200", "  2024-03: 250"]
    database.configure(loaded.url(TINY.name))
    with reading() as session:
        assert broken(session) == []
        closed = [(row.month.month, row.movements) for row in months.closed(session)]
        assert closed == [(3, 50), (2, 100), (1, 100)]
        assert [gaps for _, gaps in months.prove_all(session)] == [[], [], []]
        counts = session.execute(
            text(
                "SELECT (SELECT count(*) FROM stock_balances),"
                " (SELECT count(*) FROM stock_movement_keys), (SELECT sum(on_hand) FROM"
                " stock_balances), (SELECT sum(CASE WHEN cause = 'receipt' THEN quantity"
                " ELSE -quantity END) FROM stock_movements)"
            )
        ).one()
        assert (counts[0], counts[1], counts[2]) == (60, 250, counts[3])
        assert "CREATE UNIQUE INDEX" in session.scalar(
            text("SELECT indexdef FROM pg_indexes WHERE tablename = 'stock_movement_keys'")
        )
    assert len(pages.pages(TINY.skus)) == pages.PAGES
    seconds, movements = pages.prove(said.append)
    assert (seconds > 0, movements) == (
        True,
        100,
    )  # the fullest month, not the latest one with its 50


def test_what_a_three_line_order_costs_from_hold_to_hand_over(ledger):
    database.configure(ledger)
    places.open_locations(1)
    places.receive(places.WAREHOUSE, map(places.sku, range(1, 4)), 9)
    # Five transactions; the first is one round trip, the others have a BEGIN and a COMMIT each.
    assert order.measure(ledger, lambda _: None) == {
        "order_statements": 34,
        "order_round_trips": 42,
    }
    database.configure(ledger)
    with Session(database.engine()) as session:
        assert broken(session) == []
        left = session.scalars(text("SELECT on_hand FROM stock_balances")).all()
        assert left == [5, 5, 5]


def test_a_crowd_holds_what_it_says_it_held(ledger):
    database.configure(ledger)
    places.open_locations(1)
    places.receive(places.WAREHOUSE, map(places.sku, range(1, 4)), 100_000)
    database.disconnect()
    with gathered(ledger, 2, 2, Wish(3, 2)) as crowd:
        held = round(crowd.run(0.5) * 0.5) + round(crowd.run(0.5) * 0.5)
    with psycopg.connect(ledger) as owner:
        found = owner.execute("SELECT count(DISTINCT order_ref), count(*) FROM stock_reservations")
        assert found.fetchone() == (held, 2 * held)
    assert held > 0
