"""Take an old month of the stock ledger out of the database, into a file, as the tables' owner.

1. It must be closed and proved, and every earlier month must be out already.
2. Its movements are written to a file, and the file is counted against the month's own figures.
3. The partition is detached, its table dropped, and the month marked; its closing stays.

The books prove without it: balances are the closings plus what came after
(`fulfilment.stock.months`).
"""

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# Detaching waits for whoever is in the middle of something; nobody has to wait behind it for long.
_PATIENCE = "SET lock_timeout = '5s'"
_QUANTITY = 2
_COLUMNS = (
    "id, sku, quantity, from_account, from_location, to_account, to_location, lot, cause, document,"
    " actor, channel, moved_at, booked_at, key"
)
_MONTH = (
    "SELECT movements, units, detached_at IS NOT NULL FROM stock_months WHERE month = %(month)s"
)
_EARLIER = (
    "SELECT month FROM stock_months WHERE month < %(month)s AND detached_at IS NULL"
    " ORDER BY month LIMIT 1"
)


class NotDetachableError(Exception):
    """The month stays where it is; the message says why."""


@dataclass(frozen=True)
class Detached:
    """A month that is out of the database: its file, and what is in it."""

    month: date
    path: Path
    movements: int
    units: int


def detach(url: str, month: date, folder: Path) -> Detached:
    """Take a closed and proved month out of the database.

    Args:
        url: signs in as the owner of the tables.
        month: its first day; `fulfilment.stock.months.prove` has found it right.
        folder: where the file goes; it exists.

    Returns:
        What is in the file, a gzipped CSV with a header.

    Raises:
        NotDetachableError: it is open or out already, an earlier one is still in, or the file does
            not hold what the month's closing counted. Nothing has changed then.
    """
    with psycopg.connect(url, autocommit=True) as owner:
        expected = _judge(owner, month)
        path = folder / f"stock_movements_{month:%Y_%m}.csv.gz"
        draft = path.with_name(path.name + ".partial")
        written = _write(owner, month, draft)
        if written != expected:
            draft.unlink()
            raise NotDetachableError(
                f"{month:%Y-%m} was closed with {expected[0]} movements of {expected[1]} units,"
                f" the file has {written[0]} of {written[1]}"
            )
        draft.replace(path)
        _drop(owner, month)
    return Detached(month, path, *expected)


def _judge(owner: psycopg.Connection[Any], month: date) -> tuple[int, int]:
    found = owner.execute(_MONTH, {"month": month}).fetchone()
    if found is None:
        raise NotDetachableError(f"{month:%Y-%m} is not closed")
    movements, units, out = found
    if out:
        raise NotDetachableError(f"{month:%Y-%m} is out of the database already")
    earlier = owner.execute(_EARLIER, {"month": month}).fetchone()
    if earlier is not None:
        raise NotDetachableError(f"{earlier[0]:%Y-%m} is still in the database and has to go first")
    return movements, units


def _write(owner: psycopg.Connection[Any], month: date, path: Path) -> tuple[int, int]:
    """Write the month's movements, then read the file again: how many, and of how many units."""
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY id) TO STDOUT (FORMAT csv, HEADER)").format(
        sql.SQL(_COLUMNS), _table(month)
    )
    with gzip.open(path, "wb") as file, owner.cursor().copy(query) as rows:
        for block in rows:
            file.write(block)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        lines = csv.reader(text)
        next(lines)
        quantities = [int(line[_QUANTITY]) for line in lines]
    return len(quantities), sum(quantities)


def _drop(owner: psycopg.Connection[Any], month: date) -> None:
    owner.execute(_PATIENCE)
    with owner.transaction():
        owner.execute(
            sql.SQL("ALTER TABLE stock_movements DETACH PARTITION {}").format(_table(month))
        )
        owner.execute(sql.SQL("DROP TABLE {}").format(_table(month)))
        owner.execute(
            "UPDATE stock_months SET detached_at = now() WHERE month = %(month)s", {"month": month}
        )


def _table(month: date) -> sql.Identifier:
    return sql.Identifier(f"stock_movements_{month:%Y_%m}")
