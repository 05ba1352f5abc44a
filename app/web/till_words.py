"""What tills found, in the reader's language."""

from typing import Any

from flask_babel import gettext as _

from app.i18n.formats import money


def methods() -> dict[str, str]:
    """Return the means of payment by name."""
    return {
        "cash": _("Bar"),
        "card_terminal": _("Karte"),
        "gift_card": _("Gutschein"),
        "voucher": _("Gutschein"),
        "original": _("Zurück auf das Zahlungsmittel"),
        "rounding": _("Rundung"),
        "imported": _("Aus früheren Büchern"),
    }


def kinds() -> dict[str, str]:
    """Return what a till gives out, by name."""
    return {
        "sale": _("Verkauf"),
        "return": _("Rückgabe"),
        "exchange": _("Umtausch"),
        "void": _("Storno"),
        "training": _("Übung"),
        "aborted": _("Abgebrochen"),
    }


def movements() -> dict[str, str]:
    """Return what people do with cash, by name."""
    return {
        "deposit": _("Einlage"),
        "payout": _("Auszahlung"),
        "bank": _("Zur Bank"),
        "tip": _("Trinkgeld"),
    }


def conflict(kind: str, facts: dict[str, Any]) -> str:
    """Return what does not fit about a document, in a sentence."""
    known = _simple(kind)
    if known is not None:
        return known
    sku = facts.get("sku", "")
    if kind == "price":
        return _(
            "%(sku)s für %(charged)s verkauft, in den Büchern %(price)s",
            sku=sku, charged=money(facts.get("charged")), price=money(facts.get("price")),
        )  # fmt: skip
    if kind == "discount":
        return _(
            "%(sku)s: %(given)s Nachlass durch Aktionen, vorgesehen %(owed)s",
            sku=sku, given=money(facts.get("given")), owed=money(facts.get("discount")),
        )  # fmt: skip
    if kind in {"item_gone", "not_sellable", "no_price", "recalled", "age"}:
        return f"{_of_goods()[kind]}: {sku}"
    if kind == "right":
        return _("%(cashier)s hatte dafür kein Recht: %(right)s",
                 cashier=facts.get("cashier"), right=facts.get("right"))  # fmt: skip
    amount = facts.get("amount_minor")
    return f"{_of_money().get(kind, kind)}" + (f": {money(amount)}" if amount else "")


def _simple(kind: str) -> str | None:
    return {
        "rounding": _("Bargeld wurde gerundet, wo es der Laden nicht tut"),
        "customer": _("Diese Kundennummer kennt niemand; der Verkauf steht ohne sie"),
        "cashier": _("Diese Bedienernummer kennt niemand"),
        "session_closed": _("Kam zu spät für seine Kassensitzung und steht in der nächsten"),
        "number_taken": _("Diese Belegnummer hatte die Kasse schon vergeben"),
        "clock": _("Die Uhr der Kasse geht mehr als zehn Minuten falsch"),
        "store_hold": _("Die Zurücklegung war nicht mehr da"),
        "collection": _("Die Bestellung war nicht mehr abzuholen; es ist ein Verkauf der Kasse"),
        "basket": _("Der Warenkorb aus dem Netz war nicht mehr da"),
        "void_unmatched": _("Storno ohne Verkauf"),
        "promotion_code": _("Dieser Aktionscode galt nicht"),
        "points_short": _("Die Punkte reichten nicht mehr"),
    }.get(kind)


def _of_goods() -> dict[str, str]:
    return {
        "item_gone": _("Artikel gibt es nicht mehr"),
        "not_sellable": _("Artikel war nicht im Verkauf"),
        "no_price": _("Artikel ohne Preis"),
        "recalled": _("Zurückgerufene Ware verkauft"),
        "age": _("Ohne Altersprüfung verkauft"),
    }


def _of_money() -> dict[str, str]:
    return {
        "gift_card_short": _("Auf dem Gutschein war zu wenig; der Betrag ist offen"),
        "return_unmatched": _("Rückgabe ohne passenden Beleg"),
        "return_amount": _("Rückgabe zu einem anderen Betrag als bezahlt"),
        "refund_tender": _("Auf anderem Weg zurückgezahlt als bezahlt"),
        "card_payment": _("Diese Kartenzahlung gehört nicht zum Beleg"),
        "card_unused": _("Kartenzahlung ohne Beleg"),
    }
