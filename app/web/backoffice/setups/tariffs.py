"""A carrier's service: zones, weights and prices as a form, and as a sheet for the wall."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web import words
from app.web.backoffice.room import blueprint
from app.web.backoffice.setups import drafting, wording
from app.web.backoffice.setups.drafting import Again, Here
from app.web.backoffice.setups.reading import Typed, euros, renumbered, rows, shown
from app.web.session import allowed
from fulfilment import rules
from fulfilment.rules import RatesSetup, Setup, TariffSetup, ZoneSetup
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound, Refused

_ZONES = ("up_to_km", "transit_days", "surcharge_minor")
_STEPS = ("steps_grams", "prices_minor")
_BLANK_ROWS = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a parcel of a group costs: a row per weight, a column per zone, cents."""

    group: str
    rows: list[tuple[int, list[int]]]
    max_parcels: int
    longest_mm: int | None


@blueprint.get("/setup/tariffs/<code>")
@allowed
def setup_tariff(code: str) -> str:
    """Show a tariff as a form, with its price sheet."""
    with reading() as session:
        now = drafting.here(session)
        return _page(code)(now, texts(part(code)(now.setup)), {}, "")


def part(code: str) -> Callable[[Setup], TariffSetup]:
    """Return what takes the tariff out of a setup."""

    def found(setup: Setup) -> TariffSetup:
        if code not in setup.tariffs:
            raise NotFound("tariff", tariff=code)
        return setup.tariffs[code]

    return found


def texts(tariff: TariffSetup) -> dict[str, str]:
    """Return a tariff as the form holds it."""
    zones = [
        {
            "up_to_km": shown(zone.up_to_km),
            "transit_days": str(zone.transit_days),
            "surcharge_minor": euros(zone.surcharge_minor),
        }
        for zone in tariff.zones
    ]
    found = {"name": tariff.name, "carrier": tariff.carrier, **renumbered("zones", zones)}
    found |= {f"weekdays.{day}": "1" for day in tariff.weekdays}
    for name, rates in tariff.groups.items():
        steps = [
            {"steps_grams": shown(grams, 1000, 0), "prices_minor": euros(price)}
            for grams, price in zip(rates.steps_grams, rates.prices_minor, strict=True)
        ]
        found |= renumbered(f"groups.{name}", steps)
        found[f"groups.{name}.max_parcels"] = str(rates.max_parcels)
        if rates.longest_mm is not None:
            found[f"groups.{name}.longest_mm"] = shown(rates.longest_mm, 10, 0)
    return found


def sheets(tariff: TariffSetup) -> list[Sheet]:
    """Return the price sheets of a tariff: price by weight plus the zone's surcharge."""
    found = []
    for name, rates in tariff.groups.items():
        table = [
            (grams, [price + zone.surcharge_minor for zone in tariff.zones])
            for grams, price in zip(rates.steps_grams, rates.prices_minor, strict=True)
        ]
        found.append(Sheet(name, table, rates.max_parcels, rates.longest_mm))
    return found


def _groups(setup: Setup) -> list[str]:
    known = {name for tariff in setup.tariffs.values() for name in tariff.groups}
    known |= {name for place in setup.locations.values() for name in place.groups}
    return sorted(known, key=lambda name: (name != "std", name))


def _page(code: str) -> Again:
    def page(now: Here, typed: Mapping[str, str], wrong: Mapping[str, str], word: str) -> str:
        tariff = now.setup.tariffs[code]
        blank: list[dict[str, str]] = [{} for _ in range(_BLANK_ROWS)]
        return drafting.show(
            "tariff",
            now,
            code=code,
            tariff=tariff,
            before=now.in_force.tariffs.get(code),
            texts=typed,
            errors=wrong,
            word=word,
            seen=drafting.seen(tariff),
            zones=[*rows(typed, "zones", _ZONES), *blank],
            groups={
                name: [*rows(typed, f"groups.{name}", _STEPS), *blank]
                for name in _groups(now.setup)
            },
            sheets=sheets(tariff),
            users=[c for c, place in now.setup.locations.items() if code in place.tariffs],
        )

    return page


@blueprint.post("/setup/tariffs/<code>")
@allowed
def setup_tariff_save(code: str) -> Response | tuple[str, int]:
    """Save a tariff in the draft."""
    return drafting.save(
        Typed(_gathered(request.form.to_dict())),
        prefix=f"tariffs.{code}",
        part=part(code),
        change=lambda setup, typed: _typed(setup, typed, code),
        again=_page(code),
        back=url_for("backoffice.setup_tariff", code=code),
    )


