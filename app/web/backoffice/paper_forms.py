"""The forms of what nobody ordered: cards, catalogues and samples; words in, a draft out."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from app.community import campaign_making, mailings
from kit.errors import Invalid

CARD = (
    "code", "title_de", "title_en", "text_de", "text_en", "owner", "starts_on", "ends_on", "cost",
    "paper_grams", "category", "next_document", "consent",
)  # fmt: skip
MAILING = (
    "code", "kind", "title_de", "title_en", "owner", "location", "starts_on", "ends_on", "cost",
    "paper_grams",
)  # fmt: skip
# What the forms call otherwise than the rows.
_NAMES = {"cost_minor": "cost"}
_LONGEST = 7


def typed(form: Mapping[str, str], names: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """Return the fields as somebody has typed them, and whether what they describe is known."""
    return {name: form.get(name, "")[:500].strip() for name in names}, form.get("known") == "1"


def wrong(error: Invalid) -> set[str]:
    """Return the fields that cannot be kept, by the names that the forms have for them."""
    return {_NAMES.get(name, name) for name in error.facts["fields"]}


def card(fields: Mapping[str, str]) -> campaign_making.Draft:
    """Return the campaign that a form describes; what cannot be read is None or empty."""
    texts = {name: fields[name] for name in CARD[:6]}
    return campaign_making.Draft(
        **texts,
        starts_on=_day(fields["starts_on"]),
        ends_on=_day(fields["ends_on"]),
        cost_minor=_cents(fields["cost"]),
        paper_grams=_whole(fields["paper_grams"]),
        category=fields["category"] or None,
        next_document=fields["next_document"] or None,
        consent=fields["consent"] or None,
    )


def mailing(fields: Mapping[str, str]) -> mailings.Draft:
    """Return the mailing that a form describes; what cannot be read is None or empty."""
    texts = {name: fields[name] for name in MAILING[:6]}
    return mailings.Draft(
        **texts,
        starts_on=_day(fields["starts_on"]),
        ends_on=_day(fields["ends_on"]),
        cost_minor=_cents(fields["cost"]),
        paper_grams=_whole(fields["paper_grams"]),
    )


def as_typed(row: object, names: tuple[str, ...]) -> dict[str, str]:
    """Return a row's fields as its form shows them."""
    found = {name: getattr(row, name, None) for name in names}
    found["cost"] = f"{Decimal(row.cost_minor) / 100:.2f}".replace(".", ",")  # type: ignore[attr-defined]
    return {
        name: value.isoformat() if isinstance(value, date) else str(value or "")
        for name, value in found.items()
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    try:
        value = Decimal(text.replace(",", ".")) * 100
        return int(value) if value == value.to_integral_value() else None
    except (InvalidOperation, OverflowError, ValueError):
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None
