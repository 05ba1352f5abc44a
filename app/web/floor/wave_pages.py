"""Waves: several orders in one walk, each into its own tote."""

import uuid

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web.floor import menu, page_facts
from app.web.floor.room import at_work, blueprint, place, tell, to
from app.web.session import allowed
from app.workflows import floor_waves
from catalog import products
from fulfilment.outbound import picking
from fulfilment.outbound import waves as wave_books
from fulfilment.tracing import lots
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused


@blueprint.get("/waves")
@allowed
def waves() -> str:
    """Show what can be picked together, and the waves that somebody walks."""
    with reading() as session:
        here = place(session)
        return menu.page(
            "floor/waves.html",
            session,
            here,
            "waves",
            walks=wave_books.open_at(session, here.code),
            jobs=picking.jobs(session, here.code, ("open",)),
            most=wave_books.MOST,
            who=current_user.name,
        )


@blueprint.post("/waves")
@allowed
def wave_begin() -> Response:
    """Take the chosen orders together."""
    try:
        ids = [uuid.UUID(value) for value in request.form.getlist("job")]
        totes = [name for name in request.form.get("totes", "").split() if name]
        wave_id = floor_waves.begin(ids, at_work(), totes)
    except ValueError:
        return to("waves")
    except (Invalid, Refused) as error:
        tell(error)
        return to("waves")
    return to("wave", wave_id=wave_id)


@blueprint.get("/waves/<uuid:wave_id>")
@allowed
def wave(wave_id: uuid.UUID) -> str:
    """Show the walk: place by place, and which tote gets what."""
    with reading() as session:
        here = place(session)
        found = wave_books.one(session, wave_id)
        if found.location != here.code:
            raise NotFound("wave")
        stops = wave_books.walk(session, found)
        items = products.items(session, [stop.sku for stop in stops])
        totes = wave_books.jobs_of(session, wave_id)
        units = sum(part.left + part.picked for stop in stops for part in stop.parts)
        left = sum(stop.left for stop in stops)
        return render_template(
            "floor/wave.html",
            here=here,
            wave=found,
            stops=stops,
            items=items,
            gtins={sku: page_facts.gtin14(item) for sku, item in items.items()},
            kept=lots.trackings(session, list(items)),
            totes=totes,
            mine=found.picker == current_user.name,
            root=page_facts.root(units, left),
            units=units,
            left=left,
        )


@blueprint.post("/waves/<uuid:wave_id>/scans")
@allowed
def wave_scan(wave_id: uuid.UUID) -> Response:
    """Pick one unit for the first tote that wants it (without the page's script)."""
    try:
        scanned = floor_waves.scan(
            wave_id, request.form.get("code", ""), at_work(), request.form.get("lot") or None
        )
    except (Invalid, Refused, NotFound) as error:
        tell(error)
    else:
        flash(_("In Kiste %(tote)s.", tote=scanned.tote), "ok")
    return to("wave", wave_id=wave_id)
