"""The retailer's rules, costs and calendars as plain values: all that the router is told by people.

A `Setup` is whole: in force, as a draft, as an old version or under a question ("what if?"). It
holds no database rows; `fulfilment.rules.documents` writes it as JSON, `live` into the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

Hours = tuple[time, time]
"""Opening and closing on the wall clock of Berlin."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every order. Prices in cents (minor units).

    `split_minor`: trouble of each parcel beyond the first (packing, questions). `late_minor`: a
    parcel arriving a day later than the earliest possible day. `broken_promise_minor`: a parcel
    arriving a day later than the customer was told. `need_by_late_minor`: a parcel arriving a day
    after the customer's own "needed by"; None: such parcels are never planned. `short_minor`: a
    unit that nobody sends. `max_parcels`: of one order, all locations together.
    `counter_percent`: weight of what a unit is worth where it lies, to a store's counter or to
    later orders; 0 ignores it, 100 takes it as reckoned. `carrier_holidays`: whether carriers rest
    on public holidays.
    """

    split_minor: int = 190
    late_minor: int = 150
    broken_promise_minor: int = 2_500
    need_by_late_minor: int | None = None
    short_minor: int = 100_000
    max_parcels: int = 20
    counter_percent: int = 100
    carrier_holidays: bool = True


@dataclass(frozen=True, slots=True)
class ZoneSetup:
    """A tariff's zone: up to so many km, delivery days, surcharge per parcel in cents."""

    up_to_km: float
    transit_days: int
    surcharge_minor: int = 0


@dataclass(frozen=True, slots=True)
class RatesSetup:
    """Prices of one parcel by weight: up to `steps_grams[n]` it costs `prices_minor[n]` cents.

    A heavier load goes on in further parcels, up to `max_parcels` from one location.
    `longest_mm`: the longest thing that may be in one; None: any length.
    """

    steps_grams: tuple[int, ...]
    prices_minor: tuple[int, ...]
    max_parcels: int = 1
    longest_mm: int | None = None


@dataclass(frozen=True, slots=True)
class TariffSetup:
    """A carrier's service. `weekdays`: 0 = Monday; `groups`: rates by shipping group."""

    name: str
    carrier: str
    weekdays: tuple[int, ...]
    zones: tuple[ZoneSetup, ...]
    groups: Mapping[str, RatesSetup]


@dataclass(frozen=True, slots=True)
class LocationSetup:
    """How a warehouse or store works.

    `hours`: by weekday (0 = Monday), a missing one is closed. `cut_off`: until then what is
    ordered leaves the same day. `capacity_per_day`: parcels. `groups`: shipping groups it
    handles. `tariffs`: codes of the services that collect there. `closed_on`: days on which it
    is closed beside its state's public holidays, each with its reason.
    """

    hours: Mapping[int, Hours]
    cut_off: time
    capacity_per_day: int
    handling_line_minor: int
    handling_unit_minor: int
    groups: tuple[str, ...]
    tariffs: tuple[str, ...]
    closed_on: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setup:
    """Rules, locations by code and tariffs by code. Two that say the same are equal."""

    rules: Rules
    locations: Mapping[str, LocationSetup]
    tariffs: Mapping[str, TariffSetup]


@dataclass(frozen=True, slots=True)
class Span:
    """What a number may be, in which unit: ``cents``, ``parcels``, ``percent`` and the like."""

    unit: str
    least: float
    most: float


SPANS: Mapping[str, Span] = {
    "split_minor": Span("cents", 0, 100_000),
    "late_minor": Span("cents", 0, 100_000),
    "broken_promise_minor": Span("cents", 0, 1_000_000),
    "need_by_late_minor": Span("cents", 0, 1_000_000),
    "short_minor": Span("cents", 0, 10_000_000),
    "max_parcels": Span("parcels", 1, 100),
    "counter_percent": Span("percent", 0, 200),
    "capacity_per_day": Span("parcels", 0, 100_000),
    "handling_line_minor": Span("cents", 0, 100_000),
    "handling_unit_minor": Span("cents", 0, 100_000),
    "up_to_km": Span("km", 1, 20_000),
    "transit_days": Span("days", 0, 30),
    "surcharge_minor": Span("cents", 0, 100_000),
    "steps_grams": Span("grams", 1, 2_000_000),
    "prices_minor": Span("cents", 0, 1_000_000),
    "longest_mm": Span("mm", 1, 20_000),
}
"""By field name, wherever it occurs; both ends are allowed."""
