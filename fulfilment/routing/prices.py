"""What every unit is worth, and what follows: a lower bound, and choices that cannot pay.

Lagrangian relaxation: the demand "each unit is sent or left" is given a price per unit. Then the
lanes are strangers to one another: each takes the units that pay, up to one of its weight steps.
The prices go up where units are missing and down where there are too many (subgradient ascent,
Held, Wolfe and Crowder 1974, with Polyak's step). Every price vector gives a lower bound:

    sum of price x need  +  the dearest-to-refuse lanes (at most `max_parcels`)  -  first split

The limit on parcels has its price, too: the last one of the vector.

Weights: a lane's units compete for grams; fractions are allowed here, which bounds from below.
The upper end of a step is where it is used best.

What a choice costs above the bound, its reduced cost, tells which choices no better plan makes.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.columns import FAR, steps_of, useful
from fulfilment.routing.core import Core
from fulfilment.routing.knapsacks import Floats, filled, reachable
from fulfilment.routing.network import Flags, Ints
from fulfilment.routing.plans import Plan

FEW = 1e-9
START_PER_GRAM = 0.03
PATIENCE = 3
"""Looks without a better bound until the steps are halved."""
MANY = 40
"""Lanes above which a look is less sharp, but quick."""
MOMENTUM = 0.7
"""Share of the last direction that is kept: it damps the zigzag of plain subgradients."""
FAR_OFF, NEAR_MINOR = 0.5, 500.0
"""Share of the bound, and of no less than so many cents, that is thought to be missing at most:
a plan that leaves something dear behind says little about how far prices have to go."""
PARCELS = 4
"""Parcels of its own that a unit is worth at most to begin with. A plan that leaves something
very dear behind would else put its price far above all others."""
SMALLEST = 0.005
"""Share of Polyak's step below which nothing more is expected."""


@dataclass(slots=True)
class Look:
    """One look at all lanes under some prices."""

    bound: float
    reduced: Floats
    used: NDArray[np.intp]
    missing: Floats


