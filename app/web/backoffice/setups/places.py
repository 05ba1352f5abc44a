"""A location's week, costs and closed days, as a form with the year beside it."""

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.web.backoffice.room import blueprint
from app.web.backoffice.setups import drafting, wording
from app.web.backoffice.setups.drafting import Again, Here
from app.web.backoffice.setups.reading import Typed, clock, euros, renumbered, rows
from app.web.session import allowed
from fulfilment.places import locations
from fulfilment.places.calendars import Hours, public_holidays
from fulfilment.rules import LocationSetup, Setup
from kit import clock as shop_clock
from kit.database import reading
from kit.errors import NotFound

_BLANK_ROWS = 3
_CLOSED = ("day", "reason")
_YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year view. `state`: open, week (its closing day), holiday or closed."""

    on: date
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year view; so many (`lead`) empty cells stand before its first day."""

    name: str
    lead: int
    days: list[Day]


@blueprint.get("/setup/locations/<code>")
@allowed
def setup_location(code: str) -> str:
    """Show a location as a form."""
    with reading() as session:
        now = drafting.here(session)
        return _page(code)(now, texts(_part(code)(now.setup)), {}, "")


def _part(code: str) -> Callable[[Setup], LocationSetup]:
    def part(setup: Setup) -> LocationSetup:
        if code not in setup.locations:
            raise NotFound("location", location=code)
        return setup.locations[code]

    return part


def texts(place: LocationSetup) -> dict[str, str]:
    """Return a location as the form holds it."""
    found = {
        "cut_off": clock(place.cut_off),
        "capacity_per_day": str(place.capacity_per_day),
        "handling_line_minor": euros(place.handling_line_minor),
        "handling_unit_minor": euros(place.handling_unit_minor),
    }
    for day, (opens, closes) in place.hours.items():
        found[f"hours.{day}"] = clock(opens)
        found[f"hours.{day}.closes"] = clock(closes)
    found |= {f"groups.{name}": "1" for name in place.groups}
    found |= {f"tariffs.{name}": "1" for name in place.tariffs}
    closed = [{"day": on.isoformat(), "reason": why} for on, why in sorted(place.closed_on.items())]
    return found | renumbered("closed", closed)


def _page(code: str) -> Again:
    def page(now: Here, typed: Mapping[str, str], wrong: Mapping[str, str], word: str) -> str:
        place, before = now.setup.locations[code], now.in_force.locations[code]
        with reading() as session:
            row = locations.by_code(session)[code]
        year = _year()
        groups = {name for tariff in now.setup.tariffs.values() for name in tariff.groups}
        return drafting.show(
            "location",
            now,
            code=code,
            row=row,
            place=place,
            before=before,
            texts=typed,
            errors=wrong,
            word=word,
            seen=drafting.seen(place),
            groups=sorted(groups | set(place.groups), key=lambda name: (name != "std", name)),
            closed=[*rows(typed, "closed", _CLOSED), *({} for _ in range(_BLANK_ROWS))],
            year=year,
            years=range(shop_clock.today().year, shop_clock.today().year + _YEARS_AHEAD),
            months=months(place, row.state, year),
            hours=wording.hours,
        )

    return page


def _year() -> int:
    this = shop_clock.today().year
    chosen = request.args.get("year", "")
    known = [str(year) for year in range(this, this + _YEARS_AHEAD)]
    return int(chosen) if chosen in known else this


def months(place: LocationSetup, state: str, year: int) -> list[Month]:
    """Return a year of a location: when it is open, and why it is not."""
    found = []
    holidays = public_holidays(state, year)
    for month in range(1, 13):
        first = date(year, month, 1)
        last = calendar.monthrange(year, month)[1]
        days = [_day(place, holidays, first.replace(day=number)) for number in range(1, last + 1)]
        found.append(Month(str(format_date(first, "LLLL")), first.weekday(), days))
    return found


def _day(place: LocationSetup, holidays: frozenset[date], on: date) -> Day:
    if on in place.closed_on:
        return Day(on, "closed", place.closed_on[on])
    if on in holidays:
        return Day(on, "holiday", _("Feiertag"))
    if on.weekday() not in place.hours:
        return Day(on, "week", _("Ruhetag"))
    return Day(on, "open", _("offen"))


@blueprint.post("/setup/locations/<code>")
@allowed
def setup_location_save(code: str) -> Response | tuple[str, int]:
    """Save a location in the draft."""
    given = request.form.to_dict()
    kept = {name: text for name, text in given.items() if not name.startswith("closed.")}
    closed = rows(given, "closed", _CLOSED)
    return drafting.save(
        Typed(kept | renumbered("closed", closed)),
        prefix=f"locations.{code}",
        part=_part(code),
        change=lambda setup, typed: _typed(setup, typed, code),
        again=_page(code),
        back=url_for("backoffice.setup_location", code=code),
    )


def _typed(setup: Setup, typed: Typed, code: str) -> Setup:
    place = setup.locations[code]
    groups = {name for tariff in setup.tariffs.values() for name in tariff.groups}
    wanted = replace(
        place,
        hours=_hours(typed),
        cut_off=typed.clock("cut_off"),
        capacity_per_day=typed.whole("capacity_per_day"),
        handling_line_minor=typed.scaled("handling_line_minor", 100),
        handling_unit_minor=typed.scaled("handling_unit_minor", 100),
        groups=_ticked(typed, "groups", place.groups, groups),
        tariffs=_ticked(typed, "tariffs", place.tariffs, setup.tariffs),
        closed_on=_closed(typed),
    )
    return replace(setup, locations={**setup.locations, code: wanted})


def _hours(typed: Typed) -> dict[int, Hours]:
    found: dict[int, Hours] = {}
    for day in wording.WEEKDAYS:
        opens, closes = f"hours.{day}", f"hours.{day}.closes"
        if typed.text(opens) and typed.text(closes):
            found[day] = (typed.clock(opens), typed.clock(closes))
        elif typed.text(opens) or typed.text(closes):
            typed.wrong[opens] = _("Öffnet und schließt: beides, oder keines von beiden.")
    return found


def _ticked(
    typed: Typed, field: str, before: tuple[str, ...], known: Iterable[str]
) -> tuple[str, ...]:
    """What is ticked, in the order in which it stood before."""
    names = [*before, *sorted(set(known) - set(before))]
    return tuple(name for name in names if typed.given(f"{field}.{name}"))


def _closed(typed: Typed) -> dict[date, str]:
    found: dict[date, str] = {}
    for number, row in enumerate(rows(typed.texts, "closed", _CLOSED)):
        day = typed.day(f"closed.{number}.day")
        if day is None:
            continue
        if day in found:
            typed.wrong[f"closed.{number}.day"] = _("Steht zweimal da.")
        found[day] = row["reason"]
        if not row["reason"]:
            typed.wrong[f"closed.{number}.reason"] = _("Warum? Zum Beispiel: Inventur.")
    return found
