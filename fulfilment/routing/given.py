"""What a decision was asked with, kept so that it can be asked again.

Kept is what only that moment knew: the lines, the way, the dates, free units and parcels already
planned where there was something to send, and what units were worth there. Costs and calendars are
not: they come from a setup, the same one or another.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from fulfilment.routing.kept import Kept
from fulfilment.routing.problem import Destination, Line, Problem, Source

Units = Mapping[str, Mapping[str, int]]
Number = TypeVar("Number", int, float)
OPEN, CHOSEN, CLAIMED = "open", "chosen", "claimed"
"""What free units of a question are; see `Problem.stock`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A question to the router without the retailer's rules.

    `free`: units by location and SKU, only where there are some. `used`: parcels that such a
    location already had to send today and tomorrow, a limit of the day included.
    `counter_rate`, `shadow`: as in `Source`, by location. `stock`: as in `Problem`.
    """

    now: datetime
    destination: Destination
    lines: tuple[Line, ...]
    free: Units
    used: Mapping[str, tuple[int, ...]]
    promise_on: date | None = None
    need_by_on: date | None = None
    need_by_hard: bool = False
    ship_complete: bool = False
    collect_at: str | None = None
    counter_rate: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shadow: Units = field(default_factory=dict)
    stock: str = OPEN

    def to_json(self) -> dict[str, Any]:
        """Return compact JSON: units as lists in the order of `skus`, nothing that is empty."""
        skus = list(dict.fromkeys(line.sku for line in self.lines))
        to = self.destination
        plain = {
            "now": self.now.isoformat(),
            "to": [to.postal_code, to.latitude, to.longitude, to.state],
            "lines": [_line_json(line) for line in self.lines],
            "skus": skus,
            "free": _columns(self.free, skus),
            "used": {place: list(parcels) for place, parcels in self.used.items()},
            "promise_on": self.promise_on and self.promise_on.isoformat(),
            "need_by_on": self.need_by_on and self.need_by_on.isoformat(),
            "need_by_hard": self.need_by_hard,
            "ship_complete": self.ship_complete,
            "collect_at": self.collect_at,
            "counter_rate": _columns(self.counter_rate, skus),
            "shadow": _columns(self.shadow, skus),
            "stock": None if self.stock == OPEN else self.stock,
        }
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Given":
        """Return what `to_json` wrote. Raises: KeyError, ValueError for anything else."""
        skus = plain["skus"]
        return cls(
            now=datetime.fromisoformat(plain["now"]),
            destination=Destination(*plain["to"]),
            lines=tuple(
                Line(**{**line, "refused_by": frozenset(line.get("refused_by", ()))})
                for line in plain["lines"]
            ),
            free=_by_sku(plain.get("free", {}), skus),
            used={place: tuple(parcels) for place, parcels in plain.get("used", {}).items()},
            promise_on=_day(plain.get("promise_on")),
            need_by_on=_day(plain.get("need_by_on")),
            need_by_hard=plain.get("need_by_hard", False),
            ship_complete=plain.get("ship_complete", False),
            collect_at=plain.get("collect_at"),
            counter_rate=_by_sku(plain.get("counter_rate", {}), skus),
            shadow=_by_sku(plain.get("shadow", {}), skus),
            stock=plain.get("stock", OPEN),
        )


def of(problem: Problem) -> Given:
    """Return what is to be kept of a problem."""
    skus = {line.sku for line in problem.lines}
    free, used, rate, shadow = {}, {}, {}, {}
    for source in problem.sources:
        place = source.location
        units = {sku: units for sku, units in source.available.items() if units > 0 and sku in skus}
        if units:
            free[place] = units
        elif place != problem.collect_at:
            continue
        planned = _used(source)
        if any(planned):
            used[place] = planned
        if source.counter_rate and (rates := _among(skus, source.counter_rate)):
            rate[place] = rates
        if source.shadow and (worth := _among(skus, source.shadow)):
            shadow[place] = worth
    return Given(
        now=problem.now,
        destination=problem.destination,
        lines=problem.lines,
        free=free,
        used=used,
        promise_on=problem.promise_on,
        need_by_on=problem.need_by_on,
        need_by_hard=problem.need_by_hard,
        ship_complete=problem.ship_complete,
        collect_at=problem.collect_at,
        counter_rate=rate,
        shadow=shadow,
        stock=problem.stock,
    )


def _among(skus: Collection[str], by_sku: Mapping[str, Number]) -> dict[str, Number]:
    return {sku: value for sku, value in by_sku.items() if value and sku in skus}


def _used(source: Source) -> tuple[int, ...]:
    if not source.capacity:
        return ()
    *days, usual = source.capacity
    return tuple(usual - left for left in days)


def problem(given: Given, kept: Kept, free: Units | None = None) -> Problem:
    """Return the question again, under the costs and calendars of a setup.

    Args:
        given: what was asked.
        kept: the setup.
        free: units by location and SKU that take the place of those that were free then.
    """
    units = given.free if free is None else free
    return with_rules(
        Problem(
            now=given.now,
            destination=given.destination,
            lines=given.lines,
            sources=tuple(
                replace(
                    source,
                    available=units.get(source.location, {}),
                    capacity=_left(kept.per_day[source.location], given.used.get(source.location)),
                    counter_rate=given.counter_rate.get(source.location, {}),
                    shadow=given.shadow.get(source.location, {}),
                )
                for source in kept.sources
            ),
            tariffs=kept.tariffs,
            promise_on=given.promise_on,
            need_by_on=given.need_by_on,
            need_by_hard=given.need_by_hard,
            ship_complete=given.ship_complete,
            collect_at=given.collect_at,
            stock=given.stock,
            network=kept.arrays,
        ),
        kept,
    )


def with_rules(asked: Problem, kept: Kept) -> Problem:
    """Return a problem with the prices and limits that hold for every order."""
    rules = kept.rules
    told = asked.promise_on is not None
    return replace(
        asked,
        late_minor=rules.broken_promise_minor if told else rules.late_minor,
        need_by_late_minor=None if asked.need_by_hard else rules.need_by_late_minor,
        split_minor=rules.split_minor,
        short_minor=rules.short_minor,
        max_parcels=rules.max_parcels,
        counter_percent=rules.counter_percent,
        carrier_holidays=rules.carrier_holidays,
    )


def _left(per_day: int, used: tuple[int, ...] | None) -> tuple[int, ...]:
    planned = used or (0, 0)
    return (*(max(0, per_day - parcels) for parcels in planned), per_day)


def _line_json(line: Line) -> dict[str, Any]:
    """Return the fields that are not their default; sets as sorted lists."""
    plain = {}
    for one in fields(line):
        value = getattr(line, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != default:
            plain[one.name] = sorted(value) if one.name == "refused_by" else value
    return plain


def _columns(by_place: Mapping[str, Mapping[str, Any]], skus: list[str]) -> dict[str, list[Any]]:
    return {place: [units.get(sku, 0) for sku in skus] for place, units in by_place.items()}


def _by_sku(columns: Mapping[str, list[Any]], skus: list[str]) -> dict[str, dict[str, Any]]:
    return {
        place: {sku: units for sku, units in zip(skus, column, strict=True) if units}
        for place, column in columns.items()
    }


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
