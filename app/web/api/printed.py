"""A receipt for a thermal printer, with the fields of KassenSichV section 6."""

import base64
from typing import Any

from flask.views import MethodView
from flask_babel import gettext
from marshmallow import fields
from sqlalchemy import select

from app.i18n import current_language
from app.i18n.formats import money
from app.tills.escpos import Paper
from app.tills.fiscal import modules
from app.tills.models import TillReceipt
from app.tills.reports import gross_by_rate
from app.web import till_words
from app.web.api.room import blueprint, device_of_request
from app.web.api.schemas import Answer
from app.web.retailer import RETAILER
from fulfilment.models import Location
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import NotFound
from kit.money import vat_within

_SALE_ID = {
    "in": "path",
    "name": "sale_id",
    "description": "of the sale",
    "schema": {"type": "string", "maxLength": 64, "pattern": "^[!-.0-~]+$"},
}


class PrintedSchema(Answer):
    """What goes to the printer as it is."""

    escpos = fields.String(metadata={"description": "ESC/POS, 80 mm, base64"})
    receipt_number = fields.String()


@blueprint.route("/receipts/<sale_id>/print", parameters=[_SALE_ID])
class PrintedReceipt(MethodView):
    """A receipt on paper."""

    @blueprint.secured
    @blueprint.response(200, PrintedSchema)
    @blueprint.doc(operationId="print_receipt")
    @blueprint.problem(404, "`sale`: not booked (yet), or of another till")
    def get(self, sale_id: str) -> dict[str, Any]:
        """Return a receipt of this till as bytes for a thermal printer."""
        device = device_of_request()
        with reading() as session:
            query = select(TillReceipt).where(TillReceipt.sale_id == sale_id)
            row = session.scalar(query.where(TillReceipt.device == device.code))
            if row is None:
                raise NotFound("sale", sale_id=sale_id)
            place = locations.one(session, row.location)
            fiscal = modules.shown(session, modules.of_receipt(session, row))
        written = base64.b64encode(_paper(row, place, fiscal)).decode()
        return {"escpos": written, "receipt_number": row.receipt_number}


def _paper(row: TillReceipt, place: Location, fiscal: dict[str, object]) -> bytes:
    paper = Paper()
    paper.text(RETAILER.name, centred=True, large=True)
    paper.text(
        f"{RETAILER.company}, {place.street}, {place.postal_code} {place.city}", centred=True
    )
    paper.text(f"{gettext('USt-IdNr.')} {RETAILER.vat_id}", centred=True)
    if row.kind == "training":
        paper.text(gettext("Übung: kein Beleg"), centred=True, bold=True)
    paper.rule()
    at = clock.berlin(row.sold_at)
    paper.row(row.receipt_number, f"{at:%d.%m.%Y %H:%M}")
    _goods(paper, row)
    paper.rule()
    paper.row(gettext("Summe"), money(row.total_minor), bold=True)
    names = till_words.methods()
    for tender in row.tenders:
        paper.row(names.get(tender["method"], tender["method"]), money(tender["amount_minor"]))
    for rate, gross in gross_by_rate(row.lines, row.returns).items():
        vat = gettext("darin %(rate)s %% USt. aus %(gross)s", rate=rate // 100, gross=money(gross))
        paper.row(vat, money(vat_within(gross, rate)))
    _signature(paper, row, fiscal)
    paper.qr(row.receipt_number)
    return paper.done(drawer=any(one["method"] == "cash" for one in row.tenders))


def _goods(paper: Paper, row: TillReceipt) -> None:
    name = f"name_{current_language()}"
    for line in row.lines:
        paper.row(f"{line['quantity']} × {line['title']}", money(line["line_minor"]))
        for one in line["promotions"]:
            paper.row(f"  {one[name]}", money(-one["amount_minor"]))
    for part in row.returns:
        back = f"{gettext('Zurück:')} {part['quantity']} × {part['title']}"
        paper.row(back, money(-part["amount_minor"]))


def _signature(paper: Paper, row: TillReceipt, fiscal: dict[str, object]) -> None:
    paper.rule()
    for name, at in ((gettext("Beginn"), row.started_at), (gettext("Ende"), row.sold_at)):
        paper.row(name, f"{clock.berlin(at):%d.%m.%Y %H:%M:%S}")
    paper.row(gettext("Kasse"), str(fiscal["client_id"]))
    paper.text(f"{gettext('Seriennummer')} {fiscal['serial']}")
    if fiscal["signed"]:
        counted = f"{fiscal['transaction_number']} / {fiscal['signature_counter']}"
        paper.row(gettext("Transaktion"), counted)
        paper.text(f"{gettext('Prüfwert')} {fiscal['signature']}")
        paper.qr(str(fiscal["qr"]))
    else:
        paper.text(
            f"{gettext('Sicherheitseinrichtung ausgefallen:')} {fiscal['outage']}", bold=True
        )
    if not fiscal["certified"]:
        paper.text(str(fiscal["note"]), bold=True)
