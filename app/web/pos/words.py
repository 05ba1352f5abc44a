"""What the till's scripts say, in the reader's language. ``{…}`` is filled in by the script."""

from flask_babel import gettext as _


def of_till() -> dict[str, str]:
    """Return the words by the names that the scripts know."""
    return {
        "unknown": _("{code} gibt es hier nicht. Nummer prüfen?"),
        "wrongDigit": _("{code}: Prüfziffer stimmt nicht. Bitte noch einmal."),
        "added": _("{title} dazu"),
        "noCustomer": _("Diese Kundennummer kennen wir nicht. Der Verkauf geht auch ohne."),
        "wrongCustomer": _("Diese Kundennummer stimmt nicht; bitte prüfen Sie die Ziffern."),
        "wrongToken": _("Dieses Gerätekennwort gilt nicht (mehr)."),
        "signInAgain": _("Diese Kasse ist nicht mehr angemeldet. Der Warenkorb bleibt hier."),
        "offline": _("Keine Antwort vom Server. Bitte in einem Moment noch einmal."),
        "noPrice": _("Der Preis ist noch nicht da. Ohne Preis wird nicht kassiert."),
        "waiting": _("Der Verkauf wird gebucht …"),
        "repeating": _("Noch keine Antwort. Die Kasse fragt von selbst wieder nach; derselbe "
                       "Verkauf wird nur einmal gebucht."),
        "refused": _("Nichts wurde gebucht: {why}"),
        "points": _("{points} Punkte"),
        "earns": _("+ {points} Punkte"),
        "earnsNow": _("jetzt + {points}"),
        "here": _("{count} hier"),
        "notHere": _("hier keiner"),
        "age": _("ab {age} Jahren · Ausweis prüfen"),
        "change": _("Rückgeld"),
        "missing": _("Es fehlen"),
        "tooMuch": _("So viel? Bitte den Betrag prüfen."),
        "noAmount": _("Bitte den Betrag eingeben, den der Kunde gibt."),
        "thisPlace": _("hier"),
        "cash": _("Bar"),
        "card_terminal": _("Karte"),
        "givenCash": _("Gegeben"),
        "soundOn": _("Ton an"),
        "soundOff": _("Ton aus"),
        "emptySure": _("Wirklich leeren?"),
        "emptyBasket": _("Leeren"),
        "articles": _("{count} Artikel"),
        "article": _("1 Artikel"),
        "vat": _("darin {rate} % USt."),
        "broken": _("Die Kasse hat einen Fehler. Bitte neu laden; der Warenkorb bleibt."),
        "secondTab": _("Die Kasse ist schon in einem anderen Fenster offen."),
    }  # fmt: skip
