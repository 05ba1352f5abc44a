"""Reads an order of the published format `fulfil-order/1`, so that a judge can ask the router.

Format and meaning: docs/routing.md. The format counts days from today and knows no holidays;
it is laid on a week of June 2027 that has none, on the weekday it names.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from fulfilment.places.calendars import BERLIN, Calendar
from fulfilment.routing.problem import (
    Destination,
    Line,
    Problem,
    Rates,
    Source,
    Tariff,
    Zone,
)

MONDAY = date(2027, 6, 7)


def read(instance: Mapping[str, Any]) -> Problem:
    """The problem of an instance; line keys are indices as text, SKUs made unique per line.

    Raises: ValueError when it is not `fulfil-order/1`; KeyError when a field is missing.
    """
    if instance.get("format") != "fulfil-order/1":
        raise ValueError("not an instance of fulfil-order/1")
    order, now = instance["order"], instance["now"]
    today = MONDAY + timedelta(days=now["weekday"])
    promise_on = today + timedelta(days=order["promise_day"])
    late = order["late_cents_per_day"]
    lines = tuple(_line(number, line) for number, line in enumerate(order["lines"]))
    skus = [line.sku for line in lines]
    return Problem(
        now=datetime.combine(today, _clock(now["minute"]), tzinfo=BERLIN),
        destination=Destination(order["dest"]["plz"], order["dest"]["lat"], order["dest"]["lon"]),
        lines=lines,
        sources=tuple(_source(location, today, skus) for location in instance["locations"]),
        tariffs={
            name: _tariff(tariff, instance["carrier_days"])
            for name, tariff in instance["tariffs"].items()
        },
        promise_on=None if late is None else promise_on,
        need_by_on=promise_on if late is None else None,
        late_minor=late or 0,
        split_minor=order["split_cents"],
        max_parcels=order["max_parcels"],
        ship_complete=order["ship_complete"],
        collect_at=order["collect_at"],
        carrier_holidays=False,
    )


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _line(number: int, line: Mapping[str, Any]) -> Line:
    return Line(
        key=str(number),
        sku=f"{number}:{line['sku']}",
        quantity=line["qty"],
        weight_grams=line["weight_g"],
        group=line["group"],
        margin_minor=line["margin_cents"],
        short_minor=line["short_cents"],
    )


def _tariff(tariff: Mapping[str, Any], weekdays: list[int]) -> Tariff:
    return Tariff(
        zones=tuple(Zone(*zone) for zone in tariff["zones"]),
        groups={
            group: Rates(tuple(r["steps"]), tuple(r["cents"]), r["max_parcels"])
            for group, r in tariff["groups"].items()
        },
        weekdays=frozenset(weekdays),
    )


def _source(location: Mapping[str, Any], today: date, skus: list[str]) -> Source:
    stock = dict(zip(skus, location["stock"], strict=True))
    return Source(
        location=location["id"],
        name=location["id"],
        kind=location["kind"],
        latitude=location["lat"],
        longitude=location["lon"],
        calendar=Calendar(
            hours={day: (time(0, 0), time(23, 59)) for day in location["open_days"]},
            cut_off=_clock(location["cutoff_min"]),
            closed_on=frozenset(today + timedelta(days=d) for d in location["closed_dates"]),
        ),
        tariffs=tuple(location["carriers"]),
        available={
            sku: max(0, s["on_hand"] - s["reserved"] - s["buffer"]) for sku, s in stock.items()
        },
        groups=frozenset(location["groups"]),
        capacity=tuple(location["capacity_left"]),
        handling_line_minor=location["handling_line_cents"],
        handling_unit_minor=location["handling_unit_cents"],
        counter_rate={sku: s["counter_rate"] for sku, s in stock.items()},
    )
