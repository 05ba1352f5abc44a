"""The stores: where they are, when they are open, whether they are open now."""

from typing import Any

from flask import render_template

from app.web.storefront import outlook
from app.web.storefront.room import blueprint
from fulfilment.places.calendars import Calendar, local
from kit import clock
from kit.database import reading

_WEEK = 7


@blueprint.get("/filialen")
def stores() -> str:
    """Show every store."""
    with reading() as session:
        weeks = outlook.calendars(session)
        shown = [{"place": place, **hours(weeks[place.code])} for place in outlook.stores(session)]
    return render_template("storefront/stores.html", stores=shown)


def hours(calendar: Calendar) -> dict[str, Any]:
    """Return whether a place is open now, and the days of its week with their hours."""
    here = local(clock.now())
    today = calendar.hours.get(here.weekday())
    open_now = (
        today is not None and calendar.is_open(here.date()) and today[0] <= here.time() < today[1]
    )
    days = [(day, calendar.hours.get(day)) for day in range(_WEEK)]
    return {"open_now": open_now, "today": today, "days": days, "weekday": here.weekday()}
