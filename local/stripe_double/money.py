"""Amounts as the API takes them and as people read them."""

from __future__ import annotations

from .errors import invalid
from .form import Params

# Source: "Supported currencies", minimum charge amounts: €0.50.
SMALLEST = 50
CURRENCIES = ("eur", "gbp", "usd", "chf")
_SIGNS = {"eur": "€", "gbp": "£", "usd": "$", "chf": "CHF "}


def currency_of(params: Params) -> str:
    """The lower-case three-letter code; the model knows those with two decimals it lists."""
    currency = params.text("currency", required=True) or ""
    if currency.lower() not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param=params.name("currency"))
    return currency.lower()


def spoken(amount: int, currency: str) -> str:
    """As Stripe writes it in error messages: `€54.45`."""
    return f"{_SIGNS[currency]}{amount // 100}.{amount % 100:02d}"


def shown(amount: int, currency: str, language: str) -> str:
    """As the page writes it: `1.234,50 €` in German, `€1,234.50` in English."""
    whole = f"{amount // 100:,}"
    if language == "de":
        return f"{whole.replace(',', '.')},{amount % 100:02d}\u00a0{_SIGNS[currency].strip()}"
    return f"{_SIGNS[currency]}{whole}.{amount % 100:02d}"
