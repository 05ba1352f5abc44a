"""Errors in words, in the reader's language: by code, with the facts filled in."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit.errors import KontorError

_WORDS = {
    "page": _l("Diese Seite gibt es nicht."),
    "method": _l("So lässt sich diese Adresse nicht aufrufen."),
    "too_large": _l("Die Datei ist zu groß (höchstens 16 MB)."),
    "too_many": _l("Zu viele Versuche. Bitte warten Sie eine Minute."),
    "http": _l("Diese Anfrage konnten wir nicht beantworten."),
    "unexpected": _l("Bei uns ist ein Fehler aufgetreten. Er ist notiert; nichts wurde gebucht."),
    "stale_form": _l("Das Formular war zu lange offen. Bitte laden Sie die Seite neu."),
    "outcome_unknown": _l(
        "Der Zahlungsdienst antwortet gerade nicht. Ihre Bestellung ist gespeichert;"
        " bitte versuchen Sie die Zahlung in einem Moment noch einmal."
    ),
    "quantity": _l("Bitte geben Sie eine Menge zwischen 1 und 999 an."),
    "item": _l("Diesen Artikel gibt es nicht."),
    "product": _l("Diesen Artikel gibt es nicht (mehr)."),
    "order": _l("Diese Bestellung gibt es nicht."),
    "basket": _l("Diesen Warenkorb gibt es nicht mehr."),
    "store_hold": _l("Diese Reservierung gibt es nicht."),
    "store_hold_state": _l("Diese Reservierung ist schon zu Ende."),
    "hold_too_much": _l(
        "So viel legen wir nicht unbezahlt zurück: höchstens 20 Stück und drei Reservierungen"
        " gleichzeitig. Bestellen und abholen geht."
    ),
    "crosssell_no_model": _l("Vor diesem Modell gibt es keines mehr."),
    "crosssell_rule": _l("Diese Regel gibt es nicht."),
    "rule_kind": _l("Bitte wählen Sie, ob etwas passt oder gebraucht wird."),
    "rule_family": _l("Diese Warengruppe lässt sich nicht lesen: Kleinbuchstaben, am Ende ein *."),
    "rule_limits": _l("Zum Merkmal gehört ein Wert, und keiner länger als 32 Zeichen."),
    "rule_wide": _l("Diese Regel trifft zu viele Paare. Bitte enger fassen."),
    "trial_name": _l("Der Vergleich braucht einen Namen, höchstens 64 Zeichen."),
    "trial_share": _l("Bitte geben Sie einen Anteil von 1 bis 99 Prozent an."),
    "trial_running": _l("Es läuft schon ein Vergleich."),
    "basket_empty": _l("Der Warenkorb ist leer."),
    "promotion": _l("Bitte prüfen Sie die markierten Felder."),
    "promotion_code": _l("Diesen Code kennen wir nicht. Bitte prüfen Sie die Schreibweise."),
    "promotion_code_taken": _l("Diesen Code gibt es schon; er steht für eine andere Aktion."),
    "discount": _l("Der Nachlass ist höher als der Preis."),
    "gift_card": _l("Diesen Gutschein kennen wir nicht. Bitte prüfen Sie den Code."),
    "gift_card_code": _l("Dieser Gutschein-Code stimmt nicht; bitte prüfen Sie die Zeichen."),
    "gift_card_amount": _l("Bitte geben Sie einen Betrag von 0,01 bis 1.000 Euro an."),
    "gift_card_empty": _l("Dieser Gutschein ist aufgebraucht."),
    "gift_card_expired": _l("Dieser Gutschein ist abgelaufen. Bitte fragen Sie den Kundendienst."),
    "gift_card_short": _l("Auf dem Gutschein ist nicht mehr genug. Bitte prüfen Sie den Rest."),
    "promotion_early": _l("Dieser Code gilt noch nicht."),
    "promotion_over": _l("Dieser Code gilt nicht mehr: Die Aktion ist zu Ende."),
    "promotion_used_up": _l("Diese Aktion ist ausgeschöpft."),
    "basket_full": _l("Der Warenkorb fasst höchstens 100 verschiedene Artikel."),
    "customer": _l("Diese Kundennummer kennen wir nicht."),
    "cancel_too_late": _l("Ein Teil davon wird schon gepackt. Bitte wählen Sie noch einmal."),
    "return_too_large": _l("So viele Stück sind nicht mehr zurückzugeben."),
    "return_way": _l("Bitte wählen Sie, wie die Ware zu uns kommt."),
    "return_reason": _l("Diesen Grund gibt es nicht."),
    "return_request": _l("Diese Rückgabe gibt es nicht."),
    "return_request_state": _l("Diese Rückgabe ist schon abgeschlossen."),
    "withdrawal": _l("Diesen Widerruf gibt es nicht."),
    "withdrawal_step": _l("Diese Auswahl gibt es nicht."),
    "invoice": _l("Diese Rechnung gibt es nicht."),
    "address": _l("Bitte prüfen Sie die markierten Felder."),
    "addresses_full": _l("Mehr als 20 Adressen gehen nicht."),
    "consent_link": _l("Dieser Link gilt nicht mehr."),
    "account_busy": _l("Eine Bestellung ist noch unterwegs. Danach lässt sich das Konto löschen."),
    "legal_page": _l("Diese Seite gibt es nicht."),
    "legal_text": _l("Titel und Text fehlen in einer Sprache."),
    "legal_version": _l("Diese Fassung gibt es nicht."),
    "legal_note": _l("Bitte sagen Sie, was sich geändert hat."),
    "legal_valid_from": _l("Eine Fassung kann nicht rückwirkend gelten."),
    "mail_link": _l("Dieser Link gilt nicht mehr: Er ist zu alt oder wurde schon benutzt."),
    "email": _l("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de."),
    "email_taken": _l("Mit dieser Adresse meldet sich schon jemand an."),
    "customer_joined": _l("Diese Karte gehört schon zu Ihrem Konto."),
    "customer_number": _l("Diese Kundennummer stimmt nicht; bitte prüfen Sie die Ziffern."),
    "buyer": _l("Bitte prüfen Sie die markierten Felder."),
    "total_changed": _l("Der Gesamtpreis hat sich geändert. Bitte prüfen Sie die Bestellung."),
    "stock_short": _l("Davon ist nicht mehr genug da."),
    "need_by_missed": _l("Bis zu diesem Tag können wir nicht liefern."),
    "order_state": _l("Das geht bei dieser Bestellung nicht mehr."),
    "not_sellable": _l("Dieser Artikel wird nicht mehr verkauft."),
    "no_price": _l("Für diesen Artikel ist kein Preis hinterlegt."),
    "device_token": _l("Diese Kasse ist nicht angemeldet."),
    "sign_in": _l("E-Mail oder Passwort stimmen nicht."),
    "sale_id_reused": _l("Diese Verkaufsnummer wurde schon für einen anderen Verkauf benutzt."),
    "malformed": _l("Diese Angaben verstehen wir nicht."),
    "answer": _l("Diese Auswahl gibt es nicht."),
    "exception_closed": _l("Darüber ist schon entschieden."),
    "fulfilment_order_state": _l("Daran lässt sich jetzt nichts mehr ändern."),
    "not_now": _l("Ein Teil der Bestellung wird gerade neu geplant. Bitte gleich noch einmal."),
    "option_gone": _l("Das geht inzwischen leider nicht mehr. Bitte wählen Sie etwas anderes."),
    "plan_changed": _l(
        "Inzwischen käme es an einem anderen Tag. Bitte sehen Sie noch einmal nach."
    ),
    "question_answered": _l("Diese Frage ist schon beantwortet."),
    "refusal_note": _l("Bitte sagen Sie in Worten, warum."),
    "refusal_reason": _l("Bitte wählen Sie einen Grund."),
    "total_minor": _l("Diese Summe ist zu hoch."),
    "tenders_differ": _l("Die Zahlungen ergeben nicht die Summe."),
    "lines_missing": _l("Der Verkauf hat keine Artikel."),
    "synonym": _l("Bitte ein Wort und eine andere Bedeutung, je höchstens 96 Zeichen."),
    "synonym_known": _l("Das ist schon hinterlegt."),
    "question": _l("Diese Anfrage gibt es nicht."),
    "question_closed": _l("Diese Anfrage ist schon erledigt."),
    "outcome": _l("Diese Auswahl gibt es nicht."),
    "gtin": _l("Diese GTIN stimmt nicht; bitte prüfen Sie die Ziffern."),
    "recalled": _l("Zurückgerufen: nicht verkaufen, nicht verschicken, zur Seite legen."),
    "lot_required": _l("Bitte das Los oder die Seriennummer scannen."),
    "lot": _l("Dieses Los kennen wir nicht."),
    "collected": _l("Diese Bestellung wird abgeholt: Das Geschäft wählt der Kunde."),
    "picking_started": _l("Das Picken hat begonnen. Jetzt lässt sich nichts mehr verlegen."),
    "plan_impossible": _l("So lässt sich die Bestellung von dort nicht schicken."),
    "override_changed": _l(
        "Inzwischen hat sich etwas geändert. Bitte sehen Sie sich den Plan noch einmal an."
    ),
    "nothing_moves": _l("So wird die Bestellung schon geschickt."),
    "draft_changed": _l("Inzwischen hat jemand den Entwurf geändert. Bitte sehen Sie ihn an."),
    "draft_missing": _l("Es gibt keinen Entwurf mehr: Jemand hat ihn veröffentlicht."),
    "nothing_changed": _l("Der Entwurf ändert nichts."),
    "reason_missing": _l("Bitte sagen Sie, warum."),
    "reason_too_long": _l("Der Grund ist zu lang (höchstens 500 Zeichen)."),
    "setup_invalid": _l("So ergibt der Entwurf keinen Sinn."),
    "setup_version": _l("Diese Version gibt es nicht."),
    "tariff": _l("Diesen Tarif gibt es nicht."),
    "tariff_code": _l("Dieses Kürzel fehlt oder ist schon vergeben."),
    "tariff_in_use": _l("Mit diesem Tarif gehen noch offene Pickaufträge."),
    "whatif_nothing": _l("In diesem Zeitraum wurde nichts entschieden."),
    "whatif_period": _l("Der Zeitraum ist leer."),
    "whatif_run": _l("Diese Rechnung gibt es nicht."),
    "whatif_state": _l("Diese Rechnung ist schon zu Ende."),
    "whatif_title": _l("Der Name ist zu lang (höchstens 120 Zeichen)."),
    "whatif_too_much": _l("So viele Entscheidungen auf einmal gehen nicht (höchstens 200.000)."),
    "choice": _l("Diese Auswahl passt nicht mehr zur Bestellung."),
    "lots": _l("Bitte Lose nennen oder das Feld leer lassen."),
    "lots_differ": _l("Die Lose ergeben nicht die Menge der Zeile."),
    "lot_not_kept": _l("Dieser Artikel wird nicht nach Los geführt: nur alle Stücke auf einmal."),
    "lot_short": _l("Von diesem Los ist dort nicht genug da."),
    "serial_quantity": _l("Eine Seriennummer ist genau ein Stück."),
    "serial_elsewhere": _l("Diese Seriennummer liegt nach den Büchern an einem anderen Standort."),
    "serial_picked": _l("Dieses Stück liegt schon in einer Kiste."),
    "serial_quarantined": _l("Dieses Stück ist gesperrt."),
    "recall_open": _l("Dieser Rückruf läuft schon."),
    "recall_closed": _l("Dieser Rückruf ist schon beendet."),
    "recall_busy": _l("Ein Teil liegt noch in Kisten oder Paketen: bitte zuerst sperren."),
    "result": _l("Bitte sagen, was aus der Ware wird."),
    "tracking_set": _l("Dieser Artikel wird schon anders geführt."),
    "tracking_now": _l("Ein Teil liegt in Kisten oder ist unterwegs: bitte später."),
    "wrong_item": _l("Falscher Artikel: gehört nicht zu diesem Auftrag."),
    "nothing_left_to_pick": _l("Davon ist schon alles gepickt."),
    "still_to_pick": _l("Es fehlt noch etwas."),
    "claimed_by_other": _l("Daran arbeitet schon jemand."),
    "fulfilment_order": _l("Diesen Pickauftrag gibt es hier nicht."),
    "webhook_signature": _l("Die Signatur stimmt nicht."),
    "card": _l("Diese Karte kennen wir nicht."),
    "photo": _l("Dieses Bild konnten wir nicht lesen (JPEG, PNG oder WebP)."),
    "not_ordered": _l(
        "Das wurde nicht bestellt. Was behalten werden soll, wird erst als Position ergänzt."
    ),
    "not_requested": _l("Das wurde nicht angefordert."),
    "document_empty": _l("Bitte geben Sie mindestens einen Artikel mit Stückzahl an."),
    "document_number": _l("Diese Belegnummer geht nicht (höchstens 32 Zeichen, kein /)."),
    "document_taken": _l("Diese Belegnummer gibt es schon."),
    "same_location": _l("Herkunft und Ziel müssen verschiedene Standorte sein."),
    "not_your_location": _l("Herkunft oder Ziel muss Ihr Standort sein."),
    "supplier": _l("Bitte nennen Sie den Lieferanten."),
    "location": _l("Diesen Standort gibt es nicht."),
    "units": _l("Bitte geben Sie ganze Stückzahlen an."),
    "day": _l("Dieses Datum verstehen wir nicht."),
    "item_unknown": _l("Mindestens einen dieser Artikel gibt es nicht."),
    "purchase_order_state": _l("Diese Bestellung ist schon abgeschlossen."),
    "transfer": _l("Diesen Beleg gibt es nicht."),
    "incoming_document": _l("Diesen Beleg gibt es nicht."),
    "transfer_state": _l("Das geht bei dieser Umlagerung nicht (mehr)."),
    "backorder_limit": _l("So viele können wir nicht zusagen."),
    "backorder_units": _l("Bitte geben Sie eine Stückzahl von 0 bis 100.000 an."),
    "no_date": _l("Dafür gibt es noch keinen Liefertermin."),
    "ships_on": _l("Der Tag der ersten Lieferung ist schon vorbei."),
    "call_done": _l("Der Anruf ist schon erledigt."),
    "count_reason": _l("Diesen Grund für eine Abweichung gibt es nicht."),
    "count_task": _l("Diesen Zählauftrag gibt es nicht."),
    "count_task_done": _l("Das ist schon gezählt und gebucht."),
    "lot_units": _l("Bitte schreiben Sie in jede Zeile ein Los und seine Stückzahl."),
    "counted": _l("Bitte geben Sie die gezählten Stück an, 0 oder mehr."),
    "instant": _l("Bitte wählen Sie einen Zeitpunkt, der schon war."),
    "movement": _l("Diese Bewegung gibt es nicht."),
    "movement_corrected": _l("Diese Bewegung ist schon berichtigt."),
    "reason": _l("Bitte sagen Sie, warum."),
    "safety_stock": _l("Der Sicherheitsbestand ist eine Zahl, 0 oder mehr."),
    "stock_month": _l("Dieser Monat ist nicht abgeschlossen."),
    "stock_month_detached": _l("Dieser Monat liegt im Archiv und nicht mehr in der Datenbank."),
    "undone_elsewhere": _l(
        "Das lässt sich hier nicht berichtigen: Verkäufe und Sendungen über eine Rückgabe,"
        " Umlagerungen über die Umlagerung, Abgleiche über eine Zählung."
    ),
}


def of_error(error: KontorError) -> str:
    """Return what to tell a person about an error."""
    return of_code(error.code)


def of_code(code: str) -> str:
    """Return the words for a code; an unknown one is named, so that it can be asked about."""
    known = _WORDS.get(code)
    return str(known) if known is not None else _("Das geht nicht (%(code)s).", code=code)


_KINDS_OF_HIT = {
    "category": _l("Bereich"),
    "product": _l("Artikel"),
    "document": _l("Anleitung, Ratgeber"),
    "store": _l("Filiale"),
    "help": _l("Hilfe"),
}


def kind_of_hit(kind: str) -> str:
    """Return what the search found, in a word."""
    return str(_KINDS_OF_HIT[kind])
