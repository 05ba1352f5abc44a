"""What takes a location out of the running, by rule; and what was free where.

Told of every location that has some of the goods, and of the nearest ones that have none: those are
the ones that somebody asks about. All locations are looked at together; `services.why_not` says
the same of a single one.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.decision import Exclusion
from fulfilment.routing.items import Item
from fulfilment.routing.network import NEVER_DAY, Flags, Ints, Network, Offers, today_of, zones
from fulfilment.routing.problem import Problem
from fulfilment.routing.services import why_not
from fulfilment.routing.sizes import Size, fits

TOLD = 30
"""Locations of which a decision tells in any case; the nearest ones."""


class Barring:
    """The locations of one problem and their rules."""

    def __init__(
        self,
        problem: Problem,
        items: Sequence[Item],
        groups: Sequence[str],
        sizes: Sequence[Size],
        *,
        network: Network,
        offers: Mapping[str, Offers],
        last_day: int,
    ) -> None:
        self.problem, self.items, self.groups, self.sizes = problem, items, groups, sizes
        self.network, self.offers, self.last_day = network, offers, last_day
        self.distance = network.distances(problem.destination)
        near = np.argsort(self.distance, kind="stable")[:TOLD]
        self.near = np.zeros(network.size, bool)
        self.near[near] = True
        self.codes = [source.location for source in problem.sources]
        self._cut_offs: dict[time, datetime] = {}
        self._named: dict[bytes, tuple[str, ...]] = {}
        self._unlimited: dict[str, Offers] | None = None

    def stock(self, free: Ints) -> dict[str, dict[str, int]]:
        """Free units by location and line key; zeros only of the nearest locations."""
        found: dict[str, dict[str, int]] = {}
        keys = [[line.key for line in item.lines] for item in self.items]
        row, column = np.nonzero((free > 0) | self.near[:, None])
        units = free[row, column].tolist()
        for at, item, count in zip(row.tolist(), column.tolist(), units, strict=True):
            here = found.setdefault(self.codes[at], {})
            for key in keys[item]:
                here[key] = count
        return found

    def exclusions(self, free: Ints, usable: Ints, served: Flags) -> list[Exclusion]:
        """Return what no plan may use, by location.

        Args:
            free: units on the books, by location and item.
            usable: units that rules about goods leave, by location and item.
            served: whether a location has a service in time for an item.
        """
        has, rows = free > 0, dict[int, list[Exclusion]]()
        every = self._keys(np.ones(len(self.items), bool))
        for at in np.flatnonzero(self.near & ~has.any(axis=1)).tolist():
            rows[at] = [Exclusion(self.codes[at], "no_stock", every)]
        refused = np.array(
            [[code in item.refused_by for item in self.items] for code in self.codes]
            if any(item.refused_by for item in self.items)
            else np.zeros_like(has),
            bool,
        ).reshape(has.shape)  # a network without locations has a shape, too
        handled = np.stack([self.network.handles(self.groups[i.group]) for i in self.items], axis=1)
        self._told(rows, has & refused, "refused")
        self._told(rows, has & ~refused & ~handled, "group")
        late = (usable > 0) & ~served
        for (group, takes), members in self._alike().items():
            here = late & members
            if here.any():
                self._late(rows, here, group, takes)
        return [one for at in sorted(rows) for one in rows[at]]

    def _keys(self, which: NDArray[np.bool_]) -> tuple[str, ...]:
        """Keys of some items' lines; many locations lack the same ones."""
        told = which.tobytes()
        if told not in self._named:
            chosen = [item for item, one in zip(self.items, which.tolist(), strict=True) if one]
            self._named[told] = tuple(line.key for item in chosen for line in item.lines)
        return self._named[told]

    def _told(self, rows: dict[int, list[Exclusion]], where: Flags, rule: str) -> None:
        for at in np.flatnonzero(where.any(axis=1)).tolist():
            rows.setdefault(at, []).append(Exclusion(self.codes[at], rule, self._keys(where[at])))

    def _alike(self) -> dict[tuple[int, frozenset[str]], Flags]:
        """Items of one group that the same services take."""
        found: dict[tuple[int, frozenset[str]], Flags] = {}
        for number, size in enumerate(self.sizes):
            group = self.groups[size.group]
            takes = frozenset(
                name
                for name, tariff in self.network.tariffs.items()
                if group in tariff.groups and fits(tariff.groups[group], size)
            )
            members = found.setdefault((size.group, takes), np.zeros(len(self.items), bool))
            members[number] = True
        return found

    def _late(
        self, rows: dict[int, list[Exclusion]], late: Flags, group: int, takes: frozenset[str]
    ) -> None:
        """Locations that have goods, but no service in time."""
        problem, where = self.problem, np.flatnonzero(late.any(axis=1))
        days = _Days(self, takes, self.groups[group])
        size = self.sizes[int(late.any(axis=0).argmax())]
        for at in where.tolist():
            source, keys = problem.sources[at], self._keys(late[at])
            if source.location == problem.collect_at:
                told = why_not(problem, source, self.groups[group], size, keys)
                rows.setdefault(at, []).append(told)
                continue
            rule, cut_off_at = days.rule(at), None
            if rule == "cut_off_passed":
                cut_off_at = self._cut_off(at)
            ships, arrives = days.soonest(at)
            rows.setdefault(at, []).append(
                Exclusion(source.location, rule, keys, ships, arrives, cut_off_at)
            )

    def cut_offs(self, codes: Mapping[str, object]) -> dict[str, datetime]:
        """Today's cut-off of those locations where it is over."""
        over = self.network.passed(self.problem) & self.network.open_today(self.problem)
        return {
            self.codes[at]: self._cut_off(at)
            for at in np.flatnonzero(over).tolist()
            if self.codes[at] in codes
        }

    def _cut_off(self, at: int) -> datetime:
        """Today's cut-off of a location as an instant; many share one."""
        today, calendar = today_of(self.problem), self.network.calendars[at]
        key = calendar.cut_off_of(today.weekday())
        if key not in self._cut_offs:
            self._cut_offs[key] = calendar.cut_off_at(today)
        return self._cut_offs[key]

    def unlimited(self) -> Mapping[str, Offers]:
        """What would be offered if no location had used up its parcels."""
        if self._unlimited is None:
            self._unlimited = self.network.offers(self.problem, None)
        return self._unlimited


