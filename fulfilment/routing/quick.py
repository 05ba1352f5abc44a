"""Quick plans: good plans of a few lanes, made without a search.

Each item goes where its units are cheapest. Where lanes are too small for that, as much as fits:
first come, first served, dear shortages first.
"""

from collections.abc import Sequence

from fulfilment.routing.core import Core
from fulfilment.routing.plans import Plan, priced

Spread = dict[int, dict[int, int]]
Option = tuple[int, int, int, int]
"""Unit price, price of the order line, free units, lane number."""


class Quick:
    """Quick plans on one problem; what a lane offers is remembered."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._offers: dict[int, list[tuple[int, int, int, int]]] = {}

    def plan(self, lanes: Sequence[int]) -> Plan | None:
        """Return the best quick plan on some lanes; None when nothing on them is feasible."""
        best = priced(self.core, self._cheapest(lanes))
        if best is None:
            for scarce_first in (False, True):
                plan = priced(self.core, self._squeezed(lanes, scarce_first=scarce_first))
                if plan is not None and (best is None or plan.cost < best.cost):
                    best = plan
        return best

    def offers(self, lane: int) -> list[tuple[int, int, int, int]]:
        """(item, unit price, line price, free units) of what a lane may sensibly send."""
        found = self._offers.get(lane)
        if found is None:
            core = self.core
            place, carries = int(core.lane_place[lane]), core.carries[lane].tolist()
            line = int(core.line[place])
            free, unit = core.available[place].tolist(), core.unit[place].tolist()
            found = [
                (number, unit[number], line, free[number])
                for number, item in enumerate(core.items)
                if carries[number] and free[number] and unit[number] < item.short
            ]
            self._offers[lane] = found
        return found

    def _options(self, lanes: Sequence[int]) -> list[list[Option]]:
        """By item, cheapest units first."""
        options: list[list[Option]] = [[] for _ in self.core.items]
        for lane in lanes:
            for number, unit, line, free in self.offers(lane):
                options[number].append((unit, line, free, lane))
        for rows in options:
            rows.sort()
        return options

    def _cheapest(self, lanes: Sequence[int]) -> Spread:
        """Every item where it is cheapest: at one lane, or from the cheapest units on."""
        spread: Spread = {lane: {} for lane in lanes}
        for number, options in enumerate(self._options(lanes)):
            item = self.core.items[number]
            least, ways = item.need * item.short, []
            for unit, line, free, lane in options:
                units = min(free, item.need)
                cost = line + units * unit + (item.need - units) * item.short
                if cost < least:
                    least, ways = cost, [(lane, units)]
            if len(options) > 1:
                cost, several = self._poured(number, options)
                if cost < least:
                    ways = several
            for lane, units in ways:
                spread[lane][number] = units
        return spread

    def _poured(self, number: int, options: list[Option]) -> tuple[int, list[tuple[int, int]]]:
        """An item from the cheapest units on, as long as a further line pays."""
        item = self.core.items[number]
        left, cost, ways = item.need, 0, []
        for unit, line, free, lane in options:
            units = min(free, left)
            if units and line + units * unit < units * item.short:
                ways.append((lane, units))
                cost += line + units * unit
                left -= units
        return cost + left * item.short, ways

    def _squeezed(self, lanes: Sequence[int], *, scarce_first: bool) -> Spread:
        """As much as the lanes can take.

        With `scarce_first` the first lane, usually the warehouse's, starts with what the others
        do not have.
        """
        core = self.core
        room = self._room(lanes)
        free = {
            (lane, number): (units, unit)
            for lane in lanes
            for number, unit, _, units in self.offers(lane)
        }
        spread: Spread = {lane: {} for lane in lanes}
        order = sorted(
            range(len(core.items)),
            key=lambda n: (-core.items[n].short / max(core.items[n].weight, 1), n),
        )
        left = {number: core.items[number].need for number in order}
        rounds: list[tuple[Sequence[int], bool]] = [(lanes, False)]
        if scarce_first and lanes:
            rounds.insert(0, (lanes[:1], True))
        for chosen, scarce in rounds:
            for number in order:
                spare = 0
                if scarce:
                    others = sum(free.get((lane, number), (0, 0))[0] for lane in lanes[1:])
                    spare = min(left[number], others)
                for lane in chosen:
                    units = self._pour(number, lane, left[number] - spare, room, free)
                    if units:
                        spread[lane][number] = spread[lane].get(number, 0) + units
                        left[number] -= units
        return spread

    def _room(self, lanes: Sequence[int]) -> dict[int, int]:
        """Grams that each lane can take when every other one sends its fewest parcels."""
        core = self.core
        tables = {lane: core.lane(lane).table for lane in lanes}
        fewest = sum(min(table.parcels) for table in tables.values())
        room = {}
        for lane, table in tables.items():
            others = fewest - min(table.parcels)
            most = core.problem.max_parcels - others
            limit = min(int(core.capacity[int(core.lane_place[lane])]), most)
            fitting = [
                up for up, count in zip(table.up_to, table.parcels, strict=True) if count <= limit
            ]
            room[lane] = max(fitting, default=0)
        return room

    def _pour(
        self,
        number: int,
        lane: int,
        wanted: int,
        room: dict[int, int],
        free: dict[tuple[int, int], tuple[int, int]],
    ) -> int:
        units, unit = free.get((lane, number), (0, 0))
        weight = self.core.items[number].weight
        fits = room[lane] // weight if weight else wanted
        units = max(0, min(units, wanted, fits))
        if units:
            room[lane] -= units * weight
            free[lane, number] = (free[lane, number][0] - units, unit)
        return units
