"""Paper for a parcel: label, packing slip, and the QR card where it belongs."""

import uuid
from typing import Any

from flask import current_app, make_response, render_template, request
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.carriers import code128, papers
from app.carriers.papers import Address, LabelFacts
from app.community.models import Campaign
from app.i18n import formats
from app.sales import orders as sales_orders
from app.sales.models import Order
from app.web.floor.room import blueprint, place
from app.web.retailer import RETAILER
from app.web.session import allowed
from app.workflows import coming_parcels, floor, parcel_labels
from fulfilment.models import FulfilmentOrder, Location, Parcel, ParcelInsert, Tariff
from fulfilment.outbound import labels
from fulfilment.outbound.shipments import ParcelView
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import NotFound


@blueprint.get("/parcels/<uuid:parcel_id>/slip")
@allowed
def slip(parcel_id: uuid.UUID) -> str:
    """Show label and packing slip of a sealed parcel for printing; the QR card comes with it."""
    with reading() as session:
        here = place(session)
        parcel = _parcel(session, here, parcel_id)
        order = sales_orders.by_ref(session, parcel.order_ref)
        titles = {line.id: line.title for line in sales_orders.lines_of(session, order)}
        views = coming_parcels.for_order(session, order.ref)
        insert, campaign = _card(session, parcel)
        return render_template(
            "floor/slip.html",
            here=here,
            order=order,
            parcel=parcel,
            label=labels.of(session, [parcel.id]).get(parcel.id),
            this=next(view for view in views if view.parcel_id == parcel.id),
            others=[view for view in views if view.parcel_id != parcel.id],
            titles=titles,
            places=locations.by_code(session),
            campaign=campaign,
            card_url=_card_url(insert.token) if insert else None,
            card_qr=papers.qr(_card_url(insert.token)) if insert else None,
            bars=code128.of_sscc(parcel.sscc),
            sscc=papers.shown(parcel.sscc),
        )


def _parcel(session: Session, here: Location, parcel_id: uuid.UUID) -> Parcel:
    parcel = session.get(Parcel, parcel_id)
    if parcel is None or parcel.location != here.code:
        raise NotFound("parcel")
    return parcel


def _card(session: Session, parcel: Parcel) -> tuple[ParcelInsert | None, Campaign | None]:
    insert = session.scalar(select(ParcelInsert).where(ParcelInsert.parcel_id == parcel.id))
    return insert, session.get(Campaign, insert.campaign) if insert else None


def _card_url(token: str) -> str:
    return f"{current_app.config['KONTOR'].public_url}/fang/{token}"


@blueprint.get("/parcels/<uuid:parcel_id>/label.pdf")
@allowed
def label_pdf(parcel_id: uuid.UUID) -> Response:
    """Print the carrier's label, or ours of 100 × 150 mm where the carrier gave none."""
    with reading() as session:
        here = place(session)
        parcel = _parcel(session, here, parcel_id)
        theirs = None if request.args.get("own") else labels.pdf_of(session, parcel.id)
        printed = theirs or papers.label(_label(session, here, parcel))
    return pdf(printed, f"{parcel.sscc}.pdf")


def _label(session: Session, here: Location, parcel: Parcel) -> LabelFacts:
    job = session.get_one(FulfilmentOrder, parcel.fulfilment_order_id)
    order = sales_orders.by_ref(session, parcel.order_ref)
    sealed = coming_parcels.for_order(session, parcel.order_ref)
    mine = [view.parcel_id for view in sealed if view.parcel_id is not None]
    tariff = session.get(Tariff, job.tariff)
    to = job.address
    collect = job.kind == "collect"
    rows = () if collect else (str(to.get("extra") or ""), str(to["street"]))
    sender = {"name": f"{RETAILER.name}, {here.name}", "street": here.street}
    sender |= {"postal_code": here.postal_code, "city": here.city}
    return LabelFacts(
        sscc=parcel.sscc,
        ref=parcel.order_ref,
        sender=sender,
        to=Address(
            str(to["name"]),
            tuple(row for row in rows if row),
            "" if collect else str(to["postal_code"]),
            job.shelf_place or "" if collect else str(to["city"]),
        ),
        carrier=_("Abholung") if collect else floor.carrier_of(session, job.id),
        service=here.name if collect else (tariff.name if tariff else job.tariff),
        count=_("%(this)s von %(all)s", this=mine.index(parcel.id) + 1, all=len(sealed)),
        weight=formats.kilograms(parcel.weight_grams),
        # Nobody but an adult at the door gets it, whatever was wished for.
        wish=str(_("Ab 18: nur persönlich, Ausweis prüfen"))
        if parcel_labels.age_of(session, parcel) and not collect
        else _wish(to),
        made_on=clock.berlin(parcel.sealed_at).date().isoformat(),
        language=order.language,
        words={
            "title": f"{_('Etikett')} {parcel.sscc}",
            "to": _("Abholung") if collect else _("An"),
            "order": _("Bestellung"),
            "parcel": _("Paket"),
            "weight": _("Gewicht"),
        },
    )


