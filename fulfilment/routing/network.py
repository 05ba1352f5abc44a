"""A network of locations as arrays: what a decision asks of all of them at once.

1. What stays (where they lie, what they charge, which tariffs they use) is read once.
2. What changes by the day (who ships on which day with which carrier) is kept per date.
3. What an order asks (distance, zone, ship day, arrival) is one array operation per tariff.
4. Locations with the same services, zones and days share one table of prices: lanes are many,
   tables are few, and they are kept from order to order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from fulfilment.places.calendars import HORIZON_DAYS, Carrier, local
from fulfilment.places.geography import EARTH_RADIUS_KM
from fulfilment.routing.problem import Destination, Problem, Source, Tariff
from fulfilment.routing.tables import Table

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NEVER_DAY = 999
"""Day offset of a service that does not exist."""
MAX_KEPT = 20_000
"""Tables kept per network before they are thrown away and made anew."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What one tariff offers from every location: zone (-1: none), days from today, parcels."""

    zone: Ints
    ships: Ints
    arrives: Ints
    free: Ints


class Network:
    """The lasting facts of some locations, in their order, and what is worth keeping of them."""

    def __init__(self, sources: Sequence[Source], tariffs: Mapping[str, Tariff]) -> None:
        self.size = len(sources)
        self.tariffs = dict(tariffs)
        self.latitude = np.radians(np.array([s.latitude for s in sources], float))
        self.longitude = np.radians(np.array([s.longitude for s in sources], float))
        self.cut_off = np.array(
            [[_seconds(s.calendar.cut_off_of(day)) for s in sources] for day in range(7)], np.int64
        ).reshape(7, self.size)
        self.line_minor = np.array([s.handling_line_minor for s in sources], np.int64)
        self.unit_minor = np.array([s.handling_unit_minor for s in sources], np.int64)
        self.counts = np.array([s.kind == "store" for s in sources], bool)
        self.calendars = [s.calendar for s in sources]
        profiles: dict[tuple[str, ...], int] = {}
        self.profile = np.array(
            [profiles.setdefault(tuple(s.tariffs), len(profiles)) for s in sources], np.int64
        )
        self.profiles = list(profiles)
        self.users = {
            name: np.array([name in s.tariffs for s in sources], bool)
            for name in {name for s in sources for name in s.tariffs} & set(self.tariffs)
        }
        self._groups = [s.groups for s in sources]
        self._handles: dict[str, Flags] = {}
        self._days: dict[tuple[date, frozenset[int], bool], Flags] = {}
        self._works: dict[date, Flags] = {}
        self.tables: dict[object, Table | None] = {}

    def fits(self, problem: Problem) -> bool:
        """Whether a problem speaks of as many locations and the same tariffs."""
        return self.size == len(problem.sources) and self.tariffs == dict(problem.tariffs)

    def handles(self, group: str) -> Flags:
        """Which locations handle a goods group."""
        found = self._handles.get(group)
        if found is None:
            found = np.array([group in groups for groups in self._groups], bool)
            self._handles[group] = found
        return found

    def distances(self, to: Destination) -> NDArray[np.float64]:
        """Great-circle distances to a destination in kilometres (haversine formula)."""
        phi, lam = np.radians(to.latitude), np.radians(to.longitude)
        half = (
            np.sin((phi - self.latitude) / 2) ** 2
            + np.cos(self.latitude) * np.cos(phi) * np.sin((lam - self.longitude) / 2) ** 2
        )
        found: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
        return found

    def offers(self, problem: Problem, capacity: Ints | None) -> dict[str, Offers]:
        """Every tariff's zone, ship day, arrival and free parcels at every location."""
        here = local(problem.now)
        distance, passed = self.distances(problem.destination), self.passed(problem)
        found = {}
        for name, users in self.users.items():
            tariff = self.tariffs[name]
            zone = zones(tariff, distance)
            open_on = self._open(here.date(), tariff, problem).copy()
            open_on[:, 0] &= ~passed
            if capacity is not None:
                open_on &= capacity > 0
            ships = np.where(open_on.any(axis=1), open_on.argmax(axis=1), NEVER_DAY)
            usable = users & (zone >= 0) & (ships < NEVER_DAY)
            zone = np.where(usable, zone, -1)
            arrives = _arrivals(problem, tariff, here.date(), zone, ships)
            free = np.full(self.size, UNLIMITED, np.int64)
            if capacity is not None:
                day = np.minimum(ships, HORIZON_DAYS - 1)
                free = np.take_along_axis(capacity, day[:, None], axis=1)[:, 0]
            found[name] = Offers(zone, ships, arrives, free)
        return found

    def passed(self, problem: Problem) -> Flags:
        """Where today's cut-off is over, if they work today."""
        here = local(problem.now)
        found: Flags = self.cut_off[here.weekday()] <= _seconds(here.time())
        return found

    def today(self, problem: Problem, tariff: Tariff, zone: Ints) -> Ints:
        """Days until the arrival of what leaves today, whatever the cut-off; by zone."""
        today = local(problem.now).date()
        leaves = self._open(today, tariff, problem)[:, 0]
        return _arrivals(
            problem, tariff, today, np.where(leaves, zone, -1), np.zeros(self.size, np.int64)
        )

    def open_today(self, problem: Problem) -> Flags:
        """Where they work today."""
        today = local(problem.now).date()
        if today not in self._works:
            works = np.array([calendar.is_open(today) for calendar in self.calendars], bool)
            self._works = {today: works}
        return self._works[today]

    def _open(self, today: date, tariff: Tariff, problem: Problem) -> Flags:
        """On which of the next days each location is open and the carrier collects."""
        key = (today, frozenset(tariff.weekdays), problem.carrier_holidays)
        known = self._days.get(key)
        if known is None:
            if len(self._days) > HORIZON_DAYS * max(1, len(self.users)):
                self._days.clear()
            carrier = Carrier(tariff.weekdays, None, problem.carrier_holidays)
            days = [today + timedelta(days=n) for n in range(HORIZON_DAYS)]
            collects = np.array([carrier.collects(day) for day in days], bool)
            open_on = np.array([[c.is_open(day) for day in days] for c in self.calendars], bool)
            known = self._days[key] = open_on.reshape(self.size, HORIZON_DAYS) & collects
        return known

    def keep(self, key: object, table: Table | None) -> Table | None:
        """Remember a table under its key."""
        if len(self.tables) >= MAX_KEPT:
            self.tables.clear()
        self.tables[key] = table
        return table


