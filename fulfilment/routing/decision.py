"""What the router answers, and its round trip through JSON for storing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from fulfilment.routing.problem import Problem

# The fields of each kind of record, and how they are read.
_NAMES: dict[type[Any], tuple[str, ...]] = {}
_READERS: dict[type[Any], list[tuple[str, Callable[[Any], Any]]]] = {}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Units of a line that one location sends (or hands over, when collected there)."""

    location: str
    key: str
    sku: str
    quantity: int
    ships_on: date
    arrives_on: date


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """A parcel as planned: grams and cents; `cut_off_at` (UTC) is when it must be handed over.

    Weights are divided as if goods were fluid; packing decides which unit lies in which parcel.
    """

    location: str
    group: str
    tariff: str
    weight_grams: int
    cost_minor: int
    ships_on: date
    arrives_on: date
    cut_off_at: datetime


@dataclass(frozen=True, slots=True)
class Cost:
    """A plan's price in cents, by component."""

    parcels: int = 0
    handling: int = 0
    counter: int = 0
    split: int = 0
    late: int = 0
    short: int = 0

    @property
    def total(self) -> int:
        """The sum of all components."""
        return self.parcels + self.handling + self.counter + self.split + self.late + self.short

    def minus(self, other: "Cost") -> dict[str, int]:
        """Difference by component, in cents."""
        return {f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Alternative:
    """The best plan of another set of locations, and by what it lost.

    `lost_by_minor`: cents dearer. `because`: the component that cost most more. `days_later`:
    its last arrival against the chosen plan's.
    """

    locations: tuple[str, ...]
    cost: Cost
    arrives_on: date | None
    parcels: int
    unfilled: int
    lost_by_minor: int
    because: str
    days_later: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A location, or some lines at it, that no plan may use.

    `rule`: no_stock, closed, cut_off_passed, too_late, carrier, capacity, group, oversize or
    refused.
    Days and cut-off (UTC) where the rule is about time.
    """

    location: str
    rule: str
    keys: tuple[str, ...]
    ships_on: date | None = None
    arrives_on: date | None = None
    cut_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The chosen plan with its reasons.

    `promise_on`: by line key; None where something is unfilled. `unfilled`: units by line key,
    only lines that lack some. `proved`: no cheaper plan exists; otherwise `gap` is how much
    cheaper one could be at most, as a share of the cost. `reference_on`: the day from which
    lateness was priced. `stock`: units that were free, by location and line key.
    `cut_offs_passed`: locations that could still have sent today, had the order come before.
    `problem`: what was asked; not part of the JSON, None when read back.
    """

    decided_at: datetime
    assignments: tuple[Assignment, ...]
    parcels: tuple[PlannedParcel, ...]
    promise_on: Mapping[str, date | None]
    cost: Cost
    unfilled: Mapping[str, int]
    alternatives: tuple[Alternative, ...]
    exclusions: tuple[Exclusion, ...]
    stock: Mapping[str, Mapping[str, int]]
    proved: bool
    lower_bound_minor: int
    reference_on: date | None = None
    need_by_on: date | None = None
    ready_at: datetime | None = None
    cut_offs_passed: Mapping[str, datetime] = field(default_factory=dict)
    problem: Problem | None = field(default=None, compare=False, repr=False)

    @property
    def gap(self) -> float:
        """Proved distance to the best possible plan as a share of this plan's cost."""
        total = self.cost.total
        return 0.0 if self.proved or total <= 0 else (total - self.lower_bound_minor) / total

    @property
    def locations(self) -> tuple[str, ...]:
        """Locations of the plan, in order of first use."""
        return tuple(dict.fromkeys(a.location for a in self.assignments))

    @property
    def arrives_on(self) -> date | None:
        """The last arrival; None when nothing is sent."""
        return max((a.arrives_on for a in self.assignments), default=None)

    @property
    def complete(self) -> bool:
        """Whether every unit has a place."""
        return not self.unfilled

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: dates and instants as ISO 8601 text, `cost.total_minor` added."""
        plain: dict[str, Any] = _plain(replace(self, problem=None))
        del plain["problem"]
        plain["cost"]["total_minor"] = self.cost.total
        plain["gap"] = self.gap
        for alternative, value in zip(self.alternatives, plain["alternatives"], strict=True):
            value["cost"]["total_minor"] = alternative.cost.total
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Decision":
        """The decision that `to_json` wrote. Raises: KeyError, ValueError for anything else."""
        return cls(
            decided_at=datetime.fromisoformat(plain["decided_at"]),
            assignments=tuple(_record(Assignment, row) for row in plain["assignments"]),
            parcels=tuple(_record(PlannedParcel, row) for row in plain["parcels"]),
            promise_on={key: _day(value) for key, value in plain["promise_on"].items()},
            cost=_cost(plain["cost"]),
            unfilled=dict(plain["unfilled"]),
            alternatives=tuple(_record(Alternative, row) for row in plain["alternatives"]),
            exclusions=tuple(_record(Exclusion, row) for row in plain["exclusions"]),
            stock={place: dict(units) for place, units in plain["stock"].items()},
            proved=plain["proved"],
            lower_bound_minor=plain["lower_bound_minor"],
            reference_on=_day(plain["reference_on"]),
            need_by_on=_day(plain["need_by_on"]),
            ready_at=_instant(plain["ready_at"]),
            cut_offs_passed={
                place: datetime.fromisoformat(at) for place, at in plain["cut_offs_passed"].items()
            },
        )


def _plain(value: Any) -> Any:
    # Not `dataclasses.asdict`: it copies deeply first, which cost more than the decision itself.
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return {name: _plain(getattr(value, name)) for name in _names(type(value))}


def _names(kind: type[Any]) -> tuple[str, ...]:
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(f.name for f in fields(kind))
    return known


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _cost(plain: Mapping[str, int]) -> Cost:
    return Cost(*(plain[name] for name in _names(Cost)))


def _record(kind: type[Any], plain: Mapping[str, Any]) -> Any:
    return kind(*(read(plain[name]) for name, read in _readers(kind)))


def _readers(kind: type[Any]) -> list[tuple[str, Callable[[Any], Any]]]:
    """Return how each field of a record is read; their names say it, so it is found out once."""
    known = _READERS.get(kind)
    if known is None:
        known = _READERS[kind] = [(name, _reader(name)) for name in _names(kind)]
    return known


def _reader(name: str) -> Callable[[Any], Any]:
    if name.endswith("_on"):
        return _day
    if name.endswith("_at"):
        return _instant
    if name == "cost":
        return _cost
    return tuple if name in {"keys", "locations"} else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
