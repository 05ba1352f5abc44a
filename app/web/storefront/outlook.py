"""What can be had when: per item the units online with their day, and the units per store.

1. One routing problem with every item of the page as a line of one unit gives stock, calendars
   and carriers of all locations at once: the same facts that the router will decide on.
2. Per location: the next day it ships, and the first day one of its carriers arrives.
3. Online means: from any location that can send it; the day is the earliest of those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import formats
from app.sales import terms
from catalog.views import ItemView
from fulfilment import locations
from fulfilment.calendars import Calendar, Carrier, ready_for_collection, ship_day
from fulfilment.geography import distance_km
from fulfilment.models import Location
from fulfilment.routing import snapshot
from fulfilment.routing.problem import Line, Problem, Source
from kit import clock

WAREHOUSE = "warehouse"


@dataclass(frozen=True)
class Departure:
    """The next parcel of a location: leaves on, if ordered until; arrives on."""

    ships_on: date
    until_at: datetime
    arrives_on: date


@dataclass(frozen=True)
class StoreStock:
    """Units of an item in a store, and when they could be fetched there."""

    code: str
    city: str
    units: int
    ready_at: datetime | None


@dataclass(frozen=True)
class Outlook:
    """What can be had of one item. `arrives_on` is None where nobody can send it."""

    warehouse_units: int
    units: int
    arrives_on: date | None
    stores: Sequence[StoreStock]

    def lines(self) -> list[dict[str, str]]:
        """Return the two lines of a card: online with its day, and the first store that has it."""
        lines = [self.online_line()]
        for store in self.stores:
            if store.units:
                lines.append(store_line(store, short=True))
                break
        return lines

    def online_line(self) -> dict[str, str]:
        """Return how it comes by parcel."""
        if self.arrives_on is None:
            return {"tone": "none", "text": gettext("zurzeit nicht lieferbar")}
        day = formats.day_word(self.arrives_on)
        if self.warehouse_units:
            text = gettext("%(units)s online · %(day)s da", units=self.warehouse_units, day=day)
            return {"tone": "ok", "text": text}
        return {"tone": "later", "text": gettext("aus der Filiale · %(day)s da", day=day)}


def store_line(store: StoreStock, *, short: bool = False) -> dict[str, str]:
    """Return what a store has and from when: ``6 in Bonn, heute ab 14 Uhr``."""
    if not store.units:
        return {"tone": "none", "text": gettext("%(city)s: nicht da", city=store.city)}
    if store.ready_at is None:
        text = gettext("%(units)s in %(city)s", units=store.units, city=store.city)
        return {"tone": "later", "text": text}
    on = clock.berlin(store.ready_at).date()
    day, tone = formats.day_word(on), "ok" if on == clock.today() else "later"
    if short:
        text = gettext(
            "%(units)s in %(city)s, %(day)s", units=store.units, city=store.city, day=day
        )
    else:
        text = gettext(
            "%(units)s in %(city)s, %(day)s ab %(hour)s Uhr",
            units=store.units,
            city=store.city,
            day=day,
            hour=formats.hour(store.ready_at).removesuffix(":00"),
        )
    return {"tone": tone, "text": text}


def of_items(
    session: Session, items: Sequence[ItemView], postal_code: str | None
) -> Mapping[str, Outlook]:
    """Return the outlook of every item by SKU."""
    if not items:
        return {}
    problem = _problem(session, items, postal_code)
    departures = {source.location: departure(problem, source) for source in problem.sources}
    cities = {code: place.city for code, place in locations.by_code(session).items()}
    ready = {
        source.location: ready_for_collection(source.calendar, problem.now)
        for source in problem.sources
        if source.kind != WAREHOUSE
    }
    return {item.sku: _of(item, problem, departures, cities, ready) for item in items}


def next_departure(session: Session, postal_code: str | None) -> Departure | None:
    """Return the next parcel of the first warehouse to a postal code."""
    problem = _problem(session, (), postal_code)
    for source in problem.sources:
        if source.kind == WAREHOUSE:
            return departure(problem, source)
    return None


def departure(problem: Problem, source: Source, group: str = "std") -> Departure | None:
    """Return the next parcel of a location to the problem's destination, by its fastest carrier."""
    tariffs = [problem.tariffs[name] for name in source.tariffs if name in problem.tariffs]
    weekdays = frozenset(day for tariff in tariffs for day in tariff.weekdays)
    ships_on = ship_day(source.calendar, Carrier(weekdays), problem.now, source.capacity)
    if ships_on is None:
        return None
    to = problem.destination
    distance = distance_km(source.latitude, source.longitude, to.latitude, to.longitude)
    arrivals = []
    for tariff in tariffs:
        zone = next((zone for zone in tariff.zones if distance <= zone.max_km), None)
        carrier = Carrier(tariff.weekdays, to.state)
        if zone and group in tariff.groups and carrier.collects(ships_on):
            arrivals.append(carrier.arrival(ships_on, zone.transit_days))
    if not arrivals:
        return None
    return Departure(ships_on, source.calendar.cut_off_at(ships_on), min(arrivals))


def stores(session: Session) -> list[Location]:
    """Return the stores in display order."""
    return [place for place in locations.by_code(session).values() if place.kind != WAREHOUSE]


def calendars(session: Session) -> Mapping[str, Calendar]:
    """Return the calendar of every location by its code."""
    return {s.location: s.calendar for s in _problem(session, (), None).sources}


def _problem(session: Session, items: Sequence[ItemView], postal_code: str | None) -> Problem:
    lines = [Line(i.sku, i.sku, 1, i.weight_grams, i.shipping_group) for i in items]
    return snapshot.problem_for(
        session,
        lines=lines,
        postal_code=postal_code or terms.DEFAULT_POSTAL_CODE,
        now=clock.now(),
        need_by_on=None,
    )


def _of(
    item: ItemView,
    problem: Problem,
    departures: Mapping[str, Departure | None],
    cities: Mapping[str, str],
    ready: Mapping[str, Any],
) -> Outlook:
    warehouse = units = 0
    arrivals = []
    here = []
    for source in problem.sources:
        free = source.available.get(item.sku, 0)
        leaves = departures[source.location]
        if source.kind == WAREHOUSE:
            warehouse += free
        else:
            city = cities.get(source.location, source.name)
            here.append(StoreStock(source.location, city, free, ready[source.location]))
        units += free
        if free and leaves and item.shipping_group in source.groups:
            arrivals.append(leaves.arrives_on)
    return Outlook(warehouse, units, min(arrivals, default=None), here)
