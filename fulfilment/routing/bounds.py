"""What a set of places must cost at least: cheapest fills of items, cheapest loads of lanes.

Items and lanes are priced apart: each item goes where its units are cheapest, and the total
weight goes where grams are cheapest. Weight that a step cannot hold must leave the lane that
its item prefers, which costs at least the item's `slope` per gram. The sum is a lower bound
of every plan on these places. A lane's bound runs through the upper ends of its weight
steps, where a step is used best.
"""

from bisect import insort

from fulfilment.routing.core import Core, Lane

INFEASIBLE = float("inf")
Fill = tuple[int, tuple[tuple[int, int], ...], int]
"""Cost, (place, units) of those used, units shipped."""
Front = list[tuple[int, float]]
"""(grams that fit, cost), both ascending."""


class Fills:
    """Cheapest fill of each item from a set of places (a bit mask), remembered."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.options: list[list[tuple[int, int, int, int]]] = []
        self.holders: list[int] = []
        self._known: dict[tuple[int, int], Fill] = {}
        self._pulls: dict[tuple[int, int], Pull] = {}
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

    def pull(self, group: int, items: list[int], lanes: list[Lane]) -> "Pull":
        """How items of a group pull at a set of its lanes, remembered."""
        key = (group, sum(1 << lane.place for lane in lanes))
        known = self._pulls.get(key)
        if known is None:
            known = self._pulls[key] = Pull(self.core, self, items, lanes)
        return known

    def floor(self, number: int) -> int:
        """A lower bound of `best` over all places, however many there are."""
        item, options = self.core.items[number], self.options[number]
        if not options:
            return item.need * item.short
        cheapest = min(option[1] for option in options) + item.need * options[0][0]
        return min(item.need * item.short, cheapest)

    def reach(self, number: int) -> int:
        """Units of an item that all places together could ship."""
        free = sum(option[2] for option in self.options[number])
        return min(self.core.items[number].need, free)

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
        if len(options) <= 1:
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
        options = self.options[number]
        if self.holders[number] & ~allowed:
            options = [o for o in options if allowed >> o[3] & 1]
        if not item.weight or not options:
            return INFEASIBLE
        # Options are sorted by unit price.
        dearest = options[-1][0] + sum([o[1] for o in options])
        return max(0, item.short - dearest) / item.weight


Curve = tuple[int, tuple[tuple[float, int], ...]]
"""Grams that prefer a lane, and (cents per gram to leave it, grams), cheapest first."""
EMPTY: Curve = (0, ())


class Pull:
    """How strongly items prefer their cheapest lane among those of one set and group."""

    def __init__(self, core: Core, fills: Fills, items: list[int], lanes: list[Lane]) -> None:
        allowed = sum(1 << lane.place for lane in lanes)
        density = min((fills.short_density(n, allowed) for n in items), default=0.0)
        # A gram left behind pays half of its price for leaving its lane, half for being left:
        # counted in full on both sides it would be paid twice.
        self.behind = density / 2 if lanes else 0.0
        self.base = 0
        self.reach: dict[int, int] = {}
        self.prefers: dict[int, tuple[int, list[tuple[float, int]]]] = {}
        at = {lane.place: index for index, lane in enumerate(lanes)}
        for number in items:
            fill = fills.best(number, allowed)
            self.base += fill[0]
            item = core.items[number]
            options = fills.options[number]
            if fills.holders[number] & ~allowed:
                options = [o for o in options if allowed >> o[3] & 1]
            free = sum([o[2] for o in options])
            self.reach[number] = min(item.need, free)
            if len(fill[1]) == 1 and item.weight:
                place, units = fill[1][0]
                parts = self._slopes(options, place, units, item.weight, free)
                self.prefers[number] = (at[place], parts)
        self.grams = sum(self.reach[n] * core.items[n].weight for n in items)
        self.curves = [EMPTY] * len(lanes)
        for number in items:
            self.curves = self.add(self.curves, number)

    def _slopes(
        self,
        options: list[tuple[int, int, int, int]],
        place: int,
        units: int,
        weight: int,
        free: int,
    ) -> list[tuple[float, int]]:
        if len(options) == 1:
            return [(self.behind, units * weight)]
        unit, line, here, _ = next(o for o in options if o[3] == place)
        others = [o for o in options if o[3] != place]
        movable = min(units, free - here)
        parts = []
        if movable:
            dearer = min(o[0] for o in others) - unit
            opening = min(o[1] for o in others)
            some = min(movable, units - 1)
            prices = [(dearer * some + opening) / (some * weight)] if some else []
            if movable == units:
                prices.append((dearer * units + opening - line) / (units * weight))
            slope = min(max(0.0, min(prices)), self.behind)
            parts.append((slope, movable * weight))
        if units > movable:
            parts.append((self.behind, (units - movable) * weight))
        return parts

    def add(self, curves: list[Curve], number: int) -> list[Curve]:
        """The curves with one more item that is still free to go where it likes."""
        preference = self.prefers.get(number)
        if preference is None:
            return curves
        lane, parts = preference
        grams, slopes = curves[lane]
        joined = list(slopes)
        for part in parts:
            insort(joined, part)
            grams += part[1]
        return [*curves[:lane], (grams, tuple(joined)), *curves[lane + 1 :]]


def _leaving(curve: Curve, grams: int) -> float:
    """The least it costs to move `grams` out of the lane they prefer."""
    cost = 0.0
    for slope, movable in curve[1]:
        if grams <= movable:
            return cost + slope * grams
        cost += slope * movable
        grams -= movable
    return cost


def front(lane: Lane, loaded: int, rest: int, limit: int, curve: Curve = EMPTY) -> Front:
    """What more a lane can take and what its load then costs at least; the lane is used."""
    steps: Front = []
    wanted = loaded + curve[0]
    up_to = lane.up_to
    for at in range(lane.step(max(loaded, 1)), len(up_to)):
        if lane.parcels[at] > limit:
            continue
        top = up_to[at]
        cost: float = lane.cost[at]
        if wanted > top:
            cost += _leaving(curve, wanted - top)
        while steps and steps[-1][1] >= cost:
            steps.pop()
        steps.append((top - loaded, cost))
        if top - loaded >= rest:
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
        if cost >= least:
            break
        for more, price in fronts[-1]:
            value = cost + price + _behind(rest - room - more, density)
            least = min(least, value)
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
