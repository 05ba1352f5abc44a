"""What a text asks for: goods, a document, or a place and help; and the words that say which.

Words that ask for a kind of thing and say nothing about which one are taken out.
"""

from dataclasses import dataclass

from catalog.folding import MAX_LENGTH, code, words
from catalog.slips import slips
from catalog.vocabulary import MAX_WORDS

LONG_WORD, SLIPS = 9, 2
# Words that ask for a document and say nothing about which one.
_ASKS_FOR_DOCUMENT = frozenset(
    words(
        "Anleitung Anleitungen Gebrauchsanleitung Gebrauchsanleitungen Bedienungsanleitung"
        " Bedienungsanleitungen Betriebsanleitung Gebrauchsanweisung Montageanleitung"
        " Aufbauanleitung Handbuch Handbücher Datenblatt PDF manual manuals instructions"
    )
)
# Words that ask for one and belong to its name.
_NAMES_DOCUMENT = frozenset(words("Ratgeber Tabelle Film Filme Video Videos guide guides chart"))
# Words that ask for a store or for help rather than for goods.
_ASKS_FOR_PAGE = frozenset(
    words(
        "Öffnungszeit Öffnungszeiten geöffnet offen Filiale Filialen Laden Läden Geschäft Adresse"
        " Anfahrt Telefon Telefonnummer Versand Versandkosten Lieferkosten Porto Lieferzeit"
        " Lieferung Rückgabe Rücksendung Retoure Umtausch Widerruf widerrufen stornieren Storno"
        " Sendungsverfolgung Bestellstatus Bestellung Rechnung Kontakt Kundendienst Reparatur"
        " Garantie Impressum AGB Datenschutz Barrierefreiheit store stores opening hours shipping"
        " delivery returns return refund contact warranty imprint privacy tracking order"
    )
)
_SAYS_NOTHING = frozenset(
    words(
        "der die das den dem des ein eine einen einem einer und oder für mit ohne zum zur zu von"
        " vom im in am an auf aus bei als wie ich mein meine meinen suche brauche"
        " the a an and or for with of to my on in i need"
    )
)


@dataclass(frozen=True)
class Asked:
    """What was typed: the words that say something, and whether a document was asked for."""

    words: list[str]
    codes: tuple[str, ...]
    for_document: bool
    names_document: bool
    for_page: bool


def asked(text: str) -> Asked:
    """Return what the words of a text ask for; more than eight are cut off."""
    typed = words(text[:MAX_LENGTH])[: 2 * MAX_WORDS]
    saying = [word for word in typed if word not in _SAYS_NOTHING] or typed
    which = [word for word in saying if not asks_for_document(word)]
    for_document = len(which) < len(saying)
    kept = (which or saying)[:MAX_WORDS]
    whole = code(" ".join(kept))
    return Asked(
        words=kept,
        codes=tuple(dict.fromkeys([whole, *_spellings(whole), *map(code, text.split())])),
        for_document=for_document,
        names_document=any(word in _NAMES_DOCUMENT for word in kept),
        for_page=any(word in _ASKS_FOR_PAGE for word in kept),
    )


def device(text: str) -> str:
    """Return a text as typed, without the words that ask for a document: what it is about."""
    kept = [part for part in text.split() if not any(map(asks_for_document, words(part)))]
    return " ".join(kept) or text.strip()


def asks_for_document(word: str) -> bool:
    """Tell whether a word is one that asks for a document, two slips in a long one allowed."""
    if word in _ASKS_FOR_DOCUMENT:
        return True
    long = (known for known in _ASKS_FOR_DOCUMENT if len(known) >= LONG_WORD)
    return len(word) >= LONG_WORD and any(
        abs(len(known) - len(word)) <= SLIPS and slips(word, known) <= SLIPS for known in long
    )


def _spellings(number: str) -> list[str]:
    """Return a number of digits as a GTIN is stored: with 14 of them."""
    return [number.zfill(14)] if number.isdigit() and 8 <= len(number) <= 14 else []  # noqa: PLR2004
