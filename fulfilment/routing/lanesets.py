"""Sets of lanes that a cheaper plan could use, the most promising first.

Under the prices of `prices.py` every plan costs at least the priced need plus the reduced costs of
the lanes it uses. Sets whose sum is not below the best plan are never looked at. For the others
a closer bound is drawn, all sets at once: each item at its best lane of the set, every lane at its
first step, and what does not fit there at the least price per gram.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.columns import FAR
from fulfilment.routing.knapsacks import Floats
from fulfilment.routing.prices import Prices

MOST_SETS = 20_000
"""Sets listed at most."""
CELLS = 500_000
"""Numbers looked at in one go."""
MOST_CELLS = 8_000_000
"""Numbers looked at in one listing."""

Rows = NDArray[np.intp]


@dataclass(slots=True)
class LaneSets:
    """Sets as rows of indices into the prices' lanes (-1: none), by ascending bound."""

    rows: Rows
    bounds: Floats


def list_sets(prices: Prices, ceiling: float, cells: int = MOST_CELLS) -> LaneSets | None:
    """Return every set of lanes that may carry a plan below the ceiling, but the empty one.

    Args:
        prices: the lanes and what they are worth; sets contain the forced ones.
        ceiling: cents.
        cells: numbers to look at.
    Returns: the sets, or None where there are too many to list.
    """
    look = prices.best
    if look is None or not len(prices.lanes):
        return LaneSets(np.zeros((0, 1), np.intp), np.zeros(0))
    forced = np.flatnonzero(prices.forced)
    free = np.flatnonzero(~prices.forced)
    order = free[np.argsort(look.reduced[free], kind="stable")]
    levels = _Growth(prices, order, forced, ceiling, cells).levels()
    if levels is None:
        return None
    count = sum(len(level) for level in levels) + (len(forced) > 0)
    width = max((level.shape[1] for level in levels), default=0) + len(forced)
    rows = np.full((count, max(width, 1)), -1, np.intp)
    rows[:, : len(forced)] = forced
    at = 0
    for level in levels:
        rows[at : at + len(level), len(forced) : len(forced) + level.shape[1]] = order[level]
        at += len(level)
    if prices.core.twins:
        rows = rows[_apart(prices, rows)]
    reduced = np.append(look.reduced, 0.0)
    bounds = np.maximum(_closer(prices, rows), prices.base() + reduced[rows].sum(axis=1))
    below = np.flatnonzero(bounds < ceiling)
    chosen = below[np.argsort(bounds[below], kind="stable")]
    return LaneSets(rows[chosen], bounds[chosen])


def _apart(prices: Prices, rows: Rows) -> NDArray[np.bool_]:
    """Whether no place sends two loads of one goods group."""
    core = prices.core
    load = core.lane_place[prices.lanes] * len(core.groups) + core.lane_group[prices.lanes]
    # Gaps get numbers of their own.
    loads = np.where(rows >= 0, load[rows], -1 - np.arange(rows.shape[1]))
    loads.sort(axis=1)
    found: NDArray[np.bool_] = (loads[:, 1:] != loads[:, :-1]).all(axis=1)
    return found


@dataclass(slots=True)
class _Grown:
    """Sets of one size: last lane, sum of reduced costs, parcels, cost, what each item saves."""

    last: Rows
    total: Floats
    used: Rows
    cost: Floats
    cover: Floats


