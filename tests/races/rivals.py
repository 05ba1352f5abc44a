"""People who do things at the same moment: threads with a connection each, or whole processes."""

import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fulfilment.answers import availability
from fulfilment.claims import allocations, reservations
from fulfilment.claims.reservations import Want
from kit import clock, database
from kit.errors import KontorError
from tests.fulfilment.warehouse import FRIDAY

PATIENCE_SECONDS = 60
RUSH_TRIES = 20

Rush = dict[str, list[int]]
"""Who paid, abandoned the payment, found nothing left, or was always second."""


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
    work: Callable[..., Any],
    count: int,
    url: str,
    *arguments: Any,
    threads: int = 1,
    patience: int = PATIENCE_SECONDS,
) -> list[Any]:
    """Run `work(number, *arguments)` in so many processes, each with `threads` connections.

    They begin together; `meet()` brings all threads of all processes together again.

    Returns:
        What each process returned. An error in one of them is raised here.
    """
    # A fork server imports everything once; forking this process, which has threads, would not do.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start, meeting = context.Barrier(count), context.Barrier(count * threads)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_join_in, initargs=(url, threads, start, meeting)
    ) as processes:
        running = [processes.submit(work, number, *arguments) for number in range(count)]
        return [one.result(patience) for one in running]


_meeting: list[Any] = []


def _join_in(url: str, connections: int, start: Any, meeting: Any) -> None:
    _meeting.append(meeting)
    connect(url, connections)
    start.wait(PATIENCE_SECONDS)


def connect(url: str, connections: int) -> None:
    """Open all connections that this process may have, so that nobody waits for one later on.

    On a busy machine a connection may take longer than the shop would wait for it.
    """
    engine = database.configure(url, pool_size=connections, max_overflow=0, pool_timeout=120)
    deadline = time.monotonic() + PATIENCE_SECONDS
    opened: list[Connection] = []
    while len(opened) < connections:
        try:
            opened.append(engine.connect())
        except OperationalError:
            if time.monotonic() > deadline:
                raise
    for connection in opened:
        connection.close()


def meet() -> None:
    """Wait until every thread of every process is here."""
    _meeting[0].wait(PATIENCE_SECONDS)


def buy(session: Session, order_ref: str, wants: Sequence[Want], minutes: int = 15) -> Any:
    """Reserve as the order button does."""
    return reservations.place(
        session,
        order_ref=order_ref,
        wants=list(wants),
        expires_at=clock.now() + timedelta(minutes=minutes),
    )


def last_units(number: int, skus: Sequence[str], rivals: int) -> list[tuple[str, str, Any]]:
    """Let so many buyers meet before each SKU and want one unit of it; who wins, pays at once.

    Returns:
        For each buyer and SKU: the SKU, the order, and None or the refusal's code and facts.
    """

    def buyer(rival: int) -> list[tuple[str, str, Any]]:
        came = []
        for sku in skus:
            ref, want = f"{sku}-{number}-{rival}", Want(uuid.uuid4(), sku, "lager", 1)
            meet()
            try:
                with database.transaction() as session:
                    buy(session, ref, [want])
                with database.transaction() as session:
                    allocations.from_reservations(
                        session, order_ref=ref, promised={want.line_id: FRIDAY}
                    )
                came.append((sku, ref, None))
            except KontorError as refusal:
                came.append((sku, ref, (refusal.code, refusal.facts)))
        return came

    with ThreadPoolExecutor(rivals) as threads:
        return [each for came in threads.map(buyer, range(rivals)) for each in came]


def rush(number: int, buyers_: Sequence[int], sku: str, at: datetime, threads: int) -> Rush:
    """Let buyers come to the sale, each to the place that seems to have something left.

    Args:
        number: of the process.
        buyers_: their numbers; of every five one orders and never pays.
        sku: what all of them want, one unit each.
        at: the shop's time.
        threads: how many come at once.
    """

    def buyer(who: int) -> tuple[str, int]:
        for attempt in range(RUSH_TRIES):
            with database.reading() as session:
                places = availability.available(session, [sku]).items()
            places_left = [place for (place, _), left in places if left.available > 0]
            if not places_left:
                return "sold_out", who
            location = places_left[(who + attempt) % len(places_left)]
            want, ref = Want(uuid.uuid4(), sku, location, 1), f"K-{who}"
            try:
                with database.transaction() as session:
                    buy(session, ref, [want])
            except KontorError as refusal:
                if refusal.code != "stock_short":
                    raise
                continue
            if who % 5 == 0:
                return "abandoned", who
            with database.transaction() as session:
                allocations.from_reservations(
                    session, order_ref=ref, promised={want.line_id: FRIDAY}
                )
            return "paid", who
        return "too_slow", who

    with clock.frozen(at), ThreadPoolExecutor(threads) as crowd:
        came: Rush = {"paid": [], "abandoned": [], "sold_out": [], "too_slow": []}
        for outcome, who in crowd.map(buyer, buyers_):
            came[outcome].append(who)
        return came


def wait_for_a_waiter(owner, event: str) -> None:
    """Return as soon as somebody in this database waits for an event, e.g. ``transactionid``."""
    query = (
        "SELECT pg_sleep(0.01), count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = %s"
    )
    for _ in range(300):
        if owner.execute(query, [event]).fetchone()[1]:
            return
    raise AssertionError("nobody waits")
