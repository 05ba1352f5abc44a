"""A transaction's last statement: connections that are leased for it, sessions used again."""

import threading
import time
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from kit import database as kit_database
from kit import numbers, plain
from kit.database import engine, reading, transaction
from kit.plain import LEASES, ClosingFailed, Leases, Plain, ask, ask_alone, close_with
from migrations.run import rows

rows()

pytestmark = pytest.mark.db

WRITE = b"INSERT INTO number_ranges (name, last) VALUES ($1, 1)"


def write(name):
    with transaction() as session:
        close_with(session, Plain(WRITE, [name.encode()]))
        return id(session)


def names():
    with reading() as session:
        return set(session.scalars(text("SELECT name FROM number_ranges")))


@pytest.fixture
def still(monkeypatch):
    """No time goes by between one look at the clock and the next, however busy the machine is."""
    now = time.monotonic()
    monkeypatch.setattr(plain.time, "monotonic", lambda: now)


@pytest.fixture
def one_connection(database):
    """An engine of one connection: what happens to it, whoever asks next finds."""
    found = create_engine(database.url, pool_size=1, max_overflow=0)
    yield found
    found.dispose()


@pytest.fixture
def leases(database):
    mine = Leases(database)
    yield mine
    mine.end()


def test_a_leased_connection_serves_the_next_statement_too(database, still):
    write("a")
    pool = engine().pool
    assert isinstance(pool, QueuePool)
    before = pool.checkedout()
    write("b")
    assert pool.checkedout() == before
    assert names() == {"a", "b"}


def test_no_more_are_kept_than_the_pool_has_beside_its_own(database, leases, still):
    # Its own pool: once an application was made in this process, `engine()` is another one.
    pool = database.pool
    taken = [leases.take() for _ in range(LEASES + 1)]
    checked_out = pool.checkedout()
    for leased in taken:
        leases.give_back(leased)
    assert pool.checkedout() == checked_out - 1
    assert leases.take() is taken[LEASES - 1]
    taken[LEASES - 1].close()


def test_nobody_gets_a_connection_that_another_one_uses(leases):
    seen = [leases.take(), leases.take()]
    assert seen[0].driver_connection is not seen[1].driver_connection
    for leased in seen:
        leases.give_back(leased)


def test_a_connection_that_lay_for_long_goes_back_to_the_pool(leases, monkeypatch):
    first = leases.take()
    leases.give_back(first)
    later = time.monotonic() + 2
    monkeypatch.setattr(plain.time, "monotonic", lambda: later)
    second = leases.take()
    assert second is not first
    second.close()


def test_a_connection_that_died_is_said_so_once_and_not_used_again(database, owner, still):
    write("a")
    leased = kit_database._database.leases.take()
    backend = leased.driver_connection.info.backend_pid
    kit_database._database.leases.give_back(leased)
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    with pytest.raises(ClosingFailed):
        write("b")
    assert write("c")
    assert names() == {"a", "c"}
    with reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != backend


def test_one_that_failed_its_statement_leaves_a_clean_connection(database):
    write("a")
    for _ in range(2):
        with pytest.raises(ClosingFailed) as failed:
            write("a")
        assert failed.value.sqlstate == psycopg.errors.UniqueViolation.sqlstate
    write("b")
    assert names() == {"a", "b"}


def test_a_session_in_which_nothing_happened_is_used_again_and_no_other(database):
    first = write("a")
    assert write("b") == first
    with transaction() as touched:
        assert id(touched) == first
        assert numbers.take(touched, "c") == 1
    with transaction() as after:
        assert after is not touched
        assert after.info == {}
    assert names() == {"a", "b", "c"}


def test_a_session_whose_block_failed_is_not_used_again(database):
    write("a")
    with pytest.raises(ZeroDivisionError), transaction() as failed:  # noqa: PT012
        close_with(failed, Plain(WRITE, [b"b"]))
        raise ZeroDivisionError
    with transaction() as after:
        assert after is not failed
    assert names() == {"a"}


def test_each_thread_has_its_own_spare_session(database):
    mine, theirs = write("a"), []
    other = threading.Thread(target=lambda: theirs.append(write("b")))
    other.start()
    other.join(20)
    assert theirs != [mine]
    assert names() == {"a", "b"}


def test_a_hook_that_looks_at_the_session_keeps_it_from_being_used_again(database, monkeypatch):
    monkeypatch.setattr(
        kit_database._database, "after_commit", [lambda session: session.info.update(seen=1)]
    )
    first = write("a")
    monkeypatch.setattr(kit_database._database, "after_commit", [])
    with transaction() as session:
        assert session.info == {}
    assert first is not None


