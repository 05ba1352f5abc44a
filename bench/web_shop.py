"""The shop that `make bench-web` asks: 50,000 SKUs with stock, and the web server of `make serve`.

Beside it, on the same server program with the same processes and threads, the view that its pages
are compared with. Workers and scheduler are away: what a buyer waits for is the web server's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg

from bench import search_goods, web_payments
from bench.server import FOLDER, Server, say
from catalog import indexing
from catalog.views import OF_AGE
from fulfilment.stock import ledger
from kit import clock, database
from kit.database import reading, transaction
from local import ports, preparation, serve, shop, supervisor, valkey
from local.processes import Child, Household, wait_until

DATABASE = "web"
STORES = ("bonn", "koeln", "koblenz")
PER_WAREHOUSE, PER_STORE = 5_000, 50
FLASH = {"lager": 60, "bonn": 25, "koeln": 15}
"""100 units of the article that 500 people want, at three places."""
FLASH_UNITS = sum(FLASH.values())
_CHUNK = 10_000
_SECONDS = 60


@dataclass(frozen=True)
class Facts:
    """What is on sale: addresses of pages by kind, and what is bought."""

    shelves: list[str]
    products: list[str]
    searches: list[str]
    skus: list[str]
    flash: str


@dataclass(frozen=True)
class Running:
    """The shop and its reference, answering."""

    shop: tuple[str, int]
    reference: tuple[str, int]
    web: Child
    queue: Child
    server: Server

    def cpu(self) -> float:
        """Return the CPU seconds of web server, PostgreSQL and Valkey so far."""
        return sum(
            _cpu_of(pid) for pid in (self.web.process.pid, self.queue.process.pid, self.server.pid)
        )


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process with all its children, those that have ended too."""
    ticks, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(field) for field in fields[11:15])
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def prepare(server: Server, skus: int, seed: int) -> None:
    """Make the database anew: the demo's goods, multiplied, and stock of all of them."""
    url = server.create_migrated(DATABASE)
    with psycopg.connect(url, autocommit=True) as owner:
        preparation.set_clock(owner, preparation.next_wednesday(datetime.now(preparation.BERLIN)))
    database.configure(url)
    with transaction() as session:
        clock.refresh(session)
        search_goods.put_demo(session)
    with transaction() as session:
        count = search_goods.multiply(session, skus, seed)
    with transaction() as session:
        indexing.reindex(session)
    _stock()
    server.ask(DATABASE, "VACUUM ANALYZE")
    say(f"{count:,} SKUs, indexed, with stock at {len(STORES) + 1} places")


def _stock() -> None:
    with reading() as session:
        flash = _flash(session)
        rows = session.connection().exec_driver_sql("SELECT sku FROM items ORDER BY sku")
        skus = [sku for (sku,) in rows if sku != flash]
    for place, units in (("lager", PER_WAREHOUSE), *((store, PER_STORE) for store in STORES)):
        for start in range(0, len(skus), _CHUNK):
            lines = [(sku, units) for sku in skus[start : start + _CHUNK]]
            _receive(place, lines, f"{place}/{start}")
    for place, units in FLASH.items():
        _receive(place, [(flash, units)], f"flash/{place}")


def _receive(place: str, lines: list[tuple[str, int]], key: str) -> None:
    with transaction() as session:
        ledger.receive(session, place, lines, document="WE-1", actor="bench", key=key)


def _flash(session: database.Session) -> str:
    found = session.connection().exec_driver_sql(
        "SELECT min(sku) FROM items WHERE sku NOT LIKE '%%-%%-%%' AND sellable"
    )
    return str(found.scalar_one())


def facts(searches: list[str], products: int) -> Facts:
    """Return what the driver asks for, drawn evenly from the whole shop."""
    with reading() as session:
        run = session.connection().exec_driver_sql
        shelves = run(
            "SELECT category FROM products GROUP BY category HAVING count(*) >= 24"
            " ORDER BY category"
        )
        goods = run("SELECT slug FROM products ORDER BY hashtext(slug) LIMIT %s", (products,))
        flash = _flash(session)
        # What only adults get is handed over at a counter: no parcel of this run takes it.
        skus = run(
            "SELECT sku FROM items JOIN products ON slug = product"
            " WHERE sellable AND age_min < %s AND sku <> %s ORDER BY hashtext(sku) LIMIT 3000",
            (OF_AGE, flash),
        )
        return Facts(
            shelves=[f"/sortiment/{slug}" for (slug,) in shelves],
            products=[f"/artikel/{slug}" for (slug,) in goods],
            searches=searches,
            skus=[sku for (sku,) in skus],
            flash=flash,
        )


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start the web server as `make serve` does, and the reference beside it."""
    data = FOLDER / "web"
    data.mkdir(parents=True, exist_ok=True)
    household = Household(FOLDER / "logs")
    provider, payments = web_payments.start()
    shop_port, reference_port = ports.any_free(), ports.any_free()
    address = f"http://{ports.HOST}:{shop_port}"
    try:
        queue = valkey.start(household, data, ports.any_free())
        environment = shop.environment(
            DATABASE_URL=server.url(DATABASE),
            REDIS_URL=queue.url(),
            KONTOR_DATA=str(data),
            KONTOR_SECRET_KEY="bench" * 8,
            KONTOR_PUBLIC_URL=address,
            STRIPE_API_KEY="sk_test_bench",
            STRIPE_WEBHOOK_SECRET=web_payments.SECRET,
            STRIPE_API_BASE=payments,
        )
        environment.pop("SMTP_URL", None)
        crew = (serve.web_processes(), serve.web_threads())
        own = shop.web(environment, ports.HOST, shop_port, *crew)
        other = shop.web(environment, ports.HOST, reference_port, *crew)
        renamed = ["bench.web_reference:app" if a == "wsgi:app" else a for a in other.command]
        web = household.start(own)
        reference = household.start(replace(other, name="reference", command=renamed))
        wait_until(lambda: supervisor.answers(f"{address}/healthz"), web, _SECONDS)
        there = f"http://{ports.HOST}:{reference_port}/1/{_any_sku()}"
        wait_until(lambda: supervisor.answers(there), reference, _SECONDS)
        yield Running(
            (ports.HOST, shop_port), (ports.HOST, reference_port), web, queue.child, server
        )
    finally:
        provider.terminate()
        household.close()


def _any_sku() -> str:
    with reading() as session:
        found = session.connection().exec_driver_sql("SELECT min(sku) FROM items")
        return str(found.scalar_one())
