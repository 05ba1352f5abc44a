"""What can be had when: per item the units online with their day, and the units per store.

1. One look at the stock, calendars and carriers of all locations for every item of the page.
2. The day of an item is the router's own answer for one unit of it: what a page shows is what the
   basket shows and what the order is promised.
3. Units online are the warehouse's; where it has none, a store sends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import formats
from app.sales import terms
from app.web import kept_pages
from app.workflows import freshness, quoting
from catalog.views import ItemView
from fulfilment.models import Location
from fulfilment.places import locations
from fulfilment.places.calendars import Calendar, ready_for_collection
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.problem import Line, Problem
from kit import clock

WAREHOUSE = "warehouse"
_ANY = Line("*", "*", 1, 100)


@dataclass(frozen=True)
class Departure:
    """The next parcel of the warehouse: leaves on, if ordered until; arrives on."""

    ships_on: date
    until_at: datetime
    arrives_on: date


@dataclass(frozen=True)
class StoreStock:
    """Units of an item in a store, when they could be fetched there, and the store's week."""

    code: str
    city: str
    units: int
    ready_at: datetime | None
    calendar: Calendar


@dataclass(frozen=True)
class Outlook:
    """What can be had of one item. `arrives_on` is None where nobody can send it.

    `counter_only`: it is for adults, and only a counter looks at an age; `age_checked`: whoever
    brings the parcel does.
    """

    warehouse_units: int
    units: int
    arrives_on: date | None
    stores: Sequence[StoreStock]
    counter_only: bool = False
    age_checked: bool = False

    @property
    def can_be_had(self) -> bool:
        """Whether it can be put into a basket: it can be sent, or collected."""
        return self.arrives_on is not None or (self.counter_only and self.units > 0)

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
        if self.counter_only:
            return {"tone": "none", "text": gettext("ab 18, nur im Laden")}
        if self.arrives_on is None:
            return {"tone": "none", "text": gettext("zurzeit nicht lieferbar")}
        day = formats.day_word(self.arrives_on)
        if self.warehouse_units:
            text = gettext("%(units)s online · %(day)s da", units=self.warehouse_units, day=day)
            return {"tone": "ok", "text": text}
        return {"tone": "later", "text": gettext("aus der Filiale · %(day)s da", day=day)}


def store_line(store: StoreStock, *, short: bool = False) -> dict[str, str]:
    """Return what a store has and from when: ``6 in Bonn, heute ab 14 Uhr abholbereit``."""
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
            "%(units)s in %(city)s, %(day)s ab %(hour)s Uhr abholbereit",
            units=store.units,
            city=store.city,
            day=day,
            hour=formats.oclock(store.ready_at),
        )
    return {"tone": tone, "text": text}


def of_items(
    session: Session, items: Sequence[ItemView], postal_code: str | None
) -> Mapping[str, Outlook]:
    """Return the outlook of every item by SKU."""
    if not items:
        return {}
    kept_pages.shows(item.sku for item in items)
    problem = _problem(session, items, postal_code)
    cities = {code: place.city for code, place in locations.by_code(session).items()}
    ready = {
        source.location: ready_for_collection(source.calendar, problem.now)
        for source in problem.sources
        if source.kind != WAREHOUSE
    }
    found = {
        line.sku: _of(line, problem, cities, ready)
        for line in {line.sku: line for line in problem.lines}.values()
    }
    adults = [item for item in items if item.adults_only]
    sent = quoting.carried(problem) if adults else frozenset()
    for item in adults:
        if item.goods_group in sent:
            found[item.sku] = replace(found[item.sku], age_checked=True)
        else:
            found[item.sku] = replace(found[item.sku], arrives_on=None, counter_only=True)
    return found


def carried(session: Session) -> frozenset[str]:
    """Return the goods groups that can be sent at all."""
    return quoting.carried(_problem(session, (), None))


def next_departure(session: Session, postal_code: str | None) -> Departure | None:
    """Return the next parcel of the warehouse to a postal code, whatever is in it."""
    key = ("departure", postal_code)
    return freshness.meanwhile(key, lambda: _next_departure(session, postal_code))


def _next_departure(session: Session, postal_code: str | None) -> Departure | None:
    problem = _problem(session, (), postal_code)
    warehouses = tuple(
        replace(source, available={_ANY.sku: 1})
        for source in problem.sources
        if source.kind == WAREHOUSE
    )
    plan = decide(replace(problem, lines=(_ANY,), sources=warehouses), alternatives=0)
    if not plan.parcels:
        return None
    parcel = plan.parcels[0]
    return Departure(parcel.ships_on, parcel.cut_off_at, parcel.arrives_on)


def stores(session: Session) -> list[Location]:
    """Return the stores in display order."""
    return [place for place in locations.by_code(session).values() if place.kind != WAREHOUSE]


def origin(place: Location) -> str:
    """Return what a sending location is called: ``Lager Kassel``, ``Filiale Bonn``."""
    if place.kind == WAREHOUSE:
        return place.name
    return str(gettext("Filiale %(city)s", city=place.city))


def _problem(session: Session, items: Sequence[ItemView], postal_code: str | None) -> Problem:
    lines = [
        Line(i.sku, i.sku, 1, i.weight_grams, i.goods_group, longest_mm=i.longest_mm) for i in items
    ]
    return snapshot.problem_for(
        session,
        lines=lines,
        postal_code=postal_code or terms.DEFAULT_POSTAL_CODE,
        now=clock.now(),
        need_by_on=None,
    )


def _of(
    line: Line,
    problem: Problem,
    cities: Mapping[str, str],
    ready: Mapping[str, datetime | None],
) -> Outlook:
    free = {source.location: source.available.get(line.sku, 0) for source in problem.sources}
    warehouse = sum(free[source.location] for source in problem.sources if source.kind == WAREHOUSE)
    stores = [
        StoreStock(
            source.location,
            cities.get(source.location, source.name),
            free[source.location],
            ready[source.location],
            source.calendar,
        )
        for source in problem.sources
        if source.kind != WAREHOUSE
    ]
    return Outlook(warehouse, sum(free.values()), _day(line, problem, free), stores)


def _day(line: Line, problem: Problem, free: Mapping[str, int]) -> date | None:
    """Return when one unit arrives; for the router goods of one weight in one place are alike."""
    places = frozenset(location for location, units in free.items() if units)
    if not places:
        return None
    alike = (line.group, line.weight_grams, line.longest_mm, places)
    return freshness.meanwhile(
        ("day", problem.destination.postal_code, alike),
        lambda: decide(replace(problem, lines=(line,)), alternatives=0).arrives_on,
    )
