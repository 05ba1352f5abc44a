"""How amounts, days and instants read: "6,90 €", "morgen", "Freitag", "Mi 25.11., 14:30"."""

from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from babel.dates import get_day_names
from babel.numbers import format_currency as currency_of_babel
from flask_babel import (
    force_locale,
    format_date,
    format_decimal,
    format_time,
    get_locale,
    gettext,
)

from kit import clock
from loyalty import customers

CURRENCY = "EUR"
_WEEK = 7
_KILOGRAM = 1000


def spoken(language: str) -> AbstractContextManager[None]:
    """Word what follows in a language, whatever the request's is."""
    return force_locale(language)


def money(amount_minor: int | None, currency: str = CURRENCY) -> str:
    """Return an amount in minor units (cents) as money in the reader's language."""
    if amount_minor is None:
        return ""
    return _money(amount_minor, currency, str(get_locale() or "de"))


@lru_cache(maxsize=20_000)
def _money(amount_minor: int, currency: str, locale: str) -> str:
    # A page of goods writes dozens of amounts, the same ones again and again.
    return str(currency_of_babel(Decimal(amount_minor) / 100, currency, locale=locale))


def number(value: Decimal | float) -> str:
    """Return a number with the reader's separators."""
    return str(format_decimal(value))


def kilograms(grams: int) -> str:
    """Return a weight in grams as people say it: below a kilogram in grams."""
    if grams < _KILOGRAM:
        return f"{grams} g"
    return f"{format_decimal(Decimal(grams) / _KILOGRAM, format='#,##0.##')} kg"


def day(on: date) -> str:
    """Return a day in full: "Freitag, 27. November 2026"."""
    return str(format_date(on, "full"))


def day_short(on: date) -> str:
    """Return a day for a narrow column: "Fr 27.11."."""
    text = str(format_date(on, gettext("EEE dd.MM.")))
    return text.replace(".,", ",").replace(". ", " ", 1)


def day_word(on: date) -> str:
    """Return the word people use: heute, morgen, the weekday within a week, else the date."""
    ahead = (on - clock.today()).days
    if ahead == 0:
        return str(gettext("heute"))
    if ahead == 1:
        return str(gettext("morgen"))
    if 1 < ahead < _WEEK:
        return str(format_date(on, "EEEE"))
    return day_short(on)


def day_and_date(on: date) -> str:
    """Return the weekday with its date: "Freitag, 27.11."; what a promise is written with."""
    return str(format_date(on, gettext("EEEE, dd.MM.")))


def hour(instant: datetime) -> str:
    """Return the time of day of an instant in Berlin: "14:30"."""
    return str(format_time(clock.berlin(instant), "HH:mm", rebase=False))


def to_the_second(instant: datetime) -> str:
    """Return the time of day of an instant in Berlin, for what is watched: "14:30:05"."""
    return str(format_time(clock.berlin(instant), "HH:mm:ss", rebase=False))


def oclock(instant: datetime) -> str:
    """Return a time of day as it stands in front of "Uhr": "14", "14:30"; in English "14:00"."""
    text = hour(instant)
    return text.removesuffix(":00") if str(get_locale()) == "de" else text


def stamp(instant: datetime) -> str:
    """Return day and time of an instant in Berlin: "Mi 25.11., 14:30"."""
    local = clock.berlin(instant)
    return f"{day_short(local.date())}, {hour(instant)}"


def stamp_full(instant: datetime) -> str:
    """Return date and time with the year, for what is kept: "25.11.2026, 14:30"."""
    local = clock.berlin(instant)
    pattern = gettext("dd.MM.yyyy")
    return f"{format_date(local.date(), pattern)}, {hour(instant)}"


def customer_number(number: str | None) -> str:
    """Return a customer number as it stands on the card: "2 104 881"."""
    return customers.shown(number) if number else ""


def phone(number: str | None) -> str:
    """Return an E.164 number as people read it: "+49 261 14710777"."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number, "DE")
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def iso_day(text: str) -> date:
    """Return the day that stored facts name as ISO 8601 text, for the day filters."""
    return date.fromisoformat(text)


def iso_stamp(text: str) -> str:
    """Return day and time of an instant that stored facts name as ISO 8601 text."""
    return stamp(datetime.fromisoformat(text))


def weekday(number: int) -> str:
    """Return the name of a day of the week, 0 = Monday."""
    return str(get_day_names(locale=get_locale())[number])


FILTERS = {
    "iso_day": iso_day,
    "iso_stamp": iso_stamp,
    "weekday": weekday,
    "customer_number": customer_number,
    "phone": phone,
    "money": money,
    "number": number,
    "kilograms": kilograms,
    "day": day,
    "day_short": day_short,
    "day_word": day_word,
    "day_and_date": day_and_date,
    "hour": hour,
    "to_the_second": to_the_second,
    "oclock": oclock,
    "stamp": stamp,
    "stamp_full": stamp_full,
}
