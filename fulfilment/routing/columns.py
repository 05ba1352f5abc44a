"""Columns: everything that one lane could send, with what it costs.

A column is a lane and an amount of each item. All columns of all lanes are listed at once, item by
item: a lane that holds three of ten items has few, and most lanes of a large network hold few.
The cost of a column is exact: units, order lines and the step of the lane's table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.core import Core
from fulfilment.routing.network import Ints

FAR = 1 << 50
"""More than any plan costs; whole so that sums stay exact."""


@dataclass(slots=True)
class Task:
    """What is left to decide: items with the amounts that count, and lanes that may send them.

    `amounts[n]`: units of item `items[n]` that a lane may send, ascending, the last is the need.
    `available`: by lane and item, units the lane may send at most.
    """

    core: Core
    items: list[int]
    amounts: list[list[int]]
    lanes: NDArray[np.intp]
    available: Ints

    @property
    def shape(self) -> tuple[int, ...]:
        """Amounts by item, nothing included: the shape of the space of what is left."""
        return tuple(len(amounts) + 1 for amounts in self.amounts)

    def states(self) -> int:
        """How many combinations of amounts there are."""
        return math.prod(self.shape)

    def count(self) -> int:
        """How many columns there are before any is found too heavy."""
        ways = np.ones(len(self.lanes))
        for at, amounts in enumerate(self.amounts):
            ways *= 1 + np.searchsorted(amounts, self.available[:, at], side="right")
        return int(min(ways.sum(), 1e15))


@dataclass(slots=True)
class Columns:
    """Columns as arrays. `state` counts the amounts of a column in the task's shape."""

    lane: NDArray[np.intp]
    state: Ints
    cost: Ints
    parcels: Ints
    step: Ints
    grams: Ints

    def at(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "Columns":
        """Some of the columns."""
        return Columns(
            self.lane[chosen],
            self.state[chosen],
            self.cost[chosen],
            self.parcels[chosen],
            self.step[chosen],
            self.grams[chosen],
        )


def whole(core: Core) -> Task:
    """Return the task of a problem of which nothing is decided."""
    items = list(range(len(core.items)))
    lanes = np.arange(len(core.lane_place))
    return Task(
        core,
        items,
        [list(range(1, item.need + 1)) for item in core.items],
        lanes,
        useful(core, lanes),
    )


def useful(core: Core, lanes: NDArray[np.intp]) -> Ints:
    """Units by lane and item; none where sending them costs no less than leaving them."""
    place = core.lane_place[lanes]
    available = core.available[place]
    short = np.array([item.short for item in core.items])
    cost = core.line[place][:, None] + core.unit[place] * available
    sensible = (cost < short * available) & core.carries[lanes]
    return np.where(sensible, available, 0)


def list_columns(task: Task) -> Columns:
    """Every column that its lane can carry, cheapest step first."""
    core = task.core
    count = len(task.lanes)
    row = np.arange(count)
    state = np.zeros(count, np.int64)
    grams, cost = np.zeros(count, np.int64), np.zeros(count, np.int64)
    place = core.lane_place[task.lanes]
    strides = [math.prod(task.shape[at + 1 :]) for at in range(len(task.items))]
    for at, number in enumerate(task.items):
        weight = core.items[number].weight
        parts = [(row, state, grams, cost)]
        free, unit = task.available[:, at][row], core.unit[place, number]
        for level, units in enumerate(task.amounts[at], 1):
            fits = np.flatnonzero(free >= units)
            rows = row[fits]
            parts.append(
                (
                    rows,
                    state[fits] + level * strides[at],
                    grams[fits] + units * weight,
                    cost[fits] + core.line[place[rows]] + units * unit[rows],
                )
            )
        row, state, grams, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
    keep = state > 0
    return _priced(task, row[keep], state[keep], grams[keep], cost[keep])


def _priced(task: Task, row: NDArray[np.intp], state: Ints, grams: Ints, cost: Ints) -> Columns:
    """Columns with the step of their lane, and with dearer steps of fewer parcels."""
    core = task.core
    up_to, price, parcels, fewer = steps_of(core)
    table = core.lane_table[task.lanes[row]]
    step = (up_to[table] < grams[:, None]).sum(axis=1)
    limit = np.minimum(core.capacity[core.lane_place[task.lanes]], core.problem.max_parcels)
    found = []
    while len(row):
        fits = (step < up_to.shape[1]) & (
            parcels[table, np.minimum(step, up_to.shape[1] - 1)] < FAR
        )
        row, state, grams, cost = row[fits], state[fits], grams[fits], cost[fits]
        table, step = table[fits], step[fits]
        used = parcels[table, step]
        within = used <= limit[row]
        total = cost + price[table, step]
        one = Columns(task.lanes[row], state, total, used, step, grams)
        found.append(one.at(within))
        step = fewer[table, step]
        if not (step < up_to.shape[1]).any():
            break
    if not found:
        nothing = np.zeros(0, np.int64)
        return Columns(nothing, nothing, nothing, nothing, nothing, nothing)
    if len(found) == 1:
        return found[0]
    fields = ("lane", "state", "cost", "parcels", "step", "grams")
    return Columns(*(np.concatenate([getattr(part, name) for part in found]) for name in fields))


def steps_of(core: Core) -> tuple[Ints, Ints, Ints, Ints]:
    """Tables side by side: grams, cents, parcels of each step, and the next with fewer parcels."""
    width = max((len(table.up_to) for table in core.tables), default=0)
    shape = (len(core.tables), width)
    up_to, price = np.full(shape, FAR), np.full(shape, FAR)
    parcels, fewer = np.full(shape, FAR), np.full(shape, width)
    for at, table in enumerate(core.tables):
        size = len(table.up_to)
        up_to[at, :size], price[at, :size] = table.up_to, table.cost
        parcels[at, :size] = table.parcels
        if table.parcels != sorted(table.parcels):
            fewer[at, :size] = [_fewer(table.parcels, step, width) for step in range(size)]
    return up_to, price, parcels, fewer


def _fewer(parcels: Sequence[int], step: int, width: int) -> int:
    later = (at for at in range(step + 1, len(parcels)) if parcels[at] < parcels[step])
    return next(later, width)
