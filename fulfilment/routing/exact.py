"""The exact part: the cheapest choice of columns, proved.

1. For every amount that may be left to send, and every number of parcels, what the rest costs at
   least: a dynamic program over columns that lets a lane be used twice. It is nearly exact.
2. A descent picks columns in the order of that bound. No lane twice, no location above its
   capacity. Its first leaf is mostly the optimum, and the bound says so.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.columns import Columns, Task, list_columns
from fulfilment.routing.network import Ints

MOST_LOOKS = 2_000_000
"""Columns that a descent looks at before it gives up: hundreds of units have many."""

Column = tuple[int, tuple[int, ...]]


@dataclass(slots=True)
class Choice:
    """The cheapest choice, or the ceiling when nothing is below it.

    `picked`: lane and amounts of each column. `bound`: what any choice costs at least.
    `proved`: the descent looked everywhere.
    """

    cost: int
    picked: list[Column] = field(default_factory=list)
    bound: int = 0
    proved: bool = True
    nodes: int = 0


def choose(task: Task, ceiling: int, nodes: int) -> Choice:
    """Return the cheapest choice of columns that costs less than `ceiling`.

    Args:
        task: what is to be decided.
        ceiling: cents; what costs as much is not looked for.
        nodes: branches to look at before the search gives up.
    """
    return _Descent(task, ceiling, nodes).run()


class _Descent:
    """One search over the columns of a task."""

    def __init__(self, task: Task, ceiling: int, nodes: int) -> None:
        self.task, self.budget = task, nodes
        self.shape = task.shape
        self.most = task.core.problem.max_parcels
        self.split = task.core.problem.split_minor
        self.short = [task.core.items[number].short for number in task.items]
        self.found = Choice(cost=ceiling)
        self.columns = _worth(task, list_columns(task))
        self.bounds = self._bounds()
        self.digits = np.stack(np.unravel_index(self.columns.state, self.shape), axis=1)
        lowest = (self.digits > 0).argmax(axis=1)
        self.buckets = [np.flatnonzero(lowest == at) for at in range(len(self.shape))]
        self.chosen: list[Column] = []
        self.lanes: set[int] = set()
        self.sent: dict[int, int] = {}
        self.looks = 0

    def run(self) -> Choice:
        """Bounds first, then the descent where they leave room."""
        full = tuple(size - 1 for size in self.shape)
        ceiling = self.found.cost
        nothing = sum(
            price * amounts[-1]
            for price, amounts in zip(self.short, self.task.amounts, strict=True)
        )
        # Nothing sent, or nothing that needs a parcel, has no first parcel to be free.
        self.found.bound = min(int(self.bounds[(self.most, *full)]) - self.split, nothing)
        if nothing < ceiling:
            self.found.cost, self.found.picked = nothing, []
        self._pool(np.array(full, np.int64), self.most, 0, -1, -1)
        if self.found.proved:
            self.found.bound = self.found.cost
        return self.found

    def _bounds(self) -> Ints:
        """What the rest costs at least, by parcels and amounts left."""
        least = np.zeros((self.most + 1, *self.shape), np.int64)
        for at, (price, amounts) in enumerate(zip(self.short, self.task.amounts, strict=True)):
            left = np.array([0, *amounts]) * price
            least += left.reshape([-1 if axis == at + 1 else 1 for axis in range(least.ndim)])
        _serve(least, self.columns, self.shape)
        return least

    def _pool(self, left: Ints, parcels: int, cost: int, item: int, after: int) -> None:
        """The first item that is left: each free column that sends some of it, or none does."""
        rest = np.flatnonzero(left)
        if not len(rest):
            self._keep(cost, parcels)
            return
        at = int(rest[0])
        bucket = self.buckets[at]
        if at == item:
            # Columns of one item come in one order only, or each set would come in all.
            bucket = bucket[bucket > after]
        self.looks += len(bucket)
        fits = bucket[
            (self.digits[bucket] <= left).all(axis=1) & (self.columns.parcels[bucket] <= parcels)
        ]
        none_left = left.copy()
        none_left[at] = 0
        short = cost + self.short[at] * self.task.amounts[at][int(left[at]) - 1]
        leaving = short + int(self.bounds[(parcels, *none_left)])
        left_open = True
        for one, bound in self._sorted(fits, left, parcels, cost):
            if left_open and leaving <= bound:
                left_open = False
                if self._open(leaving):
                    self._pool(none_left, parcels, short, -1, -1)
            if not self._open(bound):
                break
            if self._pick(one):
                self._pool(
                    left - self.digits[one],
                    parcels - int(self.columns.parcels[one]),
                    cost + int(self.columns.cost[one]),
                    at,
                    one,
                )
                self._drop(one)
        if left_open and self._open(leaving):
            self._pool(none_left, parcels, short, -1, -1)

    def _sorted(
        self, fits: NDArray[np.intp], left: Ints, parcels: int, cost: int
    ) -> list[tuple[int, int]]:
        """(column, bound) of those below the best choice, cheapest bound first."""
        columns, digits = self.columns, self.digits
        rest = left - digits[fits]
        index = (parcels - columns.parcels[fits], *rest.T)
        bound = cost + columns.cost[fits] + self.bounds[index]
        below = np.flatnonzero(bound - self.split < self.found.cost)
        order = below[np.argsort(bound[below], kind="stable")]
        return list(zip(fits[order].tolist(), bound[order].tolist(), strict=True))

    def _open(self, bound: int) -> bool:
        """Whether a branch is worth a look: below the best, and looks are left."""
        if bound - self.split >= self.found.cost:
            return False
        if self.found.nodes >= self.budget or self.looks > MOST_LOOKS:
            self.found.proved = False
            return False
        self.found.nodes += 1
        return True

    def _pick(self, one: int) -> bool:
        columns = self.columns
        lane, parcels = int(columns.lane[one]), int(columns.parcels[one])
        place = int(self.task.core.lane_place[lane])
        if self._load(lane) in self.lanes:
            return False
        if self.sent.get(place, 0) + parcels > self.task.core.capacity[place]:
            return False
        self.lanes.add(self._load(lane))
        self.sent[place] = self.sent.get(place, 0) + parcels
        self.chosen.append((lane, tuple(int(digit) for digit in self.digits[one])))
        return True

    def _load(self, lane: int) -> int:
        """What no two columns share: a place's load of a goods group."""
        core = self.task.core
        return int(core.lane_place[lane]) * len(core.groups) + int(core.lane_group[lane])

    def _drop(self, one: int) -> None:
        lane = int(self.columns.lane[one])
        self.lanes.discard(self._load(lane))
        self.sent[int(self.task.core.lane_place[lane])] -= int(self.columns.parcels[one])
        self.chosen.pop()

    def _keep(self, cost: int, parcels: int) -> None:
        total = cost - (self.split if parcels < self.most else 0)
        if total < self.found.cost:
            self.found.cost, self.found.picked = total, list(self.chosen)


