"""How long a basket waits for its suggestions, in a shop of 100,000 SKUs.

The demo's goods, multiplied; stock in four places, one SKU in ten sold out everywhere; a model that
is learnt from receipts over all of them. Timed is `suggest` as the basket page calls it, with the
plan that the page has made anyway: the query, stock, and the router's word on parcels.
"""

import json
import random
import statistics
import time
from pathlib import Path

import numpy as np
import psycopg
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.workflows import quoting, suggest
from bench import crosssell_receipts, search_goods
from bench.server import running, say
from catalog.crosssell import learning, stored
from catalog.crosssell.stored import Read
from kit import clock, database
from kit.database import reading, transaction
from migrations.run import upgrade

DATABASE = "crosssell"
ROUNDS, WARM = 400, 40
_BALANCES = """
    INSERT INTO stock_balances (
        location, sku, on_hand, in_transit, quarantined, reserved, allocated, picked,
        safety_stock, changed_at
    )
    SELECT location.code, item.sku, 1 + abs(hashtext(item.sku || location.code)) % 9,
        0, 0, 0, 0, 0, 0, now()
    FROM items AS item CROSS JOIN locations AS location
    WHERE abs(hashtext(item.sku)) % 10 > 0
        AND (location.kind = 'warehouse' OR abs(hashtext(location.code || item.sku)) % 10 < 4)
    ON CONFLICT DO NOTHING
"""


def measure(skus: int) -> dict[str, object]:
    """Load the shop, ask, print the table and return the figures."""
    with running() as shop:
        url = shop.create(DATABASE)
        upgrade(url)
        database.configure(url)
        with transaction() as session:
            search_goods.put_demo(session)
            count = search_goods.multiply(session, skus, 1)
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(_BALANCES)
        _learn(count)
        shop.ask(DATABASE, "VACUUM ANALYZE")
        with reading() as session:
            found = _ask(session, count)
        database.disconnect()
    say(json.dumps(found))
    return found


def _learn(count: int) -> None:
    with reading() as session:
        names = list(session.scalars(text("SELECT sku FROM items ORDER BY md5(sku)")))
    receipts = crosssell_receipts.make(4 * count, count, seed=2)
    learnt = learning.learn(receipts, tune=False)
    with transaction() as session:
        seen = str(session.scalar(text("SELECT pg_current_snapshot()::text")))
        model = stored.put(session, Read(receipts, names, seen), learnt, seconds=0.0)
        stored.switch(session, model, "bench")


def _ask(session: Session, count: int) -> dict[str, object]:
    pid = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
    book, asked = Path(f"/proc/{pid}/schedstat"), 0
    baskets = _baskets(session)

    def counted(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(session.connection(), "before_cursor_execute", counted)
    wall, cpu, queries, offered = [], [], [], []
    for number, skus in enumerate(baskets):
        at = clock.now()
        quote = quoting.quote(
            session, [(sku, 1) for sku in skus], customer_number=None, postal_code="50676", at=at
        )
        asked, own = 0, time.process_time()
        backend, start = int(book.read_text().split()[0]), time.perf_counter()
        offers = suggest.beside(session, quote, at=at, limit=4)
        if number < WARM:
            continue
        wall.append((time.perf_counter() - start) * 1e3)
        spent = (int(book.read_text().split()[0]) - backend) / 1e6
        cpu.append(spent + (time.process_time() - own) * 1e3)
        queries.append(asked)
        offered.append(len(offers))
    say(
        f"\nserving {count:,} SKUs: {len(wall)} baskets, {statistics.mean(offered):.1f} offers each"
    )
    return {
        "suggest_p50_ms": round(float(np.quantile(wall, 0.5)), 2),
        "suggest_p95_ms": round(float(np.quantile(wall, 0.95)), 2),
        "suggest_cpu_p50_ms": round(float(np.quantile(cpu, 0.5)), 2),
        "suggest_cpu_p95_ms": round(float(np.quantile(cpu, 0.95)), 2),
        "suggest_queries": max(queries),
        "serving_skus": count,
    }


def _baskets(session: Session) -> list[list[str]]:
    """Return baskets of goods that are bought together: a SKU, and what its edges lead to."""
    chance = random.Random(5)
    rows = session.execute(
        text(
            "SELECT edge.source, array_agg(edge.target) AS targets FROM crosssell_edges AS edge"
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
