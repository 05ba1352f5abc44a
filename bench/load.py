"""A large ledger to measure in, loaded with COPY once and kept: `make bench-ledger-load`.

1. One receipt per SKU and location, then sales from any of them, month by month: each month is
   filled as a table of its own and becomes a partition.
2. Balances are what the movements sum up to; a few places have held and expired reservations.
3. Every month is closed.

Nothing is made up afterwards: the proofs of `fulfilment.proofs` hold on what is loaded.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql

from bench import places, server
from bench.server import Server
from kit import database
from migrations.run import upgrade

Say = Callable[[str], None]

PER_MONTH = 4_000_000
FIRST_MONTH = date(2024, 1, 1)
CHUNK = 50_000
_SPREAD = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio: neighbours land far apart

_COLUMNS = (
    "id, sku, quantity, from_account, from_location, to_account, to_location, cause, document,"
    " actor, channel, moved_at, booked_at, key"
)


@dataclass(frozen=True)
class Size:
    """How much is loaded: every SKU is at every location."""

    skus: int
    locations: int
    movements: int

    @property
    def name(self) -> str:
        """Return the name of its database."""
        return f"loaded_{self.skus}_{self.locations}_{self.movements}"

    @property
    def places(self) -> int:
        """Return the number of balances."""
        return self.skus * self.locations

    @property
    def months(self) -> int:
        """Return the number of months over which the movements go."""
        return -(-self.movements // PER_MONTH)


FULL = Size(1_000_000, 20, 50_000_000)
SMALL = Size(10_000, 20, 500_000)


def month(number: int) -> date:
    """Return the first day of the n-th month, from 0."""
    years, months = divmod(FIRST_MONTH.month - 1 + number, 12)
    return date(FIRST_MONTH.year + years, months + 1, 1)


def _rows(size: Size, first: int, last: int, day: str) -> Iterator[str]:
    """Write movements as COPY reads them: receipts of all places first, then sales."""
    codes = [places.code(number) for number in range(1, size.locations + 1)]
    for number in range(first, last):
        if number < size.places:
            location, sku = divmod(number, size.skus)
            yield (
                f"{number + 1}\t{places.sku(sku + 1)}\t{20 + number % 13}\tsupplier\t\\N\tshelf\t"
                f"{codes[location]}\treceipt\tPO\tbench\tfloor\t{day}\t{day}\tr/{number}\n"
            )
        else:
            place = (number * _SPREAD >> 12) % size.places
            location, sku = divmod(place, size.skus)
            yield (
                f"{number + 1}\t{places.sku(sku + 1)}\t1\tshelf\t{codes[location]}\tcustomer\t\\N\t"
                f"till_sale\tR\tbench\ttill\t{day}\t{day}\ts/{number}\n"
            )


def _fill_month(owner: psycopg.Connection[Any], size: Size, number: int) -> None:
    """Fill a month as a table of its own, index it, then make it a partition."""
    first, last = number * PER_MONTH, min((number + 1) * PER_MONTH, size.movements)
    start, end = month(number), month(number + 1)
    table = sql.Identifier(f"stock_movements_{start:%Y_%m}")
    owner.execute(
        sql.SQL(
            "CREATE TABLE {} (LIKE stock_movements INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        ).format(table)
    )
    rows = _rows(size, first, last, f"{start + timedelta(days=14)} 12:00+00")
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(table, sql.SQL(_COLUMNS))
    with owner.cursor() as cursor, cursor.copy(into) as copy:
        while chunk := "".join(islice(rows, CHUNK)):
            copy.write(chunk)
    owner.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id, booked_at)").format(table))
    owner.execute(sql.SQL("CREATE INDEX ON {} (sku, id)").format(table))
    owner.execute("SELECT guard_stock_month(%s)", [start])
    owner.execute(
        sql.SQL(
            "ALTER TABLE stock_movements ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})"
        ).format(table, sql.Literal(f"{start} 00:00+00"), sql.Literal(f"{end} 00:00+00"))
    )


# In no order, as places come to be in real life: rows of one SKU do not lie side by side.
_BALANCES = """
    INSERT INTO stock_balances (
        location, sku, on_hand, quarantined, reserved, allocated, picked, in_transit,
        safety_stock, changed_at
    )
    SELECT location, sku, sum(quantity), 0, 0, 0, 0, 0, 0, now()
    FROM (
        SELECT to_location AS location, sku, quantity FROM stock_movements
        WHERE to_location IS NOT NULL
        UNION ALL
        SELECT from_location, sku, -quantity FROM stock_movements WHERE from_location IS NOT NULL
    ) AS entry
    GROUP BY location, sku
    ORDER BY hashtext(sku || location)