def _wish(to: dict[str, Any]) -> str:
    if to.get("drop_off"):
        return str(_("Ablageort: %(wish)s", wish=to["drop_off"]))
    if to.get("neighbour"):
        return str(_("Nachbar: %(wish)s", wish=to["neighbour"]))
    return ""


@blueprint.get("/parcels/<uuid:parcel_id>/slip.pdf")
@allowed
def slip_pdf(parcel_id: uuid.UUID) -> Response:
    """Print what is in this parcel and what comes separately."""
    with reading() as session:
        here = place(session)
        parcel = _parcel(session, here, parcel_id)
        order = sales_orders.by_ref(session, parcel.order_ref)
        views = coming_parcels.for_order(session, order.ref)
        titles = {line.id: line.title for line in sales_orders.lines_of(session, order)}
        places = locations.by_code(session)
        _insert, campaign = _card(session, parcel)
        this = next(view for view in views if view.parcel_id == parcel.id)
        others = [view for view in views if view.parcel_id != parcel.id]
        # The customer reads it, whatever language the packer works in.
        with force_locale(order.language):
            printed = papers.packing_slip(
                _slip_words(order, parcel, here, separate=bool(others)),
                _contents(this, titles, campaign),
                [_other(view, titles, places) for view in others],
            )
    return pdf(printed, f"{order.ref}-{parcel.sscc[-4:]}.pdf")


def _slip_words(order: Order, parcel: Parcel, here: Location, *, separate: bool) -> dict[str, Any]:
    placed = formats.stamp_full(order.placed_at)
    return {
        "made_on": clock.berlin(parcel.sealed_at).date().isoformat(),
        "language": order.language,
        "seller": {
            "name": RETAILER.name,
            "phone_shown": formats.phone(RETAILER.phone),
            "email": RETAILER.email,
        },
        "lead": _("Bestellung vom %(day)s, gepackt in %(place)s", day=placed, place=here.name),
        "here": _("In diesem Paket") if separate else _("Alles in diesem Paket"),
        "foot": _(
            "Fragen? %(name)s, %(phone)s", name=here.contact, phone=formats.phone(here.phone)
        ),
        "words": {"title": _("Packzettel %(ref)s", ref=order.ref)},
    }


def _contents(
    this: ParcelView, titles: dict[uuid.UUID, str], campaign: Campaign | None
) -> list[dict[str, Any]]:
    rows = [
        {
            "quantity": part.quantity,
            "title": titles[part.line_id],
            "sku": part.sku,
            "lots": part.lots or "",
        }
        for part in this.lines
    ]
    if campaign:
        german = get_locale().language == "de"
        named = campaign.title_de if german else campaign.title_en
        title = _("Karte: %(title)s", title=named)
        rows.append({"quantity": 1, "title": title, "sku": "", "lots": ""})
    return rows


def _other(
    view: ParcelView, titles: dict[uuid.UUID, str], places: dict[str, Location]
) -> dict[str, Any]:
    day = formats.day_and_date(view.arrives_on)
    return {
        "title": _("Kommt getrennt aus %(place)s", place=places[view.location].name),
        "when": _("Ankunft %(day)s", day=day),
        "lines": [
            {"quantity": part.quantity, "title": titles[part.line_id]} for part in view.lines
        ],
    }


@blueprint.get("/parcels/<uuid:parcel_id>/card.pdf")
@allowed
def card_pdf(parcel_id: uuid.UUID) -> Response:
    """Print the card that lies in this parcel."""
    with reading() as session:
        here = place(session)
        parcel = _parcel(session, here, parcel_id)
        insert, campaign = _card(session, parcel)
        if insert is None or campaign is None:
            raise NotFound("card")
        order = sales_orders.by_ref(session, parcel.order_ref)
        german = order.language == "de"
        printed = papers.card(
            title=campaign.title_de if german else campaign.title_en,
            text=campaign.text_de if german else campaign.text_en,
            url=_card_url(insert.token),
            seller=RETAILER.name,
            language=order.language,
            made_on=clock.berlin(parcel.sealed_at).date().isoformat(),
        )
    return pdf(printed, f"karte-{parcel.sscc[-4:]}.pdf")


def pdf(printed: bytes, name: str) -> Response:
    """Answer with a paper to print; nobody keeps a copy of it."""
    answer = make_response(printed)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
