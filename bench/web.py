"""`make bench-web`: pages as a ratio to plain Flask, whole checkouts, and 500 buyers of 100 units.

1. A shop of 50,000 SKUs on a PostgreSQL that writes to its disk (fsync), the web server of `make
   serve` with its usual processes and threads, warm.
2. Each kind of page beside a Flask view that makes one SELECT and returns as many bytes, on the
   same server program, in turns of a few seconds; the ratio is the middle one of the turns.
3. Whole checkouts of three lines, many buyers at once: all lines added at once, checkout, order,
   webhook, return.
4. 500 buyers, 32 at a time, of an article of which there are 100.

The driver is `bench/web_driver.py`, in one process of this machine, and is part of every figure; it
says what it costs. The last line is one JSON object.
"""

import argparse
import json

from bench import web_buyers, web_pages, web_shop
from bench.server import running, say
from kit import database


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure the shop's pages and checkouts.")
    options.add_argument("--skus", type=int, default=50_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--turns", type=int, default=3, help="of each kind of page")
    options.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    options.add_argument("--checkouts", type=int, default=600)
    options.add_argument("--only", choices=("pages", "checkouts", "flash"))
    options.add_argument("--keep", action="store_true", help="use the database of the last run")
    asked = options.parse_args()
    with running() as server:
        if not (asked.keep and server.has(web_shop.DATABASE)):
            web_shop.prepare(server, asked.skus, asked.seed)
        database.configure(server.url(web_shop.DATABASE))
        facts = web_shop.facts(web_pages.SEARCHES, web_pages.PRODUCTS)
        outcome: dict[str, object] = {"skus": asked.skus}
        with web_shop.running(server) as shop:
            if asked.only in {None, "pages"}:
                outcome |= web_pages.measure(shop, facts, asked.turns, asked.seconds, say)
            if asked.only in {None, "checkouts"}:
                outcome |= web_buyers.checkouts(shop, facts, asked.checkouts, say)
            if asked.only in {None, "flash"}:
                outcome |= web_buyers.flash(shop, facts, say)
        database.disconnect()
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