ADD = Plain(b"INSERT INTO number_ranges (name, last) VALUES ($1, 1) RETURNING last, name", [b"c"])
LAST = b"SELECT last FROM number_ranges WHERE name = $1"


def test_what_is_asked_sees_the_transaction_and_goes_with_it(database):
    with suppress(LookupError), transaction() as session:
        assert ask(session, ADD) == (b"1", b"c")
        assert ask(session, Plain(LAST, [b"c"])) == (b"1",)
        raise LookupError
    assert names() == set()


def twice():
    often = text("SELECT last FROM number_ranges WHERE name = :name")
    with transaction() as session:
        for _ in range(7):  # so often that the driver prepares it too, and forgets on rollback
            session.execute(often, {"name": "c"})
        assert ask(session, Plain(LAST, [b"c"])) is None
        ask(session, ADD)
        ask(session, ADD)


def test_what_is_prepared_is_prepared_anew_after_a_rollback(database):
    for _ in range(3):
        with pytest.raises(psycopg.errors.UniqueViolation):
            twice()
        with transaction() as session:
            assert ask(session, Plain(LAST, [b"c"])) is None
            assert ask(session, Plain(LAST, [b"c"])) is None
    assert names() == set()


def test_the_drivers_own_statements_survive_every_preparing_anew(database):
    with reading() as session:
        known = session.connection().connection.info
        for _ in range(3):
            plain.note_rolled_back(known)
            assert ask(session, Plain(b"SELECT 8", [])) == (b"8",)
            for _ in range(8):  # the driver prepares what it has seen five times
                assert session.execute(text("SELECT 7")).scalar() == 7


@pytest.mark.parametrize("at_once", [True, False], ids=["in it", "in the next"])
def test_what_is_prepared_is_prepared_anew_after_a_step_was_taken_back(database, at_once):
    """PostgreSQL calls that a ROLLBACK, too, and the driver drops whatever was prepared."""
    for _ in range(3):
        with transaction() as session:
            for _ in range(8):  # the driver drops what is prepared only where something of it is
                assert session.execute(text("SELECT 7")).scalar() == 7
            assert ask(session, Plain(b"SELECT 8", [])) == (b"8",)
            with suppress(LookupError), session.begin_nested():
                session.execute(text("SELECT 9"))
                raise LookupError
            if at_once:
                assert ask(session, Plain(b"SELECT 8", [])) == (b"8",)
        with transaction() as session:
            assert ask(session, Plain(b"SELECT 8", [])) == (b"8",)


def test_the_last_statement_takes_any_text_as_it_is_and_commits_with_it(database):
    odd = "a'b\\c $1 $2 'ä'; --"
    with transaction() as session:
        session.execute(text("INSERT INTO number_ranges (name, last) VALUES ('before', 1)"))
        close_with(session, Plain(WRITE, [odd.encode()]))
    assert names() == {"before", odd}


def test_what_went_before_the_last_statement_goes_with_it_where_that_fails(database):
    write("a")
    with pytest.raises(ClosingFailed) as failed, transaction() as session:  # noqa: PT012
        session.execute(text("INSERT INTO number_ranges (name, last) VALUES ('before', 1)"))
        close_with(session, Plain(WRITE, [b"a"]))
    assert failed.value.sqlstate == "23505"
    assert names() == {"a"}


@pytest.mark.parametrize("opened", [reading, transaction])
def test_a_plain_question_begins_the_transaction_as_the_driver_would(database, opened):
    with opened() as session:
        found = ask(session, Plain(b"SELECT current_setting('transaction_read_only')", []))
        driver = session.connection().connection.driver_connection
        assert driver.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    assert found == (b"on" if opened is reading else b"off",)


def test_who_finds_one_prepared_statement_gone_tells_whoever_comes_after(one_connection):
    leases = Leases(one_connection)

    def alone():
        assert ask_alone(leases, Plain(b"SELECT 7", [])) == (b"7",)
        leases.end()

    def within():
        with Session(one_connection) as session:
            assert ask(session, Plain(b"SELECT 8", [])) == (b"8",)
            session.commit()

    alone()
    within()
    leased = leases.take()
    leased.driver_connection.execute("DEALLOCATE ALL")
    leased.driver_connection.commit()
    leases.give_back(leased)
    alone()
    within()
