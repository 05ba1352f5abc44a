"""How long a basket waits for its suggestions, in a shop of 100,000 SKUs.

The demo's goods, multiplied. Stock in four places: one SKU in ten is sold out everywhere, one in
five lies in stores alone. A model learnt from receipts over all of them; attribute rules of hooks
and lures. Every basket is asked for twice, in a transaction of its own each time:

- as the basket page does, with the plan that the page has made anyway: candidates, stock, and the
  router's word on parcels;
- as the till does, which has no plan: the basket is planned as well.

The database is kept in `.bench/` and made anew when its size or this file has changed.
"""

import hashlib
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from app.workflows import quoting, suggest
from app.workflows.candidates import Offer
from app.workflows.quoting import Quote
from bench import crosssell_receipts, search_goods
from bench.server import Server, running, say
from catalog import pricing
from catalog.crosssell import learning, rules, stored
from catalog.crosssell.rules import Rule, Side
from catalog.crosssell.stored import Read
from kit import clock, database, plain
from kit.database import reading, transaction
from migrations.run import upgrade

DATABASE = "crosssell"
ROUNDS, WARM = 400, 40
TOWN = "50676"
_BALANCES = """
    INSERT INTO stock_balances (
        location, sku, on_hand, in_transit, quarantined, reserved, allocated, picked,
        safety_stock, changed_at
    )
    SELECT location.code, item.sku, 1 + abs(hashtext(item.sku || location.code)) % 9,
        0, 0, 0, 0, 0, 0, now()
    FROM items AS item CROSS JOIN locations AS location
    WHERE abs(hashtext(item.sku)) % 10 > 0 AND CASE location.kind
        WHEN 'warehouse' THEN abs(hashtext(item.sku)) % 10 > 2
        ELSE abs(hashtext(location.code || item.sku)) % 10 < 4 END
    ON CONFLICT DO NOTHING
"""
_SERVERS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
        AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_HOOKS = Rule(
    "fits", Side("lure_*", "length_mm", "80", "120"), Side("hook_offset", "size", "2/0", "4/0"),
    "passt zu Ködern von 8 bis 12 cm", "fits lures of 8 to 12 cm",
)  # fmt: skip


def measure(skus: int) -> dict[str, object]:
    """Load the shop where it is not there yet, ask, print the table and return the figures."""
    with running() as shop:
        count = _settled(shop, skus)
        database.configure(shop.url(DATABASE))
        try:
            with psycopg.connect(shop.url(DATABASE), autocommit=True) as owner:
                return _asked(count, _Meter(database.engine(), owner))
        finally:
            database.disconnect()


def _settled(shop: Server, skus: int) -> int:
    """Return how many SKUs the shop has, once it is there as this file makes it."""
    made_by = hashlib.sha256(f"{skus}|{Path(__file__).read_text()}".encode()).hexdigest()[:16]
    if shop.has(DATABASE):
        note = shop.ask(DATABASE, "SELECT to_regclass('bench_made')")
        if note != [(None,)] and shop.ask(DATABASE, "SELECT made_by FROM bench_made") == [
            (made_by,)
        ]:
            return int(str(shop.ask(DATABASE, "SELECT count(*) FROM items")[0][0]))
    began = time.monotonic()

    def told(what: str) -> None:
        say(f"  {time.monotonic() - began:5.0f} s  {what}")

    url = shop.create(DATABASE)
    upgrade(url)
    database.configure(url)
    told("migrated")
    with transaction() as session:
        search_goods.put_demo(session)
        count = search_goods.multiply(session, skus, 1)
    told(f"{count:,} goods")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_BALANCES)
    told("stock")
    _learn(count)
    with transaction() as session:
        rules.put(session, _HOOKS, actor="bench")
    database.disconnect()
    shop.ask(DATABASE, "VACUUM ANALYZE")
    shop.ask(DATABASE, f"CREATE TABLE bench_made AS SELECT '{made_by}' AS made_by")
    told("learnt")
    return count


def _learn(count: int) -> None:
    with reading() as session:
        names = list(session.scalars(text("SELECT sku FROM items ORDER BY md5(sku)")))
    receipts = crosssell_receipts.make(4 * count, count, seed=2)
    learnt = learning.learn(receipts, tune=False)
    with transaction() as session:
        seen = str(session.scalar(text("SELECT pg_current_snapshot()::text")))
        model = stored.put(session, Read(receipts, names, seen), learnt, seconds=0.0)
        stored.switch(session, model, "bench")


