"""What the back office does to stock: keep back, have counted, count, correct; with a reason each.

Somebody who works for one location changes that one; the others do not exist for them.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.web import office_words, words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import products
from fulfilment.models import CountTask, SkuRule, StockMovement
from fulfilment.places import displays, locations
from fulfilment.stock import counts, ledger, safety
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound

_MOST_PLANNED = 40
_SHOWN = {
    "yes": _l("Im Shop steht jetzt, dass er hier ausgestellt ist."),
    "no": _l("Im Shop steht nicht mehr, dass er hier ausgestellt ist."),
}


class _AskWhyError(Exception):
    """A count has a difference, and nobody has said why: nothing is booked yet."""


@contextmanager
def _told() -> Iterator[None]:
    """Say what a refusal means instead of showing a page of its own."""
    try:
        yield
    except NotFound:
        raise
    except KontorError as error:
        flash(words.of_error(error), "danger")


def _own(place: str | None) -> None:
    """Pass a place that the signed-in person works for.

    Raises:
        NotFound: ``location``.
    """
    if current_user.location not in (None, place):
        raise NotFound("location", location=place)


def _number(text: str, code: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 7:  # noqa: PLR2004 - digits
        raise Invalid(code)
    return int(text)


def _back(sku: str, place: str) -> Response:
    return redirect(url_for("backoffice.stock_place", sku=sku, place=place))


@blueprint.post("/stock/<sku>/<place>/safety")
@allowed
def stock_safety(sku: str, place: str) -> Response:
    """Set how many units a location does not promise."""
    _own(place)
    with _told():
        units = _number(request.form.get("units", ""), "safety_stock")
        reason = request.form.get("reason", "")
        with transaction() as session:
            products.item(session, sku)
            safety.put(session, {(place, sku): units}, reason=reason, actor=current_user.name)
        flash(_("Der Sicherheitsbestand gilt ab jetzt."), "ok")
    return _back(sku, place)


@blueprint.post("/stock/<sku>/<place>/display")
@allowed
def stock_display(sku: str, place: str) -> Response:
    """Put an article on display in a store, or take it down."""
    _own(place)
    shown = request.form.get("shown")
    with _told():
        if shown not in _SHOWN:
            raise Invalid("display")
        with transaction() as session:
            products.item(session, sku)
            if shown == "yes":
                displays.put_up(session, place, sku, actor=current_user.name)
            else:
                displays.take_down(session, place, sku)
        flash(str(_SHOWN[shown]), "ok")
    return _back(sku, place)


@blueprint.post("/stock/counts")
@allowed
def stock_plan() -> Response:
    """Have articles counted at a location; a single one is counted next."""
    place = request.form.get("place", "")
    _own(place)
    with transaction() as session:
        known = products.items(session, request.form.getlist("sku")[:_MOST_PLANNED])
        new = counts.plan(session, [(place, sku) for sku in known], document=current_user.name)
        tasks = {task.sku: task.id for task in counts.open_tasks(session, place)}
    if len(known) == 1:
        return redirect(url_for("backoffice.stock_count", task_id=tasks[next(iter(known))]))
    flash(_("%(count)s neue Zählaufträge", count=new), "ok")
    return redirect(url_for("backoffice.stock"))


@blueprint.route("/stock/counts/<uuid:task_id>", methods=["GET", "POST"])
@allowed
def stock_count(task_id: uuid.UUID) -> str | Response:
    """Count blind: the page does not say what the books say, until the count is booked."""
    asking = False
    if request.method == "POST":
        try:
            with transaction() as session:
                _own(_task(session, task_id).location)
                return _book_count(session, task_id, request.form)
        except _AskWhyError:
            asking = True
        except NotFound:
            raise
        except KontorError as error:
            flash(words.of_error(error), "danger")
    with reading() as session:
        task = _task(session, task_id)
        _own(task.location)
        return render_template(
            "backoffice/stock_count.html",
            task=task,
            item=products.item(session, task.sku),
            place=locations.by_code(session)[task.location],
            counted=request.form.get("counted", ""),
            lots=request.form.get("lots", ""),
            tracking=_tracking(session, task.sku),
            asking=asking,
            reason_words=[(code, office_words.word(code)) for code in counts.REASONS],
        )


def _task(session: Session, task_id: uuid.UUID) -> CountTask:
    task = session.get(CountTask, task_id)
    if task is None:
        raise NotFound("count_task")
    return task


def _tracking(session: Session, sku: str) -> str | None:
    rule = session.get(SkuRule, sku)
    return rule.tracking if rule else None


def _book_count(session: Session, task_id: uuid.UUID, form: Mapping[str, str]) -> Response:
    task = _task(session, task_id)
    tracking = _tracking(session, task.sku)
    lots = _lots(form.get("lots", ""), tracking) if tracking else None
    units = sum(lots.values()) if lots else _number(form.get("counted", ""), "counted")
    reason = form.get("reason") or None
    outcome = counts.post(
        session, task_id, units, actor=current_user.name, reason=reason, lots=lots
    )
    if outcome.difference and reason is None:
        raise _AskWhyError
    if outcome.difference:
        message = _("Gebucht: Abweichung %(units)s.", units=f"{outcome.difference:+d}")
    else:
        message = _("Gezählt: Die Bücher stimmen.")
    flash(message, "ok")
    return _back(task.sku, task.location)


def _lots(typed: str, tracking: str) -> dict[str, int] | None:
    """Read a lot and its units per line, or a serial number per line; None where there is none."""
    lots: dict[str, int] = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        lot, _space, units = (line, "", "1") if tracking == "serial" else line.rpartition(" ")
        lots[lot.strip()] = lots.get(lot.strip(), 0) + _number(units, "lot_units")
    return lots or None


@blueprint.post("/stock/movements/<int:movement_id>/correction")
@allowed
def stock_correct(movement_id: int) -> Response:
    """Book a movement the other way."""
    with reading() as session:
        query = select(StockMovement).where(StockMovement.id == movement_id)
        row = session.scalar(query) if movement_id < 2**63 else None
    if row is None:
        raise NotFound("movement")
    place = row.to_location or row.from_location or ""
    with _told():
        with transaction() as session:
            ledger.correct(
                session,
                movement_id,
                reason=request.form.get("reason", ""),
                actor=current_user.name,
                key=f"office/{movement_id}",
            )
        flash(_("Berichtigt: Die Gegenbuchung steht im Verlauf."), "ok")
    return _back(row.sku, request.form.get("place") or place)