class Prices:
    """Prices per unit of each item, and the lanes that still count under them."""

    def __init__(self, core: Core) -> None:
        self.core = core
        every = np.arange(len(core.lane_place))
        available = useful(core, every)
        self.lanes = every[(available > 0).any(axis=1)]
        self.need = np.array([item.need for item in core.items], float)
        self.short = np.array([item.short for item in core.items], float)
        self.weight = np.array([item.weight for item in core.items], float)
        self.units = available[self.lanes].astype(float)
        place = core.lane_place[self.lanes]
        self.unit = core.unit[place].astype(float)
        self.line = np.where(self.units > 0, core.line[place][:, None], 0.0)
        self.grams = self.units * self.weight
        self.most = core.problem.max_parcels
        self.split = core.problem.split_minor
        self.steps, self.cost, self.counts = self._steps(place)
        self.parcels = self.counts.min(axis=1, initial=FAR)
        self.rise = self._rise()
        self.risen = self.rise[:, None] * self.grams
        self.lent = self._lent(self.cost)
        self.forced = np.zeros(len(self.lanes), bool)
        self.best: Look | None = None
        self.scale = 1.0
        self.price = self._start()
        self.most_price = np.append(self.short, float(FAR))

    def _steps(self, place: Ints) -> tuple[Floats, Floats, Ints]:
        """Grams, cents and parcels of the steps that can matter, by lane."""
        core = self.core
        up_to, price, parcels, fewer = steps_of(core)
        table = core.lane_table[self.lanes]
        limit = np.minimum(core.capacity[place], self.most)
        load = self.grams.sum(axis=1)
        full = (up_to[table] < load[:, None]).sum(axis=1)
        # A dearer step may need fewer parcels.
        full[(fewer < up_to.shape[1]).any(axis=1)[table]] = up_to.shape[1] - 1
        width = min(int(full.max(initial=0)) + 1, up_to.shape[1])
        allowed = (parcels[table, :width] <= limit[:, None]) & (np.arange(width) <= full[:, None])
        cost = np.where(allowed, price[table, :width], FAR).astype(float)
        steps = np.where(allowed, np.minimum(up_to[table, :width], 10**9), 0)
        group = core.lane_group[self.lanes]
        for number in np.unique(group):
            loads = reachable([item for item in core.items if item.group == number])
            here = group == number
            steps[here] = loads[np.searchsorted(loads, steps[here], side="right") - 1]
        return steps.astype(float), cost, np.where(allowed, parcels[table, :width], FAR)

    def _start(self) -> Floats:
        """Prices to begin with: a cheap unit, its weight, its share of one parcel."""
        units = np.where(self.units > 0, self.unit + self.line / self.need, float(FAR))
        share = self.cost[:, 0].min(initial=float(FAR)) / len(self.need) / self.need
        cheap = units.min(axis=0, initial=float(FAR)) + share + START_PER_GRAM * self.weight
        return np.append(np.minimum(self.short, cheap), 0.0)

    def follow(self, plan: Plan) -> None:
        """Begin with what each unit costs in a plan that exists: most of it stays true."""
        core = self.core
        paid = np.zeros(len(self.need))
        for lane, step, grams in plan.steps:
            riders = [
                (number, spread[lane.place])
                for number, spread in enumerate(plan.units)
                if lane.place in spread and core.items[number].group == lane.group
            ]
            each = lane.table.cost[step] / 2
            for number, units in riders:
                weight = units * core.items[number].weight
                paid[number] += each / len(riders) + each * weight / max(grams, 1)
        for number, (item, spread) in enumerate(zip(core.items, plan.units, strict=True)):
            for place, units in spread.items():
                paid[number] += core.line[place] + units * core.unit[place, number]
            paid[number] += (item.need - sum(spread.values())) * item.short
        self.price = np.append(np.minimum(self._alone(), paid / self.need), 0.0)

    def _alone(self) -> Floats:
        """What a unit may be thought worth to begin with: some parcels of its own."""
        entry = PARCELS * self.cost[:, :1] + self.unit + self.line
        alone = np.where(self.units > 0, entry, np.inf).min(axis=0, initial=np.inf)
        found: Floats = np.minimum(self.short, alone)
        return found

    def base(self) -> float:
        """What the prices say before any lane is used."""
        return float(self.price[:-1] @ self.need) - float(self.price[-1]) * self.most - self.split

    def nearest(self, count: int) -> "Prices":
        """The same prices over the lanes that pay most or cost least, for quick looks."""
        other = copy(self)
        if self.best is not None and len(self.lanes) > count:
            chosen = self.forced.copy()
            chosen[np.argpartition(self.best.reduced, count)[:count]] = True
            other.keep(chosen)
            other.best = other.look(other.price)
        return other

    def take(self, other: "Prices") -> None:
        """Go on with another one's prices, if they bound as well over all lanes."""
        look = self.look(other.price)
        if self.best is None or look.bound > self.best.bound:
            self.best, self.price, self.scale = look, other.price, other.scale

    def without(self, lane: int) -> "Prices":
        """The same where one lane is not used, nor any that is no better than it in anything.

        A plan with a lane that the missing one could replace is no cheaper than the same plan
        with the missing one, which is looked at elsewhere.
        """
        other = copy(self)
        gone = self.dominated(lane) & ~self.forced
        gone[lane] = True
        other.keep(~gone)
        other.best, other.scale = other.look(other.price), 1.0
        return other

    def dominated(self, lane: int) -> Flags:
        """Lanes that one lane could replace in every plan: same group, all that they have."""
        core = self.core
        number = self.lanes[lane]
        if core.capacity[core.lane_place[number]] < self.most:
            # Other lanes of its place may need the room.
            return np.zeros(len(self.lanes), bool)
        here = self.units > 0
        found: Flags = core.lane_group[self.lanes] == core.lane_group[number]
        found &= (self.units[lane] >= self.units).all(axis=1)
        found &= ((self.unit[lane] <= self.unit) | ~here).all(axis=1)
        found &= ((self.line[lane] <= self.line) | ~here).all(axis=1)
        found &= ((self.steps[lane] >= self.steps) | (self.cost >= FAR)).all(axis=1)
        found &= (self.cost[lane] <= self.cost).all(axis=1)
        found &= (self.counts[lane] <= self.counts).all(axis=1)
        return found

    def forcing(self, lane: int) -> "Prices":
        """The same where one lane is used, whatever it costs."""
        other = copy(self)
        other.forced = self.forced.copy()
        other.forced[lane] = True
        other.best, other.scale = other.look(other.price), 1.0
        return other

    def keep(self, some: Flags) -> None:
        """Forget lanes that no better plan uses."""
        self.lanes = self.lanes[some]
        for name in (
            "units",
            "unit",
            "line",
            "grams",
            "steps",
            "cost",
            "counts",
            "parcels",
            "rise",
            "risen",
            "lent",
            "forced",
        ):
            setattr(self, name, getattr(self, name)[some])

    def worth(self) -> Floats:
        """What each lane saves by itself, its first step paid."""
        saved = np.maximum(self.units * (self.short - self.unit) - self.line, 0.0)
        found: Floats = saved.sum(axis=1) - self.cost[:, 0]
        return found

    def losing(self) -> float:
        """Cents that leaving one useful unit costs at least."""
        saved = self.units * (self.short - self.unit) - self.line
        each = np.divide(saved, self.units, out=np.full(saved.shape, np.inf), where=self.units > 0)
        return max(0.0, float(each.min(initial=np.inf)))

    def leaving(self) -> float:
        """Cents per gram that leaving a useful unit costs at least."""
        saved = self.units * (self.short - self.unit) - self.line
        here = (self.units > 0) & (self.grams > 0)
        per_gram = np.divide(saved, self.grams, out=np.full(saved.shape, np.inf), where=here)
        return max(0.0, float(per_gram.min(initial=np.inf)))

    def look(self, price: Floats, sharp_below: float = 0.0) -> Look:
        """What the lanes say to these prices; exactly where they say less than `sharp_below`."""
        worth_of, per_parcel = price[:-1], float(price[-1])
        value = np.maximum(self.units * (worth_of - self.unit) - self.line, 0.0)
        cost = self.cost + per_parcel * self.counts if per_parcel else self.cost
        every = np.arange(len(value))
        if len(value) > MANY:
            # Only lanes that may pay are worth a sharp look; for others a rough one is enough.
            reduced = self._roughly(value, cost)
            near = np.flatnonzero((reduced < max(sharp_below, 0.0)) | self.forced)
        else:
            reduced, near = np.empty(len(value)), every
        by_step, critical = filled(value[near], self.grams[near], self.steps[near], cost[near])
        reduced[near] = by_step.min(axis=1, initial=float(FAR))
        used = self._used(reduced)
        paid = float(worth_of @ self.need + reduced[used].sum())
        sent, parcels = self._sent(value, by_step, critical, used, np.searchsorted(near, used))
        missing = np.append(self.need - sent, parcels - self.most)
        return Look(paid - per_parcel * self.most - self.split, reduced, used, missing)

    def _roughly(self, value: Floats, cost: Floats) -> Floats:
        """The least of all steps for many lanes, less sharp: one price per gram for each lane.

        Either grams cost nothing and the first step carries all; or they cost what the steps
        rise by, and every step lends its room at that price. Both bound from below.
        """
        # A product with ones is the quicker sum.
        ones = np.ones(value.shape[1])
        free = cost[:, 0] - value @ ones
        lent = self.lent if cost is self.cost else self._lent(cost)
        charged = lent - np.maximum(value - self.risen, 0.0) @ ones
        found: Floats = np.maximum(charged, free)
        return found

    def _lent(self, cost: Floats) -> Floats:
        """The least that a step costs once its room is lent at the price per gram."""
        found: Floats = (cost - self.rise[:, None] * self.steps).min(axis=1, initial=float(FAR))
        return found

    def _rise(self) -> Floats:
        """Cents per gram from a lane's first step to the last one that it can need."""
        last = np.where(self.cost < FAR, np.arange(self.cost.shape[1]), 0).max(axis=1)
        rows = np.arange(len(last))
        run = self.steps[rows, last] - self.steps[:, 0]
        rise = self.cost[rows, last] - self.cost[:, 0]
        found: Floats = np.maximum(np.divide(rise, run, out=np.zeros(len(run)), where=run > 0), 0.0)
        return found

    def _used(self, reduced: Floats) -> NDArray[np.intp]:
        """Lanes that have to be used, and those that pay most, as many as parcels are allowed."""
        paying = np.flatnonzero((reduced < -FEW) | self.forced)
        if len(paying) > self.most:
            counted = paying[self.parcels[paying] > 0]
            if len(counted) > self.most:
                first = np.where(self.forced[counted], -np.inf, reduced[counted])
                kept = counted[np.argsort(first, kind="stable")[: self.most]]
                paying = np.concatenate([paying[self.parcels[paying] == 0], kept])
        return paying

    def _sent(
        self,
        value: Floats,
        by_step: Floats,
        critical: Floats,
        used: NDArray[np.intp],
        row_of: NDArray[np.intp],
    ) -> tuple[Floats, int]:
        """Units that the paying lanes take, fractions included, and their parcels."""
        if not len(used):
            return np.zeros(len(self.need)), 0
        step = by_step[row_of].argmin(axis=1)
        dense, room = critical[row_of, step], self.steps[used, step]
        taken = self.taken(value[used], dense, room, used)
        carries = self.steps[used] >= (taken @ self.weight)[:, None] - FEW
        parcels = np.where(carries, self.counts[used], self.most).min(axis=1).sum()
        return taken.sum(axis=0), int(parcels)

    def taken(self, value: Floats, dense: Floats, room: Floats, lanes: NDArray[np.intp]) -> Floats:
        """Units by lane and item that are worth their grams; of one more what still fits."""
        net = value - dense[:, None] * self.grams[lanes]
        units = self.units[lanes]
        found: Floats = np.where(net > FEW, units, 0.0)
        edge = (np.abs(net) <= FEW) & (value > 0) & (dense > 0)[:, None]
        rest = room - found @ self.weight
        row = np.flatnonzero(edge.any(axis=1) & (rest > 0))
        if len(row):
            first = edge[row].argmax(axis=1)
            weight = np.maximum(self.weight[first], 1.0)
            found[row, first] = np.minimum(units[row, first], rest[row] / weight)
        return found

    def climb(self, ceiling: float, rounds: int) -> None:
        """Raise the bound; stop when it meets the ceiling or the steps get small.

        Args:
            ceiling: the cost of a plan that is known.
            rounds: looks at most.
        """
        price, stuck, way = self.price, 0, np.zeros(len(self.price))
        for _ in range(rounds):
            look = self.look(price)
            if self.best is None or look.bound > self.best.bound + 0.01:
                self.best, self.price, stuck = look, price, 0
            else:
                stuck += 1
                if stuck >= PATIENCE:
                    stuck, price, look = 0, self.price, self.best
                    self.scale /= 2
                    way = np.zeros(len(price))
            if self.best.bound >= ceiling or self.scale < SMALLEST:
                return
            missing = np.where((price >= self.most_price) & (look.missing > 0), 0.0, look.missing)
            missing = np.where((price <= 0) & (missing < 0), 0.0, missing)
            way = missing + MOMENTUM * way
            norm = float(way @ way)
            if norm < FEW:
                return
            far = max((1 + FAR_OFF) * self.best.bound, NEAR_MINOR)
            gap = max(min(ceiling, far) - look.bound, 1.0)
            price = np.clip(price + self.scale * gap / norm * way, 0.0, self.most_price)

    def drop(self, ceiling: float) -> None:
        """Forget lanes that no plan cheaper than the ceiling uses."""
        if self.best is None:
            return
        look = self.look(self.price, ceiling - self.best.bound)
        # A plan with this lane pays its reduced cost beside the lanes that pay anyway.
        beside = look.bound - np.minimum(look.reduced, 0.0)
        counted = look.used[self.parcels[look.used] > 0]
        if len(counted) >= self.most:
            # One of the lanes that pay has to make room; where all are forced, none can.
            free = counted[~self.forced[counted]]
            room = look.reduced[free].max() if len(free) else -np.inf
            beside[(look.reduced >= -FEW) & (self.parcels > 0)] -= room
        some = (beside + look.reduced < ceiling) | self.forced
        if not some.all():
            self.keep(some)
        self.best = self.look(self.price, ceiling - look.bound)
