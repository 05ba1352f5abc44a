"""Paper for a parcel: the label, the packing slip, and the QR card where it belongs."""

import io
import uuid

import segno
from flask import current_app, render_template
from sqlalchemy import select

from app.community.models import Campaign
from app.sales import orders as sales_orders
from app.web.floor.room import blueprint, place
from app.web.session import allowed
from fulfilment.models import Parcel, ParcelInsert
from fulfilment.outbound import shipments
from fulfilment.places import locations
from kit.database import reading
from kit.errors import NotFound


@blueprint.get("/parcels/<uuid:parcel_id>/slip")
@allowed
def slip(parcel_id: uuid.UUID) -> str:
    """Show label and packing slip of a sealed parcel for printing; the QR card comes with it."""
    with reading() as session:
        here = place(session)
        parcel = session.get(Parcel, parcel_id)
        if parcel is None or parcel.location != here.code:
            raise NotFound("parcel")
        order = sales_orders.by_ref(session, parcel.order_ref)
        titles = {line.id: line.title for line in sales_orders.lines_of(session, order)}
        views = shipments.for_order(session, order.ref)
        insert = session.scalar(select(ParcelInsert).where(ParcelInsert.parcel_id == parcel.id))
        campaign = session.get(Campaign, insert.campaign) if insert else None
        return render_template(
            "floor/slip.html",
            here=here,
            order=order,
            parcel=parcel,
            this=next(view for view in views if view.parcel_id == parcel.id),
            others=[view for view in views if view.parcel_id != parcel.id],
            titles=titles,
            places=locations.by_code(session),
            campaign=campaign,
            card_url=_card_url(insert.token) if insert else None,
            card_qr=_qr(_card_url(insert.token)) if insert else None,
            sscc_qr=_qr(parcel.sscc),
        )


def _card_url(token: str) -> str:
    return f"{current_app.config['KONTOR'].public_url}/fang/{token}"


def _qr(text: str) -> str:
    drawing = io.BytesIO()
    segno.make(text, error="m").save(drawing, kind="svg", xmldecl=False, svgns=True, scale=4)
    return drawing.getvalue().decode()
