"""From the books, the retailer's costs and the forecast to the market that prices are made for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from fulfilment.foresight import demand
from fulfilment.foresight.futures import Expected
from fulfilment.foresight.past import Books
from fulfilment.foresight.prices import Market
from fulfilment.foresight.shape import Shape, centres
from fulfilment.places.geography import distance_km
from fulfilment.rules import LocationSetup, Setup, TariffSetup

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

REPLENISH_DAYS = 14
"""Goods are expected in so many days where nobody has ordered any."""
LONGEST_DAYS = 60
"""Nothing is forecast for longer."""
STRENGTH_REGION = 10.0
"""Units by which a SKU's regions are pulled towards those of all SKUs."""
NO_WAY = 1e6
"""Price of what cannot be: a location without a service, goods that it does not handle."""
STANDARD = "std"


@dataclass(frozen=True, slots=True)
class Goods:
    """What the catalog knows of a SKU: margin in minor units, weight, goods group."""

    margin_minor: int
    weight_grams: int
    group: str = STANDARD


@dataclass(frozen=True, slots=True)
class Place:
    """A location: where it lies and how it works."""

    code: str
    latitude: float
    longitude: float
    setup: LocationSetup


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of some SKUs.

    `counter_day` (K, L) and `web_day` (K): units on an average day. `counter`, `web`: units until
    goods come. `days` (K, L): until then; `web_days` (K): until the first location gets goods.
    """

    counter_day: Floats
    web_day: Floats
    counter: Floats
    web: Floats
    days: Ints
    web_days: Ints


def forecast(books: Books, shape: Shape, places: Sequence[str], today: date) -> Forecast:
    """Return what is expected until goods come again.

    Args:
        books: history and stock.
        shape: of the shop.
        places: location codes, in the order of the books.
        today: the first day that is forecast.
    """
    past = [(today - timedelta(days=n)).weekday() for n in range(demand.WINDOW_DAYS, 0, -1)]
    coming = [(today + timedelta(days=n)).weekday() for n in range(LONGEST_DAYS)]
    counter_week, web_week = np.array(shape.counter_week), np.array(shape.web_week)
    factor = np.array([shape.places.get(place, 0.0) for place in places])
    counter_day = demand.counter_rates(books.past, counter_week[past], factor, shape.counter_mean)
    web_day = demand.web_rates(books.past, web_week[past], shape.web_mean)
    days = np.where(books.goods_in > 0, books.goods_in, REPLENISH_DAYS)
    days = np.minimum(days, LONGEST_DAYS)
    first = np.where(books.past.carried, days, LONGEST_DAYS).min(axis=1, initial=LONGEST_DAYS)
    web_days = np.where(books.past.carried.any(axis=1), first, REPLENISH_DAYS)
    return Forecast(
        counter_day=counter_day,
        web_day=web_day,
        counter=demand.until(counter_day, counter_week[coming], days),
        web=demand.until(web_day, web_week[coming], web_days),
        days=days,
        web_days=web_days,
    )


def expected(
    books: Books, told: Forecast, shape: Shape, regions: Sequence[str], today: date
) -> Expected:
    """Return what the web is expected to ask for, as futures are drawn from it."""
    of_all = np.array([shape.regions[region] for region in regions])
    share = books.sent + STRENGTH_REGION * of_all
    week = [(today + timedelta(days=n)).weekday() for n in range(REPLENISH_DAYS)]
    return Expected(
        units=told.web,
        region=share / share.sum(axis=1, keepdims=True),
        day=np.array(shape.web_week)[week],
        lengths=np.array(shape.lengths),
    )


def build(
    books: Books,
    told: Forecast,
    goods: Sequence[Goods],
    costs: "Costs",
    room: Floats,
) -> Market:
    """Return the market of some SKUs.

    A web order that finds nothing loses its margin and is spared its parcel: leaving a unit out
    costs the margin and the cheapest mean parcel, so that goods that earn less than their parcel
    costs are sent all the same, as orders are.

    Args:
        books: stock.
        told: forecast.
        goods: of each SKU.
        costs: of all locations.
        room: (D, L) parcels that these SKUs' orders may take.
    """
    margin = np.array([one.margin_minor for one in goods], float)
    weight = np.array([one.weight_grams for one in goods], float)
    dearer = np.array([costs.dearer(one.group) for one in goods]).reshape(len(goods), -1)
    return Market(
        stock=books.free,
        counter=told.counter,
        parcel=costs.parcel,
        line=costs.handling + weight[:, None] * costs.gram + dearer,
        margin=margin,
        short=margin + costs.usual,
        parcels=room,
    )


class Costs:
    """What sending costs from each location, as the router's tariffs say; minor units.

    `parcel` (L, R): the smallest parcel to a region, with the price of one more parcel. `gram`
    (L): what a gram adds. `handling` (L): of a line with one unit. `usual`: the cheapest location's
    parcel, over all regions.
    """

    def __init__(self, setup: Setup, places: Sequence[Place], regions: Sequence[str]) -> None:
        self.places, self.tariffs = places, setup.tariffs
        middles = [centres()[region] for region in regions]
        self.parcel = np.full((len(places), len(regions)), NO_WAY)
        self.gram = np.zeros(len(places))
        for row, place in enumerate(places):
            services = self._services(place, STANDARD)
            for column, (latitude, longitude, _) in enumerate(middles):
                away = distance_km(place.latitude, place.longitude, latitude, longitude)
                prices = [price for one in services if (price := _parcel(one, away)) is not None]
                if prices:
                    self.parcel[row, column] = min(prices) + setup.rules.split_minor
            self.gram[row] = min((_gram(one, STANDARD) for one in services), default=0.0)
        self.handling = np.array(
            [p.setup.handling_line_minor + p.setup.handling_unit_minor for p in places], float
        )
        mean = self.parcel.mean(axis=1)
        self.usual = float(mean.min()) if len(mean) and mean.min() < NO_WAY else 0.0
        self._dearer: dict[str, list[float]] = {}

    def _services(self, place: Place, group: str) -> list[TariffSetup]:
        if group not in place.setup.groups:
            return []
        known = (self.tariffs[code] for code in place.setup.tariffs if code in self.tariffs)
        return [tariff for tariff in known if group in tariff.groups]

    def dearer(self, group: str) -> list[float]:
        """Return what a parcel of a goods group costs more than a standard one, by location."""
        if group == STANDARD:
            return [0.0] * len(self.places)
        if group not in self._dearer:
            self._dearer[group] = [self._more(place, group) for place in self.places]
        return self._dearer[group]

    def _more(self, place: Place, group: str) -> float:
        usual = [one.groups[STANDARD].prices_minor[0] for one in self._services(place, STANDARD)]
        other = [one.groups[group].prices_minor[0] for one in self._services(place, group)]
        return float(max(0, min(other) - min(usual, default=0))) if other else NO_WAY


def _parcel(tariff: TariffSetup, away_km: float) -> float | None:
    """The smallest parcel's price at a distance; None where the service does not go."""
    for zone in tariff.zones:
        if away_km <= zone.up_to_km:
            return tariff.groups[STANDARD].prices_minor[0] + zone.surcharge_minor
    return None


