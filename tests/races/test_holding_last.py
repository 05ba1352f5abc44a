"""Units held by the last statement of a transaction, in one go with its COMMIT."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from fulfilment.claims import reservations
from fulfilment.claims.reservations import refused_at_once
from fulfilment.stock.locks import lock_balances
from kit import database as kit_database
from kit import numbers
from kit.database import reading, transaction
from kit.plain import ClosingFailed
from tests.fulfilment.warehouse import HOOKS, LURES, WEDNESDAY, balance, broken, stock, want

pytestmark = pytest.mark.db

SOON = WEDNESDAY + timedelta(minutes=15)


@pytest.fixture
def counter(places):
    """Three hooks at the warehouse, committed."""
    with transaction() as session:
        stock(session, "lager", {HOOKS: 3, LURES: 1})


def hold(session, ref, *wants, last=True):
    return reservations.place(session, order_ref=ref, wants=wants, expires_at=SOON, last=last)


def reserved(sku=HOOKS):
    with reading() as session:
        assert broken(session) == []
        return balance(session, "lager", sku).get("reserved", 0)


@contextmanager
def commands(seen):
    """Note what the driver sends by itself around statements: BEGIN, COMMIT."""
    send = psycopg.Connection._exec_command

    def noted(self, command, *arguments, **options):
        seen.append(command)
        return send(self, command, *arguments, **options)

    psycopg.Connection._exec_command = noted
    try:
        yield
    finally:
        psycopg.Connection._exec_command = send


def test_a_hold_alone_is_held_and_costs_no_begin_and_no_commit(counter):
    with transaction() as session:
        hold(session, "K-0", want(HOOKS, "lager", 1))
    seen = []
    with commands(seen):
        with transaction() as session:
            [row] = hold(session, "K-1", want(HOOKS, "lager", 1))
        assert seen == []
        with transaction() as session:
            numbers.take(session, "n")
        assert [command[:5] for command in seen] == [b"BEGIN", b"COMMI"]
    assert reserved() == 2
    with reading() as session:
        [found] = reservations.of_order(session, "K-1")
    assert (found.id, found.state, found.expires_at) == (row.id, "held", SOON)


def test_a_hold_after_other_statements_is_one_transaction_with_them(counter):
    with transaction() as session:
        assert numbers.take(session, "n") == 1
        hold(session, "K-1", want(HOOKS, "lager", 2))
    assert reserved() == 2
    with transaction() as session:
        assert numbers.take(session, "n") == 2


def test_what_is_not_free_takes_everything_before_it_down(counter):
    with pytest.raises(ClosingFailed) as failed, transaction() as session:  # noqa: PT012
        assert numbers.take(session, "n") == 1
        hold(session, "K-1", want(LURES, "lager", 1), want(HOOKS, "lager", 4))
    assert refused_at_once(failed.value)
    assert reserved() == 0
    assert reserved(LURES) == 0
    with transaction() as session:
        assert numbers.take(session, "n") == 1
        assert reservations.of_order(session, "K-1") == []


def test_alone_it_fails_as_a_whole_too_and_the_connection_goes_on(counter):
    for _ in range(2):
        with pytest.raises(ClosingFailed) as failed, transaction() as session:
            hold(session, "K-1", want(LURES, "lager", 1), want(HOOKS, "lager", 4))
        assert refused_at_once(failed.value)
    with transaction() as session:
        hold(session, "K-2", want(HOOKS, "lager", 3))
    assert (reserved(), reserved(LURES)) == (3, 0)


def test_an_error_in_the_block_holds_nothing(counter):
    with pytest.raises(ZeroDivisionError), transaction() as session:  # noqa: PT012
        hold(session, "K-1", want(HOOKS, "lager", 1))
        raise ZeroDivisionError
    assert reserved() == 0


def test_a_transaction_has_one_last_statement(counter):
    with pytest.raises(RuntimeError, match="last statement already"), transaction() as session:  # noqa: PT012
        hold(session, "K-1", want(HOOKS, "lager", 1))
        hold(session, "K-2", want(HOOKS, "lager", 1))
    assert reserved() == 0


def test_another_failure_is_not_taken_for_a_lack_of_goods(counter):
    with pytest.raises(ClosingFailed) as failed, transaction() as session:  # noqa: PT012
        hold(session, "K-1", want(HOOKS, "lager", 1))
        session.info["closing statement"].parameters[3] = b"{not-an-id}"
    assert not refused_at_once(failed.value)
    assert failed.value.sqlstate == "22P02"
    assert reserved() == 0


def test_a_prepared_statement_that_the_driver_forgot_is_prepared_again(counter):
    with transaction() as session:
        hold(session, "K-1", want(HOOKS, "lager", 1))
    leased = kit_database._database.leases.take()
    leased.driver_connection.execute("DEALLOCATE ALL")
    leased.driver_connection.rollback()
    kit_database._database.leases.give_back(leased)
    with transaction() as session:
        hold(session, "K-2", want(HOOKS, "lager", 1))
    assert reserved() == 2


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("sku", ["A,B", 'say "x"', "100%", "O'Neill", "back\\slash", "{}", "NULL"])
def test_any_sku_is_held_as_it_is_called(counter, sku, last):
    with transaction() as session:
        stock(session, "lager", {sku: 2})
    with transaction() as session:
        hold(session, "K-1", want(sku, "lager", 2), want(HOOKS, "lager", 1), last=last)
    assert (reserved(sku), reserved()) == (2, 1)


def test_a_place_that_is_named_twice_is_held_twice_or_not_at_all(counter):
    lines = [want(HOOKS, "lager", 2, uuid.uuid4()), want(HOOKS, "lager", 1, uuid.uuid4())]
    with transaction() as session:
        hold(session, "K-1", *lines, last=False)
    assert reserved() == 3
    with transaction() as session:
        reservations.release(session, "K-1")
    more = [*lines, want(HOOKS, "lager", 1, uuid.uuid4()), want(LURES, "lager", 1)]
    with pytest.raises(ClosingFailed), transaction() as session:
        hold(session, "K-2", *more)
    assert (reserved(), reserved(LURES)) == (0, 0)


def test_whoever_had_to_wait_is_answered_when_it_is_on_the_disk(counter, database_url):
    # The server of the tests does not wait for the disk; this buyer does.
    ours = psycopg.connect(database_url, autocommit=True)
    ours.execute("SET synchronous_commit = on")
    flushed = "SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn"
    for number in range(3):
        [written] = ours.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        with transaction() as session, ThreadPoolExecutor(1) as buyer:
            lock_balances(session, [("lager", HOOKS)])
            answer = buyer.submit(hold_now, ours, f"K-{number}")
            time.sleep(0.05)
            assert not answer.done()
            session.commit()
            answer.result(5)
        [on_disk] = ours.execute(flushed).fetchone()
        assert on_disk > written
    ours.close()
    assert reserved() == 3


def hold_now(connection, ref):
    """Hold a hook as a transaction of its own, on this connection."""
    connection.execute(
        "CALL hold_stock_now(%s, now(), now() + interval '1 hour', ARRAY[%s]::uuid[],"
        " ARRAY[%s]::uuid[], ARRAY[%s]::text[], '{lager}', '{1}')",
        [ref, uuid.uuid4(), uuid.uuid4(), HOOKS],
    )
