"""What the till's scripts say, in the reader's language. ``{…}`` is filled in by the script."""

from flask_babel import gettext as _


def of_till() -> dict[str, str]:
    """Return the words by the names that the scripts know."""
    return {
        **_scanning(),
        **_basket(),
        **_paying(),
        **_receipt(),
        **_sending(),
        **_drawer(),
        **_tasks(),
        **_state(),
    }


def _scanning() -> dict[str, str]:
    return {
        "unknown": _("{code} gibt es hier nicht. Nummer prüfen?"),
        "wrongDigit": _("{code}: Prüfziffer stimmt nicht. Bitte noch einmal."),
        "added": _("{title} dazu"),
        "cameraReady": _("Den Code ins Bild halten."),
        "noCamera": _("Die Kamera ist nicht zu haben. Bitte im Browser erlauben."),
        "notSellable": _("{title} ist nicht im Verkauf."),
        "recalled": _("{title} ist zurückgerufen und wird nicht verkauft."),
        "noCustomer": _("Diese Kundennummer kennen wir nicht. Der Verkauf geht auch ohne."),
        "wrongCustomer": _("Diese Kundennummer stimmt nicht; bitte prüfen Sie die Ziffern."),
        "customerLater": _("Ohne Netz: Nummer notiert, Punkte kommen mit dem Bon."),
        "age": _("ab {age} Jahren · Ausweis prüfen"),
        "ageSeen": _("ab {age} Jahren · Ausweis gesehen"),
        "ageTitle": _("Ab {age} Jahren"),
        "ageText": _("{title}: Ist der Kunde am {day} oder früher geboren?"),
        "tooYoung": _(
            "{title} nicht verkauft: Alter nicht belegt. Erneut scannen fragt noch einmal."
        ),
        "returnable": _("{taken} von {count} zurück"),
        "nothingBack": _("schon zurück"),
        "collect_not_ready": _("Diese Bestellung liegt noch nicht bereit."),
        "collect_elsewhere": _("Diese Bestellung liegt in {place} bereit."),
        "collectCode": _("Bitte den Abholcode, oder ohne Code einen Ausweis ansehen."),
        "collectWho": _("Bitte angeben, wer es mitnimmt."),
        "collectAge": _("Ab {age} Jahren: geboren am {day} oder früher. Ich habe nachgesehen."),
        "collectAgeFirst": _("Bitte zuerst das Alter prüfen und es bestätigen."),
        "liesAt": _("liegt in {place}"),
        "handedOver": _("{ref} übergeben"),
        "collectGive": _("Übergeben"),
        "collectPay": _("Weiter zum Bezahlen"),
        "collectNow": _("Abholung {ref}: zu den Preisen der Bestellung"),
        "collectNoPractice": _("In der Übung wird nichts übergeben. Bitte erst die Übung beenden."),
        "collected": _("Bestellung {ref}"),
        "homeNeedsNet": _("Nach Hause schicken braucht das Netz."),
        "homePlan": _("Kommt bis {day}, Versand {shipping}."),
        "homeNone": _("Das kann im Moment niemand schicken."),
        "homeWhere": _("Bitte die ganze Adresse und eine Mailadresse für die Bestätigung."),
        "home": _("wird geschickt"),
        "homeOrder": _("Bestellung {ref}, kommt bis {day}"),
        "shipping": _("Versand"),
    }


def _sending() -> dict[str, str]:
    return {
        "sendNeedsNet": _("Das braucht das Netz. Bitte in einem Moment noch einmal."),
        "sendNothing": _("Erst die Artikel, um die es geht."),
        "offerWho": _("Bitte Name und Mailadresse des Kunden."),
        "offerMade": _("{ref} ist unterwegs, gilt bis {day}"),
        "offerCredit": _("{adviser}: {orders} bestellt, {sum}"),
        "offer_open": _("gilt bis {day}"),
        "offer_expired": _("abgelaufen am {day}, antippen zum Neurechnen"),
        "offerRenewed": _("abgelaufen, neu gerechnet als {ref}"),
        "offer_ordered": _("bestellt: {ref}"),
        "offer_withdrawn": _("zurückgenommen"),
        "mailWho": _("Bitte eine vollständige Mailadresse."),
        "mailed": _("Bon geht an {email}"),
        "printerReady": _("Bons gehen jetzt an den Drucker."),
        "printerUnfit": _("Kein Drucker, der Bons als ESC/POS nimmt."),
        "mailLater": _("Der Bon wartet noch auf das Netz. Gleich noch einmal."),
    }


