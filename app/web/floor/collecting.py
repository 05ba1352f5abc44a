"""Click and collect at the counter: what lies ready, where, and giving it out for a code."""

import uuid

from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.sales import collect_terms, orders
from app.web.floor import menu
from app.web.floor.room import at_work, blueprint, place, tell, to
from app.web.session import allowed
from app.workflows import pickups as counter
from catalog import products
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import picking
from kit.database import reading
from kit.errors import Forbidden, Invalid, NotFound, Refused


@blueprint.get("/pickups")
@allowed
def pickups() -> str:
    """Show what lies ready to be fetched; a name, an order or its code finds it."""
    wanted = request.args.get("q", "").strip()
    with reading() as session:
        here = place(session)
        found = [
            job for job in picking.jobs(session, here.code, ("packed",)) if job.kind == "collect"
        ]
        until = {
            job.id: counter.last_day(session, here.code, row.packed_at)
            for job in found
            if (row := session.get_one(FulfilmentOrder, job.id)).packed_at
        }
        if wanted:
            found = [job for job in found if _is(job.order_ref, str(job.address["name"]), wanted)]
        return menu.page(
            "floor/pickups.html",
            session,
            here,
            "pickups",
            jobs=found,
            unpaid=collect_terms.unpaid(session, [job.order_ref for job in found]),
            until=until,
            q=wanted,
        )


def _is(ref: str, name: str, wanted: str) -> bool:
    # A QR code of the order's page holds its number, too.
    return wanted.casefold() in name.casefold() or ref.casefold() in wanted.casefold()


@blueprint.get("/pickups/<uuid:job_id>")
@allowed
def pickup(job_id: uuid.UUID) -> str:
    """Show what is given out, and ask for code and signature."""
    with reading() as session:
        here = place(session)
        job = picking.job(session, job_id)
        if job.location != here.code or job.kind != "collect":
            raise NotFound("fulfilment_order")
        items = products.items(session, [line.sku for line in job.lines])
        age = max((item.age_min for item in items.values()), default=0)
        order = orders.by_ref(session, job.order_ref)
        return render_template(
            "floor/pickup.html",
            here=here,
            job=job,
            items=items,
            age=age,
            to_pay_minor=orders.to_pay_minor(order, orders.lines_of(session, order)),
        )


@blueprint.post("/jobs/<uuid:job_id>/laid-out")
@allowed
def lay_out(job_id: uuid.UUID) -> Response:
    """Say in which place it lies ready; the customer gets word."""
    try:
        counter.lay_out(job_id, request.form.get("shelf_place", ""), at_work())
    except (Invalid, Refused) as error:
        tell(error)
        return to("job", job_id=job_id)
    flash(_("Liegt bereit. Der Kunde bekommt jetzt Nachricht."), "ok")
    return to("jobs")


@blueprint.post("/pickups/<uuid:job_id>")
@allowed
def pickup_done(job_id: uuid.UUID) -> Response:
    """Give it out, for its code or for a name that somebody has looked at."""
    try:
        counter.hand_out(
            job_id,
            at_work(),
            counter.Proof(
                code=request.form.get("code", ""),
                identity=bool(request.form.get("identity")),
                taken_by=request.form.get("taken_by", ""),
                signature=request.form.get("signature") or None,
                of_age=bool(request.form.get("of_age")),
            ),
        )
    except (Forbidden, Invalid, Refused) as error:
        tell(error)
        return to("pickup", job_id=job_id)
    flash(_("Übergeben."), "ok")
    return to("pickups")
