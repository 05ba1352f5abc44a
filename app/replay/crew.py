"""Play invoices side by side in several processes, one customer's always in the same one."""

import multiprocessing
import types
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Self

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from app.replay.playing import play
from app.replay.reading import Invoice
from app.replay.stocking import hashed
from kit import clock, database
from kit.database import transaction
from kit.errors import Refused

_TRIES = 5
_titles: dict[str, str] = {}


class Crew:
    """The players of a replay.

    Args:
        workers: processes; with 1 the calling process plays itself.
        titles: article names by SKU.
    """

    def __init__(self, workers: int, titles: Mapping[str, str]) -> None:
        self.workers = workers
        self.pool: ProcessPoolExecutor | None = None
        _titles.clear()
        _titles.update(titles)

    def __enter__(self) -> Self:
        if self.workers > 1:
            # Forked, so that application and titles are there already; spawning would need both
            # to be built again in every process.
            self.pool = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("fork"),
                initializer=_forget_connections,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def play(self, batch: Sequence[Invoice]) -> Iterator[int]:
        """Play a batch, each customer's invoices in their order; yield how many are done so far."""
        if self.pool is None:
            for count, invoice in enumerate(batch, start=1):
                _play_one(invoice)
                yield count
            return
        parts: list[list[Invoice]] = [[] for _ in range(self.workers)]
        for invoice in batch:
            parts[hashed(invoice.customer or invoice.number) % self.workers].append(invoice)
        waiting = [self.pool.submit(_play_part, part) for part in parts if part]
        done = 0
        for future in as_completed(waiting):
            done += future.result()
            yield done


def _forget_connections() -> None:
    # A forked process must not talk on its parent's connections.
    database.engine().dispose(close=False)


def _play_part(part: Sequence[Invoice]) -> int:
    for invoice in part:
        _play_one(invoice)
    return len(part)


def _play_one(invoice: Invoice) -> None:
    # Returns touch places in the order of their purchases: two of them may meet crosswise. The
    # transaction is the whole invoice, so that the loser simply starts again.
    for attempt in range(_TRIES):
        try:
            with clock.frozen(invoice.at), transaction() as session:
                play(session, invoice, _titles)
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected) or attempt == _TRIES - 1:
                raise
        except Refused as refusal:
            # Another player took the units between the plan and the reservation: plan again.
            if refusal.code != "stock_short" or attempt == _TRIES - 1:
                raise
        else:
            return
