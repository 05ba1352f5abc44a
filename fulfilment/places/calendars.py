"""When a place works: opening hours, holidays of its state, cut-off, ship day, pick-up time.

All wall-clock rules are in Europe/Berlin and survive the change to and from summer time;
instants going in and out are timezone-aware and come out in UTC.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
STATES = frozenset(
    ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
)
CARRIER_WEEKDAYS = frozenset(range(6))
"""Parcel carriers in Germany deliver Monday to Saturday (0 = Monday)."""
PREPARATION = timedelta(minutes=90)
"""What a store needs to pick and lay out a click & collect order."""
HORIZON_DAYS = 8
"""Ship days are searched from today to a week ahead."""

Hours = tuple[time, time]


@lru_cache(maxsize=512)
def public_holidays(state: str | None, year: int) -> frozenset[date]:
    """Public holidays of a German state.

    Args: `state` is a two-letter code ("NW"); None gives those that all states share.
    Returns: dates. Raises: ValueError for an unknown state.
    Source: package `holidays`, which follows the holiday laws of the states.
    """
    if state is not None and state not in STATES:
        raise ValueError(f"unknown German state {state!r}")
    # Imported on first use: the package costs 0.6 s, and most processes never ask.
    import holidays

    return frozenset(holidays.country_holidays("DE", subdiv=state, years=year))


def is_holiday(on: date, state: str | None) -> bool:
    """Whether `on` is a public holiday in `state` (None: in all of Germany)."""
    return on in public_holidays(state, on.year)


def local(at: datetime) -> datetime:
    """The instant on the clock of Berlin. Raises: ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(BERLIN)


def instant(on: date, at: time) -> datetime:
    """Wall-clock `at` on day `on` in Berlin, as a UTC instant.

    A time that the spring change skips becomes the instant an hour later on the wall clock;
    one that occurs twice in autumn means the first.
    """
    return datetime.combine(on, at, tzinfo=BERLIN).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """One location's week.

    `hours`: opening hours by weekday (0 = Monday); a weekday that is missing is closed.
    `cut_off`: until then what is ordered still leaves on the same day; where it closes earlier
    on a weekday, until it closes.
    `state`: whose public holidays close it (None: none do). `closed_on`: further closed days.
    """

    hours: Mapping[int, Hours]
    cut_off: time
    state: str | None = None
    closed_on: Collection[date] = field(default_factory=frozenset)

    def is_open(self, on: date) -> bool:
        """Whether the location works on that day at all."""
        if on.weekday() not in self.hours or on in self.closed_on:
            return False
        return self.state is None or on not in public_holidays(self.state, on.year)

    def open_days(self, start: date, days: int) -> Iterator[date]:
        """Open days among `days` days from `start`, in order."""
        for offset in range(days):
            on = start + timedelta(days=offset)
            if self.is_open(on):
                yield on

    def cut_off_of(self, weekday: int) -> time:
        """The cut-off on a weekday (0 = Monday): nobody packs after closing time."""
        hours = self.hours.get(weekday)
        return self.cut_off if hours is None else min(self.cut_off, hours[1])

    def cut_off_at(self, on: date) -> datetime:
        """The instant (UTC) of the cut-off on that day."""
        return instant(on, self.cut_off_of(on.weekday()))

    def cut_off_passed(self, now: datetime) -> bool:
        """Whether today is a working day whose cut-off is over (equal counts as over)."""
        here = local(now)
        return self.is_open(here.date()) and here.time() >= self.cut_off_of(here.weekday())


@dataclass(frozen=True, slots=True)
class Carrier:
    """Days on which parcels are collected and delivered.

    `state` is the destination's: on its holidays nobody rings there. Holidays shared by all
    states stop collection too.
    """

    weekdays: Collection[int] = CARRIER_WEEKDAYS
    state: str | None = None
    holidays: bool = True

    def collects(self, on: date) -> bool:
        """Whether parcels leave a location on that day."""
        return on.weekday() in self.weekdays and not (self.holidays and is_holiday(on, None))

    def delivers(self, on: date) -> bool:
        """Whether parcels arrive at the destination on that day."""
        if on.weekday() not in self.weekdays:
            return False
        return not (self.holidays and is_holiday(on, self.state))

    def arrival(self, shipped_on: date, transit_days: int) -> date:
        """Day of delivery: `transit_days` delivery days after `shipped_on` (0 = same day).

        Raises: ValueError when the carrier never delivers.
        """
        if not self.weekdays:
            raise ValueError("the carrier delivers on no weekday")
        on = shipped_on
        left = transit_days
        while left > 0:
            on += timedelta(days=1)
            if self.delivers(on):
                left -= 1
        return on


def capacity_on(capacity: Sequence[int] | None, offset: int) -> int | None:
    """Parcels still free `offset` days from today; the last figure holds for later days.

    None (no limit) when `capacity` is None.
    """
    if capacity is None:
        return None
    return capacity[min(offset, len(capacity) - 1)] if capacity else 0


def ship_day(
    calendar: Calendar, carrier: Carrier, now: datetime, capacity: Sequence[int] | None = None
) -> date | None:
    """The first day on which the location can hand a parcel over; None within the horizon.

    Open, not a holiday, the carrier collects, capacity left; today only before the cut-off.
    """
    here = local(now)
    today = here.date()
    for on in calendar.open_days(today, HORIZON_DAYS):
        if on == today and here.time() >= calendar.cut_off_of(on.weekday()):
            continue
        if not carrier.collects(on):
            continue
        free = capacity_on(capacity, (on - today).days)
        if free is None or free > 0:
            return on
    return None


def next_pick_up(
    calendar: Calendar, carrier: Carrier, now: datetime, capacity: Sequence[int] | None = None
) -> datetime | None:
    """The instant (UTC) of the next cut-off that an order taken `now` still makes."""
    on = ship_day(calendar, carrier, now, capacity)
    return None if on is None else calendar.cut_off_at(on)


def ready_for_collection(
    calendar: Calendar, now: datetime, preparation: timedelta = PREPARATION
) -> datetime | None:
    """When a click & collect order taken `now` can be fetched, in UTC; None: not in a week.

    Preparation runs during opening hours only, from now or from opening; the result is
    rounded up to the full hour and lies before closing. What is not ready before closing
    starts again on the next open day.
    """
    here = local(now)
    for on in calendar.open_days(here.date(), HORIZON_DAYS):
        opens, closes = calendar.hours[on.weekday()]
        start = max(now.astimezone(UTC), instant(on, opens))
        ready = _full_hour(start + preparation)
        if ready < instant(on, closes):
            return ready
    return None


def kept_until(calendar: Calendar, ready_at: datetime, open_days: int) -> datetime:
    """When goods that lie ready go back to the shelf: closing time, so many open days later.

    Args: `open_days` after the day on which they are ready (0: on that very day).
    Returns: a UTC instant; where the calendar knows too few open days, the last one counts.
    """
    first = local(ready_at).date()
    days = list(calendar.open_days(first, HORIZON_DAYS * (open_days + 1)))
    last = days[min(open_days, len(days) - 1)] if days else first
    hours = calendar.hours.get(last.weekday())
    return instant(last, hours[1]) if hours else ready_at


def _full_hour(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(hours=1)
