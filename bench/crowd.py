"""Processes that place orders as fast as they can, each with a connection, on command."""

import multiprocessing
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bench import places
from fulfilment import reservations
from fulfilment.reservations import Want
from kit import clock, database

HOLD = timedelta(minutes=15)


@dataclass(frozen=True)
class Wish:
    """What each order asks for: `lines` SKUs, drawn from the first `skus`, one unit of each."""

    skus: int
    lines: int


class Crowd:
    """So many buyers; `run` lets all of them buy for a while and counts their orders."""

    def __init__(self, url: str, buyers: int, wish: Wish) -> None:
        """Start the processes and wait until each has its connection."""
        # Forked before anything here has threads or connections of its own.
        context = multiprocessing.get_context("fork")
        self._pipes = []
        self._buyers = []
        for number in range(buyers):
            ours, theirs = context.Pipe()
            buyer = context.Process(target=_buy, args=(url, number, wish, theirs), daemon=True)
            buyer.start()
            self._buyers.append(buyer)
            self._pipes.append(ours)
        for pipe in self._pipes:
            pipe.recv()

    def run(self, seconds: float) -> float:
        """Return the orders per second of all buyers together."""
        until = time.monotonic() + seconds
        for pipe in self._pipes:
            pipe.send(until)
        orders: int = sum(pipe.recv() for pipe in self._pipes)
        return orders / seconds

    def leave(self) -> None:
        """End the processes."""
        for pipe in self._pipes:
            pipe.send(None)
        for buyer in self._buyers:
            buyer.join()


@contextmanager
def gathered(url: str, buyers: int, wish: Wish) -> Iterator[Crowd]:
    """Keep a crowd for as long as the block lasts."""
    crowd = Crowd(url, buyers, wish)
    try:
        yield crowd
    finally:
        crowd.leave()


def _buy(url: str, number: int, wish: Wish, orders: Any) -> None:
    with database.configure(url, pool_size=1, max_overflow=0).connect() as connection:
        connection.execute(text("SELECT 1"))
    chance = random.Random(f"{uuid.uuid4()}/{number}")  # noqa: S311 - which SKU, no secret
    orders.send("here")
    placed = 0
    while (until := orders.recv()) is not None:
        before = placed
        while time.monotonic() < until:
            place(f"B-{number}-{placed}", wish, chance)
            placed += 1
        orders.send(placed - before)


def place(order_ref: str, wish: Wish, chance: random.Random) -> None:
    """Hold the units of one order: one transaction, as the order button does it."""
    wants = [
        Want(uuid.uuid4(), places.sku(chance.randint(1, wish.skus)), places.WAREHOUSE, 1)
        for _ in range(wish.lines)
    ]
    with database.transaction() as session:
        reservations.place(
            session,
            order_ref=order_ref,
            wants=wants,
            expires_at=clock.now() + HOLD,
            last=True,
        )
