"""What if: a period's orders decided again under other rules. Nothing is moved by asking."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.web import words
from app.web.backoffice.outcomes import outcome
from app.web.backoffice.room import blueprint
from app.web.backoffice.setups import drafting, overview, wording
from app.web.backoffice.setups.reading import Typed
from app.web.session import allowed
from fulfilment import rules
from fulfilment.places import locations
from fulfilment.rules import Setup, TariffSetup
from fulfilment.whatif import runs
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, Refused

ASKED = ("split_minor", "late_minor", "broken_promise_minor", "counter_percent")
"""Rules that the form asks about directly; everything else goes by way of the draft."""
_USUAL_DAYS = 30
_LEAST_PERCENT, _MOST_PERCENT = -99, 1000


@blueprint.get("/what-if")
@allowed
def what_if() -> str:
    """Show the form, and what was asked before."""
    with reading() as session:
        return _form(session, _texts(session), {})


def _texts(session: Session) -> dict[str, str]:
    """What the form holds before anybody has typed: the last month, the rules in force."""
    today = clock.today()
    now = overview.texts(rules.read(session).rules)
    return {
        "since": (today - timedelta(days=_USUAL_DAYS)).isoformat(),
        "until": today.isoformat(),
        "percent": "0",
        **{name: now[name] for name in ASKED},
    }


def _form(session: Session, texts: Mapping[str, str], errors: Mapping[str, str]) -> str:
    here = drafting.here(session)
    return render_template(
        "backoffice/what_if.html",
        texts=texts,
        errors=errors,
        banner=here.banner,
        rows=[(name, wording.RULES[name][0], overview.unit_of(name)) for name in ASKED],
        places=here.places,
        place_options=[(code, place.name) for code, place in here.places.items()],
        runs=[(run, _asked(run, here.names)) for run in runs.newest(session)],
        word_of=_STATES,
        period=_days_of,
    )


_STATES = {
    "waiting": _l("wartet"),
    "running": _l("rechnet"),
    "done": _l("fertig"),
    "failed": _l("gescheitert"),
    "cancelled": _l("abgebrochen"),
}


def _days_of(run: runs.Run) -> str:
    """The days of a question, the last one included: "26.10.2026 – 25.11.2026"."""
    pattern = _("dd.MM.yyyy")
    last = clock.berlin(run.until) - timedelta(seconds=1)
    days = (clock.berlin(run.since).date(), last.date())
    return " – ".join(str(format_date(day, pattern)) for day in days)


def _asked(run: runs.Run, names: Mapping[str, str]) -> list[wording.Said]:
    return [wording.said(change, names) for change in run.changes]


@blueprint.post("/what-if")
@allowed
def what_if_ask() -> Response | tuple[str, int]:
    """Put a question; a worker answers it."""
    typed = Typed(request.form.to_dict())
    try:
        with transaction() as session:
            since, until = _period(typed)
            setup = _setup(session, typed)
            if typed.wrong or since is None or until is None:
                return _form(session, typed.texts, typed.wrong), 422
            run = runs.ask(
                session,
                current_user.name,
                title=typed.text("title"),
                since=since,
                until=until,
                setup=setup,
            )
    except (Refused, Invalid) as error:
        with reading() as session:
            return _form(session, typed.texts, {"": _refusal(error), **_fields(error)}), 422
    return redirect(url_for("backoffice.what_if_run", run_id=run.id))


def _refusal(error: KontorError) -> str:
    return words.of_error(error)


def _fields(error: KontorError) -> dict[str, str]:
    """The faults of a setup at the fields of this form."""
    return {
        fault["path"].removeprefix("rules."): wording.fault(
            rules.Fault(fault["path"], fault["code"], fault)
        )
        for fault in error.facts.get("faults", ())
    }


def _period(typed: Typed) -> tuple[datetime | None, datetime | None]:
    """The midnights around the days that were typed; the last day belongs to them."""
    return _midnight(typed, "since", 0), _midnight(typed, "until", 1)


def _midnight(typed: Typed, name: str, after: int) -> datetime | None:
    on = typed.day(name)
    try:
        return on and datetime.combine(on + timedelta(days=after), time(), clock.BERLIN)
    except OverflowError:
        typed.wrong[name] = _("Bitte ein Datum.")
        return None


def _setup(session: Session, typed: Typed) -> Setup:
    if typed.text("what") == "draft":
        return rules.draft_of(session).setup
    setup = rules.read(session)
    values: dict[str, Any] = {
        name: typed.scaled(name, 100) if name.endswith("_minor") else typed.whole(name)
        for name in ASKED
    }
    setup = replace(setup, rules=replace(setup.rules, **values))
    percent = _percent(typed)
    if percent:
        tariffs = {code: _dearer(one, percent) for code, one in setup.tariffs.items()}
        setup = replace(setup, tariffs=tariffs)
    without = typed.text("without")
    if without in setup.locations:
        idle = replace(setup.locations[without], capacity_per_day=0)
        setup = replace(setup, locations={**setup.locations, without: idle})
    return setup


def _percent(typed: Typed) -> int:
    """Percent by which postage changes, with its sign."""
    text = typed.text("percent").replace("−", "-")
    below = text.startswith("-")
    found = Typed({"percent": text.removeprefix("-").removeprefix("+") or "0"})
    value = found.whole("percent") * (-1 if below else 1)
    if found.wrong or not _LEAST_PERCENT <= value <= _MOST_PERCENT:
        typed.wrong["percent"] = _("Bitte eine ganze Zahl zwischen -99 und 1000.")
        return 0
    return value


def _dearer(tariff: TariffSetup, percent: int) -> TariffSetup:
    def price(minor: int) -> int:
        return round(minor * (100 + percent) / 100)

    groups = {
        name: replace(rates, prices_minor=tuple(map(price, rates.prices_minor)))
        for name, rates in tariff.groups.items()
    }
    zones = tuple(
        replace(zone, surcharge_minor=price(zone.surcharge_minor)) for zone in tariff.zones
    )
    return replace(tariff, groups=groups, zones=zones)


@blueprint.get("/what-if/<uuid:run_id>")
@allowed
def what_if_run(run_id: uuid.UUID) -> str:
    """Show how far a question is, or its answer."""
    with reading() as session:
        run = runs.one(session, run_id)
        found = runs.result(session, run_id) if run.is_over else None
        places = locations.by_code(session)
        names = drafting.names_of(session, rules.read(session), runs.setup_of(session, run_id))
        return render_template(
            "backoffice/what_if_run.html",
            run=run,
            asked=_asked(run, names),
            outcome=outcome(found, {c: p.name for c, p in places.items()}) if found else None,
            names=names,
            places=places,
            word_of=_STATES,
            period=_days_of,
        )


@blueprint.post("/what-if/<uuid:run_id>/cancellation")
@allowed
def what_if_cancel(run_id: uuid.UUID) -> Response:
    """Stop a question that is not answered yet."""
    try:
        with transaction() as session:
            runs.cancel(session, run_id)
    except Refused as error:
        flash(words.of_error(error), "warn")
    return redirect(url_for("backoffice.what_if_run", run_id=run_id))