def _gathered(form: dict[str, str]) -> dict[str, str]:
    """Close the gaps between rows, so that a fault's number is its row's."""
    prefixes = {"zones": _ZONES}
    for name in form:
        if name.startswith("groups.") and name.endswith(".max_parcels"):
            prefixes[name.removesuffix(".max_parcels")] = _STEPS
    kept = dict(form)
    for prefix, columns in prefixes.items():
        found = rows(form, prefix, columns)
        for name in form:
            first = name.removeprefix(f"{prefix}.").partition(".")[0]
            if name.startswith(f"{prefix}.") and first.isdecimal():
                kept.pop(name, None)
        kept |= renumbered(prefix, found)
    return kept


def _typed(setup: Setup, typed: Typed, code: str) -> Setup:
    zones = rows(typed.texts, "zones", _ZONES)
    wanted = TariffSetup(
        name=typed.text("name"),
        carrier=typed.text("carrier"),
        weekdays=tuple(day for day in wording.WEEKDAYS if typed.given(f"weekdays.{day}")),
        zones=tuple(_zone(typed, number) for number in range(len(zones))),
        groups=_rates(setup, typed, code),
    )
    return replace(setup, tariffs={**setup.tariffs, code: wanted})


def _zone(typed: Typed, number: int) -> ZoneSetup:
    here = f"zones.{number}"
    return ZoneSetup(
        typed.measure(f"{here}.up_to_km"),
        typed.whole(f"{here}.transit_days"),
        typed.maybe_scaled(f"{here}.surcharge_minor", 100) or 0,
    )


def _rates(setup: Setup, typed: Typed, code: str) -> dict[str, RatesSetup]:
    found = {}
    before = list(setup.tariffs[code].groups)
    for name in [*before, *(one for one in _groups(setup) if one not in before)]:
        here = f"groups.{name}"
        count = len(rows(typed.texts, here, _STEPS))
        if not count:
            continue
        found[name] = RatesSetup(
            tuple(typed.scaled(f"{here}.{n}.steps_grams", 1000) for n in range(count)),
            tuple(typed.scaled(f"{here}.{n}.prices_minor", 100) for n in range(count)),
            typed.whole(f"{here}.max_parcels") if typed.text(f"{here}.max_parcels") else 1,
            typed.maybe_scaled(f"{here}.longest_mm", 10),
        )
    return found


@blueprint.post("/setup/tariffs/<code>/copies")
@allowed
def setup_tariff_copy(code: str) -> Response:
    """Begin a new tariff in the draft, as a copy of this one."""
    wanted = request.form.get("code", "").strip().lower()

    def change(setup: Setup) -> Setup:
        if wanted in setup.tariffs or not wanted:
            raise Refused("tariff_code", tariff=wanted)
        copy = replace(part(code)(setup), name=request.form.get("name", "").strip())
        return replace(setup, tariffs={**setup.tariffs, wanted: copy})

    return _at_once(change, code, wanted)


@blueprint.post("/setup/tariffs/<code>/removal")
@allowed
def setup_tariff_remove(code: str) -> Response:
    """Take a tariff that no location uses out of the draft."""

    def change(setup: Setup) -> Setup:
        part(code)(setup)
        return replace(setup, tariffs={c: t for c, t in setup.tariffs.items() if c != code})

    return _at_once(change, code, None)


def _at_once(change: Any, code: str, then: str | None) -> Response:
    try:
        with transaction() as session:
            draft = rules.draft_of(session)
            rules.save_draft(session, current_user.name, change(draft.setup), draft.version)
    except (Refused, Invalid) as error:
        flash(_refusal(error), "danger")
        return redirect(url_for("backoffice.setup_tariff", code=code))
    flash(_("Im Entwurf gespeichert. Es gilt erst, wenn es veröffentlicht ist."), "ok")
    if then is None:
        return redirect(url_for("backoffice.setup"))
    return redirect(url_for("backoffice.setup_tariff", code=then))


def _refusal(error: KontorError) -> str:
    if error.code != "setup_invalid":
        return words.of_error(error)
    first = error.facts["faults"][0]
    facts = {name: value for name, value in first.items() if name not in {"path", "code"}}
    return wording.fault(rules.Fault(first["path"], first["code"], facts))