def _basket() -> dict[str, str]:
    return {
        "points": _("{points} Punkte"),
        "earns": _("+ {points} Punkte"),
        "earnsNow": _("jetzt + {points}"),
        "here": _("{count} hier"),
        "notHere": _("hier keiner"),
        "articles": _("{count} Artikel"),
        "article": _("1 Artikel"),
        "emptySure": _("Wirklich leeren?"),
        "emptyBasket": _("Leeren"),
        "fixedBasket": _("Eine Abholung wird so bezahlt, wie sie bestellt ist. Anderes danach."),
        "emptyFirst": _("Erst den Warenkorb abschließen, parken oder leeren."),
        "discount": _("Rabatt"),
        "noDiscount": _("Bitte einen Betrag oder Prozentsatz bis zum Preis der Zeile."),
        "needsApproval": _("Das braucht die PIN von jemandem, der diesen Rabatt geben darf."),
        "notAllowed": _("Das darf, wer gerade bedient, nicht."),
        "parked": _("Geparkt: {name}"),
        "parkedGone": _("Den hat schon eine andere Kasse geholt."),
        "cameBack": _("zurück aus {ref}"),
        "thisPlace": _("hier"),
    }


def _paying() -> dict[str, str]:
    return {
        "toPay": _("Zu zahlen"),
        "toPayOut": _("Auszuzahlen"),
        "exactCash": _("Bar passend"),
        "cashOut": _("Bar auszahlen"),
        "toOriginal": _("Wie bezahlt"),
        "card": _("Karte"),
        "cash": _("Bar"),
        "card_terminal": _("Karte"),
        "gift_card": _("Gutschein"),
        "voucher": _("Gutschein"),
        "original": _("zurück wie bezahlt"),
        "rounding": _("Rundung"),
        "stripe": _("Online bezahlt"),
        "change": _("Rückgeld"),
        "paidOut": _("Ausgezahlt"),
        "missing": _("Es fehlen"),
        "tooMuch": _("So viel? Bitte den Betrag prüfen."),
        "noAmount": _("Bitte den Betrag eingeben, den der Kunde gibt."),
        "cardByHand": _("Betrag am Kartengerät eingeben. Hat der Kunde bezahlt?"),
        "cardPaid": _("Bezahlt"),
        "cardAgain": _("Noch einmal"),
        "cardHasPaid": _("Ein Teil ist mit Karte bezahlt. Bitte zu Ende kassieren."),
        "card_waiting": _("Bitte Karte an das Gerät halten …"),
        "card_declined": _("Die Karte wurde abgelehnt. Nichts ist abgebucht."),
        "card_cancelled": _("Abgebrochen. Nichts ist abgebucht."),
        "card_timed_out": _("Niemand hat eine Karte hingehalten. Nichts ist abgebucht."),
        "card_unknown": _("Das Gerät antwortet nicht. Die Kasse fragt weiter; bitte nicht neu."),
        "giftNeedsNet": _("Gutscheine brauchen das Netz."),
        "noGiftCode": _("Bitte den Code eingeben, der auf dem Gutschein steht."),
        "giftEmpty": _("Auf diesem Gutschein ist nichts mehr."),
        "back": _("Zurück"),
        "cancel": _("Abbrechen"),
    }


def _receipt() -> dict[str, str]:
    return {
        "givenCash": _("Gegeben"),
        "vat": _("darin {rate} % USt."),
        "vatId": _("USt-IdNr."),
        "taxNumber": _("Steuernr."),
        "servedBy": _("Es bediente {name}"),
        "began": _("Beginn"),
        "ended": _("Ende"),
        "serial": _("Seriennr. der Kasse"),
        "transaction": _("Vorgang · Zähler"),
        "checkValue": _("Prüfwert"),
        "outage": _("Sicherheitseinrichtung ausgefallen"),
        "waits": _("wartet auf das Netz"),
        "booked": _("gebucht"),
        "booking": _("wird übertragen …"),
        "practice": _("Übung"),
    }


def _drawer() -> dict[str, str]:
    return {
        "drawer_opening": _("Kassensitzung öffnen"),
        "drawer_report": _("X-Bericht"),
        "drawer_count": _("Kasse zählen"),
        "drawer_closed": _("Kassensitzung abgeschlossen"),
        "zNumber": _("Z-Bericht {number}"),
        "sessionOpen": _("Sitzung offen, {amount} in der Lade"),
        "thisTill": _("Kasse"),
        "since": _("Seit"),
        "receipts": _("Belege"),
        "sales": _("Verkäufe"),
        "returns": _("Rücknahmen"),
        "float": _("Wechselgeld"),
        "movements": _("Ein- und Auszahlungen"),
        "givenUp": _("Abgebrochen"),
        "ageRefused": _("Alter nicht belegt"),
        "notYetBooked": _("noch nicht gebucht"),
        "expected": _("Soll"),
        "counted": _("Gezählt"),
        "difference": _("Differenz"),
        "noReason": _("Bitte sagen, wofür."),
    }


