"""A receipt as a page: for who scans its code instead of taking paper (KassenSichV section 6)."""

import io

import segno
from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select

from app.i18n import current_language
from app.sales import orders
from app.tills.fiscal import modules
from app.tills.models import TillReceipt
from app.tills.reports import gross_by_rate
from app.web.pos import blueprint
from app.web.retailer import RETAILER
from fulfilment.places import locations
from kit.database import reading
from kit.errors import NotFound
from kit.money import vat_within


def _drawn(text: str) -> Markup:
    drawing = io.BytesIO()
    segno.make(text, error="m").save(
        drawing, kind="svg", scale=3, border=2, light="#fff", xmldecl=False, nl=False
    )
    return Markup(drawing.getvalue().decode())  # noqa: S704 - segno's own drawing


@blueprint.get("/bons/<token>")
def receipt(token: str) -> str:
    """Show a receipt to who holds its code.

    Raises:
        NotFound: ``receipt``.
    """
    with reading() as session:
        row = session.scalar(select(TillReceipt).where(TillReceipt.token == token))
        if row is None:
            raise NotFound("receipt")
        place = locations.one(session, row.location)
        fiscal = modules.shown(session, modules.of_receipt(session, row))
        home = orders.by_ref(session, row.home_ref) if row.home_ref else None
    taxes = [
        (rate, gross, vat_within(gross, rate))
        for rate, gross in gross_by_rate(row.lines, row.returns).items()
    ]
    return render_template(
        "pos/bon.html",
        row=row,
        place=place,
        fiscal=fiscal,
        code=_drawn(str(fiscal["qr"])) if fiscal["qr"] else None,
        again=_drawn(row.receipt_number),
        taxes=taxes,
        home=home,
        retailer=RETAILER,
        name=f"name_{current_language()}",
        title=gettext("Kassenbon") + " " + row.receipt_number,
    )
