"""Offers of the counters: which stand, which are over, quoted again or taken back from here."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.sales import counter_offers as offers
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import counter_offers as workflow
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import KontorError

_SHOWN = 100
_LONGEST_TERM = 80
_CREDIT_DAYS = 30


def _own() -> str | None:
    """Return the place of who works at one; None for who sees them all."""
    place: str | None = current_user.location
    return place


@blueprint.get("/counter-offers", endpoint="counter_offers")
@allowed
def counter_offers_page() -> str:
    """List offers by store and state; a number, name or address finds one."""
    term = request.args.get("q", "").strip()[:_LONGEST_TERM]
    state = request.args.get("state")
    state = state if state in offers.STATES else None
    with reading() as session:
        places = locations.by_code(session)
        place = _own() or request.args.get("place")
        place = place if place in places else None
        rows = offers.listed(session, place, state=state, term=term, limit=_SHOWN)
        shown = {
            "counts": offers.counts(session, place, term=term),
            "renewed": offers.renewals(session, [row.ref for row in rows]),
            "credited": offers.credited(session, place, clock.now() - timedelta(days=_CREDIT_DAYS)),
        }
    return render_template(
        "backoffice/counter_offers.html",
        offers=[(row, offers.state(row)) for row in rows],
        stores={code: one for code, one in places.items() if one.kind == "store"},
        places=places,
        chosen={"place": place, "state": state, "q": term},
        bound=_own() is not None,
        days=_CREDIT_DAYS,
        most=_SHOWN,
        may_change=permissions.may(current_user.role, "backoffice.counter_offer_withdraw"),
        **shown,
    )


def _mine(ref: str) -> None:
    """Pass an offer of the store of who asks.

    Raises:
        NotFound: ``counter_offer``: unknown, or another store's.
    """
    with reading() as session:
        offer = offers.by_ref(session, ref)
        if _own() not in (None, offer.location):
            offers.by_ref(session, "")


@blueprint.post("/counter-offers/<ref>/renewal")
@allowed
def counter_offer_renew(ref: str) -> Response:
    """Quote an expired offer again, at the prices of now; it goes out by mail."""
    _mine(ref)
    try:
        new = workflow.again(ref)
    except KontorError as error:
        flash(words.of_error(error), "danger")
        return _back()
    flash(_("Neu gerechnet als %(ref)s, die Mail ist unterwegs.", ref=new.ref), "ok")
    return _back(q=new.ref)


@blueprint.post("/counter-offers/<ref>/withdrawal")
@allowed
def counter_offer_withdraw(ref: str) -> Response:
    """Take an offer back, with a reason; its customer is told."""
    _mine(ref)
    try:
        workflow.withdraw(ref, by=current_user.name, why=request.form.get("why", ""))
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("%(ref)s ist zurückgenommen, der Kunde bekommt Nachricht.", ref=ref), "ok")
    return _back(q=ref)


def _back(**found: Any) -> Response:
    return redirect(url_for("backoffice.counter_offers", **found), 303)
