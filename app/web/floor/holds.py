"""What the store puts aside for people who pay at the counter: lay out, hand over, or not there."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.sales import store_holds
from app.web import words
from app.web.floor.room import blueprint, place, worker
from app.web.session import allowed
from app.workflows import reserve_in_store
from app.workflows.floor import Worker
from catalog import products
from kit import clock
from kit.database import reading
from kit.errors import Refused


@blueprint.get("/holds")
@allowed
def holds() -> str:
    """Show what has to be laid out, and what lies there."""
    with reading() as session:
        here = place(session)
        found = store_holds.open_at(session, here.code)
        lines = store_holds.lines_by_hold(session, found)
        skus = {line.sku for rows in lines.values() for line in rows}
        return render_template(
            "floor/holds.html",
            here=here,
            holds=found,
            lines=lines,
            items=products.items(session, sorted(skus)),
            now=clock.now(),
        )


@blueprint.post("/holds/<ref>/ready")
@allowed
def hold_ready(ref: str) -> Response:
    """Say that it lies ready; the customer gets word."""

    def done(who: Worker) -> str:
        reserve_in_store.lay_out(ref, location=who.location, actor=who.name)
        return str(_("Liegt bereit. Der Kunde bekommt jetzt Nachricht."))

    return _do(done)


@blueprint.post("/holds/<ref>/missing")
@allowed
def hold_missing(ref: str) -> Response:
    """Say that an article is not on the shelf; the customer gets word of that, too."""

    def done(who: Worker) -> str:
        sku = request.form.get("sku", "")
        reserve_in_store.not_there(ref, sku, location=who.location, actor=who.name)
        return str(_("Gemeldet. Der Kunde bekommt Nachricht, und der Artikel wird gezählt."))

    return _do(done)


@blueprint.post("/holds/<ref>/collected")
@allowed
def hold_collected(ref: str) -> Response:
    """Say that it was paid at another till and taken along."""

    def done(who: Worker) -> str:
        reserve_in_store.collect(ref, location=who.location, actor=who.name)
        return str(_("Übergeben. Jetzt an der Kasse verkaufen."))

    return _do(done)


def _do(act: Callable[[Worker], str]) -> Any:
    with reading() as session:
        who = worker(session)
    try:
        flash(act(who), "ok")
    except Refused as error:
        flash(words.of_error(error), "danger")
    chosen = request.values.get("place")
    return redirect(url_for("floor.holds", place=chosen), 303)
