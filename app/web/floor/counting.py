"""Count: what a shelf's surprise or a plan asks for, blind, in the order of the shelves."""

import uuid
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.web import words
from app.web.floor import menu
from app.web.floor.room import at_work, blueprint, place, tell, to
from app.web.session import allowed
from app.workflows.floor import sku_of
from catalog import products
from fulfilment.models import CountTask, Location
from fulfilment.outbound import shelving
from fulfilment.stock import counts
from fulfilment.tracing import lots
from kit import gs1
from kit.database import reading, transaction
from kit.errors import KontorError, NotFound

_LONGEST_NUMBER = 7

CAUSES = {
    "short_pick": _l("Fehlgriff"),
    "rejection": _l("nicht gefunden"),
    "found": _l("mehr gefunden"),
    "planned": _l("geplant"),
    "laid_aside": _l("zurückgelegt"),
    "lot_unknown": _l("Los unbekannt"),
    "transfer_found": _l("Umlagerung"),
    "transfer_lost": _l("Umlagerung"),
    "till_sale": _l("Kasse"),
}
REASONS = {
    "miscount": _l("verzählt"),
    "theft": _l("Diebstahl"),
    "damage": _l("beschädigt"),
    "misdelivery": _l("falsch geliefert"),
    "unknown": _l("unbekannt"),
}


class _AskWhyError(Exception):
    """The count differs and nobody has said why; nothing is booked yet."""


@blueprint.get("/counts")
@allowed
def counting() -> str:
    """Show what is to be counted here, as one walks past the shelves."""
    with reading() as session:
        here = place(session)
        tasks = counts.open_tasks(session, here.code)
        skus = [task.sku for task in tasks]
        places = shelving.of(session, here.code, skus)
        tasks.sort(key=lambda task: (shelving.step(places.get(task.sku)), task.sku))
        return menu.page(
            "floor/counting.html",
            session,
            here,
            "counting",
            tasks=tasks,
            items=products.items(session, skus),
            places=places,
            causes=CAUSES,
        )


@blueprint.post("/counts")
@allowed
def count_plan() -> Response:
    """Have the scanned article counted, without a surprise; it is the next thing to do."""
    code = request.form.get("code", "").strip()
    who = at_work()
    try:
        with transaction() as session:
            sku = products.item(session, sku_of(session, gs1.read(code).gtin or code)).sku
            counts.plan(session, [(who.location, sku)], document=who.name)
            task = next(one for one in counts.open_tasks(session, who.location) if one.sku == sku)
    except KontorError as error:
        tell(error)
        return to("counting")
    return to("count", task_id=task.id)


@blueprint.route("/counts/<uuid:task_id>", methods=["GET", "POST"])
@allowed
def count(task_id: uuid.UUID) -> Any:
    """Count blind: what the books say is not on the page; a difference is asked about once."""
    asking = False
    if request.method == "POST":
        try:
            return _post(task_id)
        except _AskWhyError:
            asking = True
        except KontorError as error:
            if error.code in {"count_task", "location"}:
                raise
            flash(words.of_error(error), "danger")
    with reading() as session:
        here = place(session)
        task = _task(session, here, task_id)
        page = render_template(
            "floor/count.html",
            here=here,
            task=task,
            item=products.item(session, task.sku),
            shelf=shelving.of(session, here.code, [task.sku]).get(task.sku),
            tracking=lots.trackings(session, [task.sku]).get(task.sku),
            asking=asking,
            reasons=[(code, REASONS[code]) for code in counts.REASONS],
            typed=request.form,
        )
    return page, 422 if asking else 200


def _task(session: Session, here: Location, task_id: uuid.UUID) -> CountTask:
    task = session.get(CountTask, task_id)
    if task is None or task.location != here.code:
        raise NotFound("count_task")
    return task


def _post(task_id: uuid.UUID) -> Response:
    with transaction() as session:
        task = _task(session, place(session), task_id)
        by_lot = _lots(lots.trackings(session, [task.sku]).get(task.sku))
        typed = request.form.get("counted", "").strip()
        if not by_lot and not (typed.isdigit() and len(typed) <= _LONGEST_NUMBER):
            flash(_("Bitte eine Zahl."), "danger")
            return to("count", task_id=task_id)
        units = sum(by_lot.values()) if by_lot else int(typed)
        reason = request.form.get("reason") or None
        done = counts.post(
            session, task_id, units, actor=current_user.name, reason=reason, lots=by_lot
        )
        if done.difference and reason is None:
            raise _AskWhyError
    if done.difference:
        flash(_("Gebucht: Abweichung %(units)s.", units=f"{done.difference:+d}"), "ok")
    else:
        flash(_("Gezählt: Die Bücher stimmen."), "ok")
    return to("counting")


def _lots(tracking: str | None) -> dict[str, int] | None:
    if tracking is None:
        return None
    found: dict[str, int] = {}
    for line in filter(None, map(str.strip, request.form.get("lots", "").splitlines())):
        lot, _space, units = line.rpartition(" ")
        named = tracking == "lot" and lot and units.isdigit()
        found[lot.strip() if named else line] = int(units) if named else 1
    return found or None