UNLIMITED = 10**9


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def zones(tariff: Tariff, distance: NDArray[np.float64]) -> Ints:
    """Index of a tariff's first zone that reaches so far; -1 where none does."""
    limits = [zone.max_km for zone in tariff.zones]
    reached = np.full(len(distance), -1, np.int64)
    for index in range(len(limits) - 1, -1, -1):
        reached[distance <= limits[index]] = index
    return reached


def _arrivals(problem: Problem, tariff: Tariff, today: date, zone: Ints, ships: Ints) -> Ints:
    """Days from today until arrival, by zone and ship day; NEVER_DAY without a zone."""
    arrives = np.full(len(zone), NEVER_DAY, np.int64)
    carrier = Carrier(tariff.weekdays, problem.destination.state, problem.carrier_holidays)
    code = np.where(zone >= 0, zone * HORIZON_DAYS + np.minimum(ships, HORIZON_DAYS - 1), -1)
    for one in np.unique(code):
        if one < 0:
            continue
        at, day = divmod(int(one), HORIZON_DAYS)
        shipped = today + timedelta(days=day)
        arrival = carrier.arrival(shipped, tariff.zones[at].transit_days)
        arrives[code == one] = (arrival - today).days
    return arrives


def capacity_of(sources: Sequence[Source]) -> Ints | None:
    """Free parcels by location and day from today; None when nobody has a limit."""
    if all(source.capacity is None for source in sources):
        return None
    known: dict[tuple[int, ...] | None, list[int]] = {None: [UNLIMITED] * HORIZON_DAYS, (): [0] * 8}
    rows = []
    for source in sources:
        row = known.get(source.capacity)
        if row is None:
            given = source.capacity or (0,)
            row = [given[min(day, len(given) - 1)] for day in range(HORIZON_DAYS)]
            known[source.capacity] = row
        rows.append(row)
    return np.array(rows, np.int64).reshape(len(sources), HORIZON_DAYS)


def today_of(problem: Problem) -> date:
    """The day on the shop's wall when the decision is made."""
    at: datetime = local(problem.now)
    return at.date()
