"""Pack: scan units into parcels, choose the carton, weigh, and get a label; then hand over."""

import re
import uuid
from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.sales import orders
from app.web.floor import page_facts
from app.web.floor.room import at_work, blueprint, chosen_place, place, tell, to
from app.web.retailer import RETAILER
from app.web.session import allowed
from app.workflows import floor, floor_steps, parcel_labels
from app.workflows.floor import Boxed, Contents
from catalog import products
from catalog.views import ItemView
from fulfilment.models import Parcel, ParcelInsert
from fulfilment.outbound import boxes, picking
from fulfilment.outbound.boxes import Good, Packed
from fulfilment.outbound.picking import Job, JobLine
from kit.database import reading
from kit.errors import Invalid, KontorError, NotFound, Refused

_GRAMS_PER_KILO = 1000
# How far scales and reckoning may differ before somebody is asked: paper and tape, a wet carton.
_ODD_GRAMS, _ODD_PERCENT = 150, 20
_UNITS = re.compile(r"^units-(\d{1,2})-([0-9a-f-]{36})$")


@blueprint.get("/jobs/<uuid:job_id>/pack")
@allowed
def packing(job_id: uuid.UUID) -> Any:
    """Show the parcels as they are suggested; what is scanned fills them one by one.

    Who picks, or may take it, may look already, so that the page is there when the network is not:
    then it shows what there should be.
    """
    wanted = request.args.get("parcels", "")
    shown = _page(job_id, more=int(wanted) if wanted.isdigit() else 0)
    return to("job", job_id=job_id) if shown is None else shown


def _page(job_id: uuid.UUID, more: int = 0, odd: list[str] | None = None) -> str | None:
    who = current_user.name
    with reading() as session:
        here = place(session)
        job = picking.job(session, job_id)
        if job.location != here.code:
            raise NotFound("fulfilment_order")
        mine = job.state == "picking" and job.picker == who
        if not (job.state in {"open", "picked"} or mine):
            return None
        lines = [line for line in job.lines if _units(job, line)]
        items = products.items(session, [line.sku for line in lines])
        cartons = boxes.all_of(session)
        suggested = _suggested(job, items, session)
        card = card_of(session, job)
    parcels = _filled(job, suggested)
    while len(parcels) < min(more, floor_steps.MOST_PARCELS):
        parcels.append({"units": Counter(), "box": None, "grams": 0})
    return render_template(
        "floor/pack.html",
        here=here,
        job=job,
        lines=[
            {
                "line": line,
                "units": _units(job, line),
                "item": items[line.sku],
                "gtin": page_facts.gtin14(items[line.sku]),
            }
            for line in lines
        ],
        card=card,
        root=page_facts.root(),
        odd_grams=_ODD_GRAMS,
        odd_percent=_ODD_PERCENT,
        parcels=parcels,
        cartons=cartons,
        typed=request.form,
        odd=odd or [],
    )


def card_of(session: Session, job: Job) -> str | None:
    """Return the title of the card that belongs into this job's first parcel, if one does."""
    if job.state not in {"open", "picking", "picked"}:
        return None
    order = orders.by_ref(session, job.order_ref)
    found = floor.card_due(session, order, orders.lines_of(session, order))
    if found is None:
        return None
    return found.title_de if current_language() == "de" else found.title_en


def with_card(session: Session, job: Job) -> uuid.UUID | None:
    """Return which sealed parcel of this job has the order's card, if one has."""
    query = select(ParcelInsert.parcel_id).join(Parcel, Parcel.id == ParcelInsert.parcel_id)
    return session.scalar(query.where(Parcel.fulfilment_order_id == job.id).limit(1))


def _units(job: Job, line: JobLine) -> int:
    """Return what there is to pack of a line, or what there will be when it is picked."""
    return line.picked + (0 if job.state == "picked" else line.left)


def _suggested(job: Job, items: dict[str, ItemView], session: Session) -> list[Packed]:
    # Goods groups never share a parcel: what the customer was told, and what the carrier is asked.
    loads: dict[str, list[Good]] = {}
    for line in job.lines:
        if not _units(job, line):
            continue  # all of it is missing here
        item = items[line.sku]
        one = Good(line.sku, item.weight_grams, _sides(item))
        loads.setdefault(item.goods_group, []).extend([one] * _units(job, line))
    cartons = [boxes.carton_of(box) for box in boxes.all_of(session)]
    return [packed for goods in loads.values() for packed in boxes.suggest(goods, cartons)]


def _sides(item: ItemView) -> tuple[int, int, int] | None:
    length, width, height = item.length_mm, item.width_mm, item.height_mm
    return (length, width, height) if length and width and height else None


def _filled(job: Job, suggested: list[Packed]) -> list[dict[str, Any]]:
    """Spread the suggested goods over the order's lines: a SKU may stand in two of them."""
    left = {line.line_id: _units(job, line) for line in job.lines if _units(job, line)}
    lines = {line.line_id: line.sku for line in job.lines}
    found = []
    for packed in suggested:
        units: Counter[uuid.UUID] = Counter()
        for good in packed.goods:
            line = next(one for one, count in left.items() if count and lines[one] == good.sku)
            left[line] -= 1
            units[line] += 1
        grams = sum(good.grams for good in packed.goods)
        tare = packed.carton.tare_grams if packed.carton else 0
        code = packed.carton.code if packed.carton else None
        found.append({"units": units, "box": code, "grams": grams + tare})
    return found


