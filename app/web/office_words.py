"""What the books and the router call things, in the words of those who work with them."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# Causes of movements, of routing decisions and of count tasks; outcomes of calls.
_WORDS = {
    "goodwill": _l("Kulanz"),
    "collect": _l("abgeholt"),
    "customer_cancelled": _l("storniert"),
    "withdrawal": _l("Widerruf"),
    "amount_differs": _l("anderer Betrag als verlangt"),
    "refund_failed": _l("Erstattung abgelehnt"),
    "correction": _l("Berichtigung"),
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
    "transfer_found": _l("mehr angekommen als abgeschickt"),
    "transfer_lost": _l("unterwegs verloren"),
    "transfer_in": _l("Umlagerung angekommen"),
    "transfer_out": _l("Umlagerung abgeschickt"),
    "write_off": _l("abgeschrieben"),
    "lot_named": _l("Los gelesen"),
    "lot_unknown": _l("Los unbekannt"),
    "recall": _l("Rückruf"),
    "supplier_return": _l("an den Lieferanten zurück"),
    "released": _l("wieder freigegeben"),
    "destroyed": _l("vernichtet"),
    "returned": _l("an den Lieferanten zurück"),
    "kept": _l("bleibt gesperrt"),
    "placed": _l("bei der Bestellung"),
    "override": _l("von Hand"),
    "reservation_lapsed": _l("Reservierung abgelaufen"),
    "backorder_covered": _l("Nachlieferung eingetroffen"),
    "backorder_lapsed": _l("Nachlieferung verfallen"),
    "goods_late": _l("Ware kommt später zu uns"),
    "not_coming": _l("Ware kommt nicht"),
    "not_sendable": _l("von dort nicht zu versenden"),
    "not_deliverable": _l("nicht lieferbar"),
    "reached": _l("erreicht"),
    "voicemail": _l("Mailbox"),
    "mailed_instead": _l("stattdessen geschrieben"),
    "planned": _l("geplante Zählung"),
    "hold_missing": _l("für eine Reservierung nicht gefunden"),
    "reconciliation": _l("Abgleich"),
    "rejection": _l("vom Standort abgelehnt"),
    "cut_off_missed": _l("Packschluss verpasst"),
    "location_closed": _l("Standort heute zu"),
    "delivery_changed": _l("vom Kunden geändert"),
    "collect_answered": _l("Kunde hat entschieden"),
    # Why a location refused, and what ruled one out.
    "not_found": _l("nicht gefunden"),
    "damaged": _l("beschädigt"),
    "laid_aside": _l("für einen Kunden zurückgelegt"),
    "no_time": _l("keine Zeit"),
    "closed": _l("geschlossen"),
    "other": _l("anderer Grund"),
    "no_stock": _l("0 frei"),
    "too_late": _l("zu spät"),
    "cut_off_passed": _l("Packschluss vorbei"),
    "capacity": _l("voll"),
    "carrier": _l("niemand fährt dorthin"),
    "group": _l("verschickt solche Ware nicht"),
    "oversize": _l("zu groß oder zu schwer"),
    "refused": _l("abgelehnt"),
    # How a customer, or somebody for them, has decided.
    "parcel": _l("schicken"),
    "store": _l("in einem anderen Geschäft abholen"),
    "cancel": _l("stornieren"),
    "cancelled": _l("storniert"),
    "keep": _l("warten"),
    "solved": _l("anders gelöst"),
    "asked_again": _l("noch einmal gefragt"),
    # Why a count found a difference.
    "miscount": _l("Zählfehler"),
    "theft": _l("Diebstahl"),
    "damage": _l("Bruch"),
    "misdelivery": _l("falsch geliefert"),
    "unknown": _l("unbekannt"),
    # Terms of a number of stock.
    "on_hand": _l("vorhanden"),
    "quarantined": _l("gesperrt"),
    "in_transit": _l("unterwegs hierher"),
    "reserved": _l("reserviert (unbezahlt)"),
    "allocated": _l("zugeteilt (bezahlt)"),
    "backordered": _l("vorbestellt"),
    "safety": _l("Sicherheitsbestand"),
    "safety_stock": _l("Sicherheitsbestand"),
    "doubt": _l("Zweifel bis zur Zählung"),
    "available": _l("verfügbar"),
    # Accounts of the ledger.
    "customer": _l("Kunde"),
    "kontor": _l("Kontor"),
    "scheduler": _l("Kontor"),
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
    "waiting": _l("wartet auf Ware"),
}
# A till acts under its code: ``till bonn-1``.
_TILL = "till "

# The invariants (`app/invariants.py`), as the page of the checks calls them.
INVARIANTS = {
    1: _l("Jeder Bestand ist die Summe seiner Buchungen, je Artikel und Standort"),
    2: _l("Alle Konten des Warenbuchs ergeben zusammen null"),
    3: _l("Nichts ist doppelt versprochen: Zusagen sind vom Bestand gedeckt"),
    4: _l("Jede Reservierung endet genau einmal"),
    5: _l("Bezahlt = eingezogen − erstattet, und nie mehr erstattet als eingezogen"),
    6: _l("Je Position: versandt + storniert + offen = bestellt; zurück ≤ versandt"),
    7: _l("In jedem Paket ist, was hineingescannt wurde"),
    8: _l("Summen = Positionen + Versand − Gutschriften; die Steuer geht auf den Cent auf"),
    9: _l("Belegnummern haben keine Lücke und kommen nie zweimal vor"),
    10: _l("Jeder Punktestand ist die Summe seiner Buchungen"),
    11: _l("Jeder Gutschein ist die Summe seiner Buchungen"),
    12: _l("Jedes Ereignis ist zugestellt, wartet, oder steht auf der Liste der gescheiterten"),
    13: _l("Jeder Verkauf der Kasse ist signiert, oder der Ausfall ist vermerkt"),
    14: _l("Bargeld: Anfang + Bewegungen = gezählt ± gebuchte Differenz"),
    15: _l("Die Anwendung kann in den Büchern nichts ändern oder löschen"),
}

# What a message cannot be written without (`app/messages/kinds.py`).
_FACTS = {
    "lines": _l("Positionen"),
    "parcels": _l("Pakete"),
    "amount_minor": _l("Betrag"),
    "total_minor": _l("Summe"),
    "refund_minor": _l("Erstattung"),
    "refunded_minor": _l("Erstattung"),
    "until": _l("gültig bis"),
    "until_at": _l("gültig bis"),
    "until_on": _l("spätester Tag"),
    "still_to_come": _l("was noch kommt"),
    "before": _l("was schon unterwegs ist"),
    "cancelled": _l("was storniert ist"),
    "later": _l("was später kommt"),
    "here": _l("was schon da ist"),
    "store": _l("Filiale"),
    "address": _l("Adresse"),
    "options": _l("Auswahl"),
    "what": _l("Anlass"),
    "number": _l("Nummer"),
    "ref": _l("Auftrag"),
    "title": _l("Artikel"),
    "reason": _l("Grund"),
    "purchases": _l("Käufe"),
    "received": _l("was eingegangen ist"),
    "subject": _l("Betreff"),
    "text": _l("Text"),
    "secret": _l("geheimer Link"),
    "offer_url": _l("Link zum Angebot"),
    "receipt_url": _l("Link zum Bon"),
    "slip_url": _l("Link zum Rückgabeschein"),
    "unsubscribe_url": _l("Link zum Abmelden"),
}


def facts(names: Iterable[str]) -> str:
    """Return what a message needs, in words."""
    return ", ".join(str(_FACTS[name]) for name in names)


def word(code: str) -> str:
    """Return the word for a code of the books, or for who did it; else the code itself."""
    if code.startswith(_TILL):
        return str(_("Kasse %(code)s", code=code.removeprefix(_TILL)))
    return str(_WORDS.get(code, code))


def document(text: str) -> str:
    """Return what a movement was booked for, without numbers that only machines read."""
    if text.startswith("count "):
        return str(_("Zählung"))
    if text.startswith("reconciliation "):
        return str(_("Abgleich"))
    if text.startswith("movement "):
        number, _colon, reason = text.removeprefix("movement ").partition(": ")
        return str(_("Bewegung %(number)s: %(reason)s", number=number, reason=reason))
    ref, short, _rest = text.partition(": short pick")
    return _("%(ref)s, Fehlgriff", ref=ref) if short else text


def account(name: str, place: str | None) -> str:
    """Return an account with its location: ``Regal Bonn``."""
    if name == "quarantine":
        name = str(_("Sperre"))
    return f"{word(name)} {place}" if place else word(name)
