"""Fixtures: real servers, an empty migrated database per test, the application, a live shop.

What a test asks for decides its markers, so nobody has to remember them: `database` and what stands
on it gives `db`, `redis` gives `redis`, `live_shop` and `page` give `browser`. `make check` runs
the tests that have none of them.
"""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import config
from kit import clock
from local import browser, ports, supervisor
from local.processes import Household, Program, wait_until
from tests import emptying, grouping, live, services

ROOT = Path(__file__).parent.parent
RUN = "KONTOR_TEST_RUN"
CONTROLLER = "KONTOR_TEST_CONTROLLER"
WEBHOOK_SECRET = "whsec_test"
PHONE, DESKTOP = 390, 1280
NEEDS = {"database": "db", "redis": "redis", "live_shop": "browser", "chromium": "browser"}


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run; worker processes of the same run inherit its name."""
    gc.disable()  # until everything is loaded
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
    """Mark every test by the servers that its fixtures need; the longest groups come first."""
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        for fixture, marker in NEEDS.items():
            if fixture in fixtures:
                item.add_marker(marker)
        if "live_shop" in fixtures and not grouping.shares_a_shop(item):
            raise pytest.UsageError(f"{item.nodeid}: name it in tests/grouping.py, group live_shop")
    items.sort(key=lambda item: grouping.place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a group on one worker."""
    return grouping.Grouped(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set aside what was loaded: no collector goes through a million objects again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


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

    yield kit_database.configure(database_url)
    kit_database.disconnect()


@pytest.fixture
def database(_engine: Engine, _owner: psycopg.Connection[Any]) -> Iterator[Engine]:
    """An empty, migrated database, in which real commits are welcome.

    `kit.database.transaction()` works on it, with the application's role and as many connections
    as threads; after the test it is emptied.
    """
    yield _engine
    services.end_leftover_transactions(_owner)
    emptying.empty(_owner)
    clock.take_over(0)  # the emptied database's clock tells the time


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


@pytest.fixture(scope="session")
def stripe_double() -> Iterator[str]:
    """Address of a Stripe double of this worker; its webhooks go nowhere, tests post them."""
    folder = Path(tempfile.mkdtemp(prefix="kontor-stripe-"))
    household = Household(folder)
    household.scratch(folder)
    port = ports.any_free()
    command = [sys.executable, "-m", "local.stripe_double", "--port", str(port)]
    secret = ["--webhook-secret", WEBHOOK_SECRET]
    child = household.start(Program("stripe-double", [*command, *secret], folder=ROOT))
    address = f"http://{ports.HOST}:{port}"
    wait_until(lambda: supervisor.answers(f"{address}/"), child, 20)
    yield address
    household.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _app(_engine: Engine, database_url: str, redis_url: str, stripe_double: str) -> Iterator[Flask]:
    from app.factory import create_app

    with tempfile.TemporaryDirectory(prefix="kontor-data-") as data:
        environ = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "KONTOR_DATA": data,
            "KONTOR_SECOND_FACTOR": "offered",
            "KONTOR_PUBLIC_URL": "http://shop.test",
            "KONTOR_SECRET_KEY": "signs nothing that outlives the test",
            "STRIPE_API_KEY": "sk_test_double",
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": stripe_double,
        }
        application = create_app(config.from_environment(environ))
        application.config.update(WTF_CSRF_ENABLED=False)
        application.test_client_class = Browser
        yield application


class Browser(FlaskClient):
    """Flask's test client, with a context of its own for every request.

    The fixture `app` holds one open; requests inside it would share their `g`, and with it who is
    signed in and which language is spoken.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def app(_app: Flask, database: Engine, redis: Any) -> Iterator[Flask]:
    """The application on an empty database and queue, with an application context.

    Jobs wait in the queue until the test works them off.
    """
    with _app.app_context():
        yield _app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript: Flask's test client."""
    return app.test_client()


@pytest.fixture(scope="session")
def live_shop() -> Iterator[live.LiveShop]:
    """The whole seeded demo, with all its processes; shared by the tests of this run."""
    with live.running_demo() as shop:
        yield shop


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A Chromium; the tests that need one are skipped where there is none."""
    from playwright.sync_api import sync_playwright

    program = browser.find()
    if program is None:
        pytest.skip(browser.ADVICE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(program), args=list(browser.OPTIONS)
        )
        yield launched
        launched.close()


@pytest.fixture
def new_page(chromium: Any, live_shop: live.LiveShop) -> Iterator[Callable[..., Any]]:
    """Make pages: `new_page(390)`, `new_page(1280, java_script_enabled=False)`.

    Each has cookies of its own, German, at the shop's address. A script error fails the test.
    """
    contexts, broken = [], []

    def make(width: int = DESKTOP, **options: Any) -> Any:
        context = chromium.new_context(
            base_url=live_shop.shop,
            locale="de-DE",
            timezone_id="Europe/Berlin",
            viewport={"width": width, "height": 844 if width < 600 else 900},
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(new_page: Callable[..., Any], request: pytest.FixtureRequest) -> Any:
    """A page of the live shop; the test runs once on a phone and once on a desk."""
    return new_page(request.param)


@pytest.fixture
def wednesday(database: Engine) -> Iterator[None]:
    """Wednesday, 25 November 2026, 12:30 in Berlin; the clock stands still."""
    from kit import clock
    from tests.small_shop import WEDNESDAY

    with clock.frozen(WEDNESDAY):
        yield


@pytest.fixture
def settle_events(app: Flask) -> Callable[[], int]:
    """Deliver every waiting event until none is left, as the worker would; return how many."""
    from app.jobs.deliver import deliver
    from kit import events
    from kit.database import reading

    def run() -> int:
        delivered = 0
        while True:
            with reading() as session:
                waiting = [
                    row.id for row in events.waiting(session) if row.name != "MessageWritten"
                ]
            if not waiting:
                return delivered
            for event_id in waiting:
                deliver(str(event_id))
                delivered += 1

    return run


@pytest.fixture
def sound(database: Engine) -> Iterator[None]:
    """Check every invariant after the test, and that no message was a lie."""
    from app import invariants
    from app.messages import gate
    from kit.database import reading

    yield
    with reading() as session:
        broken = [found for found in invariants.check(session) if found.state == "broken"]
        refused = [(row.key, row.reasons) for row in gate.refused(session)]
    assert broken == []
    assert refused == []
