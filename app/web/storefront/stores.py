"""The stores: where they are, when they are open, whether they are open now."""

from typing import Any

from flask import render_template
from flask_babel import gettext

from app.i18n import formats
from app.web.storefront import my_store, outlook
from app.web.storefront.room import blueprint
from fulfilment.places.calendars import Calendar, local
from fulfilment.routing import kept
from kit import clock
from kit.database import reading

_WEEK = 7


@blueprint.get("/filialen")
def stores() -> str:
    """Show every store."""
    with reading() as session:
        weeks = kept.calendars(session)
        shown = [{"place": place, **hours(weeks[place.code])} for place in outlook.stores(session)]
    return render_template("storefront/stores.html", stores=shown, own=my_store.chosen())


def opening(calendar: Calendar) -> str:
    """Return until when a place is open, or when it opens next: ``offen bis 19:00``."""
    here = local(clock.now())
    for on in calendar.open_days(here.date(), _WEEK + 1):
        opens, closes = calendar.hours[on.weekday()]
        if on > here.date() or here.time() < opens:
            day = formats.day_word(on)
            return str(gettext("öffnet %(day)s %(hour)s", day=day, hour=f"{opens:%H:%M}"))
        if here.time() < closes:
            return str(gettext("offen bis %(hour)s", hour=f"{closes:%H:%M}"))
    return str(gettext("geschlossen"))


def hours(calendar: Calendar) -> dict[str, Any]:
    """Return whether a place is open now, and the days of its week with their hours."""
    here = local(clock.now())
    today = calendar.hours.get(here.weekday())
    open_now = (
        today is not None and calendar.is_open(here.date()) and today[0] <= here.time() < today[1]
    )
    days = [(day, calendar.hours.get(day)) for day in range(_WEEK)]
    return {"open_now": open_now, "today": today, "days": days, "weekday": here.weekday()}
