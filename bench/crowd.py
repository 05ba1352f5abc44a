"""Buyers who place orders as fast as they can, on command, each with a connection of its own.

They are threads of a few processes, as in the web server.
"""

import multiprocessing
import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text

from bench import places
from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from kit import clock, database

HOLD = timedelta(minutes=15)
BASKETS = 5_000
Baskets = list[list[Want]]


@dataclass(frozen=True)
class Wish:
    """What each order asks for: `lines` SKUs, drawn from the first `skus`, one unit of each."""

    skus: int
    lines: int


class Crowd:
    """So many buyers; `run` lets all of them buy for a while and counts their orders."""

    def __init__(self, url: str, processes: int, threads: int, wish: Wish) -> None:
        """Start the processes and wait until each has its connections."""
        # Forked before anything here has threads or connections of its own.
        context = multiprocessing.get_context("fork")
        self._pipes = []
        self._buyers = []
        for number in range(processes):
            ours, theirs = context.Pipe()
            buyer = context.Process(
                target=_process, args=(url, number, threads, wish, theirs), daemon=True
            )
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
def gathered(url: str, processes: int, threads: int, wish: Wish) -> Iterator[Crowd]:
    """Keep a crowd for as long as the block lasts."""
    crowd = Crowd(url, processes, threads, wish)
    try:
        yield crowd
    finally:
        crowd.leave()


def _process(url: str, number: int, threads: int, wish: Wish, orders: Any) -> None:
    engine = database.configure(url, pool_size=threads, max_overflow=0)
    # Drawn beforehand: what is measured is the hold, not the dice.
    chance = random.Random(number)
    baskets = [draw(wish, chance) for _ in range(BASKETS)]
    with ThreadPoolExecutor(threads) as buyers:
        list(buyers.map(lambda _: _come_in(engine), range(threads)))
        orders.send("here")
        turn = 0
        while (until := orders.recv()) is not None:
            turn += 1
            names = [f"B-{number}-{thread}-{turn}" for thread in range(threads)]
            orders.send(sum(buyers.map(lambda name: _buy(name, baskets, until), names)))


def _come_in(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(0.1)"))


def _buy(name: str, baskets: Baskets, until: float) -> int:
    placed = 0
    while time.monotonic() < until:
        place(f"{name}-{placed}", baskets[placed % len(baskets)])
        placed += 1
    return placed


def draw(wish: Wish, chance: random.Random) -> list[Want]:
    """Return what an order asks for, as the router would have planned it."""
    return [
        Want(uuid.uuid4(), places.sku(chance.randint(1, wish.skus)), places.WAREHOUSE, 1)
        for _ in range(wish.lines)
    ]


def place(order_ref: str, wants: list[Want]) -> None:
    """Hold the units of one order: one transaction, as the order button does it."""
    with database.transaction() as session:
        reservations.place(
            session,
            order_ref=order_ref,
            wants=wants,
            expires_at=clock.now() + HOLD,
            last=True,
        )
