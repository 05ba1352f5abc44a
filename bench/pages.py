"""Availability of a page of products, and the proof of a month, in a loaded database."""

import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bench import load, places
from bench.load import Size
from bench.server import Server
from fulfilment.answers import availability
from fulfilment.stock import months
from kit import database
from kit.database import reading
from migrations.run import upgrade

PAGE = 24
PAGES = 400
COMPARED = 10_000
"""The pages are also drawn from so few SKUs only: what a small shop would ask for."""

Say = Callable[[str], None]


def measure(shop: Server, size: Size, say: Say) -> dict[str, object]:
    """Measure pages of all SKUs and of the small database, and prove a closed month."""
    if shop.has(load.SMALL.name):
        upgrade(shop.url(load.SMALL.name))
    else:
        load.make(shop, load.SMALL, say)
    database.configure(shop.url(load.SMALL.name))
    small = pages(load.SMALL.skus)
    database.configure(shop.url(size.name))
    large = pages(size.skus)
    say(
        f"availability of {PAGE} products at {size.locations} locations, in the database:"
        f" {size.skus:,} SKUs p50 {_p50(large):.2f} ms, p95 {_p95(large):.2f} ms;"
        f" {load.SMALL.skus:,} SKUs p50 {_p50(small):.2f} ms, p95 {_p95(small):.2f} ms"
    )
    seconds, movements = prove(say)
    database.disconnect()
    return {
        "availability_p95_ms": round(_p95(large), 3),
        "availability_small_p95_ms": round(_p95(small), 3),
        "availability_growth": round(_p95(large) / _p95(small), 2),
        "availability_skus": size.skus,
        "loaded_movements": size.movements,
        "balance_proof_s": round(seconds, 2),
        "balance_proof_movements": movements,
    }


def _p50(figures: list[float]) -> float:
    return statistics.median(figures)


def _p95(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=20)[-1]


def pages(skus: int) -> list[float]:
    """Return the milliseconds that PostgreSQL took for each of so many random pages.

    Planning and execution of the very statement that `availability.available` sends, as PostgreSQL
    itself says. A first round is not counted: it reads what a running shop has in memory.
    """
    chance = random.Random(24)
    asked = [[places.sku(chance.randint(1, skus)) for _ in range(PAGE)] for _ in range(PAGES)]
    with reading() as session:
        for page in asked:
            found = availability.available(session, page)
            if len(found) < len(set(page)):
                raise RuntimeError("a product of the page is nowhere")
        return [_explained(session, page) for page in asked]


def _explained(session: Session, page: list[str]) -> float:
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        availability.available(session, page)
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    [(statement, parameters)] = sent
    asked = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    answer = session.connection().exec_driver_sql(asked, parameters).scalar_one()
    [plan] = answer if isinstance(answer, list) else json.loads(answer)
    return float(plan["Planning Time"]) + float(plan["Execution Time"])


def prove(say: Say) -> tuple[float, int]:
    """Return the seconds that the proof of the fullest closed month took, and its movements."""
    with reading() as session:
        closed = months.closed(session)
        if not closed:
            say("no month is closed: the proof of a month is not measured")
            return 0.0, 0
        fullest = max(closed, key=lambda month: month.movements)
        started = time.monotonic()
        gaps = months.prove(session, fullest.month)
        seconds = time.monotonic() - started
    if gaps:
        raise RuntimeError(f"the month does not prove: {gaps[:3]}")
    say(f"proof of {fullest.month:%Y-%m}, {fullest.movements:,} movements: {seconds:.1f} s")
    return seconds, fullest.movements
