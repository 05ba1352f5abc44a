"""People who do things at the same moment: threads with a connection each, or whole processes."""

import multiprocessing
import random
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment import allocations, counter_sales, parcels, picking, reservations, shipments
from fulfilment.reservations import Want
from kit import clock, database
from kit.errors import KontorError
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, PLANS

PATIENCE_SECONDS = 60


def at_once(steps: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """Run each step in a thread and a transaction of its own, all of them from one moment on.

    Returns:
        What each step returned, or the `KontorError` that refused it. Any other error is raised.
    """
    start = threading.Barrier(len(steps))

    def run(step: Callable[[Session], Any]) -> Any:
        try:
            with database.transaction() as session:
                session.execute(text("SELECT 1"))
                start.wait(PATIENCE_SECONDS)
                return step(session)
        except KontorError as refusal:
            return refusal

    with ThreadPoolExecutor(len(steps)) as threads:
        running = [threads.submit(run, step) for step in steps]
        return [one.result(PATIENCE_SECONDS) for one in running]


def in_processes(
    work: Callable[..., dict[str, int]], count: int, url: str, *arguments: Any
) -> list[dict[str, int]]:
    """Run `work(number, *arguments)` in so many processes, each with its own connection.

    Returns:
        What each process returned. An error in one of them is raised here.
    """
    # A fork server imports everything once; forking this process, which has threads, would not do.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start = context.Barrier(count)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_join_in, initargs=(url, start)
    ) as processes:
        running = [processes.submit(work, number, *arguments) for number in range(count)]
        return [one.result(PATIENCE_SECONDS) for one in running]


def _join_in(url: str, start: Any) -> None:
    with database.configure(url, pool_size=1, max_overflow=0).connect() as connection:
        connection.execute(text("SELECT 1"))
    start.wait(PATIENCE_SECONDS)


def buy(session: Session, order_ref: str, wants: Sequence[Want], minutes: int = 15) -> Any:
    """Reserve as the order button does."""
    return reservations.place(
        session,
        order_ref=order_ref,
        wants=list(wants),
        expires_at=clock.now() + timedelta(minutes=minutes),
    )


def buyers(number: int, sku: str, location: str, attempts: int) -> dict[str, int]:
    """Try to buy one unit after the other; count what came of it."""
    came = {"won": 0, "stock_short": 0}
    for attempt in range(attempts):
        want = Want(uuid.uuid4(), sku, location, 1)
        try:
            with database.transaction() as session:
                buy(session, f"K-{number}-{attempt}", [want])
            came["won"] += 1
        except KontorError as refusal:
            came[refusal.code] += 1
    return came


def jostle(number: int, skus: Sequence[str], rounds: int, seed: int) -> dict[str, int]:
    """Do everything that moves stock, with the lines in random order; count what came of it."""
    chance = random.Random(f"{seed}/{number}")
    came: dict[str, int] = {}
    for attempt in range(rounds):
        step = chance.choice([_sell, _sell, _whole_order, _whole_order, _lapse])
        try:
            step(chance, f"K-{number}-{attempt}", skus)
            outcome = step.__name__
        except KontorError as refusal:
            outcome = refusal.code
        came[outcome] = came.get(outcome, 0) + 1
    return came


def _wants(chance: random.Random, skus: Sequence[str]) -> list[Want]:
    chosen = chance.sample(skus, chance.randint(2, 6))
    return [
        Want(uuid.uuid4(), sku, chance.choice(["lager", "bonn", "koeln"]), chance.randint(1, 2))
        for sku in chosen
    ]


def _sell(chance: random.Random, ref: str, skus: Sequence[str]) -> None:
    lines = [(sku, 1) for sku in chance.sample(skus, chance.randint(1, 5))]
    with database.transaction() as session:
        counter_sales.sell(
            session,
            location=chance.choice(["lager", "bonn", "koeln"]),
            lines=lines,
            document=ref,
            actor="till",
            key=ref,
        )


def _lapse(chance: random.Random, ref: str, skus: Sequence[str]) -> None:
    with database.transaction() as session:
        buy(session, ref, _wants(chance, skus))
    with database.transaction() as session:
        reservations.release(session, ref)


def _whole_order(chance: random.Random, ref: str, skus: Sequence[str]) -> None:
    wants = _wants(chance, skus)
    with database.transaction() as session:
        buy(session, ref, wants)
    with database.transaction() as session:
        claimed, _ = allocations.from_reservations(
            session, order_ref=ref, promised={want.line_id: FRIDAY for want in wants}
        )
        jobs = picking.open_orders(
            session, order_ref=ref, allocations=claimed, plans=PLANS, address=ADDRESS
        )
    for job in jobs:
        with database.transaction() as session:
            row = picking.pick_all(session, job.id, "Anna")
        if row.state == "picked":
            with database.transaction() as session:
                parcels.pack(session, job.id)
            with database.transaction() as session:
                shipments.dispatch(session, job.id, carrier="DHL", actor="Anna")
