"""What it costs the router to read the stock anew for every decision: `python -m bench.stock`.

A chain of 1,003 locations; each of 2,000 SKUs lies at 30 % of them: 600,000 balances. Measured are
orders of 20 lines: the one query that reads what is free, and with it everything else that a
question needs (free parcels, prices of stock, the arrays), up to the finished problem. The machine
does other things too: the figures on the wall say as much about it.
"""

import argparse
import json
import random
import time
from collections.abc import Callable

import numpy as np
import psycopg

from bench import places, server
from bench.server import Server, say
from fulfilment.answers.availability import available, free
from fulfilment.routing import Line
from fulfilment.routing.snapshot import problem_for
from kit import clock, database

LOCATIONS, SKUS, LINES = 1_003, 2_000, 20
DATABASE = f"chain_{LOCATIONS}_{SKUS}"
# Every third place has some units, every 50th of them a reservation.
_BALANCES = """
    INSERT INTO stock_balances (
        location, sku, on_hand, in_transit, quarantined, reserved, allocated, picked,
        safety_stock, changed_at
    )
    SELECT code, 'S' || lpad(number::text, 7, '0'), 1 + abs(hashtext(code || number)) %% 9, 0, 0,
        CASE WHEN hashtext(number || code) %% 50 = 0 THEN 1 ELSE 0 END, 0, 0, 0, now()
    FROM locations, generate_series(1, %s) AS number
    WHERE abs(hashtext(number || '/' || code)) %% 10 < 3
    ORDER BY hashtext(code || number)
"""
_RESERVATIONS = """
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT gen_random_uuid(), 'B-' || row_number() OVER (), gen_random_uuid(), sku, location, 1,
        'held', now(), now() + interval '1 day'
    FROM stock_balances WHERE reserved = 1
"""


def load(shop: Server) -> str:
    """Return the address of the chain's database, loaded anew."""
    url = shop.create_migrated(DATABASE)
    database.configure(url)
    places.open_locations(LOCATIONS)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_BALANCES, [SKUS])
        owner.execute(_RESERVATIONS)
        owner.execute("VACUUM ANALYZE")
    return url


def measure(name: str, rounds: int, ask: Callable[[list[str]], object]) -> dict[str, float]:
    """Ask for random goods, print the milliseconds and return them."""
    draw, wall, cpu = random.Random(7), [], []
    for _ in range(rounds):
        skus = [places.sku(1 + draw.randrange(SKUS)) for _ in range(LINES)]
        before, used = time.perf_counter(), time.process_time()
        ask(skus)
        wall.append((time.perf_counter() - before) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    found = {
        f"{name}_p50_ms": round(float(np.median(wall)), 1),
        f"{name}_p99_ms": round(float(np.quantile(wall, 0.99)), 1),
        f"{name}_cpu_p50_ms": round(float(np.median(cpu)), 1),
        f"{name}_cpu_p99_ms": round(float(np.quantile(cpu, 0.99)), 1),
    }
    say(json.dumps(found))
    return found


def main() -> None:
    """Load the chain and ask."""
    options = argparse.ArgumentParser(description="Read the stock of a chain for the router.")
    options.add_argument("--rounds", type=int, default=200)
    rounds = options.parse_args().rounds
    with server.running() as shop:
        load(shop)
        with database.transaction() as session:
            figures = measure("rows", rounds, lambda skus: available(session, skus))
            figures |= measure("stock", rounds, lambda skus: free(session, skus))
            figures |= measure(
                "problem",
                rounds,
                lambda skus: problem_for(
                    session,
                    lines=[Line(str(n), sku, 1, 500) for n, sku in enumerate(dict.fromkeys(skus))],
                    postal_code="53111",
                    now=clock.now(),
                ),
            )
        database.disconnect()
    say(json.dumps(figures))


if __name__ == "__main__":
    main()
