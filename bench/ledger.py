"""How fast the stock ledger is, against PostgreSQL itself: `make bench-ledger`.

One PostgreSQL with fsync on. Yardstick and ledger take turns, and the medians of the turns' ratios
are the result, so that a machine that is slow for a while is slow for both. Both sides speak TCP.

1. Holds of 3-line orders over 10,000 SKUs, 8 connections of 4 processes, against `pgbench -N -c 8`.
2. Everybody holds the same SKU, against `pgbench -c 8` that decrements one row.
3. Statements and round trips of a 3-line order from hold to hand-over.
4. Availability of a page of 24 products over all locations, in the loaded database.
5. The balance proof of a whole month, there too.

`make bench-ledger-load` loads that database; where it was not, a smaller one is made for the run.
"""

import argparse
import json
import re
import statistics
import tempfile
from pathlib import Path

from bench import load, order, pages, places, server
from bench.crowd import Crowd, Wish, gathered
from bench.server import Server, say
from kit import database

SKUS = 10_000
PROCESSES, THREADS = 4, 2
CONNECTIONS = PROCESSES * THREADS
HOT_SKUS = 1
ENOUGH = 100_000_000
PGBENCH_SCALE = 10
DECREMENT = "UPDATE counter SET units = units - 1 WHERE id = 1;\n"


def pgbench_tps(shop: Server, seconds: float, *arguments: str) -> float:
    """Return the transactions per second of `pgbench` with eight connections."""
    said = shop.pgbench(
        "yardstick", "-n", "-c", str(CONNECTIONS), "-T", f"{seconds:.0f}", *arguments
    )
    found = re.search(r"tps = ([\d.]+) \(without", said)
    if found is None:
        raise RuntimeError(f"pgbench said no tps:\n{said}")
    return float(found[1])


def prepare_yardstick(shop: Server) -> None:
    """Make pgbench's own tables, and the row that is decremented."""
    shop.create("yardstick")
    shop.pgbench("yardstick", "-i", "-q", "-s", str(PGBENCH_SCALE))
    shop.ask("yardstick", "CREATE TABLE counter (id int PRIMARY KEY, units int NOT NULL)")
    shop.ask("yardstick", "INSERT INTO counter VALUES (1, 2000000000)")


def compare(
    name: str, shop: Server, crowd: Crowd, yardstick: list[str], turns: int, seconds: float
) -> dict[str, float]:
    """Let yardstick and crowd take turns; return the medians of both and of their ratios."""
    crowd.run(1)
    theirs, ours = [], []
    for turn in range(turns):
        # Who begins changes, so that neither always finds the other's dirty pages.
        if turn % 2:
            ours.append(crowd.run(seconds))
        theirs.append(pgbench_tps(shop, seconds, *yardstick))
        if not turn % 2:
            ours.append(crowd.run(seconds))
        ratio = ours[-1] / theirs[-1]
        say(f"  {name}: {ours[-1]:6.0f}/s, yardstick {theirs[-1]:6.0f}/s: {ratio:.2f}")
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "per_s": round(statistics.median(ours)),
        "yardstick_per_s": round(statistics.median(theirs)),
    }


def measure_holds(shop: Server, turns: int, seconds: float) -> dict[str, float]:
    """Measure 1 and 2 of the list above."""
    url = shop.create_migrated("ledger")
    # In a process of its own the tables are filled, so that the crowds are forked from a clean one.
    database.configure(url)
    places.open_locations(1)
    places.receive(places.WAREHOUSE, map(places.sku, range(1, SKUS + 1)), ENOUGH)
    database.disconnect()
    shop.ask("ledger", "VACUUM ANALYZE")
    prepare_yardstick(shop)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(DECREMENT)
        script.flush()
        Path(script.name).chmod(0o644)
        with gathered(url, PROCESSES, THREADS, Wish(SKUS, 3)) as crowd:
            say("holds of 3-line orders over 10,000 SKUs, against pgbench -N -c 8")
            spread = compare("holds", shop, crowd, ["-N"], turns, seconds)
        with gathered(url, PROCESSES, THREADS, Wish(HOT_SKUS, 1)) as crowd:
            say("everybody holds the same SKU, against a one-row decrement by pgbench -c 8")
            hot = compare("same SKU", shop, crowd, ["-f", script.name], turns, seconds)
    return {
        "hold_ratio": spread["ratio"],
        "holds_per_s": spread["per_s"],
        "pgbench_n_per_s": spread["yardstick_per_s"],
        "hot_sku_ratio": hot["ratio"],
        "hot_sku_per_s": hot["per_s"],
        "decrement_per_s": hot["yardstick_per_s"],
    }


def main() -> None:
    """Run all of it and end with one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--turns", type=int, default=7)
    options.add_argument("--seconds", type=float, default=5)
    chosen = options.parse_args()
    figures: dict[str, object] = {}
    with server.running() as shop:
        figures |= measure_holds(shop, chosen.turns, chosen.seconds)
        figures |= order.measure(shop.url("ledger"), say)
        figures |= pages.measure(shop, load.loaded(shop, say), say)
    say(json.dumps(figures))


if __name__ == "__main__":
    main()
