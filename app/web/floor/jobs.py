"""Today's work: the list by promise and cut-off, and one fulfilment order from shelf to carrier."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.community import mailings
from app.identity import permissions
from app.web.floor import menu, packing, page_facts
from app.web.floor.room import at_work, blueprint, chosen_place, place, tell, to
from app.web.session import allowed
from app.workflows import floor, parcel_labels
from catalog import products
from catalog.views import ItemView
from fulfilment.models import Location, Parcel
from fulfilment.outbound import boxes, labels, picking, shelving, shipments, stops, waves
from fulfilment.outbound.picking import Job
from fulfilment.places import day_limits, locations
from fulfilment.tracing import lots, picked_lots
from kit import clock
from kit.database import reading
from kit.errors import Invalid, NotFound, Refused

WAITING = ("open", "picking", "picked", "packed")


@dataclass(frozen=True)
class Task:
    """A fulfilment order as the list shows it."""

    job: Job
    units: int
    left: int
    today: bool
    late: bool
    mine: bool

    @property
    def customer(self) -> str:
        """Who it is for."""
        return str(self.job.address.get("name", ""))


@blueprint.get("/")
@allowed
def jobs() -> str:
    """Show the location's fulfilment orders, the most urgent first."""
    with reading() as session:
        here = place(session)
        found = picking.jobs(session, here.code, WAITING)
        # What lies ready waits for its customer, not for us: it stands under "Abholung".
        tasks = [_task(job) for job in found if (job.kind, job.state) != ("collect", "packed")]
        return menu.page(
            "floor/jobs.html",
            session,
            here,
            "jobs",
            root=page_facts.root(),
            who=current_user.name,
            places=_choices(session, here),
            tasks=tasks,
            late=[task for task in tasks if task.job.escalated_at and task.job.state == "open"],
            held=stops.among(session, {task.job.order_ref for task in tasks}),
            mailpieces=mailings.open_at(session, here.code),
            walks=waves.open_at(session, here.code),
            closed=_closed(session, here),
            may_close=permissions.may(current_user.role, "floor.day"),
        )


def _closed(session: Session, here: Location) -> bool:
    """Whether the location sends nothing more today, because somebody there said so."""
    today = clock.today()
    return day_limits.in_force(session, [today]).get((here.code, today)) == 0


def _choices(session: Session, here: Location) -> list[dict[str, Any]]:
    """Return tabs to the other locations for people who are bound to none."""
    if current_user.location:
        return []
    return [
        {
            "label": place.name,
            "href": url_for("floor.jobs", place=place.code),
            "current": place.code == here.code,
        }
        for place in locations.by_code(session).values()
    ]


def _task(job: Job) -> Task:
    return Task(
        job=job,
        units=sum(line.left + line.picked for line in job.lines),
        left=sum(line.left for line in job.lines),
        today=job.ships_on <= clock.today(),
        late=_late(job.due_at),
        mine=job.picker == current_user.name,
    )


def _late(due_at: datetime) -> bool:
    return due_at < clock.now()


@blueprint.get("/jobs/<uuid:job_id>")
@allowed
def job(job_id: uuid.UUID) -> str:
    """Show one fulfilment order at its present step."""
    with reading() as session:
        here = place(session)
        found = picking.job(session, job_id)
        if found.location != here.code:
            raise NotFound("fulfilment_order")
        skus = [line.sku for line in found.lines]
        items = products.items(session, skus)
        task = _task(found)
        return render_template(
            "floor/job.html",
            here=here,
            task=task,
            root=page_facts.root(task.units, task.left),
            lines=_lines(found, items, shelving.of(session, here.code, skus)),
            kept=lots.trackings(session, skus),
            suggested=picked_lots.suggested(session, here.code, skus),
            read=picked_lots.of_job(session, found.id),
            elsewhere=_elsewhere(session, found),
            parcels=_parcels(session, found),
            labels=labels.of(session, [one.id for one in _parcels(session, found)]),
            down=parcel_labels.DOWN,
            card=packing.card_of(session, found),
            with_card=packing.with_card(session, found),
            carrier=floor.carrier_of(session, found.id),
            boxes={box.code: box for box in boxes.all_of(session, retired=True)},
        )