class _Growth:
    """Sets grown lane by lane, as long as the rest can still bring them below the limit.

    Two bounds: the sum of reduced costs; and what lanes save on each item, which is less the more
    lanes there are (it is submodular), so that the best gains of single lanes bound all of them.
    """

    def __init__(self, prices: Prices, order: Rows, forced: Rows, limit: float, cells: int) -> None:
        look = prices.best
        assert look is not None  # noqa: S101
        self.limit = limit
        self.reduced, self.parcels = look.reduced[order], prices.parcels[order]
        self.room = limit - prices.base()
        self.gains = np.append(0.0, np.cumsum(np.minimum(self.reduced, 0.0)))
        self.without_parcel = int((self.parcels == 0).sum())
        saved, self.cap = savings(prices)
        self.saved = saved[order]
        self.single = prices.need <= 1
        self.entry = prices.cost[order, 0]
        self.left = cells
        # What the forced lanes take, cost and cover is there before any lane joins.
        self.most = prices.most - int(prices.parcels[forced].sum())
        self.total = np.full(1, look.reduced[forced].sum())
        self.cover = np.zeros((1, len(prices.need)))
        for lane in forced:
            self.cover = self._covered(self.cover, saved[lane])
        start = float(prices.need @ prices.short) - prices.split
        self.cost = np.full(1, start + prices.cost[forced, 0].sum() - self.cover.sum())

    def levels(self) -> list[Rows] | None:
        """Sets by size, without the forced lanes; None when there are too many."""
        count = len(self.reduced)
        members, last = np.zeros((1, 0), np.intp), np.full(1, -1)
        total, used, cost = self.total, np.zeros(1, np.int64), self.cost
        cover = self.cover
        levels: list[Rows] = []
        listed = 0
        while len(members) and members.shape[1] < count:
            joining = max(0, self.most - members.shape[1] - 1) + self.without_parcel
            parts = []
            size = max(1, CELLS // self.saved.size)
            self.left -= len(members) * self.saved.size
            if self.left < 0 and members.shape[1]:
                return None
            for at in range(0, len(members), size):
                chunk = slice(at, at + size)
                grown = _Grown(last[chunk], total[chunk], used[chunk], cost[chunk], cover[chunk])
                parent, lane, whole = self._extend(grown, joining)
                parts.append((parent + at, lane, whole))
                if sum(len(part[0]) for part in parts) > MOST_SETS:
                    return None
            parent, last, complete = (np.concatenate(part) for part in zip(*parts, strict=True))
            members = np.column_stack([members[parent], last])
            total, used = total[parent] + self.reduced[last], used[parent] + self.parcels[last]
            before = cover[parent]
            cover = self._covered(before, self.saved[last])
            cost = cost[parent] + self.entry[last] - (cover - before).sum(axis=1)
            listed += int(complete.sum())
            if listed > MOST_SETS:
                return None
            if complete.any():
                levels.append(members[complete])
        return levels

    def _covered(self, before: Floats, saved: Floats) -> Floats:
        """What is saved on each item when a lane joins."""
        several = np.minimum(before + saved, self.cap)
        return np.where(self.single, np.maximum(before, saved), several)

    def _extend(self, sets: "_Grown", joining: int) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """(set, lane that joins, whether the two are a set worth solving)."""
        cover = sets.cover
        after = np.arange(1, len(self.reduced) + 1)
        relief = self.gains[np.minimum(after + joining, len(self.reduced))] - self.gains[after]
        later = (after - 1 > sets.last[:, None]) & (sets.used[:, None] + self.parcels <= self.most)
        with_lane = self._covered(cover[:, None, :], self.saved[None, :, :])
        gain = (with_lane - cover[:, None, :]).sum(axis=2) - self.entry
        further = np.where(later, np.maximum(gain, 0.0), 0.0)
        if joining < further.shape[1]:
            further = -np.partition(-further, joining, axis=1)[:, :joining]
        extended = sets.cost[:, None] - gain
        slack = extended - further.sum(axis=1)[:, None]
        open_to = later & (sets.total[:, None] + self.reduced + relief < self.room)
        parent, lane = np.nonzero(open_to & (slack < self.limit))
        complete = (extended[parent, lane] < self.limit) & (
            sets.total[parent] + self.reduced[lane] < self.room
        )
        return parent, lane, complete


def savings(prices: Prices) -> tuple[Floats, Floats]:
    """What each lane saves on each item by itself, and what all lanes save on it at most."""
    earn = np.where(prices.units > 0, prices.short - prices.unit, 0.0)
    saved = np.maximum(prices.units * earn - prices.line, 0.0)
    line = np.where(prices.units > 0, prices.line, float(FAR)).min(axis=0, initial=float(FAR))
    cap = np.maximum(prices.need * earn.max(axis=0, initial=0.0) - line, 0.0)
    return saved, cap


def _closer(prices: Prices, rows: Rows) -> Floats:
    """What plans on each set cost at least."""
    need, short = prices.need, prices.short
    earn = np.where(prices.units > 0, short - prices.unit, 0.0)
    saved = np.maximum(prices.units * earn - prices.line, 0.0)
    line = np.where(prices.units > 0, prices.line, float(FAR))
    none = np.zeros((1, len(need)))
    saved, earn = np.vstack([saved, none]), np.vstack([earn, none])
    units = np.vstack([prices.units, none])
    line = np.vstack([line, np.full((1, len(need)), float(FAR))])
    first = np.append(prices.cost[:, 0], 0.0)
    grams = np.append(prices.steps[:, 0], 0.0)
    slope = np.append(_slopes(prices), float(FAR))
    best, total, most = saved[rows[:, 0]], saved[rows[:, 0]], earn[rows[:, 0]]
    least, stock = line[rows[:, 0]], units[rows[:, 0]]
    for column in range(1, rows.shape[1]):
        lane = rows[:, column]
        best = np.maximum(best, saved[lane])
        total = total + saved[lane]
        most = np.maximum(most, earn[lane])
        least = np.minimum(least, line[lane])
        stock = stock + units[lane]
    several = np.minimum(total, np.maximum(need * most - least, 0.0))
    saving = np.where(need > 1, np.maximum(several, best), best)
    load = np.minimum(stock, need) @ prices.weight
    over = load - grams[rows].sum(axis=1)
    dearer = np.minimum(slope[rows].min(axis=1), prices.leaving())
    bound = float(need @ short) - saving.sum(axis=1) + first[rows].sum(axis=1) - prices.split
    # Either some lane takes its next step, or some unit is left: no less than the cheaper of both.
    jump = np.minimum(np.append(_jumps(prices), float(FAR))[rows].min(axis=1), prices.losing())
    # What no allowed number of parcels holds has to be left.
    counts = np.maximum(prices.counts, 1)
    held = np.append((prices.steps / counts).max(axis=1), 0.0)[rows].max(axis=1) * prices.most
    beyond = np.minimum(np.maximum(load - held, 0.0), np.maximum(over, 0.0))
    carried = np.maximum(over, 0.0) - beyond
    over_cost = np.maximum(carried * dearer, np.where(over > 0, jump, 0.0))
    found: Floats = bound + np.maximum(over_cost, carried * dearer + beyond * prices.leaving())
    return found


def _jumps(prices: Prices) -> Floats:
    """What the step after the first costs more, by lane."""
    if prices.steps.shape[1] == 1:
        return np.full(len(prices.lanes), float(FAR))
    found: Floats = np.maximum(prices.cost[:, 1:].min(axis=1) - prices.cost[:, 0], 0.0)
    return found


def _slopes(prices: Prices) -> Floats:
    """The least price per gram above each lane's first step: through the steps' upper ends."""
    if prices.steps.shape[1] == 1:
        return np.full(len(prices.lanes), float(FAR))
    rise = prices.cost[:, 1:] - prices.cost[:, :1]
    run = prices.steps[:, 1:] - prices.steps[:, :1]
    slope = np.divide(rise, run, out=np.full(rise.shape, float(FAR)), where=run > 0)
    found: Floats = np.maximum(slope.min(axis=1), 0.0)
    return found
