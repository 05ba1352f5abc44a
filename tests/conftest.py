"""Fixtures: real servers, an empty migrated database per test, the application, a live shop.

What a test asks for decides its markers, so nobody has to remember them: `database` and what stands
on it gives `db`, `redis` gives `redis`, `live_shop` and `page` give `browser`. `make check` runs
the tests that have none of them.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests import emptying, services

ROOT = Path(__file__).parent.parent
RUN = "KONTOR_TEST_RUN"
CONTROLLER = "KONTOR_TEST_CONTROLLER"
NEEDS = {"database": "db", "redis": "redis", "live_shop": "browser"}


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run; worker processes of the same run inherit its name."""
    if hasattr(config, "workerinput"):
        return
    run = Path(tempfile.mkdtemp(prefix="kontor-test-"))
    run.chmod(0o755)
    os.environ[RUN] = str(run)
    os.environ[CONTROLLER] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this run."""
    if hasattr(config, "workerinput"):
        return
    run = Path(os.environ.pop(RUN))
    services.dismiss(run)
    shutil.rmtree(run, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by the servers that its fixtures need."""
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        for fixture, marker in NEEDS.items():
            if fixture in fixtures:
                item.add_marker(marker)
        if "live_shop" in fixtures:
            item.add_marker(pytest.mark.xdist_group("live_shop"))


@pytest.fixture(scope="session")
def servers() -> services.Services:
    """PostgreSQL and Valkey of this run."""
    return services.obtain(Path(os.environ[RUN]), int(os.environ[CONTROLLER]))


@pytest.fixture(scope="session")
def worker_number(worker_id: str) -> int:
    """Tell the worker processes of a run apart: 0, 1, …; 0 without pytest-xdist."""
    return int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0


@pytest.fixture(scope="session")
def database_url(servers: services.Services, worker_number: int) -> str:
    """Address (as its owner) of this worker's database; ask for `database` to have it emptied."""
    url = servers.create_database(f"test_{worker_number}")
    with psycopg.connect(url, autocommit=True) as owner:
        emptying.keep_copies(owner)
    return url


@pytest.fixture(scope="session")
def _owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("SET lock_timeout = '5s'")
        yield owner


@pytest.fixture(scope="session")
def _engine(database_url: str) -> Iterator[Engine]:
    from kit import database as kit_database

    engine = kit_database.configure(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def database(_engine: Engine, _owner: psycopg.Connection[Any]) -> Iterator[Engine]:
    """An empty, migrated database, in which real commits are welcome.

    `kit.database.transaction()` works on it, with the application's role and as many connections
    as threads; after the test it is emptied.
    """
    yield _engine
    services.end_leftover_transactions(_owner)
    emptying.empty(_owner)


@pytest.fixture
def owner(database: Engine, _owner: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """An autocommit psycopg connection as the owner of the tables: for what no role may do."""
    return _owner


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session whose changes are rolled back after the test, unless the test commits them."""
    with Session(database, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def redis_url(servers: services.Services, worker_number: int) -> str:
    """Address of this worker's Valkey database; ask for `redis` to have it emptied."""
    return servers.redis(worker_number)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Any]:
    """A client of an empty Valkey database."""
    from redis import Redis

    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the clone; tests that need it are skipped without."""
    folder = Path(os.environ.get("KONTOR_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the reference data in {folder} (or KONTOR_SHARED)")
    return folder
