"""What a set of places must cost at least: cheapest fills of items, cheapest loads of lanes.

Items and lanes are priced apart: each item goes where its units are cheapest, and the total
weight goes where grams are cheapest. The sum is a lower bound of every plan on these places.
A lane's bound runs through the upper ends of its weight steps, where a step is used best.
"""

from fulfilment.routing.core import Core, Lane

INFEASIBLE = float("inf")
Fill = tuple[int, tuple[tuple[int, int], ...], int]
"""Cost, (place, units) of those used, units shipped."""
Front = list[tuple[int, int]]
"""(grams that fit, cost), both ascending."""


class Fills:
    """Cheapest fill of each item from a set of places (a bit mask), remembered."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.options: list[list[tuple[int, int, int, int]]] = []
        self.holders: list[int] = []
        self._known: dict[tuple[int, int], Fill] = {}
        for number, item in enumerate(core.items):
            options = [
                (place.unit[number], place.source.handling_line_minor, free, index)
                for index, place in enumerate(core.places)
                if (free := place.available[number]) and place.unit[number] < item.short
            ]
            options.sort(key=lambda o: (o[0], o[1], o[3]))
            self.options.append(options)
            self.holders.append(sum(1 << o[3] for o in options))

    def best(self, number: int, allowed: int) -> Fill:
        """The cheapest fill of item `number` from the allowed places, unfilled units priced."""
        key = (number, allowed & self.holders[number])
        fill = self._known.get(key)
        if fill is None:
            fill = self._known[key] = self._best(number, key[1])
        return fill

    def floor(self, number: int) -> int:
        """A lower bound of `best` over all places, however many there are."""
        item, options = self.core.items[number], self.options[number]
        if not options:
            return item.need * item.short
        cheapest = min(option[1] for option in options) + item.need * options[0][0]
        return min(item.need * item.short, cheapest)

    def _best(self, number: int, allowed: int) -> Fill:
        item = self.core.items[number]
        need, short = item.need, item.short
        best: Fill = (need * short, (), 0)
        options = [o for o in self.options[number] if allowed >> o[3] & 1]
        for unit, line, free, place in options:
            units = min(free, need)
            cost = line + units * unit + (need - units) * short
            if cost < best[0]:
                best = (cost, ((place, units),), units)
        if len(options) < 2:
            return best
        lines = sorted(option[1] for option in options)
        if best[0] <= need * options[0][0] + lines[0] + lines[1]:
            return best
        return self._several(options, need, short, best)

    def _several(
        self, options: list[tuple[int, int, int, int]], need: int, short: int, best: Fill
    ) -> Fill:
        """Every subset of the options, filled from the cheapest unit on."""

        def extend(at: int, left: int, cost: int, used: tuple[tuple[int, int], ...]) -> None:
            nonlocal best
            if used and cost + left * short < best[0]:
                best = (cost + left * short, used, need - left)
            if not left or at == len(options) or cost + left * options[at][0] >= best[0]:
                return
            unit, line, free, place = options[at]
            units = min(free, left)
            extend(at + 1, left - units, cost + line + units * unit, (*used, (place, units)))
            extend(at + 1, left, cost, used)

        extend(0, need, 0, ())
        return best

    def short_density(self, number: int, allowed: int) -> float:
        """Cents per gram that leaving weight behind costs at least, on the allowed places.

        Shipping one more unit costs at most the dearest unit and every place's line price.
        """
        item = self.core.items[number]
        options = [o for o in self.options[number] if allowed >> o[3] & 1]
        if not item.weight or not options:
            return INFEASIBLE
        dearest = max(o[0] for o in options) + sum(o[1] for o in options)
        return max(0, item.short - dearest) / item.weight


def front(lane: Lane, loaded: int, rest: int, limit: int) -> Front:
    """What more a lane can take and what its whole load then costs; the lane is used."""
    steps: Front = []
    for at in range(lane.step(max(loaded, 1)), len(lane.up_to)):
        if lane.parcels[at] > limit:
            continue
        room = lane.up_to[at] - loaded
        steps.append((room, lane.cost[at]))
        if room >= rest:
            break
    return steps


def cheapest_load(fronts: list[Front], rest: int, density: float) -> float:
    """The least that lanes cost to take `rest` grams, weight left behind at `density`."""
    if not all(fronts):
        return INFEASIBLE
    joined = fronts[0]
    for other in fronts[1:-1]:
        joined = _join(joined, other, rest)
    if len(fronts) == 1:
        return min(cost + _behind(rest - room, density) for room, cost in joined)
    least = INFEASIBLE
    for room, cost in joined:
        for more, price in fronts[-1]:
            value = cost + price + _behind(rest - room - more, density)
            if value < least:
                least = value
            if room + more >= rest:
                break
    return least


def _behind(grams: int, density: float) -> float:
    return grams * density if grams > 0 else 0.0


def _join(one: Front, other: Front, rest: int) -> Front:
    """Pairs of steps of two lanes that no other pair beats in both room and cost."""
    pairs = sorted(
        ((price + cost, -min(room + more, rest)) for room, cost in one for more, price in other),
    )
    best: Front = []
    for cost, negative in pairs:
        if not best or -negative > best[-1][0]:
            best.append((-negative, cost))
    return best