def _gram(tariff: TariffSetup, group: str) -> float:
    """What a gram adds, from the lightest step to the heaviest."""
    rates = tariff.groups[group]
    grams = rates.steps_grams[-1] - rates.steps_grams[0]
    return (rates.prices_minor[-1] - rates.prices_minor[0]) / grams if grams else 0.0


def room(places: Sequence[Place], share: float, today: date) -> Floats:
    """Return the parcels that locations can send on the coming days, (D, L), a share of them."""
    found = np.zeros((REPLENISH_DAYS, len(places)))
    for number in range(REPLENISH_DAYS):
        day = today + timedelta(days=number)
        for column, place in enumerate(places):
            works = day.weekday() in place.setup.hours and day not in place.setup.closed_on
            found[number, column] = place.setup.capacity_per_day * share if works else 0.0
    return found


def share_of(told: Forecast, shape: Shape, block: int) -> float:
    """Return which part of the shop's web orders are for these SKUs."""
    if block >= shape.skus:
        return 1.0
    whole = shape.web_mean * shape.skus * REPLENISH_DAYS
    return min(1.0, float(told.web.sum()) / whole) if whole > 0 else 1.0


def by_sku(skus: Sequence[str], goods: Mapping[str, Goods]) -> list[Goods]:
    """Return the goods of SKUs in their order. Raises: KeyError where the catalog has none."""
    return [goods[sku] for sku in skus]
