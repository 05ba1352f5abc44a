"""What the books and the router call things, in the words of those who work with them."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# Causes of movements, of routing decisions and of count tasks; outcomes of calls.
_WORDS = {
    "count": _l("gezählt"),
    "found": _l("gefunden"),
    "opening": _l("Anfangsbestand"),
    "quarantine": _l("gesperrt"),
    "quarantine_ended": _l("Sperre aufgehoben"),
    "receipt": _l("Wareneingang"),
    "return": _l("Rückgabe"),
    "shipment": _l("Versand"),
    "short_pick": _l("Fehlgriff"),
    "till_sale": _l("Kassenverkauf"),
    "transfer_in": _l("Umlagerung angekommen"),
    "transfer_out": _l("Umlagerung abgeschickt"),
    "write_off": _l("abgeschrieben"),
    "placed": _l("bei der Bestellung"),
    "reservation_lapsed": _l("Reservierung abgelaufen"),
    "not_deliverable": _l("nicht lieferbar"),
    "reached": _l("erreicht"),
    "voicemail": _l("Mailbox"),
    "mailed_instead": _l("stattdessen geschrieben"),
    # Accounts of the ledger.
    "customer": _l("Kunde"),
    "kontor": _l("Kontor"),
    "loss": _l("Verlust"),
    "shelf": _l("Regal"),
    "supplier": _l("Lieferant"),
    "transit": _l("unterwegs"),
    "variance": _l("Abweichung"),
    # States of claims.
    "held": _l("reserviert"),
    "expired": _l("abgelaufen"),
    "open": _l("zugeteilt"),
    "picked": _l("gepickt"),
}


def word(code: str) -> str:
    """Return the word for a code of the books; an unknown code stands for itself."""
    return str(_WORDS.get(code, code))


def document(text: str) -> str:
    """Return what a movement was booked for, without numbers that only machines read."""
    if text.startswith("count "):
        return str(_("Zählung"))
    ref, short, _rest = text.partition(": short pick")
    return _("%(ref)s, Fehlgriff", ref=ref) if short else text


def account(name: str, place: str | None) -> str:
    """Return an account with its location: ``Regal Bonn``."""
    if name == "quarantine":
        name = str(_("Sperre"))
    return f"{word(name)} {place}" if place else word(name)
