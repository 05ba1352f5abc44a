"""Many actors at work: processes with threads, on fewer connections than there are threads."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fulfilment.stock import months
from kit import clock
from kit.errors import KontorError
from tests.bank import floor, goods, orders, papers
from tests.bank.actor import LINGER, Action, Actor, World
from tests.races.rivals import connect

AHEAD = 3
"""Actors wait when they are so many snapshots ahead of the reader."""

ACTIONS: dict[Action, int] = {
    orders.place: 22,
    orders.pay: 16,
    orders.extend: 2,
    orders.void: 4,
    orders.sweep: 2,
    orders.cancel: 4,
    orders.route_again: 6,
    floor.pick: 10,
    floor.ship: 12,
    floor.hand_over: 2,
    goods.sell: 14,
    goods.receive: 8,
    goods.transfer: 5,
    goods.bring_back: 5,
    goods.quarantine: 2,
    goods.release: 3,
    goods.write_off: 2,
    goods.find: 1,
    goods.count: 4,
    goods.spend: 2,
    goods.close_month: 1,
    papers.buy: 4,
    papers.send_van: 4,
    papers.allow_to_owe: 2,
    papers.owe: 4,
    papers.serve: 2,
    papers.keep_back: 1,
    papers.correct: 2,
}


@dataclass
class Report:
    """What a crowd did: actions, refusals (action and code), units it was told, shipments."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    shipped: dict[UUID, int] = field(default_factory=dict)

    def add(self, other: "Report | Actor") -> None:
        """Add what somebody else did."""
        self.done.update(other.done)
        self.refused.update(other.refused)
        self.told.update(other.told)
        self.shipped |= other.shipped


class Gate:
    """Keeps actors and reader side by side, across processes."""

    def __init__(self, context: Any, operations: int, snapshots: int) -> None:
        self._done = context.Value("q", 0)
        self._seen = context.Value("q", 0)
        self._stopped = context.Value("b", 0)
        self.step = max(1, operations // max(1, snapshots))

    @property
    def done(self) -> int:
        """Operations of all actors so far."""
        return int(self._done.value)

    def one_more(self) -> None:
        """Note an operation; wait for the reader if it has fallen behind."""
        with self._done.get_lock():
            self._done.value += 1
        while self.done > (self._seen.value + AHEAD) * self.step:
            time.sleep(0.005)

    def seen(self, snapshots: int) -> None:
        """Note how many snapshots the reader has taken."""
        self._seen.value = snapshots

    @property
    def stopped(self) -> bool:
        """Whether somebody has failed, so that all go home."""
        return bool(self._stopped.value)

    def stop(self) -> None:
        """Send all actors home."""
        self._stopped.value = 1
        self.open()

    def open(self) -> None:
        """Let the actors go on without a reader."""
        self._seen.value = 2**40


@dataclass
class _Process:
    gate: Gate | None = None


_process = _Process()


@contextmanager
def at_work(
    world: World, url: str, processes: int, connections: int, snapshots: int = 0
) -> Iterator[tuple[Gate, list["Future[Report]"]]]:
    """Let the actors of a world work until all operations are done.

    Args:
        world: its actors are dealt out to the processes, and get a thread each.
        url: of the database.
        processes: how many.
        connections: of each process.
        snapshots: of the reader that keeps step; 0 where there is none.
    """
    # A fork server imports everything once; forking this process, which has threads, would not do.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    gate = Gate(context, world.operations, snapshots)
    if not snapshots:
        gate.open()
    start = context.Barrier(processes)
    hands = [range(world.actors)[first::processes] for first in range(processes)]
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_enter, initargs=(url, connections, gate, start)
    ) as pool:
        try:
            yield gate, [pool.submit(work, world, hand) for hand in hands]
        except BaseException:
            gate.stop()
            raise


def _enter(url: str, connections: int, gate: Gate, start: Any) -> None:
    _process.gate = gate
    months.LINGER = LINGER
    connect(url, connections)
    start.wait(120)


def work(world: World, hand: Sequence[int]) -> Report:
    """Let some actors of a world do their turns, each in a thread of its own."""
    turns = world.operations // world.actors
    report = Report()
    with ThreadPoolExecutor(len(hand)) as threads:
        for actor in threads.map(lambda number: _turns(world, number, turns), hand):
            report.add(actor)
    return report


def _turns(world: World, number: int, turns: int) -> Actor:
    gate = _process.gate
    assert gate is not None
    actor = Actor(world, number)
    for turn in range(turns):
        if gate.stopped:
            break
        # One clock for all threads of a process, as in a shop whose clock is moved.
        clock._clock.frozen = world.instant(gate.done)
        actor.begin(turn)
        action = actor.chance.choices([*ACTIONS], [*ACTIONS.values()])[0]
        try:
            action(actor)
            actor.done[action.__name__] += 1
        except KontorError as refusal:
            actor.refused[action.__name__, refusal.code] += 1
        except BaseException as error:
            gate.stop()
            raise AssertionError(
                f"{actor.name}, turn {turn}: {action.__name__}: {error}"
            ) from error
        gate.one_more()
    return actor
