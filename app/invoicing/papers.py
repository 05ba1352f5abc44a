"""An invoice as the customer gets it: a PDF that carries its own data (ZUGFeRD, EN 16931).

What is printed comes from the stored facts alone; printed again it says the same to the letter.
"""

from datetime import date
from typing import Any

from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from app import press
from app.i18n import formats
from app.invoicing import einvoice
from app.invoicing.models import Invoice


def pdf(invoice: Invoice) -> bytes:
    """Return the paper of an invoice with its data inside.

    Raises:
        RuntimeError: the data do not follow the standard's schema; there is no such paper then.
    """
    # It brings lxml and a PDF reader, which a process that writes no invoice need not load.
    from facturx import generate_from_binary

    facts = invoice.facts
    with force_locale(facts["language"]):
        data = _printed(invoice)
    return bytes(
        generate_from_binary(
            press.paper("invoice", data),
            einvoice.xml(invoice),
            flavor="factur-x",
            level="en16931",
            check_xsd=True,
            pdf_metadata={
                "author": facts["seller"]["company"],
                "keywords": "ZUGFeRD, Factur-X",
                "title": data["words"]["title"],
                "subject": f"{data['words']['title']}, {facts['order_ref']}",
            },
            lang=facts["language"],
            afrelationship="alternative",
        )
    )


def _date(on: date) -> str:
    return str(format_date(on, "dd.MM.yyyy"))


def _printed(invoice: Invoice) -> dict[str, Any]:
    facts = invoice.facts
    seller = {**facts["seller"], "phone_shown": formats.phone(facts["seller"]["phone"])}
    return {
        **facts,
        "seller": seller,
        "issued_on": invoice.issued_on.isoformat(),
        "words": _words(invoice),
        "heads": _heads(invoice),
        "note": _note(invoice),
        "closing": _closing(facts),
    }


def _words(invoice: Invoice) -> dict[str, str]:
    correction = invoice.kind == "correction"
    title = _("Rechnungskorrektur %(number)s") if correction else _("Rechnung %(number)s")
    return {
        "title": title % {"number": invoice.number},
        "position": _("Pos."),
        "article": _("Artikel"),
        "quantity": _("Menge"),
        "each": _("Einzeln"),
        "amount": _("Betrag"),
        "discount": _("Nachlass"),
        "shipping": _("Versand"),
        "total": _("Gesamt inkl. MwSt."),
        "rate": _("MwSt.-Satz"),
        "net": _("Netto"),
        "vat": _("MwSt."),
        "gross": _("Brutto"),
        "managed": _("Geschäftsführung:"),
    }


def _heads(invoice: Invoice) -> list[tuple[str, str]]:
    facts = invoice.facts
    heads = [
        (_("Datum"), _date(invoice.issued_on)),
        (_("Bestellung"), facts["order_ref"]),
        (_("bestellt am"), _date(formats.iso_day(facts["ordered_on"]))),
    ]
    if facts.get("delivered_on"):
        delivered = _date(formats.iso_day(facts["delivered_on"]))
        heads.append((_("Lieferung"), delivered))
    if facts.get("customer_number"):
        heads.append((_("Kundennummer"), facts["customer_number"]))
    return heads


def _note(invoice: Invoice) -> str | None:
    if invoice.corrects is None:
        return None
    corrected = _date(formats.iso_day(invoice.facts["corrects_on"]))
    return str(
        _(
            "Korrektur zur Rechnung %(number)s vom %(day)s: Diese Artikel wurden zurückgenommen.",
            number=invoice.corrects,
            day=corrected,
        )
    )


def _closing(facts: dict[str, Any]) -> list[str]:
    lines = []
    for one in facts["paid"]:
        amount = formats.money(abs(one["amount_minor"]))
        how = {
            "stripe": _("online"),
            "gift_card": _("mit Gutschein"),
            "voucher": _("mit Gutschein"),
            "cash": _("bar an der Kasse"),
            "card_terminal": _("mit Karte an der Kasse"),
            "exchange": _("mit zurückgegebener Ware"),
            "rounding": _("durch Runden"),
        }.get(one["method"], one["method"])
        text = (
            _("Bezahlt %(how)s: %(amount)s", how=how, amount=amount)
            if one["amount_minor"] >= 0
            else _("Erstattet %(how)s: %(amount)s", how=how, amount=amount)
        )
        lines.append(str(text))
    # One supply, one tax: the till's receipt is a paper about the same goods (UStAE 14c.1 (4)).
    for number in facts.get("receipts", ()):
        text = _(
            "Zum Kassenbeleg %(number)s über dieselben Artikel; kein weiterer Umsatz.",
            number=number,
        )
        lines.append(str(text))
    lines.append(str(_("Der Rechnungsbetrag ist ausgeglichen.")))
    return lines
