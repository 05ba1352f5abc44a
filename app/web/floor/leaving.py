"""What leaves: the driver takes a carrier's parcels with a manifest; then carriers say where."""

import uuid
from datetime import datetime

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web import words
from app.web.floor import menu
from app.web.floor.room import at_work, blueprint, place, tell, to
from app.web.session import allowed
from app.workflows import journeys as news
from app.workflows import manifests as handing
from fulfilment.outbound import journeys
from fulfilment.outbound import manifests as lists
from kit import clock
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused


@blueprint.get("/manifests")
@allowed
def manifests() -> str:
    """Show the sealed parcels by carrier, what has been handed over, and what is on its way."""
    with reading() as session:
        here = place(session)
        on_the_way = journeys.on_the_way(session, here.code, limit=50)
        return menu.page(
            "floor/manifests.html",
            session,
            here,
            "manifests",
            waiting=lists.waiting(session, here.code),
            latest=lists.latest(session, here.code),
            on_the_way=on_the_way,
            events=journeys.of(session, [parcel.id for parcel in on_the_way]),
            now=clock.now(),
        )


@blueprint.post("/manifests")
@allowed
def manifest_write() -> Response:
    """Hand the chosen parcels over to a carrier's driver."""
    carrier = request.form.get("carrier", "")
    try:
        chosen = {uuid.UUID(value) for value in request.form.getlist("parcel")}
        done = handing.hand_over(carrier, chosen, at_work(), request.form.get("driver", ""))
    except ValueError:
        return to("manifests")
    except (Invalid, Refused) as error:
        tell(error)
        return to("manifests")
    text = ngettext("%(num)s Paket übergeben.", "%(num)s Pakete übergeben.", done.parcels)
    flash(text, "ok")
    for ref, why in done.kept:
        flash(_("%(ref)s bleibt hier: %(why)s", ref=ref, why=words.of_error(why)), "warn")
    return to("manifest", number=done.number)


@blueprint.get("/manifests/<number>")
@allowed
def manifest(number: str) -> str:
    """Show a manifest to print and to sign."""
    with reading() as session:
        here = place(session)
        found = lists.one(session, number)
        if found.location != here.code:
            raise NotFound("manifest", number=number)
        return render_template(
            "floor/manifest.html",
            here=here,
            manifest=found,
            parcels=lists.parcels_of(session, number),
        )


@blueprint.post("/parcels/<uuid:parcel_id>/events")
@allowed
def parcel_event(parcel_id: uuid.UUID) -> Response:
    """Note what somebody has learnt of a parcel: delivered, not delivered, coming back."""
    here = at_work().location
    try:
        new = news.note(
            parcel_id,
            request.form.get("what", ""),
            at=_instant(request.form.get("at", "")),
            source=current_user.name,
            words=request.form.get("note", "").strip()[:500],
            location=here,
        )
    except (Invalid, Refused) as error:
        tell(error)
    else:
        flash(_("Notiert.") if new else _("Das stand schon da."), "ok" if new else "info")
    return to("manifests")


def _instant(typed: str) -> datetime:
    """Read a day and time of the shop's own zone; now where nothing is typed."""
    if not typed:
        return clock.now()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=clock.BERLIN)
    except ValueError as error:
        raise Invalid("tracking_at") from error
