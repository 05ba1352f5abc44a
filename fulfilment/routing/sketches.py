"""What many sets of lanes cost about, all at once: which of them deserve a plan.

Each item goes as a whole to the lane of the set where it is cheapest, or stays; lanes pay the step
that carries their load. What would have to be divided, or left for want of room, counts as
impossible here; plans (quick.py) know better.
"""

from collections.abc import Sequence

import numpy as np

from fulfilment.routing.columns import FAR, steps_of
from fulfilment.routing.core import Core
from fulfilment.routing.network import Ints


class Sketches:
    """Costs of sets over some lanes."""

    def __init__(self, core: Core, lanes: Sequence[int]) -> None:
        self.core = core
        self.at = {lane: number for number, lane in enumerate(lanes)}
        chosen = np.array(lanes, np.intp)
        place = core.lane_place[chosen]
        need = np.array([item.need for item in core.items])
        self.weight = np.array([item.weight for item in core.items])
        self.left = need * np.array([item.short for item in core.items])
        units = np.where(core.carries[chosen], core.available[place], 0)
        sent = core.line[place][:, None] + units * core.unit[place]
        rest = (need - units) * (self.left // need)
        # One row more, of nothing: sets have different sizes.
        self.units = np.vstack([units, np.zeros_like(need)])
        self.cost = np.vstack([np.where(units > 0, sent + rest, FAR), np.full(len(need), FAR)])
        up_to, price, parcels, _ = steps_of(core)
        table = core.lane_table[chosen]
        nothing = np.full((1, up_to.shape[1]), FAR)
        self.up_to = np.vstack([up_to[table], nothing])
        beyond = np.full((len(chosen) + 1, 1), FAR)
        self.price = np.hstack([np.vstack([price[table], nothing]), beyond])
        self.parcels = np.hstack([np.vstack([parcels[table], nothing]), beyond])
        self.capacity = np.append(core.capacity[place], FAR)

    def costs(self, sets: Sequence[Sequence[int]]) -> Ints:
        """About what each set costs; FAR or more where a limit forbids it."""
        rows = np.full((len(sets), max(len(one) for one in sets)), -1)
        for number, one in enumerate(sets):
            rows[number, : len(one)] = [self.at[lane] for lane in one]
        offers = self.cost[rows]
        best = offers.min(axis=1)
        sent = best < self.left
        here = (offers.argmin(axis=1)[:, None, :] == np.arange(rows.shape[1])[:, None]) & sent[
            :, None, :
        ]
        load = (here * self.units[rows]) @ self.weight
        step = (self.up_to[rows] < load[:, :, None]).sum(axis=2)
        used = here.any(axis=2)
        price = np.where(used, self.price[rows, step], 0)
        parcels = np.where(used, self.parcels[rows, step], 0)
        total: Ints = np.minimum(best, self.left).sum(axis=1) + price.sum(axis=1)
        count = parcels.sum(axis=1)
        total -= np.where(count > 0, self.core.problem.split_minor, 0)
        over = (count > self.core.problem.max_parcels) | (parcels > self.capacity[rows]).any(axis=1)
        total[over] = FAR
        return total