def _lines(job: Job, items: dict[str, ItemView], places: dict[str, str]) -> list[dict[str, Any]]:
    # What is still to be picked stands first; then as one walks past the shelves.
    ordered = sorted(
        job.lines,
        key=lambda line: (line.left == 0, shelving.step(places.get(line.sku)), line.sku),
    )
    return [
        {
            "line": line,
            "item": items[line.sku],
            "place": places.get(line.sku),
            "gtin": page_facts.gtin14(items[line.sku]),
        }
        for line in ordered
    ]


def _elsewhere(session: Session, job: Job) -> list[str]:
    places = locations.by_code(session)
    return [
        places[view.location].name
        for view in shipments.for_order(session, job.order_ref)
        if view.fulfilment_order_id != job.id
    ]


def _parcels(session: Session, job: Job) -> list[Parcel]:
    query = select(Parcel).where(Parcel.fulfilment_order_id == job.id).order_by(Parcel.sscc)
    return list(session.scalars(query))


def _back(job_id: uuid.UUID) -> Response:
    return redirect(url_for("floor.job", job_id=job_id, **chosen_place()))


@blueprint.post("/jobs/<uuid:job_id>/start")
@allowed
def start(job_id: uuid.UUID) -> Response:
    """Take the job."""
    try:
        floor.start(job_id, at_work())
    except Refused as error:
        tell(error)
        return redirect(url_for("floor.jobs", **chosen_place()))
    return _back(job_id)


@blueprint.post("/jobs/<uuid:job_id>/return")
@allowed
def put_back(job_id: uuid.UUID) -> Response:
    """Give the job back to the list."""
    floor.put_back(job_id, at_work())
    flash(_("Zurückgelegt. Der Auftrag steht wieder in der Liste."), "info")
    return redirect(url_for("floor.jobs", **chosen_place()))


@blueprint.post("/jobs/<uuid:job_id>/scans")
@allowed
def scan(job_id: uuid.UUID) -> Response:
    """Pick the unit that was scanned."""
    try:
        lot = request.form.get("lot", "").strip()
        progress = floor.scan(job_id, request.form.get("code", ""), at_work(), lot)
    except (Invalid, Refused, NotFound) as error:
        tell(error)
    else:
        if progress.left_in_all == 0:
            flash(_("Alles beisammen."), "ok")
    return _back(job_id)


@blueprint.post("/jobs/<uuid:job_id>/short-picks")
@allowed
def short_pick(job_id: uuid.UUID) -> Response:
    """Report that the shelf holds less than the books say."""
    try:
        missing = floor.short_pick(job_id, request.form.get("sku", ""), at_work())
    except (Refused, NotFound) as error:
        tell(error)
    else:
        flash(
            ngettext(
                "%(num)s Stück fehlt: gemeldet. Wir suchen es anderswo.",
                "%(num)s Stück fehlen: gemeldet. Wir suchen sie anderswo.",
                missing,
            ),
            "warn",
        )
    if request.form.get("wave"):
        return to("wave", wave_id=request.form["wave"])
    return _back(job_id)


@blueprint.post("/jobs/<uuid:job_id>/picked")
@allowed
def finish(job_id: uuid.UUID) -> Response:
    """End picking; where nothing was there to pick, the job is gone."""
    try:
        state = floor.finish(job_id, at_work())
    except Refused as error:
        tell(error)
        return _back(job_id)
    if state == "cancelled":
        flash(_("Nichts zu packen: der Auftrag ist hier zu Ende."), "info")
        return redirect(url_for("floor.jobs", **chosen_place()))
    return _back(job_id)
