"""A routing problem as a mixed-integer program, solved by HiGHS: an opinion besides the search."""

from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from fulfilment.routing import Problem
from fulfilment.routing.core import derive


class _Program:
    """Variables with costs and upper bounds; rows with limits."""

    def __init__(self):
        self.cost, self.most, self.whole = [], [], []
        self.rows, self.low, self.high = [], [], []

    def variable(self, cost, most, *, whole=True):
        self.cost.append(cost)
        self.most.append(most)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, terms, low, high):
        self.rows.append(list(terms))
        self.low.append(low)
        self.high.append(high)

    def least(self):
        cells = [(n, at, value) for n, row in enumerate(self.rows) for at, value in row]
        row, column, value = (np.array(part) for part in zip(*cells, strict=True))
        matrix = coo_array((value, (row, column)), shape=(len(self.rows), len(self.cost)))
        found = milp(
            np.array(self.cost, float),
            constraints=LinearConstraint(matrix.tocsr(), self.low, self.high),
            bounds=Bounds(0, np.array(self.most, float)),
            integrality=np.array(self.whole, int),
            options={"mip_rel_gap": 0},
        )
        assert found.success
        return round(found.fun)


def least_cost(problem: Problem) -> int:
    """The cheapest cost, in cents, of a problem whose services take any size."""
    core, program = derive(problem), _Program()
    left = [program.variable(item.short, item.need) for item in core.items]
    sent, parcels = defaultdict(list), defaultdict(list)
    for number in range(len(core.lane_place)):
        lane = core.lane(number)
        steps = [program.variable(cost, 1) for cost in lane.table.cost]
        load = [
            (at, -float(min(up, 10**6))) for at, up in zip(steps, lane.table.up_to, strict=True)
        ]
        for at, item in enumerate(core.items):
            free = int(core.available[lane.place, at])
            if item.group != lane.group or not free:
                continue
            units = program.variable(int(core.unit[lane.place, at]), free)
            line = program.variable(int(core.line[lane.place]), 1)
            program.row([(units, 1), (line, -free)], -np.inf, 0)
            program.row([(line, 1), *((step, -1) for step in steps)], -np.inf, 0)
            load.append((units, float(item.weight)))
            sent[at].append((units, 1))
        program.row(load, -np.inf, 0)
        program.row([(step, 1) for step in steps], -np.inf, 1)
        parcels[lane.place] += list(zip(steps, lane.table.parcels, strict=True))
    for at, item in enumerate(core.items):
        program.row([*sent[at], (left[at], 1)], item.need, item.need)
    for place, used in parcels.items():
        program.row(used, -np.inf, int(core.capacity[place]))
    every = [term for used in parcels.values() for term in used]
    if every:
        program.row(every, -np.inf, problem.max_parcels)
        # The first parcel is no split: its price comes back once, if there is one.
        first = program.variable(-problem.split_minor, 1, whole=False)
        program.row([(first, 1), *((at, -count) for at, count in every)], -np.inf, 0)
    return program.least()
