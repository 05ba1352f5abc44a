"""What people type into the forms of the setup: amounts, weights, times; and how these are shown.

A form is a mapping of texts, named like the fields of the setup (`zones.0.up_to_km`). Reading never
stops at the first slip: it notes each one at its field and goes on, so that nothing typed is lost.
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

_LONGEST_NUMBER = 12
_GROUPED = 3


class Typed:
    """The texts of a form, read field by field; `wrong` holds what could not be read, by field."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.wrong: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return what was typed, without blanks around it."""
        return self.texts.get(name, "").strip()

    def given(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self.texts.get(name))

    def whole(self, name: str) -> int:
        """Return a whole number; 0 where it is none."""
        found = _decimal(self.text(name))
        if found is None or found != found.to_integral_value():
            return self._slip(name, _("Bitte eine ganze Zahl."))
        return int(found)

    def scaled(self, name: str, factor: int) -> int:
        """Return euros as cents, kilograms as grams, centimetres as millimetres."""
        found = _decimal(self.text(name))
        if found is None:
            return self._slip(name, _("Bitte eine Zahl, zum Beispiel %(example)s.", example="4,90"))
        if found * factor != (found * factor).to_integral_value():
            return self._slip(name, _("So genau lässt sich das nicht angeben."))
        return int(found * factor)

    def maybe_scaled(self, name: str, factor: int) -> int | None:
        """Return as `scaled`; None where nothing is typed."""
        return self.scaled(name, factor) if self.text(name) else None

    def measure(self, name: str) -> float:
        """Return kilometres."""
        found = _decimal(self.text(name))
        if found is None:
            return self._slip(name, _("Bitte eine Zahl, zum Beispiel %(example)s.", example="150"))
        return float(found)

    def clock(self, name: str) -> time:
        """Return a time of the day; midnight where it is none."""
        try:
            return time.fromisoformat(self.text(name)).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self._slip(name, _("Bitte eine Uhrzeit, zum Beispiel 16:00."))
            return time()

    def day(self, name: str) -> date | None:
        """Return a day."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            self._slip(name, _("Bitte ein Datum."))
            return None

    def _slip(self, name: str, words: str) -> int:
        self.wrong.setdefault(name, words)
        return 0


def _decimal(typed: str) -> Decimal | None:
    """Read a number as people write it: 4,90 and 4.90, 1.200 in German, 1,200 in English."""
    typed = "".join(typed.split()).removesuffix("€").removesuffix("%")
    group = "." if str(get_locale()) == "de" else ","
    last = max(typed.rfind("."), typed.rfind(","))
    tail = typed[last + 1 :]
    if last < 0 or (typed[last] == group and len(tail) == _GROUPED):
        whole, tail = typed, ""
    else:
        whole = typed[:last]
    digits = whole.replace(".", "").replace(",", "")
    if not (digits + tail).isascii() or not (digits + tail).isdigit():
        return None
    if len(digits) + len(tail) > _LONGEST_NUMBER:
        return None
    return Decimal(f"{digits or '0'}.{tail or '0'}")


def shown(value: float, factor: int = 1, places: int = 0) -> str:
    """Return a number as it stands in a field: no groups, `places` decimals at least."""
    pattern = "0" if factor == 1 and not places else f"0.{'0' * places}{'#' * (3 - places)}"
    return str(format_decimal(Decimal(str(value)) / factor, format=pattern))


def euros(minor: int | None) -> str:
    """Return cents as euros in a field; empty for None."""
    return "" if minor is None else shown(minor, 100, 2)


def clock(at: time) -> str:
    """Return a time as a field wants it."""
    return at.isoformat(timespec="minutes")


def rows(texts: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a table in a form that hold something, in their order.

    Args:
        texts: the form.
        prefix: `zones` for fields like ``zones.0.up_to_km``.
        names: the columns.
    """
    numbers = sorted(
        {
            int(number)
            for name in texts
            if name.startswith(f"{prefix}.")
            and (number := name.removeprefix(f"{prefix}.").partition(".")[0]).isdecimal()
            and len(number) < _GROUPED + 1
        }
    )
    found = [
        {column: texts.get(f"{prefix}.{number}.{column}", "").strip() for column in names}
        for number in numbers
    ]
    return [row for row in found if any(row.values())]


def renumbered(prefix: str, found: list[dict[str, str]]) -> dict[str, str]:
    """Return rows as the texts of a form, numbered from 0 without gaps."""
    return {
        f"{prefix}.{number}.{column}": text
        for number, row in enumerate(found)
        for column, text in row.items()
    }
