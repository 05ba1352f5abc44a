"""Whether a setup makes sense: every fault with its field, its reason and the facts.

A fault refuses the setup; a hint does not: it is allowed, but somebody should look at it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from fulfilment.rules.setup import (
    SPANS,
    LocationSetup,
    RatesSetup,
    Rules,
    Setup,
    TariffSetup,
    ZoneSetup,
)
from kit.errors import Invalid

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_LONGEST_NAME, _LONGEST_REASON = 80, 200
_WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field.

    `path`: names from the top, as in `fulfilment.rules.differing`, joined by dots:
    ``locations.bonn.cut_off``. `code`: the reason, e.g. ``out_of_range``; `facts` explain it.
    """

    path: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return path, code and facts as one object."""
        return {"path": self.path, "code": self.code, **self.facts}


def check(setup: Setup, known: Iterable[str] | None = None) -> None:
    """Pass if a setup has no fault.

    Args:
        setup: which.
        known: codes of the locations that exist; None: any will do.

    Raises:
        Invalid: ``setup_invalid`` with ``path`` and ``reason`` of the first fault, its facts, and
            all ``faults``.
    """
    found = faults(setup, known)
    if found:
        first = found[0]
        facts = {"path": first.path, "reason": first.code, **first.facts}
        raise Invalid("setup_invalid", faults=[one.to_json() for one in found], **facts)


def faults(setup: Setup, known: Iterable[str] | None = None) -> list[Fault]:
    """Return everything that is wrong with a setup; see `check`."""
    found = list(_spans("rules", setup.rules, _numbers(setup.rules)))
    there = None if known is None else frozenset(known)
    for code, place in setup.locations.items():
        if there is not None and code not in there:
            found.append(Fault(f"locations.{code}", "unknown_location"))
        found += _of_location(f"locations.{code}", place, setup)
    for code in sorted((there or frozenset()) - set(setup.locations)):
        found.append(Fault(f"locations.{code}", "location_missing"))
    for code, tariff in setup.tariffs.items():
        found += _of_tariff(f"tariffs.{code}", code, tariff)
    return found


def _numbers(rules: Rules) -> list[str]:
    return [f.name for f in fields(rules) if f.name in SPANS]


def _spans(path: str, owner: Any, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        yield from _span(f"{path}.{name}", name, getattr(owner, name))


def _span(path: str, name: str, value: float | None) -> Iterator[Fault]:
    span = SPANS[name]
    if value is not None and not span.least <= value <= span.most:
        facts = {"value": value, "least": span.least, "most": span.most, "unit": span.unit}
        yield Fault(path, "out_of_range", facts)


def _of_location(path: str, place: LocationSetup, setup: Setup) -> Iterator[Fault]:
    numbers = ("capacity_per_day", "handling_line_minor", "handling_unit_minor")
    yield from _spans(path, place, numbers)
    for day, (opens, closes) in place.hours.items():
        if opens >= closes:
            yield Fault(f"{path}.hours.{day}", "opens_after_closing")
    if place.hours and not any(
        opens < place.cut_off <= closes for opens, closes in place.hours.values()
    ):
        yield Fault(f"{path}.cut_off", "cut_off_outside_hours")
    groups = {name for tariff in setup.tariffs.values() for name in tariff.groups}
    yield from _listed(f"{path}.groups", place.groups, groups, "unknown_group")
    yield from _listed(f"{path}.tariffs", place.tariffs, setup.tariffs, "unknown_tariff")
    for on, reason in place.closed_on.items():
        yield from _prose(f"{path}.closed_on.{on.isoformat()}", reason, _LONGEST_REASON)


def _listed(path: str, names: Sequence[str], known: Iterable[str], code: str) -> Iterator[Fault]:
    there = frozenset(known)
    for name in dict.fromkeys(names):
        if name not in there:
            yield Fault(path, code, {"name": name})
        if names.count(name) > 1:
            yield Fault(path, "named_twice", {"name": name})


def _prose(path: str, text: str, longest: int) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(path, "empty")
    elif len(text) > longest:
        yield Fault(path, "too_long", {"most": longest})


def _of_tariff(path: str, code: str, tariff: TariffSetup) -> Iterator[Fault]:
    if not _CODE.fullmatch(code):
        yield Fault(path, "malformed_code")
    yield from _prose(f"{path}.name", tariff.name, _LONGEST_NAME)
    yield from _prose(f"{path}.carrier", tariff.carrier, _LONGEST_NAME)
    if not tariff.weekdays:
        yield Fault(f"{path}.weekdays", "empty")
    elif not set(tariff.weekdays) <= _WEEKDAYS or len(set(tariff.weekdays)) < len(tariff.weekdays):
        yield Fault(f"{path}.weekdays", "unknown_weekday")
    yield from _of_zones(f"{path}.zones", tariff.zones)
    if not tariff.groups:
        yield Fault(f"{path}.groups", "empty")
    for name, rates in tariff.groups.items():
        if not _CODE.fullmatch(name):
            yield Fault(f"{path}.groups.{name}", "malformed_code")
        yield from _of_rates(f"{path}.groups.{name}", rates)


def _of_zones(path: str, zones: Sequence[ZoneSetup]) -> Iterator[Fault]:
    if not zones:
        yield Fault(path, "empty")
    for number, zone in enumerate(zones):
        here = f"{path}.{number}"
        yield from _spans(here, zone, ("up_to_km", "transit_days", "surcharge_minor"))
        if number and zone.up_to_km <= zones[number - 1].up_to_km:
            yield Fault(f"{here}.up_to_km", "not_ascending")


def _of_rates(path: str, rates: RatesSetup) -> Iterator[Fault]:
    yield from _spans(path, rates, ("max_parcels", "longest_mm"))
    if not rates.steps_grams:
        yield Fault(f"{path}.steps_grams", "empty")
    if len(rates.prices_minor) != len(rates.steps_grams):
        yield Fault(f"{path}.prices_minor", "price_missing", {"steps": len(rates.steps_grams)})
    for number, grams in enumerate(rates.steps_grams):
        yield from _span(f"{path}.steps_grams.{number}", "steps_grams", grams)
        if number and grams <= rates.steps_grams[number - 1]:
            yield Fault(f"{path}.steps_grams.{number}", "not_ascending")
    for number, price in enumerate(rates.prices_minor):
        yield from _span(f"{path}.prices_minor.{number}", "prices_minor", price)
        if number and price < rates.prices_minor[number - 1]:
            yield Fault(f"{path}.prices_minor.{number}", "not_ascending")


def hints(setup: Setup) -> list[Fault]:
    """Return what is allowed but worth a look.

    Codes: ``never_open``, ``no_capacity``, ``no_tariff``, ``group_not_carried`` (none of the
    location's tariffs takes that group), ``unused_tariff``, ``promise_cheaper_than_late`` (breaking
    a told date costs less than an open one).
    """
    found: list[Fault] = []
    for code, place in setup.locations.items():
        found += _hints_of(f"locations.{code}", place, setup)
    used = {name for place in setup.locations.values() for name in place.tariffs}
    found += [Fault(f"tariffs.{code}", "unused_tariff") for code in setup.tariffs.keys() - used]
    if setup.rules.broken_promise_minor < setup.rules.late_minor:
        found.append(Fault("rules.broken_promise_minor", "promise_cheaper_than_late"))
    return sorted(found, key=lambda one: one.path)


def _hints_of(path: str, place: LocationSetup, setup: Setup) -> Iterator[Fault]:
    if not place.hours:
        yield Fault(f"{path}.hours", "never_open")
    if not place.capacity_per_day:
        yield Fault(f"{path}.capacity_per_day", "no_capacity")
    if not place.tariffs:
        yield Fault(f"{path}.tariffs", "no_tariff")
    carried = {
        name
        for code in place.tariffs
        if code in setup.tariffs
        for name in setup.tariffs[code].groups
    }
    for name in place.groups:
        if name not in carried:
            yield Fault(f"{path}.groups", "group_not_carried", {"name": name})
