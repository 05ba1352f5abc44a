"""Goods that come: what is due when, purchase orders, transfers, and taking them in."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import permissions
from app.web import words
from app.web.backoffice import incoming_forms as forms
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import products
from fulfilment.inbound import incoming, purchases, transfers
from fulfilment.inbound.purchases import PurchaseView, Wanted
from fulfilment.inbound.transfers import TransferView
from fulfilment.places import locations
from fulfilment.tracing import lots
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound
from kit.ids import reference

Document = PurchaseView | TransferView


def here() -> str | None:
    """Return the one location that the signed-in person works for; None for the whole shop."""
    return current_user.location


@blueprint.get("/incoming")
@allowed
def incoming_list() -> str:
    """Show what is to come, late goods first, then by day."""
    with reading() as session:
        places = locations.by_code(session)
        place = here() or request.args.get("place")
        place = place if place in places else None
        rows = incoming.coming(session, place)
    return render_template(
        "backoffice/incoming.html",
        groups=[
            (late, day, list(group))
            for (late, day), group in groupby(rows, key=lambda row: (row.late, row.next_on))
        ],
        places=places,
        place=place,
        bound=here() is not None,
        today=clock.today(),
        may=_may,
    )


@blueprint.get("/incoming/<number>")
@allowed
def incoming_document(number: str) -> str:
    """Show a purchase order or transfer: lines, what has come, days, history."""
    return _page(number, {})


def _page(number: str, counts: Mapping[str, int], note: str = "", key: str | None = None) -> str:
    """Render a document; `counts` are units that were typed or scanned and are not booked yet."""
    with reading() as session:
        document = _document(session, number)
        skus = {line.sku for line in document.lines} | counts.keys()
        return render_template(
            "backoffice/incoming_document.html",
            document=document,
            kind=forms.kind_of(document),
            places=locations.by_code(session),
            items=products.items(session, skus),
            history=incoming.history(session, number),
            kept_apart=lots.trackings(session, skus),
            typed=request.form,
            counts=counts,
            note=note,
            key=key or reference("WE", 8),
            here=here(),
            today=clock.today(),
            may=_may,
        )


def _may(step: str) -> bool:
    """Tell whether the signed-in person may take a step: buy, arrive or close."""
    return permissions.may(current_user.role, f"backoffice.incoming_{step}")


def _document(session: Session, number: str) -> Document:
    """Return a document that the signed-in person may see."""
    try:
        document: Document = purchases.view(session, number)
    except NotFound:
        document = transfers.view(session, number)
    places = {document.location, getattr(document, "origin", None)}
    if here() is not None and here() not in places:
        raise NotFound("incoming_document", number=number)
    return document


def _at(session: Session, number: str, side: str = "location") -> Document:
    """Return a document that the signed-in person may act on at its destination or origin."""
    document = _document(session, number)
    if here() not in {None, getattr(document, side, None)}:
        abort(403)
    return document


@blueprint.post("/incoming/<number>/arrivals")
@allowed
def incoming_arrive(number: str) -> str | Response:
    """Count a scanned unit in, or book all that was counted."""
    with reading() as session:
        document = _at(session, number)
    counts: dict[str, int] = {}
    note = request.form.get("note", "").strip()
    key = request.form.get("key") or None
    try:
        counts = forms.awaited(document) if "all" in request.form else forms.counts(request.form)
        code = request.form.get("code", "").strip()
        if code:
            _count_in(document, counts, code)
        if "book" not in request.form:
            return _page(number, counts, note, key)
        _book(document, counts, key=key or reference("WE", 8), note=note)
    except KontorError as error:
        flash(words.of_error(error), "danger")
        return _page(number, counts, note, key)
    return redirect(url_for("backoffice.incoming_document", number=number))


def _count_in(document: Document, counts: dict[str, int], code: str) -> None:
    """Add one unit of a scanned article; a stranger on a purchase order is only named."""
    with reading() as session:
        item = forms.item_of(session, code)
    if isinstance(document, PurchaseView) and item.sku not in {row.sku for row in document.lines}:
        flash(
            _("%(name)s steht nicht auf diesem Beleg.", name=item.name(current_language())), "warn"
        )
        return
    counts[item.sku] = counts.get(item.sku, 0) + 1


def _book(document: Document, counts: Mapping[str, int], *, key: str, note: str) -> None:
    lines = list(counts.items())
    by: dict[str, Any] = {
        "key": key,
        "actor": current_user.name,
        "note": note,
        "lots": forms.lots(request.form, counts),
    }
    with transaction() as session:
        if isinstance(document, PurchaseView):
            delivery = purchases.receive(session, document.number, lines, **by)
            beyond, repeated = delivery.over, delivery.repeated
        else:
            arrival = transfers.receive(session, document.number, lines, **by)
            beyond, repeated = arrival.found, arrival.repeated
    if repeated:
        flash(_("Dieser Wareneingang ist schon gebucht."), "info")
        return
    flash(_("%(count)s Stück eingebucht.", count=sum(counts.values())), "ok")
    if beyond:
        more = ", ".join(f"{units} × {sku}" for sku, units in beyond)
        flash(_("Mehr als erwartet: %(lines)s", lines=more), "warn")


@blueprint.post("/incoming/<number>/dispatch")
@allowed
def incoming_send(number: str) -> Response:
    """Send a transfer on its way with what was put into the boxes."""

    def send(session: Session) -> str:
        _at(session, number, "origin")
        counts = forms.counts(request.form)
        transfers.send(
            session,
            number,
            actor=current_user.name,
            lines=list(counts.items()),
            lots=forms.lots(request.form, counts),
            expected_on=forms.day(request.form.get("expected_on", "")),
        )
        return _("Unterwegs.")

    return _do(number, send)


@blueprint.post("/incoming/<number>/days")
@allowed
def incoming_reschedule(number: str) -> Response:
    """Give lines, or a whole transfer, another expected day."""

    def reschedule(session: Session) -> str:
        document = _document(session, number)
        by = {"actor": current_user.name, "reason": request.form.get("reason", "").strip()}
        if isinstance(document, PurchaseView):
            purchases.reschedule(session, number, forms.days(request.form, document), **by)
        else:
            day = forms.day(request.form.get("expected_on", ""))
            transfers.reschedule(session, number, day, **by)
        return _("Der Termin ist geändert.")

    return _do(number, reschedule)


@blueprint.post("/incoming/<number>/cancellation")
@allowed
def incoming_cancel(number: str) -> Response:
    """Await no more of a purchase order; drop a transfer that was not sent."""

    def cancel(session: Session) -> str:
        document = _document(session, number)
        by = {"actor": current_user.name, "reason": request.form.get("reason", "").strip()}
        if isinstance(document, PurchaseView):
            units = purchases.cancel_rest(session, number, **by)
            return _("%(count)s Stück werden nicht mehr erwartet.", count=units)
        transfers.cancel(session, number, **by)
        return _("Die Umlagerung ist storniert.")

    return _do(number, cancel)


@blueprint.post("/incoming/<number>/closing")
@allowed
def incoming_close(number: str) -> Response:
    """Write off what never arrived of a transfer."""

    def close(session: Session) -> str:
        reason = request.form.get("reason", "")
        lost = transfers.close(session, number, reason=reason, actor=current_user.name)
        return _("%(count)s Stück abgeschrieben.", count=sum(units for _sku, units in lost))

    return _do(number, close)


@blueprint.post("/incoming/<number>/lines")
@allowed
def incoming_add(number: str) -> Response:
    """Add a line to a purchase order."""

    def add(session: Session) -> str:
        lines = forms.wanted(session, request.form)
        purchases.add(session, number, lines, actor=current_user.name)
        return _("Ergänzt.")

    return _do(number, add)


def _do(number: str, step: Any) -> Response:
    """Do one step of a document in a transaction, say how it went, and show the document."""
    try:
        with transaction() as session:
            said = step(session)
    except NotFound:
        raise
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(said, "ok")
    return redirect(url_for("backoffice.incoming_document", number=number))


@blueprint.route("/incoming/purchases/new", methods=["GET", "POST"])
@allowed
def incoming_buy() -> str | Response:
    """Write a purchase order."""

    def place(session: Session, lines: list[Wanted], form: Mapping[str, str]) -> str:
        return purchases.place(
            session,
            supplier=form.get("supplier", ""),
            location=form.get("location", ""),
            lines=lines,
            actor=current_user.name,
            number=form.get("number", "").strip() or None,
        )

    return _new("purchase", place)


@blueprint.route("/incoming/transfers/new", methods=["GET", "POST"])
@allowed
def incoming_transfer() -> str | Response:
    """Ask a location to send goods to another."""

    def ask(session: Session, lines: list[Wanted], form: Mapping[str, str]) -> str:
        origin, location = form.get("origin", ""), form.get("location", "")
        if here() not in {None, origin, location}:
            raise Invalid("not_your_location")
        return transfers.request(
            session,
            origin=origin,
            location=location,
            lines=[(line.sku, line.quantity) for line in lines],
            actor=current_user.name,
            expected_on=forms.day(form.get("expected_on", "")),
        )

    return _new("transfer", ask)


def _new(kind: str, make: Any) -> str | Response:
    form: Mapping[str, Any] = request.form
    if request.method == "POST" and "more" not in request.form:
        try:
            with transaction() as session:
                number = make(session, forms.wanted(session, request.form), form)
        except KontorError as error:
            flash(words.of_error(error), "danger")
        else:
            return redirect(url_for("backoffice.incoming_document", number=number))
    with reading() as session:
        places = locations.by_code(session)
    return render_template(
        "backoffice/incoming_new.html",
        kind=kind,
        places=places,
        form=form,
        rows=forms.rows(request.form if form else request.args),
        here=here(),
        today=clock.today(),
    )
