"""Migrations make the house from nothing, may be repeated, and are what the models say."""

import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from kit import database as kit_database
from kit.database import LEDGERS, OWNERS
from migrations.run import alembic_config, rows, upgrade
from tests.services import ROOT

pytestmark = pytest.mark.db

_GRANTS = text(
    "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type)"
    " FROM information_schema.role_table_grants"
    " WHERE grantee = 'kontor_app' AND table_schema = 'public' GROUP BY table_name"
)
_TRIGGERS = text(
    "SELECT tgrelid::regclass::text, tgtype & 56 FROM pg_trigger"
    " WHERE tgname = 'refuse_change' AND tgenabled = 'O'"
)
# Bits of pg_trigger.tgtype: 8 DELETE, 16 UPDATE, 32 TRUNCATE.
_ALL_CHANGES = 8 | 16 | 32


@pytest.fixture
def empty_url(servers, monkeypatch):
    """Address (as its owner) of a database in which there is nothing yet."""
    # `upgrade` configures the process for its own database; the other tests want theirs back.
    monkeypatch.setattr(kit_database, "_database", kit_database._Database())
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(servers.postgres_url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield servers.database_url(name)
    with psycopg.connect(servers.postgres_url, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connection(empty_url):
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def tables(connection):
    """Return the tables, those that are a month of another one left out."""
    return set(inspect(connection).get_table_names()) - set(
        connection.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits"))
    )


def shape(connection):
    """Return everything that migrations make: columns, constraints, indexes, rights, triggers."""
    queries = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default,"
        " collation_name FROM information_schema.columns WHERE table_schema = 'public'",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "grants": str(_GRANTS),
        "triggers": str(_TRIGGERS),
        "extensions": "SELECT extname FROM pg_extension",
        "revision": "SELECT version_num FROM alembic_version",
    }
    seen = {
        what: sorted(tuple(map(str, row)) for row in connection.execute(text(query)))
        for what, query in queries.items()
    }
    connection.rollback()
    return seen


def test_an_empty_database_gets_every_table_and_nothing_is_done_twice(empty_url, connection):
    said = []
    upgrade(empty_url, said.append)
    assert tables(connection) == {*rows().tables, "alembic_version"}
    heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
    assert said == [f"revision {heads[0]}", "rights"]
    first = shape(connection)
    assert first["revision"] == [(head,) for head in heads]
    assert len(heads) == 1
    upgrade(empty_url)
    assert shape(connection) == first


def test_the_models_are_the_schema(empty_url, connection):
    upgrade(empty_url)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, rows()) == []


def test_checks_and_indexes_of_the_models_are_those_of_the_schema(empty_url, connection):
    # Alembic compares neither CHECKs nor the WHERE of an index: make the models' own and look.
    upgrade(empty_url)
    migrated = shape(connection)
    engine = connection.engine
    with Session(engine) as session, session.begin():
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
        for extension in migrated["extensions"]:
            session.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension[0]}"))
        session.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        rows().create_all(session.connection())
    made = shape(connection)
    for what in ("columns", "constraints", "indexes"):
        ours = {row for row in migrated[what] if "alembic_version" not in " ".join(row)}
        theirs = {row for row in made[what] if "alembic_version" not in " ".join(row)}
        assert ours ^ theirs == set(), what


def test_rights_end_at_the_ledgers(empty_url, connection):
    upgrade(empty_url)
    grants = dict(connection.execute(_GRANTS).all())
    assert {table for table, rights in grants.items() if rights == "INSERT SELECT"} == LEDGERS
    assert grants.pop("alembic_version") == "SELECT"
    assert set(grants) == set(rows().tables)
    assert {grants[table] for table in OWNERS} == {"SELECT"}
    changing = {rights for table, rights in grants.items() if table not in LEDGERS | OWNERS}
    assert changing == {"DELETE INSERT SELECT UPDATE"}
    triggers = dict(connection.execute(_TRIGGERS).all())
    assert triggers == dict.fromkeys(LEDGERS, _ALL_CHANGES)


def test_data_stays_when_migrations_run_again(empty_url, connection):
    upgrade(empty_url)
    connection.execute(text("INSERT INTO number_ranges (name, last) VALUES ('receipt/bonn-1', 41)"))
    connection.commit()
    upgrade(empty_url)
    assert connection.execute(text("SELECT name, last FROM number_ranges")).all() == [
        ("receipt/bonn-1", 41)
    ]


@pytest.mark.race
def test_two_starts_at_the_same_time_migrate_one_after_the_other(empty_url, connection):
    start = threading.Barrier(2)

    def run(_):
        start.wait(20)
        program = f"from migrations.run import upgrade; upgrade({empty_url!r})"
        return subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
        )

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(run, range(2)))
    assert [outcome.returncode for outcome in outcomes] == [0, 0], outcomes[0].stderr
    assert tables(connection) == {*rows().tables, "alembic_version"}
