"""The test cards that are modelled. Source: Stripe documentation, "Test card numbers"."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One documented test card: what it does when it is charged."""

    number: str
    token: str
    label: str
    decline: str | None = None
    challenge: bool = False

    @property
    def last4(self) -> str:
        """The digits a receipt may show."""
        return self.number[-4:]

    @property
    def brand(self) -> str:
        """The scheme, by the first digits."""
        if self.number.startswith("4"):
            return "visa"
        if self.number.startswith(("34", "37")):
            return "amex"
        return "mastercard"


# The decline codes follow "Decline codes". Both 3-D Secure cards ask on every payment made
# with the customer present: 3155 only drops the question for off-session payments after set-up.
CARDS = (
    Card("4242424242424242", "pm_card_visa", "succeeds"),
    Card("5555555555554444", "pm_card_mastercard", "succeeds"),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", "declined", "generic_decline"),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "insufficient",
        "insufficient_funds",
    ),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", "challenge", None, True),
    Card("4000002760003184", "pm_card_authenticationRequired", "challenge", None, True),
    Card(
        "4000008400001629",
        "pm_card_authenticationRequiredChargeDeclined",
        "challenge_declined",
        "generic_decline",
        True,
    ),
)
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TOKEN = {card.token: card for card in CARDS}

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
}


def by_token(token: str) -> Card | None:
    """The card behind a test PaymentMethod such as `pm_card_visa`."""
    return _BY_TOKEN.get(token)


def by_number(number: str) -> Card | None:
    """The card with this number, or None: real numbers are never accepted here."""
    return _BY_NUMBER.get(digits(number))


def digits(text: str) -> str:
    """The number without the spaces and dashes people type."""
    return re.sub(r"[\s-]", "", text)


def luhn(number: str) -> bool:
    """Whether the check digit holds (ISO/IEC 7812-1, annex B)."""
    if not re.fullmatch(r"[0-9]{12,19}", number):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        total += sum(divmod(int(digit) * (2 if place % 2 else 1), 10))
    return total % 10 == 0


def problem(number: str, expiry: str, cvc: str) -> str | None:
    """What is wrong with the typed card, as an error code of "Error codes", or None."""
    plain = digits(number)
    if not luhn(plain):
        return "incorrect_number"
    match = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/\s*([0-9]{2}|20[0-9]{2})\s*", expiry)
    if not match:
        return "invalid_expiry_month"
    today = time.gmtime()
    year = int(match.group(2)) % 100 + 2000
    if (year, int(match.group(1))) < (today.tm_year, today.tm_mon):
        return "expired_card"
    if not re.fullmatch(
        r"[0-9]{4}" if plain.startswith(("34", "37")) else r"[0-9]{3}", cvc.strip()
    ):
        return "invalid_cvc"
    if plain not in _BY_NUMBER:
        return "not_a_test_card"
    return None
