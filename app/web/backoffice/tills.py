"""Tills: what waits for a look, pairing, PINs, sessions and their Z reports, files for auditors."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.identity import permissions
from app.identity.models import Device, Staff
from app.sales import collect_terms
from app.tills import cashiers, conflicts, pairing, reports, rules, sessions, weigh_codes
from app.tills.fiscal import export, log_export, modules, notification
from app.tills.fiscal.export import Seller
from app.tills.fiscal.models import FiscalOutage
from app.tills.fiscal.network import NetworkSigner
from app.tills.fiscal.signer import client_of
from app.tills.models import TillConflict, TillSession
from app.web import till_words, words
from app.web.backoffice.room import blueprint
from app.web.retailer import RETAILER
from app.web.session import allowed
from catalog import products
from fulfilment.models import Location
from fulfilment.places import locations
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError, NotFound

LONGEST_NOTE = 500
LONGEST_LIST = 100


def _own() -> str | None:
    """Return the place of who works at one place; None for who sees them all."""
    place: str | None = current_user.location if current_user.role == "store_lead" else None
    return place


@blueprint.get("/tills")
@allowed
def tills() -> str:
    """Show tasks, tills, cashiers and sessions."""
    return _page()


def _page(**more: Any) -> str:
    own = _own()
    with reading() as session:
        places = locations.by_code(session)
        stores = {
            code: place
            for code, place in places.items()
            if place.kind == "store" and own in (None, code)
        }
        shown = {
            "waiting": conflicts.waiting(session, own),
            "devices": _devices(session, own),
            "cashiers": _cashiers(session, own),
            "staff": _staff(session, own),
            "sessions": sessions.listed(session, own),
            "outages": _outages(session, own),
            "collect": {code: collect_terms.of(session, code) for code in stores},
            "coins": {code: rules.cash_rounding_minor(session, code) for code in stores},
            "weigh_codes": (labels := weigh_codes.all_of(session)),
            "weighed": products.items(session, {one.sku for one in labels}),
        }
    return render_template(
        "backoffice/tills.html",
        places=places,
        stores=[(code, place.name) for code, place in stores.items()],
        conflict_words=till_words.conflict,
        may_manage=permissions.may(current_user.role, "backoffice.till_pair"),
        may_weigh=permissions.may(current_user.role, "backoffice.till_weigh_code"),
        note=modules.note(),
        **shown,
        **more,
    )


def _devices(session: Session, own: str | None) -> list[dict[str, Any]]:
    query = select(Device).where(Device.revoked_at.is_(None)).order_by(Device.code)
    if own is not None:
        query = query.where(Device.location == own)
    return [
        {
            "device": device,
            "last": sessions.last_number(session, device.code),
            "session": sessions.standing(session, device.code),
        }
        for device in session.scalars(query)
    ]


def _cashiers(session: Session, own: str | None) -> list[cashiers.Cashier]:
    return cashiers.everybody(session, own)


def _staff(session: Session, own: str | None) -> list[tuple[str, str]]:
    query = select(Staff).where(Staff.active, Staff.role.in_(cashiers.RIGHTS)).order_by(Staff.name)
    if own is not None:
        query = query.where(Staff.location == own)
    return [(str(row.id), row.name) for row in session.scalars(query)]


def _outages(session: Session, own: str | None) -> list[FiscalOutage]:
    query = select(FiscalOutage).order_by(FiscalOutage.began_at.desc()).limit(20)
    if own is not None:
        query = query.join(Device, Device.code == FiscalOutage.device).where(Device.location == own)
    return list(session.scalars(query))


@blueprint.post("/tills/pairings")
@allowed
def till_pair() -> str | tuple[str, int]:
    """Make a pairing code; it is shown this once."""
    form = {name: request.form.get(name, "") for name in ("till", "name", "location")}
    location = _own() or form["location"]
    try:
        with transaction() as session:
            offered = pairing.offer(
                session,
                till=form["till"],
                name=form["name"],
                location=location,
                actor=current_user.name,
            )
    except KontorError as error:
        return _page(pair_error=words.of_error(error), form=form), 422
    return _page(offered=offered)


@blueprint.post("/tills/rounding")
@allowed
def till_rounding() -> Any:
    """Have a store round cash to five cents, or to the cent again."""
    location = _own() or request.form.get("location", "")
    coin = request.form.get("coin", "")
    try:
        with transaction() as session:
            place = locations.one(session, location)
            minor = int(coin) if coin.isdecimal() else 0
            rules.round_cash(session, place.code, minor, by=current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "warn")
    else:
        flash(_("Gilt an den Kassen in %(place)s, sobald sie nachfragen.", place=place.name))
    return redirect(url_for("backoffice.tills"), 303)


@blueprint.post("/tills/pins")
@allowed
def till_pin() -> Any:
    """Give a member of staff a PIN."""
    try:
        with transaction() as session:
            person = _person(session, request.form.get("staff", ""))
            code = cashiers.set_pin(session, person, request.form.get("pin", "").strip())
            name = person.name
    except KontorError as error:
        return _page(pin_error=words.of_error(error)), 422
    flash(_("%(name)s meldet sich mit der Nummer %(code)s an.", name=name, code=code))
    return redirect(url_for("backoffice.tills"), 303)


def _person(session: Session, given: str) -> Staff:
    try:
        person = session.get(Staff, uuid.UUID(given))
    except ValueError:
        person = None
    if person is None or _own() not in (None, person.location):
        raise NotFound("staff")
    return person


@blueprint.post("/tills/conflicts/<uuid:conflict_id>")
@allowed
def till_conflict(conflict_id: uuid.UUID) -> Response:
    """Note that somebody has looked at a conflict, and what came of it."""
    with transaction() as session:
        row = session.get(TillConflict, conflict_id)
        if row is None or _own() not in (None, row.location):
            raise NotFound("conflict")
        conflicts.close(
            session,
            conflict_id,
            by=current_user.name,
            note=request.form.get("note", "")[:LONGEST_NOTE],
        )
    return redirect(url_for("backoffice.tills"), 303)


def _session(session: Session, session_id: uuid.UUID) -> TillSession:
    row = sessions.one(session, session_id)
    if _own() not in (None, row.location):
        raise NotFound("session")
    return row


@blueprint.get("/tills/sessions/<uuid:till_session>")
@allowed
def till_session(till_session: uuid.UUID) -> str:
    """Show a session's report: X while it is open, Z once it is closed."""
    with reading() as session:
        row = _session(session, till_session)
        report = reports.of(session, row)
        place = locations.one(session, row.location)
        missing = sessions.missing(session, row)
        refused = reports.age_refusals(session, row)
        receipts = reports.latest(session, row, LONGEST_LIST)
        items = products.items(session, {one.sku for one in refused})
        who = {one.code: one.name for one in cashiers.everybody(session, None)}
    return render_template(
        "backoffice/till_session.html",
        row=row,
        report=report,
        place=place,
        missing=missing,
        refused=refused,
        receipts=receipts,
        items=items,
        who=who,
        coins=sorted(
            ((int(coin), units) for coin, units in (row.counts or {}).items()), reverse=True
        ),
        kinds=till_words.kinds(),
        may_export=permissions.may(current_user.role, "backoffice.till_export"),
        methods=till_words.methods(),
        movements=till_words.movements(),
        retailer=RETAILER,
        note=modules.note(),
    )


