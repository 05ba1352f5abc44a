"""Recalls: call goods back, see how far it has come, print the notice, end it; lots by place."""

import uuid
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import recall as workflow
from catalog import products
from fulfilment.places import locations
from fulfilment.tracing import lots, tracking
from fulfilment.tracing import recalls as recall_books
from fulfilment.tracing.recalls import Gathered, RecallView
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound


@blueprint.get("/recalls")
@allowed
def recalls() -> str:
    """List the recalls, the open ones first, with the form that opens one."""
    return _list({})


def _list(form: dict[str, str]) -> str:
    with reading() as session:
        listed = recall_books.listed(session)
        items = products.items(session, {view.sku for view in listed})
    sku = form.get("sku") or request.args.get("sku", "")
    return render_template(
        "backoffice/recalls.html",
        recalls=listed,
        items=items,
        form={**form, "sku": sku},
        may_open=permissions.may(current_user.role, "backoffice.recall_open"),
    )


@blueprint.post("/recalls")
@allowed
def recall_open() -> str | Response:
    """Call goods back."""
    form = {name: request.form.get(name, "").strip() for name in ("sku", "lots", "reason")}
    named = form["lots"].replace(",", " ").replace(";", " ").split()
    try:
        view, gathered = workflow.call_back(
            form["sku"], named or None, reason=form["reason"], actor=current_user.name
        )
    except KontorError as error:
        flash(words.of_error(error), "danger")
        return _list(form)
    _tell(gathered)
    return _to(view)


def _tell(gathered: Gathered) -> None:
    units = sum(gathered.units.values())
    flash(ngettext("%(num)s Stück gesperrt.", "%(num)s Stück gesperrt.", units), "ok")
    if gathered.reopened:
        flash(
            ngettext(
                "%(num)s Paket ist wieder zu öffnen; der Auftrag steht beim Packen.",
                "%(num)s Pakete sind wieder zu öffnen; die Aufträge stehen beim Packen.",
                len(gathered.reopened),
            ),
            "warn",
        )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Invalid("date", date=typed) from error


def _to(view: RecallView) -> Response:
    return redirect(url_for("backoffice.recall", recall_id=view.id))


@blueprint.get("/recalls/<uuid:recall_id>")
@allowed
def recall(recall_id: uuid.UUID) -> str:
    """Show how far a recall has come."""
    with reading() as session:
        progress = workflow.progress(session, recall_id)
        return render_template(
            "backoffice/recall.html",
            progress=progress,
            view=progress.recall,
            item=products.item(session, progress.recall.sku),
            places=locations.by_code(session),
            may_close=permissions.may(current_user.role, "backoffice.recall_close"),
        )


@blueprint.post("/recalls/<uuid:recall_id>/gathering")
@allowed
def recall_gather(recall_id: uuid.UUID) -> Response:
    """Put aside what people had in hand when the recall was opened."""
    _tell(workflow.gather(recall_id, actor=current_user.name))
    return redirect(url_for("backoffice.recall", recall_id=recall_id))


@blueprint.post("/recalls/<uuid:recall_id>/result")
@allowed
def recall_close(recall_id: uuid.UUID) -> Response:
    """End a recall with what became of the goods."""
    result = request.form.get("result", "")
    try:
        workflow.finish(recall_id, result=result, actor=current_user.name)
    except NotFound:
        raise
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Der Rückruf ist beendet."), "ok")
    return redirect(url_for("backoffice.recall", recall_id=recall_id))


@blueprint.get("/recalls/<uuid:recall_id>/notice")
@allowed
def recall_notice(recall_id: uuid.UUID) -> str:
    """Show the notice for the door and the till, to be printed."""
    with reading() as session:
        view = recall_books.one(session, recall_id)
        item = products.item(session, view.sku)
        places = [place for place in locations.by_code(session).values() if place.kind == "store"]
        return render_template(
            "backoffice/recall_notice.html",
            view=view,
            item=item,
            stores=places,
            on=clock.berlin(view.opened_at).date(),
        )


@blueprint.get("/stock/<sku>/lots")
@allowed
def stock_lots(sku: str) -> str:
    """Show what every place holds of an article by lot, or how to begin with that."""
    with reading() as session:
        return render_template(
            "backoffice/stock_lots.html",
            item=products.item(session, sku),
            kind=lots.trackings(session, [sku]).get(sku),
            rows=lots.of_sku(session, sku),
            places=locations.by_code(session),
            recalls=recall_books.of_sku(session, sku),
            today=clock.today(),
            may_track=permissions.may(current_user.role, "backoffice.stock_track"),
            may_open=permissions.may(current_user.role, "backoffice.recall_open"),
        )


@blueprint.post("/stock/<sku>/lots")
@allowed
def stock_track(sku: str) -> Response:
    """Keep an article apart by lot or serial number from now on, or note a lot's date."""
    try:
        with transaction() as session:
            products.item(session, sku)
            if request.form.get("lot"):
                day = _day(request.form.get("best_before", ""))
                lots.date_lot(session, sku, request.form["lot"], day)
            else:
                kind = request.form.get("tracking", "")
                tracking.track(session, sku, kind, actor=current_user.name)
    except NotFound:
        raise
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Notiert."), "ok")
    return redirect(url_for("backoffice.stock_lots", sku=sku))
