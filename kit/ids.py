"""Identifiers: sortable row ids, references that people read aloud, and check digits."""

import os
import secrets
import time
import uuid

# Crockford's base 32: no I, L, O, U, so that a reference survives a telephone call.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562): sortable by creation time, made without the database."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def reference(prefix: str, length: int = 6) -> str:
    """Return a random reference such as ``K-7F3KQ2`` that can be read aloud."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def secret_token() -> str:
    """Return an unguessable URL-safe token of 192 bits."""
    return secrets.token_urlsafe(24)


def mod10_check_digit(digits: str) -> int:
    """Return the GS1 check digit (weights 3 and 1 from the right) of `digits`.

    Source: GS1 General Specifications, section 7.9; the same rule serves GTIN, GLN and SSCC.

    Raises:
        ValueError: `digits` holds anything but 0-9.
    """
    if not digits.isascii() or not digits.isdigit():
        raise ValueError("only digits have a check digit")
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -total % 10


def has_mod10_check_digit(number: str) -> bool:
    """Tell whether the last digit of `number` is the GS1 check digit of those before it."""
    return (
        len(number) > 1
        and number.isascii()
        and number.isdigit()
        and mod10_check_digit(number[:-1]) == int(number[-1])
    )