@blueprint.get("/tills/sessions/<uuid:till_session>/dsfinvk.zip")
@allowed
def till_export(till_session: uuid.UUID) -> Response:
    """Hand over the DSFinV-K export of a closed session."""
    with transaction() as session:
        row = _session(session, till_session)
        packed = export.of(session, row, _seller(locations.one(session, row.location)))
        name = f"dsfinvk-{row.device}-{row.z_number}.zip"
    return _file(packed, name, "application/zip")


@blueprint.get("/tills/sessions/<uuid:till_session>/tse.tar")
@allowed
def till_log(till_session: uuid.UUID) -> Response:
    """Hand over the log of the security module for a session."""
    signer = modules.in_use()
    with reading() as session:
        row = _session(session, till_session)
        packed = b"" if isinstance(signer, NetworkSigner) else log_export.of_session(session, row)
        until = row.closed_at or clock.now()
    if isinstance(signer, NetworkSigner):
        packed = signer.module.export(client_of(row.device), row.opened_at, until)
    return _file(packed, f"tse-{row.device}-{row.z_number or 'x'}.tar", "application/x-tar")


def _seller(place: Location) -> Seller:
    return Seller(
        name=RETAILER.company,
        street=RETAILER.street,
        postal_code=RETAILER.postal_code,
        city=RETAILER.city,
        vat_id=RETAILER.vat_id,
        tax_number=RETAILER.tax_number,
        store=place.name,
        store_street=place.street,
        store_postal_code=place.postal_code,
        store_city=place.city,
    )


@blueprint.get("/tills/notification/<place>.csv")
@allowed
def till_notification(place: str) -> Response:
    """Hand over what the tax office is to be told of a store's tills (section 146a (4) AO)."""
    if _own() not in (None, place):
        raise NotFound("location", location=place)
    with reading() as session:
        store = locations.one(session, place)
        lines = notification.of_location(session, place)
    address = f"{store.street}, {store.postal_code} {store.city}"
    sheet = notification.as_csv(RETAILER.company, RETAILER.tax_number, address, lines)
    return _file(sheet.encode("utf-8-sig"), f"kassenmeldung-{place}.csv", "text/csv")


def _file(content: bytes, name: str, kind: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
