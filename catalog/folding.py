"""Words in normal form, the same for what is stored and what is typed.

1. Lower case; ä → ae, ö → oe, ü → ue, ß → ss; other accents off.
2. Only letters and digits make words; everything else separates them, except
3. between digits: ``2/0`` → ``2s0``, ``0,12`` and ``0.12`` → ``0k12``, so that sizes stay whole.
4. A number and its unit are one word: ``9 cm`` → ``9cm``; an apostrophe inside a word is nothing.
"""

import re
import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})
_FRACTION = re.compile(r"(?<=\d)/(?=\d)")
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=[a-z])")
_WORD = re.compile(r"[a-z0-9]+")
_UNITS = "mm|cm|m|g|kg|ml|l|w|watt|lumen|lm|teilig|er"
_MEASURE = re.compile(rf"(?<![a-z0-9])(\d+(?:k\d+)?) +({_UNITS})(?![a-z0-9])")
MAX_LENGTH = 200


def fold(text: str) -> str:
    """Return the words of a text in normal form, separated by single blanks."""
    lowered = unicodedata.normalize("NFC", text).lower().translate(_GERMAN)
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(sign)
    )
    sized = _DECIMAL.sub("k", _FRACTION.sub("s", _APOSTROPHE.sub("", plain)))
    return _MEASURE.sub(r"\1\2", " ".join(_WORD.findall(sized)))


def words(text: str) -> list[str]:
    """Return the words of a text in normal form, in order."""
    return fold(text).split()


def compact(text: str) -> str:
    """Return a text in normal form without blanks: ``KM-1200 S`` → ``km1200s``."""
    return fold(text).replace(" ", "")


def code(text: str) -> str:
    """Return a number people type (SKU, type number, GTIN) as letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_GERMAN)
    return "".join(_WORD.findall(folded))