@blueprint.post("/jobs/<uuid:job_id>/parcels")
@allowed
def pack(job_id: uuid.UUID) -> Any:
    """Seal the parcels, and ask the carrier for labels; without a form all goes into one."""
    who = at_work()
    try:
        contents, boxed = _typed()
        if contents and not request.form.get("sure"):
            odd = _odd(job_id, contents, boxed)
            page = _page(job_id, len(contents), odd) if odd else None
            if page is not None:
                return page, 422
        floor.pack(job_id, who, contents or None, boxed or None)
    except (Invalid, Refused, NotFound) as error:
        tell(error)
        return redirect(url_for("floor.job", job_id=job_id, **chosen_place()))
    closed(job_id)
    return redirect(url_for("floor.job", job_id=job_id, **chosen_place()))


def closed(job_id: uuid.UUID) -> None:
    """Say that parcels are closed, and ask the carrier for their labels."""
    flash(_("Paket geschlossen. Etikett und Packzettel liegen bereit."), "ok")
    _order_labels(job_id)


def _typed() -> tuple[Contents, list[Boxed]]:
    """Read the form: per parcel its units by line, its carton and what the scales say."""
    parcels: dict[int, Counter[uuid.UUID]] = {}
    for name, value in request.form.items():
        found = _UNITS.match(name)
        if found and value.strip().isdigit() and int(value):
            parcels.setdefault(int(found[1]), Counter())[uuid.UUID(found[2])] += int(value)
    contents: Contents = []
    boxed: list[Boxed] = []
    for number, units in sorted(parcels.items()):
        contents.append(list(units.items()))
        boxed.append((request.form.get(f"box-{number}") or None, _grams(number)))
    return contents, boxed


def _grams(number: int) -> int | None:
    typed = request.form.get(f"kilos-{number}", "").strip().replace(",", ".")
    if not typed:
        return None
    try:
        return round(float(typed) * _GRAMS_PER_KILO)
    except (ValueError, OverflowError) as error:
        raise Invalid("parcel_weight") from error


def _odd(job_id: uuid.UUID, contents: Contents, boxed: list[Boxed]) -> list[str]:
    """Return parcels whose weight does not fit what was scanned into them: something is missing."""
    with reading() as session:
        job = picking.job(session, job_id)
        items = products.items(session, [line.sku for line in job.lines])
        tares = {box.code: box.tare_grams for box in boxes.all_of(session)}
    skus = {line.line_id: line.sku for line in job.lines}
    odd = []
    for number, (units, (box, grams)) in enumerate(zip(contents, boxed, strict=True), start=1):
        if grams is None:
            continue
        goods = sum(items[skus[line]].weight_grams * count for line, count in units if line in skus)
        reckoned = goods + tares.get(box or "", 0)
        if abs(grams - reckoned) > max(_ODD_GRAMS, reckoned * _ODD_PERCENT // 100):
            odd.append(
                _(
                    "Paket %(number)s: gewogen %(scales)s g, erwartet %(reckoned)s g.",
                    number=number,
                    scales=grams,
                    reckoned=reckoned,
                )
            )
    return odd


def _order_labels(job_id: uuid.UUID) -> None:
    """Ask the carrier; what it does not give is printed here, and nobody waits for it."""
    problems = set(parcel_labels.order(job_id, at_work(), RETAILER).values()) - {None}
    for problem in sorted(filter(None, problems)):
        if problem == parcel_labels.DOWN:
            flash(_("Der Paketdienst antwortet nicht: Es gilt unser eigenes Etikett."), "warn")
        else:
            flash(_("Der Paketdienst lehnt ab: %(words)s", words=problem), "warn")


@blueprint.post("/jobs/<uuid:job_id>/labels")
@allowed
def order_labels(job_id: uuid.UUID) -> Response:
    """Ask the carrier again for what it has not given."""
    _order_labels(job_id)
    return to("job", job_id=job_id)


@blueprint.post("/parcels/<uuid:parcel_id>/label")
@allowed
def label_by_hand(parcel_id: uuid.UUID) -> Response:
    """Note the number of a label that was written by hand or bought elsewhere."""
    number, carrier = request.form.get("number", ""), request.form.get("carrier", "")
    try:
        parcel_labels.by_hand(parcel_id, carrier, number, at_work())
    except (Invalid, Refused) as error:
        tell(error)
    else:
        flash(_("Notiert: Sendungsnummer %(number)s.", number=number.strip()), "ok")
    job_id = request.form.get("job", "")
    return to("job", job_id=job_id) if job_id else to("jobs")


@blueprint.post("/jobs/<uuid:job_id>/handover")
@allowed
def hand_over(job_id: uuid.UUID) -> Response:
    """Give the parcels of one order to the carrier; what is fetched has a page of its own."""
    with reading() as session:
        collect = picking.job(session, job_id).kind == "collect"
    if collect:
        return to("pickup", job_id=job_id)
    try:
        floor.hand_over(job_id, at_work())
    except KontorError as error:
        tell(error)
        return redirect(url_for("floor.job", job_id=job_id, **chosen_place()))
    flash(_("Übergeben. Der Kunde bekommt jetzt Nachricht."), "ok")
    return redirect(url_for("floor.jobs", **chosen_place()))