@dataclass
class Spent:
    """What questions took: milliseconds on the wall and of both processes, and round trips."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    trips: list[int] = field(default_factory=list)
    offers: list[int] = field(default_factory=list)
    riding: list[int] = field(default_factory=list)

    def quantiles(self, name: str) -> dict[str, float]:
        """Return the median and the 95th percentile of both times, by name."""
        return {
            f"{name}{kind}_p{part}_ms": round(float(np.quantile(values, part / 100)), 2)
            for kind, values in (("", self.wall), ("_cpu", self.cpu))
            for part in (50, 95)
        }


class _Meter:
    """Counts round trips of this process and the CPU of it and of PostgreSQL's.

    `owner` may see whose processes they are; the application's role may not.
    """

    def __init__(self, engine: Engine, owner: psycopg.Connection[Any]) -> None:
        self.trips = 0
        self._owner = owner
        self._books: list[Path] = []
        event.listen(engine, "before_cursor_execute", lambda *_: self._count())
        run_alone = plain._run_alone  # noqa: SLF001 - nothing else sees every prepared statement

        def counted(*given: Any) -> Any:
            self._count()
            return run_alone(*given)

        plain._run_alone = counted  # noqa: SLF001 - the same

    def _count(self) -> None:
        self.trips += 1

    def find_servers(self) -> None:
        """Note which of PostgreSQL's processes work for this database."""
        rows = self._owner.execute(_SERVERS).fetchall()
        self._books = [Path(f"/proc/{pid}/schedstat") for (pid,) in rows]

    def take(self, ask: Callable[[], list[Offer]], into: Spent) -> None:
        """Ask once and note what it took."""
        self.trips, own, backend = 0, time.process_time(), self._backend()
        start = time.perf_counter()
        offers = ask()
        into.wall.append((time.perf_counter() - start) * 1e3)
        into.cpu.append((time.process_time() - own) * 1e3 + (self._backend() - backend) / 1e6)
        into.trips.append(self.trips)
        into.offers.append(len(offers))
        into.riding.append(sum(one.extra_parcels == 0 for one in offers))

    def _backend(self) -> int:
        return sum(int(book.read_text().split()[0]) for book in self._books)


def _asked(count: int, meter: "_Meter") -> dict[str, object]:
    with reading() as session:
        baskets = _baskets(session)
    page, till = Spent(), Spent()
    for number, skus in enumerate(baskets):
        if number == WARM:
            page, till = Spent(), Spent()
        at = clock.now()
        with reading() as session:
            quote = _quoted(session, skus, at)
            meter.find_servers()
            meter.take(lambda: suggest.beside(session, quote, at=at), page)  # noqa: B023
        with reading() as session:
            session.execute(text("SELECT 1"))
            meter.take(lambda: _alone(session, skus, at), till)  # noqa: B023
    say(
        f"serving {count:,} SKUs: {len(page.wall)} baskets, {statistics.mean(page.offers):.1f}"
        f" offers each, {statistics.mean(page.riding):.1f} of them without a further parcel"
    )
    for name, spent in (("with the page's plan", page), ("planned as well", till)):
        row = spent.quantiles("")
        say(
            f"  {name:22} p50 {row['_p50_ms']:6.2f} ms   p95 {row['_p95_ms']:6.2f} ms   CPU p50"
            f" {row['_cpu_p50_ms']:6.2f} ms   p95 {row['_cpu_p95_ms']:6.2f} ms   round trips"
            f" {max(spent.trips)}"
        )
    found = {
        **page.quantiles("suggest"),
        **till.quantiles("suggest_planned"),
        "suggest_round_trips": max(page.trips),
        "serving_skus": count,
    }
    say(json.dumps(found))
    return found


def _quoted(session: Session, skus: list[str], at: datetime) -> Quote:
    lines = [(sku, 1) for sku in skus]
    return quoting.quote(session, lines, customer_number=None, postal_code=TOWN, at=at)


def _alone(session: Session, skus: list[str], at: datetime) -> list[Offer]:
    return suggest.suggest(session, skus, price_group=pricing.STANDARD, at=at, destination=TOWN)


def _baskets(session: Session) -> list[list[str]]:
    """Return baskets of goods that are bought together: a SKU, and what its edges lead to."""
    chance = random.Random(5)
    rows = session.execute(
        text(
            "SELECT edge.source, array_agg(edge.target ORDER BY edge.target) AS targets"
            " FROM crosssell_edges AS edge"
            " JOIN stock_balances AS balance ON balance.sku = edge.target"
            " AND balance.location = 'lager' WHERE edge.source IN ("
            "SELECT sku FROM crosssell_counts ORDER BY md5(sku || 'b') LIMIT 2000)"
            " GROUP BY edge.source ORDER BY edge.source"
        )
    ).all()
    found = []
    for _ in range(ROUNDS + WARM):
        row = chance.choice(rows)
        size = chance.randrange(0, 8)
        more = chance.sample(row.targets, min(size, len(row.targets)))
        found.append(list(dict.fromkeys([row.source, *more])))
    return found
