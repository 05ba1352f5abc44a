"""A small world to route in: Herr Müller's Wednesday, and random instances with a brute force."""

import itertools
import random
from dataclasses import replace
from datetime import date, datetime, time

from fulfilment.places.calendars import BERLIN, Calendar
from fulfilment.routing import Destination, Line, Problem, Rates, Source, Tariff, Zone, decide
from fulfilment.routing.core import derive

STEPS = (1000, 2000, 5000, 10000, 20000, 31500)
TARIFFS = {
    "paket": Tariff(
        (Zone(150, 1), Zone(450, 2, 20), Zone(2000, 2, 45)),
        {"std": Rates(STEPS, (345, 375, 430, 540, 760, 1090), 3)},
    ),
    "express": Tariff(
        (Zone(2000, 1),), {"std": Rates(STEPS, (795, 845, 945, 1190, 1590, 2190), 3)}
    ),
    "filiale": Tariff(
        (Zone(500, 2), Zone(2000, 3, 45)),
        {"std": Rates(STEPS, (480, 520, 590, 740, 990, 1390), 3)},
    ),
    "spedition": Tariff(
        (Zone(300, 2), Zone(2000, 3, 300)),
        {"bulky": Rates((5000, 15000, 31500), (1190, 1690, 2590), 2)},
        weekdays=frozenset(range(5)),
    ),
}
WEDNESDAY = datetime(2026, 11, 25, 12, 30, tzinfo=BERLIN)
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
MUELLER = Destination("53113", 50.7274, 7.1069, "NW")
HOOKS = Line("hooks", "HAK-4-0", 2, 20, margin_minor=220)
LURES = Line("lures", "GUMMI-10", 1, 60, margin_minor=600)


def _calendar(opens, closes, days, cut_off, state):
    return Calendar({d: (time(opens), time(closes)) for d in days}, time(cut_off), state)


def lager(**available):
    return Source(
        "lager",
        "Lager Kassel",
        "warehouse",
        51.2988,
        9.5297,
        _calendar(6, 20, range(6), 16, "HE"),
        ("paket", "express", "spedition"),
        _skus(available),
        frozenset({"std", "bulky"}),
        (400, 400, 400),
        35,
        12,
    )


def store(code, latitude, longitude, cut_off, available, line_minor=70, **more):
    return Source(
        code,
        code.title(),
        "store",
        latitude,
        longitude,
        _calendar(10, 19, range(6), cut_off, "NW"),
        ("filiale",),
        _skus(available),
        more.pop("groups", frozenset({"std"})),
        more.pop("capacity", (40, 40, 40)),
        line_minor,
        25,
        **more,
    )


def bonn(*, cut_off=16, **available):
    return store("bonn", 50.7362, 7.1002, cut_off, available)


def koeln(*, cut_off=12, **available):
    return store("koeln", 50.9312, 6.9515, cut_off, available, 90)


def _skus(available):
    names = {"hooks": HOOKS.sku, "lures": LURES.sku}
    return {names.get(name, name): units for name, units in available.items()}


def problem(*sources, lines=(HOOKS, LURES), now=WEDNESDAY, split_minor=190, **more):
    return Problem(now, MUELLER, tuple(lines), sources, TARIFFS, split_minor=split_minor, **more)


def plan_of(decision):
    return [(a.location, a.key, a.quantity) for a in decision.assignments]


def random_problem(draw: random.Random) -> Problem:
    """Up to four locations and four lines, small quantities, prices that bite."""
    weights = (0, 1, 400, 999, 1000, 1001, 2000, 2500, 5000, 9000)
    lines = [
        Line(
            str(n),
            f"S{n}",
            draw.choice((1, 1, 2, 3)),
            draw.choice(weights),
            draw.choice(("std", "std", "std", "bulky")),
            draw.choice((0, 200, 900)),
            draw.choice((None, 0, 50, 300, 1500)),
        )
        for n in range(draw.randint(1, 4))
    ]
    sources = []
    for n in range(draw.randint(1, 4)):
        stock = {line.sku: draw.choice((0, 0, 1, 2, 5)) for line in lines}
        if n == 0:
            sources.append(lager(**stock))
            continue
        capacity = draw.choice((None, (1, 1, 1), (2, 2, 2), (0, 1, 3)))
        rate = {line.sku: draw.choice((0.0, 0.7, 3.0)) for line in lines}
        place = store(
            f"store{n}",
            50 + n / 3,
            7.0,
            draw.choice((12, 16)),
            stock,
            draw.choice((0, 70, 150)),
            capacity=capacity,
            counter_rate=rate,
        )
        sources.append(place)
    return problem(
        *sources,
        lines=lines,
        split_minor=draw.choice((0, 190, 400)),
        max_parcels=draw.choice((1, 2, 3, 6)),
        need_by_on=draw.choice((None, None, FRIDAY)),
        promise_on=draw.choice((None, THURSDAY)),
        late_minor=draw.choice((0, 150, 900)),
    )


