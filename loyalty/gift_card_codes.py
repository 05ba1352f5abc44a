"""Codes of gift cards: unguessable, with a check character, typed in any spelling.

Sixteen characters of Crockford's base 32 in groups of four. Fifteen are drawn at random (75 bits),
the last is a check character (Luhn mod 32), so that a slip of the finger finds no card instead of
somebody else's. Nobody keeps the code: the books hold its hash.
"""

import hashlib
import secrets

from kit.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
LONGEST_TYPED = 40
# What people write for what they read.
_READ = str.maketrans({"O": "0", "I": "1", "L": "1"})


def draw() -> str:
    """Return a new code without hyphens."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the check character of the characters before it (Luhn mod N, with N = 32)."""
    size = len(ALPHABET)
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // size + value % size
    return ALPHABET[-total % size]


def normal(typed: str) -> str:
    """Return a typed code as it was drawn.

    Raises:
        Invalid: ``gift_card_code``: not sixteen characters, or the check character is wrong. What
            was typed is not among the facts: it may be money.
    """
    code = "".join(typed[:LONGEST_TYPED].split()).replace("-", "").upper().translate(_READ)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Invalid("gift_card_code")
    if check_character(code[:-1]) != code[-1]:
        raise Invalid("gift_card_code")
    return code


def shown(code: str) -> str:
    """Return a code as it is printed: ``7F3K-Q2XM-…``."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def hashed(code: str) -> str:
    """Return what the books keep of a normal code; 75 random bits need no salt."""
    return hashlib.sha256(code.encode()).hexdigest()
