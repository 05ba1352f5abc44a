"""The checkout form: eight fields, checked one by one, each mistake in words beside its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import phonenumbers
from flask_babel import gettext

from app.i18n import current_language
from app.workflows.buyers import Buyer
from fulfilment.places import geography
from kit import clock
from kit.errors import Invalid

FIELDS = (
    "name", "street", "postal_code", "city", "email", "phone", "contact_by", "need_by_on",
    "need_by_soft", "collect_at", "pay", "wish", "wish_text",
)  # fmt: skip
BESIDE = ("collect_at", "pay", "wish", "wish_text")
"""Those of them that pages of their own ask for."""

AT_COUNTER = "counter"
"""How what is collected is paid, if not online now."""

MAX_LENGTH = 120
_TOWNS_SHOWN = 8


@dataclass(frozen=True)
class Checked:
    """What was typed, what is wrong with it, and the buyer if nothing is."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    buyer: Buyer | None


def check(form: Mapping[str, str]) -> Checked:
    """Read the form.

    Args:
        form: what the browser sent, or what was kept of it.
    """
    typed = {name: form.get(name, "").strip()[:MAX_LENGTH] for name in FIELDS}
    typed["contact_by"] = typed["contact_by"] or "mail"
    # The place follows from the postal code; what somebody types instead stands.
    typed["city"] = typed["city"] or town_of(typed["postal_code"]) or ""
    phone = phone_of(typed["phone"])
    need_by = day(typed["need_by_on"])
    errors = _unreadable(typed, phone, need_by)
    buyer = Buyer(
        name=typed["name"],
        email=typed["email"],
        street=typed["street"],
        postal_code=typed["postal_code"],
        city=typed["city"],
        phone=phone,
        contact_by=typed["contact_by"],
        language=current_language(),
        need_by_on=need_by,
        need_by_soft=bool(need_by and typed["need_by_soft"]),
        collect_at=typed["collect_at"] or None,
        pay_on_collection=bool(typed["collect_at"]) and typed["pay"] == AT_COUNTER,
        drop_off=typed["wish_text"] if typed["wish"] == "drop_off" else None,
        neighbour=typed["wish_text"] if typed["wish"] == "neighbour" else None,
    )
    try:
        buyer.checked()
    except Invalid as error:
        named = error.facts.get("fields")
        wrong = named if isinstance(named, list) else ["name"]
        errors = {**{name: words_for(name, typed) for name in wrong}, **errors}
        # In the order of the form, as they are read.
        errors = {name: errors[name] for name in FIELDS if name in errors}
    return Checked(typed, errors, None if errors else buyer)


def _unreadable(
    typed: Mapping[str, str], phone: str | None, need_by: date | None
) -> dict[str, str]:
    errors = {}
    if typed["phone"] and phone is None:
        errors["phone"] = gettext("Diese Nummer ist unvollständig, Beispiel: 0228 123456.")
    if typed["need_by_on"] and need_by is None:
        errors["need_by_on"] = gettext("Bitte als Datum, Beispiel: 27.11.2026.")
    return errors


def words_for(field: str, typed: Mapping[str, str] | None = None) -> str:
    """Return what is wrong with a field, in words."""
    towns = geography.towns(typed["postal_code"]) if typed else []
    if field == "city" and len(towns) > 1:
        return str(gettext("Welcher Ort? %(towns)s", towns=", ".join(towns[:_TOWNS_SHOWN])))
    texts = {
        "name": gettext("Bitte Vor- und Nachnamen."),
        "street": gettext("Bitte Straße und Hausnummer."),
        "city": gettext("Bitte den Ort."),
        "email": gettext("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de."),
        "postal_code": gettext("Diese Postleitzahl gibt es nicht. Sie hat fünf Ziffern."),
        "phone": gettext("Für einen Anruf brauchen wir eine Telefonnummer."),
        "need_by_on": gettext("Dieser Tag ist schon vorbei."),
    }
    return str(texts.get(field, gettext("Bitte prüfen.")))


def phone_of(text: str) -> str | None:
    """Return a number typed in Germany as E.164, None for nothing or what is no number."""
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, "DE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def day(text: str) -> date | None:
    """Return a day typed as 2026-11-27 (what date fields send) or 27.11.2026 or 27.11."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    parts = [part for part in text.split(".") if part]
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 3:  # noqa: PLR2004 - day, month, year
            return date(numbers[2], numbers[1], numbers[0])
        if len(numbers) == 2:  # noqa: PLR2004 - day, month
            today = clock.today()
            on = date(today.year, numbers[1], numbers[0])
            return on if on >= today else on.replace(year=today.year + 1)
    except ValueError:
        pass
    return None


def town_of(postal_code: str) -> str | None:
    """Return the town of a postal code; None where there is no such code, or several towns."""
    towns = geography.towns(postal_code)
    return towns[0] if len(towns) == 1 else None
