"""Money as integer minor units. No floats: every rounding is named here."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def vat_within(gross_minor: int, rate_basis_points: int) -> int:
    """Return the VAT contained in a gross amount, rounded half up to the cent.

    Args:
        gross_minor: gross amount in minor units (may be negative for credits).
        rate_basis_points: 1900 for 19 %.

    Source: German commercial rounding; VAT = gross x rate / (100 % + rate), UStG section 10(1).
    """
    vat = Decimal(gross_minor) * rate_basis_points / (10_000 + rate_basis_points)
    return _rounded(vat)


def share(amount_minor: int, basis_points: int) -> int:
    """Return `basis_points` of an amount (500 = 5 %), rounded half up to the minor unit."""
    return _rounded(Decimal(amount_minor) * basis_points / 10_000)


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts add up exactly (largest remainder first).

    Args:
        amount_minor: minor units; may be negative.
        weights: non-negative, at least one positive.

    Returns:
        One part per weight, in order, summing to `amount_minor`.

    Raises:
        ValueError: the weights are all zero or one is negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if amount_minor < 0 else 1
    amount = abs(amount_minor)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place)
    )
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]
