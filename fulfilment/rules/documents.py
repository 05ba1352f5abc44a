"""A setup as a JSON document and back: what is stored, exported and imported.

Reading is strict: an unknown or missing field, or a value of the wrong kind, is refused by its
path. Fields of `Rules` that a document lacks have their default, so that old versions still read.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, time
from typing import Any, TypeVar

from fulfilment.rules.setup import (
    LocationSetup,
    RatesSetup,
    Rules,
    Setup,
    TariffSetup,
    ZoneSetup,
)
from kit.errors import Invalid

WEEKDAYS = range(7)
_Value = TypeVar("_Value")


def to_json(setup: Setup) -> dict[str, Any]:
    """Return the document of a setup: plain JSON values, days and times as ISO 8601 text."""
    return {
        "rules": {f.name: getattr(setup.rules, f.name) for f in fields(Rules)},
        "locations": {code: _location_json(place) for code, place in setup.locations.items()},
        "tariffs": {code: _tariff_json(tariff) for code, tariff in setup.tariffs.items()},
    }


def _location_json(place: LocationSetup) -> dict[str, Any]:
    return {
        "hours": {
            str(day): [_clock(at) for at in place.hours[day]] if day in place.hours else None
            for day in WEEKDAYS
        },
        "cut_off": _clock(place.cut_off),
        "capacity_per_day": place.capacity_per_day,
        "handling_line_minor": place.handling_line_minor,
        "handling_unit_minor": place.handling_unit_minor,
        "groups": list(place.groups),
        "tariffs": list(place.tariffs),
        "closed_on": {day.isoformat(): place.closed_on[day] for day in sorted(place.closed_on)},
    }


def _tariff_json(tariff: TariffSetup) -> dict[str, Any]:
    return {
        "name": tariff.name,
        "carrier": tariff.carrier,
        "weekdays": list(tariff.weekdays),
        "zones": [
            {
                "up_to_km": zone.up_to_km,
                "transit_days": zone.transit_days,
                "surcharge_minor": zone.surcharge_minor,
            }
            for zone in tariff.zones
        ],
        "groups": {
            name: {
                "steps_grams": list(rates.steps_grams),
                "prices_minor": list(rates.prices_minor),
                "max_parcels": rates.max_parcels,
                "longest_mm": rates.longest_mm,
            }
            for name, rates in tariff.groups.items()
        },
    }


def _clock(at: time) -> str:
    return at.isoformat(timespec="minutes")


def from_json(document: Any) -> Setup:
    """Return the setup that a document says; the other direction of `to_json`.

    Raises:
        Invalid: ``setup_field_missing``, ``setup_field_unknown`` or ``setup_field_type``, with
            ``path`` (dots between names) and, for a type, what was ``wanted``.
    """
    whole = _Object(document, "")
    setup = Setup(
        rules=_rules(whole.object("rules")),
        locations=whole.each("locations", _location),
        tariffs=whole.each("tariffs", _tariff),
    )
    whole.end()
    return setup


def _rules(given: "_Object") -> Rules:
    default = Rules()
    values: dict[str, Any] = {}
    for name in given.names():
        known = getattr(default, name, None)
        if not hasattr(default, name):
            raise Invalid("setup_field_unknown", path=given.path(name))
        if isinstance(known, bool):
            values[name] = given.flag(name)
        else:
            values[name] = given.maybe(name) if known is None else given.number(name)
    return Rules(**values)


def _location(given: "_Object") -> LocationSetup:
    hours = given.object("hours")
    place = LocationSetup(
        hours={
            int(day): hours.span(day)
            for day in hours.among([str(day) for day in WEEKDAYS])
            if hours.value(day) is not None
        },
        cut_off=given.clock("cut_off"),
        capacity_per_day=given.number("capacity_per_day"),
        handling_line_minor=given.number("handling_line_minor"),
        handling_unit_minor=given.number("handling_unit_minor"),
        groups=given.texts("groups"),
        tariffs=given.texts("tariffs"),
        closed_on=_closed(given.object("closed_on")),
    )
    given.end()
    return place


def _closed(given: "_Object") -> dict[date, str]:
    found = {}
    for name in given.names():
        try:
            day = date.fromisoformat(name)
        except ValueError:
            raise Invalid("setup_field_type", path=given.path(name), wanted="day") from None
        found[day] = given.text(name)
    return found


def _tariff(given: "_Object") -> TariffSetup:
    tariff = TariffSetup(
        name=given.text("name"),
        carrier=given.text("carrier"),
        weekdays=given.numbers("weekdays"),
        zones=given.list("zones", _zone),
        groups=given.each("groups", _rates),
    )
    given.end()
    return tariff


def _zone(given: "_Object") -> ZoneSetup:
    zone = ZoneSetup(
        given.measure("up_to_km"), given.number("transit_days"), given.number("surcharge_minor")
    )
    given.end()
    return zone


def _rates(given: "_Object") -> RatesSetup:
    rates = RatesSetup(
        given.numbers("steps_grams"),
        given.numbers("prices_minor"),
        given.number("max_parcels"),
        given.maybe("longest_mm"),
    )
    given.end()
    return rates


class _Object:
    """An object of the document that knows its path and which of its fields were read."""

    def __init__(self, given: Any, at: str) -> None:
        if not isinstance(given, Mapping):
            raise Invalid("setup_field_type", path=at, wanted="object")
        self._given, self._at = given, at
        self._read: set[str] = set()

    def path(self, name: str) -> str:
        return f"{self._at}.{name}" if self._at else name

    def names(self) -> list[str]:
        return [str(name) for name in self._given]

    def among(self, allowed: list[str]) -> list[str]:
        for name in self.names():
            if name not in allowed:
                raise Invalid("setup_field_unknown", path=self.path(name))
        return self.names()

    def end(self) -> None:
        self.among(sorted(self._read))

    def value(self, name: str) -> Any:
        if name not in self._given:
            raise Invalid("setup_field_missing", path=self.path(name))
        self._read.add(name)
        return self._given[name]

    def _typed(self, name: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        value = self.value(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Invalid("setup_field_type", path=self.path(name), wanted=wanted)
        return value

    def number(self, name: str) -> int:
        return int(self._typed(name, int, "whole number"))

    def maybe(self, name: str) -> int | None:
        # A field that came later and may be empty: documents from before lack it.
        if self._given.get(name) is None:
            self._read.add(name)
            return None
        return self.number(name)

    def measure(self, name: str) -> float:
        return float(self._typed(name, (int, float), "number"))

    def flag(self, name: str) -> bool:
        return bool(self._typed(name, bool, "true or false"))

    def text(self, name: str) -> str:
        return str(self._typed(name, str, "text"))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(map(str, self._all(name, str, "list of texts")))

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(map(int, self._all(name, int, "list of whole numbers")))

    def _all(self, name: str, kind: type, wanted: str) -> list[Any]:
        found: list[Any] = self._typed(name, list, wanted)
        if any(not isinstance(one, kind) or isinstance(one, bool) for one in found):
            raise Invalid("setup_field_type", path=self.path(name), wanted=wanted)
        return found

    def clock(self, name: str) -> time:
        return self._clock(name, self.value(name))

    def span(self, name: str) -> tuple[time, time]:
        given = self.value(name)
        if not isinstance(given, list) or len(given) != 2:  # noqa: PLR2004 - opens, closes
            raise Invalid("setup_field_type", path=self.path(name), wanted="two times or null")
        return self._clock(name, given[0]), self._clock(name, given[1])

    def _clock(self, name: str, value: Any) -> time:
        try:
            at = time.fromisoformat(value)
        except (TypeError, ValueError):
            raise Invalid("setup_field_type", path=self.path(name), wanted="time") from None
        if at.tzinfo is not None or at.second or at.microsecond:
            raise Invalid("setup_field_type", path=self.path(name), wanted="time")
        return at

    def object(self, name: str) -> "_Object":
        return _Object(self.value(name), self.path(name))

    def each(self, name: str, read: Callable[["_Object"], _Value]) -> dict[str, _Value]:
        inner = self.object(name)
        return {one: read(inner.object(one)) for one in inner.names()}

    def list(self, name: str, read: Callable[["_Object"], _Value]) -> tuple[_Value, ...]:
        found = self._typed(name, list, "list")
        return tuple(read(_Object(one, f"{self.path(name)}.{n}")) for n, one in enumerate(found))
