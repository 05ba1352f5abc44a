"""What arrives: deliveries and transfers by scan, and goods that customers send back."""

import uuid
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.aftersales import returns as announced
from app.i18n import formats
from app.sales import orders
from app.web.floor import menu, page_facts
from app.web.floor.room import at_work, attempt, blueprint, place, tell, to
from app.web.session import allowed
from app.workflows import bring_back, inspecting
from app.workflows.floor import Worker, sku_of
from app.workflows.return_order import DISPOSITIONS
from catalog import products
from fulfilment.inbound import incoming, purchases, transfers
from fulfilment.inbound.purchases import PurchaseView
from fulfilment.inbound.transfers import TransferView
from fulfilment.models import Location
from fulfilment.tracing import lots
from kit import gs1
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound
from kit.ids import reference

Document = PurchaseView | TransferView


@blueprint.get("/receiving")
@allowed
def receiving() -> str:
    """Show what is on its way to this place, late ones first."""
    with reading() as session:
        here = place(session)
        coming = [
            one
            for one in incoming.coming(session, here.code)
            if one.location == here.code and one.state != "requested"
        ]
        return menu.page(
            "floor/receiving.html",
            session,
            here,
            "receiving",
            coming=coming,
        )


@blueprint.get("/receiving/<number>")
@allowed
def delivery(number: str) -> str:
    """Show what is awaited of a document, and count in what has come."""
    return _page(number, {}, reference("WE", 8))


def _page(number: str, counts: dict[str, int], key: str) -> str:
    with reading() as session:
        here = place(session)
        document = _document(session, here, number)
        skus = {line.sku for line in document.lines} | counts.keys()
        items = products.items(session, sorted(skus))
        return render_template(
            "floor/delivery.html",
            here=here,
            document=document,
            lines=[line for line in document.lines if line.outstanding],
            counts=counts,
            items=items,
            gtins={sku: page_facts.gtin14(item) for sku, item in items.items()},
            kept=lots.trackings(session, sorted(skus)),
            strangers=sorted(counts.keys() - {line.sku for line in document.lines}),
            key=key,
        )


def _document(session: Session, here: Location, number: str) -> Document:
    document: Document
    try:
        document = purchases.view(session, number)
    except NotFound:
        document = transfers.view(session, number)
    if document.location != here.code:
        raise NotFound("incoming_document", number=number)
    return document


@blueprint.post("/receiving/<number>")
@allowed
def delivery_count(number: str) -> Any:
    """Count a scanned unit in, or book what was counted; the same form books once."""
    key = request.form.get("key", "")[:64] or reference("WE", 8)
    counts = _counts()
    try:
        code = request.form.get("code", "").strip()
        if code:
            with reading() as session:
                sku = products.item(session, sku_of(session, gs1.read(code).gtin or code)).sku
            counts[sku] = counts.get(sku, 0) + 1
        if "book" not in request.form:
            return _page(number, counts, key)
        _book(number, counts, key)
    except KontorError as error:
        tell(error)
        return _page(number, counts, key), 422
    return to("receiving")


def _counts() -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in request.form.items():
        sku = name.removeprefix("units-")
        if sku != name and value.strip().isdigit() and int(value):
            found[sku] = int(value)
    return found


def _book(number: str, counts: dict[str, int], key: str) -> None:
    who = at_work()
    by: dict[str, Any] = {"key": key, "actor": who.name, "lots": _lots(counts)}
    by["note"] = request.form.get("note", "").strip()[:200]
    with transaction() as session:
        document = _document(session, place(session), number)
        lines = list(counts.items())
        if isinstance(document, PurchaseView):
            done = purchases.receive(session, number, lines, channel="floor", **by)
            beyond = done.over
        else:
            beyond = transfers.receive(session, number, lines, **by).found
    flash(_("%(count)s Stück eingebucht.", count=sum(counts.values())), "ok")
    if beyond:
        more = ", ".join(f"{units} × {sku}" for sku, units in beyond)
        flash(_("Mehr als erwartet: %(lines)s", lines=more), "warn")


def _lots(counts: dict[str, int]) -> dict[str, dict[str, int]] | None:
    """Read lots, one a line: ``L-7 4``, or serial numbers; None where nothing is kept apart."""
    found: dict[str, dict[str, int]] = {}
    for sku in counts:
        for line in filter(None, map(str.strip, request.form.get(f"lots-{sku}", "").splitlines())):
            lot, _space, units = line.rpartition(" ")
            if lot and units.isdigit():
                found.setdefault(sku, {})[lot.strip()] = int(units)
            else:
                found.setdefault(sku, {})[line] = 1
    return found or None


@blueprint.get("/returns")
@allowed
def returns() -> str:
    """Show what customers have announced, and what lies aside to be looked at."""
    wanted = request.args.get("q", "").strip().upper()
    with reading() as session:
        here = place(session)
        listed = announced.open_requests(session)
        if wanted:
            listed = [one for one in listed if wanted in {one.ref, one.order_ref}]
        return menu.page(
            "floor/returns.html",
            session,
            here,
            "returns",
            listed=listed[:50],
            aside=inspecting.waiting(session, here.code),
            q=wanted,
        )


@blueprint.get("/returns/<ref>")
@allowed
def return_one(ref: str) -> str:
    """Show an announced return: what has come, and what becomes of it."""
    with reading() as session:
        here = place(session)
        request_ = announced.by_ref(session, ref)
        order = orders.by_ref(session, request_.order_ref)
        lines = {line.id: line for line in orders.lines_of(session, order)}
        parts = [(lines[part.line_id], part) for part in announced.lines_of(session, request_)]
        return render_template(
            "floor/return.html",
            here=here,
            announced=request_,
            order=order,
            parts=parts,
            dispositions=list(DISPOSITIONS),
        )


@blueprint.post("/returns/<ref>")
@allowed
def return_receive(ref: str) -> Response:
    """Take in what has come; the money goes back at once."""

    def receive(who: Worker) -> str:
        with reading() as session:
            parts = announced.lines_of(session, announced.by_ref(session, ref))
        came = {part.line_id: _came(part.line_id, part.quantity) for part in parts}
        back = bring_back.receive(ref, came, location=who.location, actor=current_user.name)
        return _("Zurückgenommen. %(amount)s gehen zurück.", amount=formats.money(back))

    return to("returns") if attempt(receive) else to("return_one", ref=ref)


def _came(line_id: uuid.UUID, most: int) -> tuple[int, str]:
    typed = request.form.get(f"units-{line_id}", "0").strip()
    units = int(typed) if typed.isdigit() else 0
    return min(units, most), request.form.get(f"disposition-{line_id}", "inspect")


@blueprint.post("/inspections/<uuid:return_id>")
@allowed
def inspect(return_id: uuid.UUID) -> Response:
    """Say what somebody has found who has looked at it."""

    def decide(who: Worker) -> str:
        typed = request.form.get("good", "").strip()
        if not typed.isdigit():
            raise Invalid("quantity")
        good, scrapped = inspecting.decide(return_id, int(typed), who, request.form.get("note", ""))
        return _("%(good)s ins Regal, %(scrapped)s abgeschrieben.", good=good, scrapped=scrapped)

    attempt(decide)
    return to("returns")