"""
_KEYS = """
    INSERT INTO stock_movement_keys (digest, movement_id, booked_at)
    SELECT encode(substr(sha256(convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid, id, booked_at
    FROM stock_movements
"""
# Every 50th place has a held reservation, every tenth of those is past its deadline.
_RESERVATIONS = """
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT gen_random_uuid(), 'B-' || row_number() OVER (), gen_random_uuid(), sku, location, 1,
        'held', now(), now() + CASE WHEN hashtext(location || sku) % 10 = 0
            THEN interval '-1 minute' ELSE interval '1 day' END
    FROM stock_balances WHERE hashtext(sku || location) % 50 = 0
"""
_RESERVED = """
    UPDATE stock_balances SET reserved = 1 WHERE hashtext(sku || location) % 50 = 0
"""


def make(shop: Server, size: Size, say: Say) -> str:
    """Load a database of this size anew and return its name."""
    url = shop.create_migrated(f"{size.name}_draft")
    database.configure(url)
    places.open_locations(size.locations)
    database.disconnect()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        owner.execute("SET maintenance_work_mem = '1GB'")
        owner.execute("SET work_mem = '1GB'")
        for number in range(size.months):
            _fill_month(owner, size, number)
            say(f"  {month(number):%Y-%m}: {min((number + 1) * PER_MONTH, size.movements):,}")
        owner.execute("SELECT setval('stock_movement_ids', %s)", [size.movements])
        owner.execute("ALTER TABLE stock_movement_keys DROP CONSTRAINT pk_stock_movement_keys")
        for what, statement in (
            ("keys", _KEYS),
            ("their index", "ALTER TABLE stock_movement_keys ADD PRIMARY KEY (digest)"),
            ("balances", _BALANCES),
            ("reservations", _RESERVATIONS),
            ("their units", _RESERVED),
        ):
            owner.execute(statement)
            say(f"  {what}")
        for number in range(size.months):
            owner.execute("SELECT close_stock_month(%s, now())", [month(number)])
            say(f"  {month(number):%Y-%m} closed")
        owner.execute("VACUUM ANALYZE")
    shop.ask("postgres", f"ALTER DATABASE {size.name}_draft RENAME TO {size.name}")
    return size.name


def loaded(shop: Server, say: Say) -> Size:
    """Return the full size where it was loaded, else load the small one for this run.

    What was loaded by an older version is brought to the newest shape first.
    """
    size = FULL if shop.has(FULL.name) else SMALL
    if size is SMALL:
        say("the full ledger is not loaded (make bench-ledger-load): a small one is used")
    if shop.has(size.name):
        upgrade(shop.url(size.name))
    else:
        make(shop, size, say)
    return size


def main() -> None:
    """Load the full size, or what is asked for, and keep it."""
    options = argparse.ArgumentParser(description="Load a large ledger for the benchmarks, once.")
    options.add_argument("--skus", type=int, default=FULL.skus)
    options.add_argument("--locations", type=int, default=FULL.locations)
    options.add_argument("--movements", type=int, default=FULL.movements)
    chosen = options.parse_args()
    size = Size(chosen.skus, chosen.locations, chosen.movements)
    with server.running() as shop:
        if shop.has(size.name):
            server.say(f"{size.name} is loaded")
            return
        make(shop, size, server.say)


if __name__ == "__main__":
    main()