def sized_problem(draw: random.Random) -> Problem:
    """A random problem whose carriers take no long or heavy units, each its own kind."""
    given = random_problem(draw)
    limits = ((None, None), (600, None), (None, 2000), (600, 1000), (1200, 5000))
    lines = tuple(
        replace(line, longest_mm=draw.choice((0, 500, 900, 1500))) for line in given.lines
    )
    tariffs = {}
    for name, tariff in given.tariffs.items():
        groups = {}
        for group, rates in tariff.groups.items():
            longest, heaviest = draw.choice(limits)
            groups[group] = replace(rates, longest_mm=longest, heaviest_grams=heaviest)
        tariffs[name] = replace(tariff, groups=groups)
    sources = tuple(
        replace(s, tariffs=(*s.tariffs, "paket", "express")) if s.kind == "store" else s
        for s in given.sources
    )
    return replace(given, lines=lines, tariffs=tariffs, sources=sources)


def _spreads(core) -> list[list[tuple[int, ...]]]:
    """For each line, every way to spread it over the places."""
    spreads = []
    for number, item in enumerate(core.items):
        free = [int(units) for units in core.available[:, number]]
        ranges = [range(min(units, item.need) + 1) for units in free]
        spreads.append([x for x in itertools.product(*ranges) if sum(x) <= item.need])
    return spreads


def brute_force(given: Problem) -> int:
    """The cheapest cost by trying every spread of every line over all places."""
    core = derive(given)
    spreads = _spreads(core)
    known = [core.lane(number) for number in range(len(core.lane_place))]
    tables: dict = {}
    for number, lane in enumerate(known):
        tables.setdefault((lane.place, lane.group), []).append((lane.table, core.carries[number]))
    line, unit, capacity = core.line.tolist(), core.unit.tolist(), core.capacity.tolist()
    best = None
    for choice in itertools.product(*spreads):
        cost = _price(core, choice, tables, (line, unit, capacity))
        if cost is not None and (best is None or cost < best):
            best = cost
    return best


def _steps(lane, grams):
    """The weight steps that take a load, without those that need more parcels for more money."""
    steps = [n for n, top in enumerate(lane.up_to) if top >= grams]
    return [
        n
        for n in steps
        if not any(
            (lane.parcels[other], lane.cost[other], other) < (lane.parcels[n], lane.cost[n], n)
            and lane.parcels[other] <= lane.parcels[n]
            and lane.cost[other] <= lane.cost[n]
            for other in steps
        )
    ]


def _price(core, choice, tables, prices):
    """Independent of the search: unit prices, then every choice of weight steps per lane."""
    cost, loads, riders = 0, {}, {}
    line, unit, capacity = prices
    for number, (item, spread) in enumerate(zip(core.items, choice, strict=True)):
        for at, units in enumerate(spread):
            if units:
                cost += line[at] + units * unit[at][number]
                load = loads.get((at, item.group), 0)
                loads[at, item.group] = load + units * item.weight
                riders.setdefault((at, item.group), []).append(number)
        cost += (item.need - sum(spread)) * item.short
    options = [
        [
            (table, n)
            for table, carries in tables[key]
            if all(carries[number] for number in riders[key])
            for n in _steps(table, grams)
        ]
        for key, grams in loads.items()
    ]
    best = None
    for steps in itertools.product(*options):
        parcels = [lane.parcels[n] for lane, n in steps]
        used = {}
        for (at, _), count in zip(loads, parcels, strict=True):
            used[at] = used.get(at, 0) + count
        if sum(parcels) > core.problem.max_parcels:
            continue
        if any(count > capacity[at] for at, count in used.items()):
            continue
        price = sum(lane.cost[n] for lane, n in steps)
        price -= core.problem.split_minor if sum(parcels) else 0
        best = price if best is None else min(best, price)
    return None if best is None else cost + best


__all__ = ["brute_force", "decide", "random_problem", "sized_problem"]
