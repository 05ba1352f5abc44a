"""GS1 element strings: what a DataMatrix or a GS1-128 code says beside the article's number.

Read are the AIs 01 (GTIN), 10 (lot), 15 and 17 (best before, expiry) and 21 (serial number), in any
order, as scanners send them: with a symbology identifier in front or without, fields of variable
length ended by FNC1, which arrives as the character GS.
Source: GS1 General Specifications, sections 3.2 (application identifiers) and 7.8 (processing).
"""

from dataclasses import dataclass
from datetime import date, timedelta

_IDENTIFIERS = ("]C1", "]d2", "]Q3", "]e0")
_SEPARATOR = "\x1d"
_FIXED = {"01": 14, "15": 6, "17": 6, "11": 6, "13": 6}
_VARIABLE = ("10", "21")
_LONGEST = 20
_DATE_DIGITS = 6
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a code holds; all None where it is no GS1 element string."""

    gtin: str | None = None
    batch: str | None = None
    serial: str | None = None
    best_before: date | None = None

    @property
    def lot(self) -> str | None:
        """What tells units apart: the serial number where there is one, else the lot."""
        return self.serial or self.batch


def read(code: str) -> Scanned:
    """Return what a scanned code says; an empty `Scanned` where it is something else.

    Only a code that begins with AI 01 counts as an element string: a plain EAN has 13 digits, and
    a SKU may begin with any.
    """
    text = code.strip()
    for identifier in _IDENTIFIERS:
        text = text.removeprefix(identifier)
    text = text.removeprefix(_SEPARATOR)
    found: dict[str, str] = {}
    while text:
        ai, text = text[:2], text[2:]
        if ai in _FIXED:
            value, text = text[: _FIXED[ai]], text[_FIXED[ai] :].removeprefix(_SEPARATOR)
            if len(value) != _FIXED[ai] or not (value.isascii() and value.isdigit()):
                return Scanned()
        elif ai in _VARIABLE and found:
            value, _, text = text.partition(_SEPARATOR)
            if not 0 < len(value) <= _LONGEST:
                return Scanned()
        else:
            return Scanned()
        found[ai] = value
    if "01" not in found or (len(found) == 1 and len(code.strip()) == _FIXED["01"]):
        return Scanned()
    return Scanned(
        found["01"],
        found.get("10"),
        found.get("21"),
        _day(found.get("15") or found.get("17") or ""),
    )


def _day(digits: str) -> date | None:
    """Return a date of the form YYMMDD; day 00 is the last of the month."""
    if len(digits) != _DATE_DIGITS:
        return None
    year, month, day = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    try:
        if day:
            return date(year, month, day)
        after = date(year + month // _LAST_MONTH, month % _LAST_MONTH + 1, 1)
        return after - timedelta(days=1)
    except ValueError:
        return None
