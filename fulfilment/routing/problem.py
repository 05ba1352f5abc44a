"""One order as a routing problem: plain frozen facts, no database, no clock.

The shape follows the published instance format `fulfil-order/1` (docs/routing.md), so that
an independent judge can be asked the same question. Money in cents, weights in grams.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fulfilment.places.calendars import CARRIER_WEEKDAYS, Calendar

SHORT_MINOR = 100_000
"""Default price of one unfilled unit: no parcel is dear enough to leave a unit behind."""
LATE_MINOR = 150
"""Default price of one day later than the earliest possible, per parcel."""


@dataclass(frozen=True, slots=True)
class Line:
    """An order line, or what is left of it.

    `key` names it in the decision. `group`: lines of different groups never share a parcel.
    `margin_minor`: what one unit earns, the price of taking it from a store's counter.
    `short_minor`: price of one unfilled unit (None: the problem's). `refused_by`: locations
    that said no to this line and are not asked again. `longest_mm`: the longest side of a unit
    (0: not known, fits everywhere).
    """

    key: str
    sku: str
    quantity: int
    weight_grams: int
    group: str = "std"
    margin_minor: int = 0
    short_minor: int | None = None
    refused_by: Collection[str] = frozenset()
    longest_mm: int = 0


@dataclass(frozen=True, slots=True)
class Zone:
    """A tariff's zone: the first one with `distance <= max_km` holds."""

    max_km: float
    transit_days: int
    surcharge_minor: int = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of one parcel up to each weight step, ascending; heavier needs more parcels.

    `longest_mm`, `heaviest_grams`: what one unit may measure and weigh (None: no limit).
    """

    steps_grams: tuple[int, ...]
    prices_minor: tuple[int, ...]
    max_parcels: int = 1
    longest_mm: int | None = None
    heaviest_grams: int | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """A carrier's service: zones by distance, rates by goods group, days it works."""

    zones: tuple[Zone, ...]
    groups: Mapping[str, Rates]
    weekdays: Collection[int] = CARRIER_WEEKDAYS


@dataclass(frozen=True, slots=True)
class Source:
    """A location that may ship.

    `available`: units free to promise by SKU (house.md's ATP). `counter_rate`: units of a SKU
    its counter is expected to sell until replenishment. `shadow`: what a unit of a SKU is worth
    there for orders still to come, in cents; a plan that takes it pays the larger of both.
    `capacity`: parcels still free today, tomorrow, later (None: no limit). `tariffs`: names in
    `Problem.tariffs`.
    """

    location: str
    name: str
    kind: str
    latitude: float
    longitude: float
    calendar: Calendar
    tariffs: tuple[str, ...]
    available: Mapping[str, int]
    groups: Collection[str] = frozenset({"std"})
    capacity: tuple[int, ...] | None = None
    handling_line_minor: int = 0
    handling_unit_minor: int = 0
    counter_rate: Mapping[str, float] = field(default_factory=dict)
    shadow: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the parcels go."""

    postal_code: str
    latitude: float
    longitude: float
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a decision may depend on.

    `need_by_on`: no parcel may arrive later; with `need_by_late_minor` it may, and each day
    later costs that much per parcel. `need_by_hard`: the customer has no use for anything later,
    whatever price the retailer's rules put on it (they then set no `need_by_late_minor`).
    `promise_on`: what the customer was already told; each
    day later costs `late_minor` per parcel. With neither, each day later than the earliest
    arrival that any location offers costs `late_minor`. `split_minor`: per parcel beyond the
    first. `ship_complete`: all or nothing. `collect_at`: location code for click & collect;
    what lies there needs no parcel, others ship to it. `counter_percent`: weight of what a
    unit is worth where it lies (`Source.counter_rate`, `Source.shadow`). `carrier_holidays`:
    whether carriers rest on public holidays. `stock`: what `available` says, for whoever asks
    again later: ``open`` what the books had free everywhere, ``chosen`` only where somebody wants
    it from, ``claimed`` units that lie claimed for this order. `network`: what the
    router keeps of the sources from call to call (`network.Network`), and nobody else looks into;
    it must stand for the same locations in the same order.
    """

    now: datetime
    destination: Destination
    lines: tuple[Line, ...]
    sources: tuple[Source, ...]
    tariffs: Mapping[str, Tariff]
    promise_on: date | None = None
    need_by_on: date | None = None
    need_by_late_minor: int | None = None
    need_by_hard: bool = False
    late_minor: int = LATE_MINOR
    split_minor: int = 0
    max_parcels: int = 6
    ship_complete: bool = False
    short_minor: int = SHORT_MINOR
    collect_at: str | None = None
    counter_percent: int = 100
    carrier_holidays: bool = True
    stock: str = "open"
    network: object | None = field(default=None, compare=False, repr=False)
