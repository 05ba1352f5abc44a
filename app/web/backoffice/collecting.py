"""What each store decides about orders that are paid there when they are collected."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.sales import collect_terms as terms
from app.sales.collect_terms import Limits
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from fulfilment.places import locations
from kit.database import transaction
from kit.errors import KontorError, NotFound

_LONGEST = 9


@blueprint.post("/tills/collecting")
@allowed
def collect_terms() -> Any:
    """Have a store take such orders or not, up to which value, and how many of one person."""
    location = request.form.get("location", "")
    try:
        if current_user.role == "store_lead" and current_user.location != location:
            raise NotFound("location", location=location)
        with transaction() as session:
            place = locations.one(session, location)
            limits = Limits(
                offered=bool(request.form.get("offered")),
                most_minor=_cents(request.form.get("most", "")[:_LONGEST]),
                most_open=_count(request.form.get("open", "")[:_LONGEST]),
            )
            terms.put(session, place.code, limits, by=current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "warn")
    else:
        flash(_("Gilt in %(place)s ab der nächsten Bestellung.", place=place.name), "ok")
    return redirect(url_for("backoffice.tills"), 303)


def _cents(typed: str) -> int:
    """Return an amount typed as 300 or 49,50; 0 for anything else."""
    euros, _comma, cents = typed.strip().replace(".", ",").partition(",")
    if not euros.isdecimal() or not (cents or "0").isdecimal() or len(cents) > len("00"):
        return 0
    return int(euros) * 100 + int(cents.ljust(2, "0"))


def _count(typed: str) -> int:
    return int(typed) if typed.strip().isdecimal() else 0
