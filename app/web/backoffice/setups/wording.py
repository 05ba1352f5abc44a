"""The setup in words: what a field is called, its unit, what it does, what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import formats
from fulfilment.rules import Change, Fault, LocationSetup

_MONDAY = date(2026, 1, 5)
WEEKDAYS = range(7)

RULES: dict[str, tuple[Any, Any]] = {
    "split_minor": (
        _l("Jedes weitere Paket"),
        _l("Mühe beim Packen, Rückfragen. Höher: seltener geteilt."),
    ),
    "late_minor": (
        _l("Ein Tag später als möglich"),
        _l("Je Paket. Höher: öfter Express oder der nähere Laden."),
    ),
    "broken_promise_minor": (
        _l("Ein Tag nach der Zusage"),
        _l("Je Paket. Sollte mehr sein als jeder schnellere Versand kostet."),
    ),
    "need_by_late_minor": (
        _l("Ein Tag nach dem Wunschtermin"),
        _l("Je Paket, wenn der Kunde lieber später als gar nicht will. Leer: nie geplant."),
    ),
    "short_minor": (
        _l("Ein Stück, das niemand schickt"),
        _l("Sehr hoch, damit nur fehlt, was es nirgends gibt."),
    ),
    "max_parcels": (
        _l("Pakete je Bestellung"),
        _l("Mehr werden nie geplant, alle Standorte zusammen."),
    ),
    "counter_percent": (
        _l("Gewicht des Tresens"),
        _l("Was ein Stück dem Laden wert ist. 0 %: zählt nicht, 100 %: wie berechnet."),
    ),
    "carrier_holidays": (
        _l("Paketdienste ruhen an Feiertagen"),
        _l("Gilt für Abholung und Zustellung."),
    ),
}
"""Rules by field: what they are called, and what they do."""

_FIELDS = {
    "cut_off": _l("Annahmeschluss"),
    "capacity_per_day": _l("Pakete am Tag"),
    "handling_line_minor": _l("Handarbeit je Position"),
    "handling_unit_minor": _l("Handarbeit je Stück"),
    "groups": _l("verschickt"),
    "tariffs": _l("Tarife"),
    "name": _l("Name"),
    "carrier": _l("Paketdienst"),
    "weekdays": _l("Abhol- und Liefertage"),
    "transit_days": _l("Laufzeit"),
    "surcharge_minor": _l("Zuschlag"),
    "max_parcels": _l("Pakete höchstens"),
    "longest_mm": _l("Länge höchstens"),
}
_GROUPS = {
    "std": _l("Paket"),
    "bulky": _l("Sperrgut"),
    "haz": _l("Gefahrgut"),
    "std-18": _l("Paket ab 18, mit Altersprüfung"),
    "bulky-18": _l("Sperrgut ab 18, mit Altersprüfung"),
    "haz-18": _l("Gefahrgut ab 18, mit Altersprüfung"),
}
_DAYS = {"weekdays"}


def weekday(day: int, width: str = "EEEE") -> str:
    """Return the name of a weekday (0 = Monday)."""
    return str(format_date(_MONDAY.replace(day=_MONDAY.day + day), width)).removesuffix(".")


def group(code: str) -> str:
    """Return what a shipping group is called; an unknown one stands for itself."""
    return str(_GROUPS.get(code, code))


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words: whose, which field, what it was and what it will be."""

    where: str
    what: str
    before: str
    after: str


def said(change: Change, names: Mapping[str, str]) -> Said:
    """Return a change in words.

    Args:
        change: one difference between two setups.
        names: display names of locations and tariffs by code.
    """
    kind, *rest = change.path
    if kind == "rules":
        name = rest[0]
        where, what = _("Regeln"), str(RULES[name][0]) if name in RULES else name
    else:
        where = names.get(rest[0], rest[0])
        what = _what(rest[1:])
    return Said(where, what, value(change.path, change.before), value(change.path, change.after))


def _what(path: Sequence[str]) -> str:
    field = str(_FIELDS.get(path[-1], path[-1]))
    if path[0] == "hours":
        return weekday(int(path[1]))
    if path[0] == "closed_on":
        return _("geschlossen am %(day)s", day=formats.day_short(date.fromisoformat(path[1])))
    if path[0] == "zones":
        return _("bis %(km)s km: %(field)s", km=path[1], field=field)
    if path[0] == "groups" and len(path) > 1:
        name = group(path[1])
        if path[2] == "prices_minor":
            return _("%(group)s bis %(weight)s", group=name, weight=formats.kilograms(int(path[3])))
        return f"{name}: {field}"
    return field


