"""What happened to an order, in words: one sentence per kind of timeline entry."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.i18n.formats import money
from app.web import office_words

_TITLES = {
    "order_stopped": _l("Angehalten"),
    "order_released": _l("Wieder freigegeben"),
    "office_cancelled": _l("Vom Back Office storniert"),
    "goodwill_given": _l("Geld zurück ohne Ware"),
    "message_resent": _l("Nachricht noch einmal geschickt"),
    "message_failed": _l("Nachricht kam nicht an"),
    "email_corrected": _l("Mailadresse berichtigt"),
    "failure_seen": _l("Nicht angekommene Nachricht: erledigt"),
    "order_placed": _l("Bestellt"),
    "payment_opened": _l("Zahlungsseite geöffnet"),
    "payment_captured": _l("Bezahlt"),
    "paid_at_counter": _l("An der Kasse bezahlt"),
    "payment_pending": _l("Lastschrift läuft"),
    "payment_failed": _l("Lastschrift abgelehnt"),
    "order_confirmed": _l("Bestätigt, Bestand zugeteilt"),
    "order_lapsed": _l("Nicht bezahlt, geschlossen"),
    "order_rerouted": _l("Neu geroutet"),
    "order_overridden": _l("Von Hand anders geschickt"),
    "call_asked_for": _l("Anruf beim Kunden angefordert"),
    "backorder_covered": _l("Nachlieferung da und zugeteilt"),
    "backorder_given_up": _l("Nachlieferung kommt nicht"),
    "later_told": _l("Kunde per Mail informiert"),
    "changed_told": _l("Kunde per Mail informiert"),
    "split_told": _l("Kunde per Mail informiert"),
    "customer_called": _l("Kunde angerufen"),
    "picking_started": _l("Pickt"),
    "picking_put_back": _l("Zurückgelegt"),
    "short_pick": _l("Fehlgriff"),
    "picked": _l("Gepickt"),
    "not_accepted": _l("Noch nicht angenommen, Abholung bald"),
    "label_by_hand": _l("Etikett von Hand"),
    "label_given_back": _l("Etikett an den Paketdienst zurückgegeben"),
    "parcel_delivered": _l("Paket zugestellt"),
    "parcel_failed": _l("Zustellung nicht gelungen"),
    "parcel_returned": _l("Paket kommt zurück"),
    "inspected": _l("Rückgabe geprüft"),
    "not_collected": _l("Nicht abgeholt, zurück ins Regal"),
    "packed": _l("Gepackt"),
    "handed_over": _l("An den Paketdienst übergeben"),
    "given_out": _l("Dem Kunden übergeben"),
    "refused": _l("Standort kann nicht schicken"),
    "leaves_later": _l("Geht später ab"),
    "notice_escalated": _l("Kunde noch nicht informiert: bitte anrufen"),
    "notice_written": _l("Kunden geschrieben statt angerufen"),
    "told_with_all": _l("Mit allen Betroffenen informiert"),
    "promise_broken": _l("Zusage nicht zu halten"),
    "promise_told": _l("Kunde über den neuen Tag informiert"),
    "late_decided": _l("Über den späteren Teil entschieden"),
    "collect_asked": _l("Kunde gefragt: Abholung geht nicht"),
    "collect_question_told": _l("Frage an den Kunden geschickt"),
    "collect_reminded": _l("Kunde erinnert"),
    "collect_decided": _l("Kunde hat entschieden"),
    "delivery_changed": _l("Lieferung geändert"),
    "customer_cancelled": _l("Kunde hat einen Teil storniert"),
    "units_cancelled": _l("Teil storniert"),
    "withdrawal_received": _l("Widerruf eingegangen"),
    "return_announced": _l("Rückgabe angekündigt"),
    "return_cancelled": _l("Rückgabe abgesagt"),
    "invoice_issued": _l("Rechnung geschrieben"),
    "invoice_corrected": _l("Rechnung korrigiert"),
    "order_completed": _l("Alles übergeben"),
    "order_cancelled": _l("Storniert"),
    "points_earned": _l("Punkte gutgeschrieben"),
    "refund_sent": _l("Erstattet"),
    "refund_failed": _l("Erstattung abgelehnt"),
    "recalled": _l("Ware zurückgerufen, wird neu geroutet"),
    "returned": _l("Zurückgenommen"),
    "gift_card_gone": _l("Gutschein inzwischen ausgegeben, Zahlung erstattet"),
    "gift_card_refunded": _l("Auf den Gutschein zurückgebucht"),
    "promotion_over_limit": _l("Aktion war ausgeschöpft, der Preis gilt trotzdem"),
    "sold_at_till": _l("An der Kasse verkauft"),
    "offer_bought": _l("Aus einem Angebot des Ladens bestellt"),
}
_AMOUNTS = ("total_minor", "amount_minor", "refunded_minor", "refund_minor")
_PLAIN = ("adviser", "carrier", "receipt", "number", "outcome", "cause", "reason", "note")


def title(what: str, actor: str = "customer") -> str:
    """Return the words for a kind of entry; an unknown kind stands for itself.

    Args:
        what: as it is stored.
        actor: who did it: what the office cancels, the customer has not cancelled.
    """
    if what == "customer_cancelled" and actor != "customer":
        what = "units_cancelled"
    return str(_TITLES.get(what, what))


def detail(facts: dict[str, Any], places: dict[str, Any]) -> str:
    """Return an entry's facts as a short line; what has no words is left out."""

    def name(code: str) -> str:
        return places[code].name if code in places else code

    parts = [name(code) for code in [facts.get("location"), *facts.get("locations", [])] if code]
    if facts.get("sku"):
        parts.append(f"{facts.get('quantity', 1)} × {facts['sku']}")
    parts += [money(facts[key]) for key in _AMOUNTS if facts.get(key)]
    parts += _counts(facts)
    parts += [office_words.word(str(facts[key])) for key in _PLAIN if facts.get(key)]
    parts += _before_and_after(facts)
    return " · ".join(parts)


def _counts(facts: dict[str, Any]) -> list[str]:
    parts = []
    if facts.get("units"):
        parts.append(_("%(count)s Stück", count=facts["units"]))
    if facts.get("points"):
        parts.append(_("%(points)s Punkte", points=facts["points"]))
    if facts.get("card"):
        parts.append(_("mit QR-Karte"))
    if facts.get("age_checked"):
        parts.append(_("Alter geprüft"))
    if facts.get("age_refused"):
        skus = ", ".join(facts["age_refused"])
        parts.append(_("Alter nicht belegt, nicht verkauft: %(skus)s", skus=skus))
    if isinstance(facts.get("parcels"), int):
        parts.append(ngettext("%(num)s Paket", "%(num)s Pakete", facts["parcels"]))
    return parts


def _before_and_after(facts: dict[str, Any]) -> list[str]:
    """Return what differs between the values before and after, where an entry knows both."""
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, str) and isinstance(after, str):
        return [f"{before} → {after}"] if before != after else []
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [
        f"{name}: {before.get(name, '–')} → {after.get(name, '–')}"
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
