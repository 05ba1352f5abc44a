"""What is promised beyond what is there: who waits for what, and how much a place may owe."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import backorders as workflow
from catalog import products
from fulfilment.claims import backorder_dates, backorder_policies, backorder_queue
from fulfilment.claims.backorder_dates import Outlook
from fulfilment.claims.backorder_policies import Policy
from fulfilment.claims.backorder_queue import Queued
from fulfilment.places import locations
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound

_DIGITS = len(str(backorder_policies.MOST))


@dataclass(frozen=True, slots=True)
class Owing:
    """What a place owes of an article: to whom, under which limit, and when one more could go."""

    location: str
    sku: str
    policy: Policy | None
    outlook: Outlook
    queue: list[Queued]

    @property
    def owed(self) -> int:
        """Units that wait."""
        return sum(one.backorder.quantity for one in self.queue)

    @property
    def next_on(self) -> date | None:
        """The day for which one more unit could be promised; None where no more may be."""
        return self.outlook.promise(1) if self.outlook.left > 0 else None


@blueprint.get("/backorders")
@allowed
def backorders() -> str:
    """Show who waits for what, late ones first."""
    with reading() as session:
        places = locations.by_code(session)
        place = current_user.location or request.args.get("place")
        place = place if place in places else None
        owing = _owing(session, backorder_queue.queue(session, location=place))
        return render_template(
            "backoffice/backorders.html",
            owing=owing,
            items=products.items(session, {one.sku for one in owing}),
            places=places,
            place=place,
            bound=current_user.location is not None,
            may_end=permissions.may(current_user.role, "backoffice.backorders_end"),
        )


def _owing(session: Session, queue: list[Queued]) -> list[Owing]:
    def place(one: Queued) -> tuple[str, str]:
        return one.backorder.location, one.backorder.sku

    # The queue has late ones first; a place stands where its first one stands.
    first: dict[tuple[str, str], int] = {}
    for number, one in enumerate(queue):
        first.setdefault(place(one), number)
    policies = backorder_policies.of(session, first)
    outlooks = backorder_dates.look(session, first.keys())
    grouped = groupby(sorted(queue, key=lambda one: first[place(one)]), key=place)
    return [Owing(*key, policies.get(key), outlooks[key], list(rows)) for key, rows in grouped]


@blueprint.context_processor
def _here() -> dict[str, Callable[[str, str], Owing] | Callable[[str], bool]]:
    """Let the page of an article at a place show what it owes (`backorder_policy.html`)."""
    return {"owing_here": _owing_here, "may_owe": _may_owe}


def _owing_here(sku: str, location: str) -> Owing:
    with reading() as session:
        key = (location, sku)
        return Owing(
            location,
            sku,
            backorder_policies.of(session, [key]).get(key),
            backorder_dates.look(session, [key])[key],
            backorder_queue.queue(session, location=location, sku=sku),
        )


def _may_owe(location: str) -> bool:
    may = permissions.may(current_user.role, "backoffice.backorders_allow")
    return may and current_user.location in {None, location}


@blueprint.post("/stock/<sku>/<place>/backorders")
@allowed
def backorders_allow(sku: str, place: str) -> Response:
    """Set how many units a place may owe, and from which day on it can send them."""
    if not _may_owe(place):
        raise NotFound("location", location=place)
    try:
        units, ships_on = _typed(request.form.get("units", ""), request.form.get("ships_on", ""))
        with transaction() as session:
            products.item(session, sku)
            backorder_policies.put(
                session, place, sku, units=units, ships_on=ships_on, actor=current_user.name
            )
    except NotFound:
        raise
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Gespeichert. Gilt für neue Zusagen, ab sofort."), "ok")
    return redirect(url_for("backoffice.stock_place", sku=sku, place=place) + "#backorders")


def _typed(units: str, ships_on: str) -> tuple[int, date | None]:
    units = units.strip()
    digits = units.isascii() and units.isdigit() and len(units) <= _DIGITS
    if not digits or int(units) > backorder_policies.MOST:
        raise Invalid("backorder_units")
    try:
        return int(units), date.fromisoformat(ships_on) if ships_on.strip() else None
    except ValueError:
        raise Invalid("day") from None


@blueprint.post("/backorders/<place>/<sku>/end")
@allowed
def backorders_end(sku: str, place: str) -> Response:
    """Note that awaited goods will not come: the orders are routed again or refunded."""
    lost = workflow.give_up(place, sku, actor=current_user.name)
    count = len({loss.order_ref for loss in lost})
    if count:
        flash(
            ngettext(
                "Ein Auftrag wird neu geroutet oder erstattet.",
                "%(num)s Aufträge werden neu geroutet oder erstattet.",
                count,
            ),
            "ok",
        )
    else:
        flash(_("Darauf wartet niemand mehr."), "warn")
    return redirect(url_for("backoffice.backorders"))
