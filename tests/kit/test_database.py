"""One step is one transaction; readers cannot write; the past cannot be changed, by anybody."""

import threading
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError, ProgrammingError

from kit import database as kit_database
from kit import numbers
from kit.database import LEDGERS, OWNERS, in_transaction, reading, transaction
from migrations.run import rows

rows()


def numbers_on_record():
    with reading() as session:
        return dict(session.execute(text("SELECT name, last FROM number_ranges")).all())


def test_the_ledgers_are_those_that_must_never_change():
    assert {
        "audit_log",
        "backorder_policies",
        "consent_entries",
        "crosssell_receipts",
        "crosssell_rule_edits",
        "crosssell_switches",
        "day_limits",
        "fiscal_records",
        "fulfilment_refusals",
        "gift_card_entries",
        "incoming_entries",
        "invoices",
        "legal_versions",
        "parcel_events",
        "points_entries",
        "prices",
        "promotion_uses",
        "routing_overrides",
        "routing_setups",
        "stock_checks",
        "stock_movement_keys",
        "stock_movements",
        "stock_repairs",
        "stock_settings",
        "stock_surprises",
        "synonym_edits",
        "till_cash_entries",
        "till_receipts",
        "withdrawal_steps",
        "withdrawals",
    } == LEDGERS
    assert {"stock_months", "stock_closings", "stock_lot_closings"} == OWNERS


def test_a_transaction_commits_at_its_end_and_nothing_of_it_is_seen_before(database):
    with transaction() as session:
        numbers.take(session, "a")
        assert in_transaction()
        assert numbers_on_record() == {}
    assert numbers_on_record() == {"a": 1}
    assert not in_transaction()


def test_an_error_rolls_everything_back(database):
    with suppress(ZeroDivisionError), transaction() as session:
        numbers.take(session, "a")
        raise ZeroDivisionError
    assert numbers_on_record() == {}
    assert not in_transaction()


def test_a_transaction_inside_a_transaction_is_refused_and_the_outer_one_is_kept(database):
    with transaction() as session:
        numbers.take(session, "a")
        with pytest.raises(RuntimeError, match="open in this thread"), transaction() as inner:
            numbers.take(inner, "b")
        assert in_transaction()
    assert numbers_on_record() == {"a": 1}


def test_another_thread_may_have_its_own(database):
    seen = []

    def other():
        seen.append(in_transaction())
        with transaction() as session:
            numbers.take(session, "b")

    with transaction() as session:
        numbers.take(session, "a")
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert seen == [False]
    assert numbers_on_record() == {"a": 1, "b": 1}


def test_a_reader_cannot_write(database):
    with pytest.raises(InternalError, match="read-only"), reading() as session:
        numbers.take(session, "a")
    assert numbers_on_record() == {}


def test_a_connection_that_read_can_write_again(database):
    # More rounds than the pool holds connections: each of them has read by then.
    for _ in range(8):
        with reading() as session:
            assert session.scalar(text("SHOW transaction_read_only")) == "on"
        with transaction() as session:
            numbers.take(session, "a")
    assert numbers_on_record() == {"a": 8}


def test_every_connection_has_taken_on_the_applications_role(database):
    with reading() as session:
        row = session.execute(text("SELECT current_user, current_setting('TimeZone')")).one()
    assert tuple(row) == ("kontor_app", "UTC")


def test_hooks_run_after_the_commit_and_not_after_a_roll_back(database, monkeypatch):
    monkeypatch.setattr(kit_database._database, "after_commit", [])
    seen = []
    hook = lambda _session: seen.append((in_transaction(), numbers_on_record()))
    kit_database.on_commit(hook)
    kit_database.on_commit(hook)
    with transaction() as session:
        numbers.take(session, "a")
        assert seen == []
    assert seen == [(False, {"a": 1})]
    with suppress(ZeroDivisionError), transaction() as session:
        numbers.take(session, "a")
        raise ZeroDivisionError
    assert seen == [(False, {"a": 1})]


def test_without_configuration_nothing_is_guessed(database, monkeypatch):
    monkeypatch.setattr(kit_database, "_database", kit_database._Database())
    with pytest.raises(RuntimeError, match="configure"):
        kit_database.engine()
    with pytest.raises(RuntimeError, match="configure"), transaction():
        pass
    with pytest.raises(RuntimeError, match="configure"), reading():
        pass
    assert not in_transaction()


# A column of each ledger that an update could try to set.
TOUCHED = {
    "audit_log": "actor",
    "backorder_policies": "units",
    "day_limits": "parcels",
    "fiscal_records": "process_data",
    "fulfilment_refusals": "quantity",
    "incoming_entries": "quantity",
    "stock_movements": "quantity",
    "stock_movement_keys": "movement_id",
    "stock_settings": "safety_stock",
    "stock_surprises": "difference",
    "stock_repairs": "booked",
    "stock_checks": "drifted",
    "gift_card_entries": "amount_minor",
    "promotion_uses": "uses",
    "parcel_events": "note",
    "points_entries": "points",
    "prices": "sku",
    "routing_setups": "number",
    "routing_overrides": "reason",
    "synonym_edits": "word",
    "till_cash_entries": "amount_minor",
    "till_receipts": "total_minor",
    "consent_entries": "step",
    "crosssell_receipts": "channel",
    "crosssell_rule_edits": "action",
    "crosssell_switches": "actor",
    "invoices": "total_minor",
    "legal_versions": "note",
    "withdrawals": "name",
    "withdrawal_steps": "note",
}
ATTEMPTS = [
    pytest.param(table, statement.format(table=table, column=column), id=f"{statement[:6]} {table}")
    for table, column in TOUCHED.items()
    for statement in (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
    )
]


def test_every_ledger_is_tried():
    assert set(TOUCHED) == LEDGERS


@pytest.mark.parametrize(("table", "statement"), ATTEMPTS)
def test_the_application_may_not_change_a_ledger(session, table, statement):
    with pytest.raises(ProgrammingError, match=f"permission denied for table {table}"):
        session.execute(text(statement))


@pytest.mark.parametrize(("table", "statement"), ATTEMPTS)
def test_a_trigger_stops_even_the_owner(owner, table, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"{table} only grows"):
        owner.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE stock_movements",
        "ALTER TABLE stock_movements DISABLE TRIGGER refuse_change",
        "DROP TRIGGER refuse_change ON stock_movements",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE stock_movements OWNER TO kontor_app",
        "DELETE FROM alembic_version",
    ],
)
def test_the_application_may_not_change_the_house_itself(session, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        session.execute(text(statement))


def test_nothing_stays_open_on_a_connection_that_goes_back_to_the_pool(database, owner):
    open_transactions = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%'"
    )
    with reading() as session:
        session.execute(text("SELECT 1"))
        assert owner.execute(open_transactions).fetchone() == (1,)
    assert owner.execute(open_transactions).fetchone() == (0,)
    with suppress(ZeroDivisionError), transaction() as session:
        numbers.take(session, "a")
        raise ZeroDivisionError
    assert owner.execute(open_transactions).fetchone() == (0,)


def test_a_connection_that_lay_idle_and_died_is_replaced(database, owner, monkeypatch):
    monkeypatch.setattr(kit_database, "PING_AFTER_SECONDS", 0.0)
    kit_database.disconnect()  # the pool shall hold this one connection and no other
    with reading() as session:
        dead = session.scalar(text("SELECT pg_backend_pid()"))
    owner.execute("SELECT pg_terminate_backend(%s)", [dead])
    with reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != dead