def _tasks() -> dict[str, str]:
    kinds = {
        "age": _("Alter nicht bestätigt"),
        "card_payment": _("Kartenzahlung passt nicht zum Bon"),
        "card_unused": _("Karte belastet, ohne dass ein Bon kam"),
        "cashier": _("Unbekannter Bediener"),
        "clock": _("Die Uhr der Kasse ging falsch"),
        "collection": _("Bestellung war nicht mehr zum Abholen da"),
        "customer": _("Kundennummer unbekannt"),
        "discount": _("Rabatt war inzwischen anders"),
        "gift_card_short": _("Auf dem Gutschein war weniger"),
        "item_gone": _("Artikel gibt es nicht mehr"),
        "no_price": _("Artikel hat keinen Preis"),
        "not_sellable": _("Artikel nicht mehr im Verkauf"),
        "number_taken": _("Belegnummer war vergeben"),
        "points_short": _("Punkte waren nicht mehr da"),
        "price": _("Preis war inzwischen anders"),
        "promotion_code": _("Aktionscode gilt nicht"),
        "recalled": _("Zurückgerufene Ware verkauft"),
        "refund_tender": _("Erstattung passt nicht zur Zahlung"),
        "return_amount": _("Erstattung in anderer Höhe"),
        "return_unmatched": _("Rückgabe ohne passenden Bon"),
        "right": _("Ohne das Recht dazu"),
        "session_closed": _("Kassensitzung war schon abgeschlossen"),
        "void_unmatched": _("Storno ohne passenden Bon"),
        "other": _("Anders gebucht als gedacht"),
    }
    return {f"conflict_{kind}": text for kind, text in kinds.items()}


def _state() -> dict[str, str]:
    return {
        "wrongToken": _("Dieses Gerätekennwort gilt nicht (mehr)."),
        "noNetYet": _("Zum ersten Anmelden braucht die Kasse das Netz."),
        "signInAgain": _("Diese Kasse ist nicht mehr angemeldet. Der Warenkorb bleibt hier."),
        "wrongPin": _("Diese PIN kennt die Kasse nicht."),
        "offline": _("Keine Antwort vom Server. Bitte in einem Moment noch einmal."),
        "noNet": _("ohne Netz"),
        "oneWaits": _("1 Verkauf wartet"),
        "waitShort": _("{count} warten"),
        "manyWait": _("{count} Verkäufe warten"),
        "stuck": _("Der Server nimmt ihn nicht: {why}"),
        "tryAgain": _("Noch einmal"),
        "seen": _("Gesehen"),
        "exported": _("Gesichert: {count} wartende"),
        "imported": _("Eingelesen: {count} gehen jetzt zum Server."),
        "importKnown": _("Eingelesen: alles daraus ist schon da."),
        "importWrong": _("Das ist keine Sicherung einer Kasse. Nichts ist eingelesen."),
        "importForeign": _("Diese Sicherung ist von {device}. Bitte dort einlesen, oder dieses "
                           "Gerät mit einem Kopplungscode als {device} anmelden."),
        "loading": _("{done} von {total} Artikeln"),
        "loadingWaits": _("Keine Antwort vom Server. Es geht weiter, sobald er antwortet."),
        "keepAdvice": _("Dieser Browser sagt nicht zu, die Daten der Kasse zu behalten. Bitte die "
                        "Kasse als App einrichten (Menü) und kein privates Fenster nehmen."),
        "privateWindow": _("Dieses Fenster behält nichts: privat, oder die Platte ist voll. "
                           "Verkäufe ohne Netz wären verloren. Bitte ein normales Fenster nehmen."),
        "notSecure": _("Die Kasse braucht eine sichere Verbindung (HTTPS)."),
        "soundOn": _("Ton an"),
        "soundOff": _("Ton aus"),
        "broken": _("Die Kasse hat einen Fehler. Bitte neu laden; der Warenkorb bleibt."),
        "secondTab": _("Die Kasse ist schon in einem anderen Fenster offen."),
    }  # fmt: skip