def _worth(task: Task, columns: Columns) -> Columns:
    """Without columns that cost at least what leaving their units costs."""
    digits = np.unravel_index(columns.state, task.shape)
    left = np.zeros(len(columns.state), np.int64)
    for number, amounts, digit in zip(task.items, task.amounts, digits, strict=True):
        left += np.array([0, *amounts])[digit] * task.core.items[number].short
    return columns.at(columns.cost - task.core.problem.split_minor < left)


def _cheapest(columns: Columns, shape: tuple[int, ...]) -> list[tuple[int, int, tuple[int, ...]]]:
    """The cheapest column of each state and number of parcels: (cost, parcels, digits)."""
    if not len(columns.state):
        return []
    order = np.lexsort((columns.cost, columns.parcels, columns.state))
    state, parcels = columns.state[order], columns.parcels[order]
    first = np.ones(len(order), bool)
    first[1:] = (state[1:] != state[:-1]) | (parcels[1:] != parcels[:-1])
    order = order[first]
    rows = np.stack(np.unravel_index(columns.state[order], shape), axis=1).tolist()
    return [
        (cost, count, tuple(row))
        for cost, count, row in zip(
            columns.cost[order].tolist(), columns.parcels[order].tolist(), rows, strict=True
        )
    ]


def _serve(least: Ints, columns: Columns, shape: tuple[int, ...]) -> None:
    """Let columns serve what is left, each as often as it fits: bounds get smaller in place."""
    most = least.shape[0] - 1
    for cost, parcels, digits in _cheapest(columns, shape):
        if parcels > most or cost >= least[(parcels, *digits)]:
            # As cheap without it: what it serves, fewer or other columns serve.
            continue
        into = least[(slice(parcels, None), *(slice(d, None) for d in digits))]
        rest = least[
            (
                slice(None, most + 1 - parcels),
                *(slice(None, n - d) for n, d in zip(shape, digits, strict=True)),
            )
        ]
        times = min((n - 1) // d for n, d in zip(shape, digits, strict=True) if d)
        for _ in range(times):
            np.minimum(into, rest + cost, out=into)