def value(path: Sequence[str], value: Any) -> str:
    """Return the value of a field as people read it."""
    nothing = {"hours": _("geschlossen"), "closed_on": _("offen")}
    for name, words in nothing.items():
        if name in path and value is None:
            return words
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if "hours" in path:
        return f"{value[0]}–{value[1]}"
    if isinstance(value, list):
        return _list(path, value)
    return _number(path, value) if isinstance(value, int | float) else str(value)


def _list(path: Sequence[str], value: list[Any]) -> str:
    if path[-1] in _DAYS:
        return ", ".join(weekday(day, "EEE") for day in value) or "–"
    return ", ".join(group(str(one)) for one in value) or "–"


def _number(path: Sequence[str], value: float) -> str:
    field = next((name for name in reversed(path) if not name[:1].isdecimal()), "")
    if field.endswith("_minor"):
        return formats.money(int(value))
    if field == "counter_percent":
        return _("%(value)s %%", value=formats.number(value))
    if field == "transit_days":
        return days(int(value))
    if field == "longest_mm":
        return _("%(value)s cm", value=formats.number(value / 10))
    return formats.number(value)


def hours(place: LocationSetup) -> str:
    """Return a week in short: "Mo–Fr 9:30–19:00, Sa 9:00–18:00"."""
    spans: list[tuple[int, int, str]] = []
    for day in sorted(place.hours):
        opens, closes = (at.strftime("%H:%M").removeprefix("0") for at in place.hours[day])
        span = f"{opens}–{closes}"
        if spans and spans[-1][1] == day - 1 and spans[-1][2] == span:
            spans[-1] = (spans[-1][0], day, span)
        else:
            spans.append((day, day, span))
    parts = []
    for first, last, span in spans:
        between = "" if first == last else f"–{weekday(last, 'EEE')}"
        parts.append(f"{weekday(first, 'EEE')}{between} {span}")
    return ", ".join(parts) or _("nie")


def days(count: int) -> str:
    """Return a number of delivery days: "1 Tag"."""
    return _("1 Tag") if count == 1 else _("%(count)s Tage", count=count)


def fault(found: Fault) -> str:
    """Return what is wrong with a field, or worth a look, as a short sentence."""
    facts = {**found.facts, "name": group(str(found.facts.get("name", "")))}
    if found.code == "out_of_range":
        return _("Bitte zwischen %(least)s und %(most)s.", **_limits(facts))
    words = {
        "opens_after_closing": _("Schließt, bevor geöffnet wird."),
        "cut_off_outside_hours": _("Liegt an keinem Tag in den Öffnungszeiten."),
        "unknown_group": _("Kein Tarif kennt „%(name)s“.", **facts),
        "unknown_tariff": _("Den Tarif „%(name)s“ gibt es nicht.", **facts),
        "named_twice": _("„%(name)s“ steht zweimal da.", **facts),
        "empty": _("Fehlt."),
        "too_long": _("Zu lang."),
        "malformed_code": _("Nur kleine Buchstaben, Ziffern und Bindestriche."),
        "unknown_weekday": _("Diesen Wochentag gibt es nicht."),
        "not_ascending": _("Muss mehr sein als in der Zeile darüber."),
        "price_missing": _("Zu jedem Gewicht gehört ein Preis."),
        "unknown_location": _("Diesen Standort gibt es nicht."),
        "location_missing": _("Dieser Standort fehlt."),
        "never_open": _("An keinem Tag geöffnet: schickt nie etwas."),
        "no_capacity": _("0 Pakete am Tag: schickt nie etwas."),
        "no_tariff": _("Kein Tarif: schickt nie etwas."),
        "cut_off_after_closing": _(
            "Annahmeschluss nach Ladenschluss: Was danach bestellt wird, gilt noch als heute."
        ),
        "group_not_carried": _("Kein Tarif des Standorts nimmt „%(name)s“ mit.", **facts),
        "unused_tariff": _("Kein Standort benutzt diesen Tarif."),
        "promise_cheaper_than_late": _("Eine Zusage zu brechen kostet weniger als ein später Tag."),
    }
    return words.get(found.code, found.code)


def _limits(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return both ends of a range in the unit in which the field is typed."""
    by_unit = {"cents": 100, "grams": 1000, "mm": 10}
    words = {"cents": "€", "grams": "kg", "mm": "cm", "percent": "%", "km": "km"}
    unit = str(facts["unit"])
    least, most = (formats.number(facts[end] / by_unit.get(unit, 1)) for end in ("least", "most"))
    after = f" {words[unit]}" if unit in words else ""
    return {"least": least, "most": most + after}
