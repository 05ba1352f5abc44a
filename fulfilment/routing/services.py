"""Which carrier's service gets a location's parcels to the destination, and when.

Each service has its own ship day: on a Saturday the parcel carrier may call and the forwarder
not. A location without a service in time is out of the running, for a rule that is named.
"""

from dataclasses import dataclass
from datetime import date

from fulfilment.places.calendars import (
    Carrier,
    local,
    ready_for_collection,
    ship_day,
)
from fulfilment.places.geography import distance_km
from fulfilment.routing.decision import Exclusion
from fulfilment.routing.problem import Problem, Rates, Source, Zone
from fulfilment.routing.sizes import Size, fits

UNLIMITED = 10**9
COLLECT = "collect"


@dataclass(frozen=True, slots=True)
class Service:
    """A tariff as it applies from one place to the destination.

    Steps and prices are those of one parcel of the lane's group, surcharge included, the price
    of being late (`late`, per parcel) not.
    """

    tariff: str
    ships_on: date
    arrives_on: date
    late: int = 0
    steps: tuple[int, ...] = (UNLIMITED,)
    prices: tuple[int, ...] = (0,)
    max_parcels: int = 0


def collected(problem: Problem) -> tuple[int, Service | None] | None:
    """The location where the order is collected (its number), and when it is ready there."""
    for at, source in enumerate(problem.sources):
        if source.location == problem.collect_at:
            ready = _offers(problem, source, "")
            return at, ready[0] if ready else None
    return None


def _in_time(problem: Problem, offers: list[Service]) -> list[Service]:
    need_by = problem.need_by_on if problem.need_by_late_minor is None else None
    return [o for o in offers if need_by is None or o.arrives_on <= need_by]


def _reaching(
    problem: Problem, source: Source, group: str, size: Size | None
) -> list[tuple[str, Zone, Rates, Carrier]]:
    """Tariffs that carry the group, and a unit of the size, as far as the destination."""
    to = problem.destination
    distance = distance_km(source.latitude, source.longitude, to.latitude, to.longitude)
    found = []
    for name in source.tariffs:
        tariff = problem.tariffs.get(name)
        rates = tariff.groups.get(group) if tariff else None
        if tariff is None or rates is None or (size is not None and not fits(rates, size)):
            continue
        zone = next((zone for zone in tariff.zones if distance <= zone.max_km), None)
        if zone is not None:
            carrier = Carrier(tariff.weekdays, to.state, problem.carrier_holidays)
            found.append((name, zone, rates, carrier))
    return found


def _offers(
    problem: Problem,
    source: Source,
    group: str,
    size: Size | None = None,
    *,
    on: date | None = None,
    full: bool = False,
) -> list[Service]:
    """Services with their days; `on` forces a ship day, `full` looks past used-up capacity."""
    if problem.collect_at == source.location:
        ready = ready_for_collection(source.calendar, problem.now)
        if ready is None:
            return []
        day = local(ready).date()
        return [Service(COLLECT, day, day)]
    capacity = None if full else source.capacity
    offers = []
    for name, zone, rates, carrier in _reaching(problem, source, group, size):
        ships_on = on or ship_day(source.calendar, carrier, problem.now, capacity)
        if ships_on is None or not carrier.collects(ships_on):
            continue
        offers.append(
            Service(
                name,
                ships_on,
                carrier.arrival(ships_on, zone.transit_days),
                0,
                rates.steps_grams,
                tuple(price + zone.surcharge_minor for price in rates.prices_minor),
                rates.max_parcels,
            )
        )
    return offers


def why_not(
    problem: Problem, source: Source, group: str, size: Size, keys: tuple[str, ...]
) -> Exclusion:
    """The rule that keeps a location from delivering in time: what would have had to differ."""
    offers = _offers(problem, source, group, size)
    unlimited = _offers(problem, source, group, size, full=True)
    today = local(problem.now).date()
    if not offers:
        if unlimited:
            rule = "capacity"
        elif _reaching(problem, source, group, size) or problem.collect_at == source.location:
            rule = "closed"
        elif _reaching(problem, source, group, None):
            rule = "oversize"
        else:
            rule = "carrier"
        return Exclusion(source.location, rule, keys)
    soonest = min(offers, key=lambda offer: (offer.arrives_on, offer.ships_on))
    rule, cut_off_at = "too_late", None
    if _in_time(problem, unlimited):
        rule = "capacity"
    elif source.calendar.cut_off_passed(problem.now) and _in_time(
        problem, _offers(problem, source, group, size, on=today)
    ):
        rule, cut_off_at = "cut_off_passed", source.calendar.cut_off_at(today)
    return Exclusion(source.location, rule, keys, soonest.ships_on, soonest.arrives_on, cut_off_at)