class _Days:
    """When some services would come from every location, and why not in time."""

    def __init__(self, barring: Barring, takes: frozenset[str], group: str) -> None:
        network, problem, last = barring.network, barring.problem, barring.last_day
        never = np.full(network.size, NEVER_DAY)
        self.today, self.passed = today_of(problem), network.passed(problem)
        self.reached, self.carried, self.freed, self.freed_in_time, self.today_in_time = np.zeros(
            (5, network.size), bool
        )
        self.arrives, self.ships = never, never
        for name, users in network.users.items():
            tariff = network.tariffs[name]
            zone = np.where(users, zones(tariff, barring.distance), -1)
            if group in tariff.groups:
                self.carried |= zone >= 0
            if name not in takes:
                continue
            offer, freed = barring.offers[name], barring.unlimited()[name]
            self.reached |= zone >= 0
            self.freed |= freed.zone >= 0
            self.freed_in_time |= (freed.zone >= 0) & (freed.arrives <= last)
            self.today_in_time |= network.today(problem, tariff, zone) <= last
            better = (offer.zone >= 0) & (
                (offer.arrives < self.arrives)
                | ((offer.arrives == self.arrives) & (offer.ships < self.ships))
            )
            self.arrives = np.where(better, offer.arrives, self.arrives)
            self.ships = np.where(better, offer.ships, self.ships)

    def soonest(self, at: int) -> tuple[date | None, date | None]:
        """Ship day and arrival of the service that comes first."""
        if self.arrives[at] >= NEVER_DAY:
            return None, None
        return (
            self.today + timedelta(days=int(self.ships[at])),
            self.today + timedelta(days=int(self.arrives[at])),
        )

    def rule(self, at: int) -> str:
        """What would have had to differ."""
        if self.arrives[at] >= NEVER_DAY:
            if self.freed[at]:
                return "capacity"
            if self.reached[at]:
                return "closed"
            return "oversize" if self.carried[at] else "carrier"
        if self.freed_in_time[at]:
            return "capacity"
        return "cut_off_passed" if self.passed[at] and self.today_in_time[at] else "too_late"
