"""GS1-128: the bars of a Serial Shipping Container Code.

Source: ISO/IEC 15417 (Code 128, code set C), GS1 General Specifications sections 5.4 (GS1-128) and
3.3.1 (AI 00). A symbol is a start, FNC1, digits in pairs, a check symbol modulo 103 and a stop.
"""

import re
from collections.abc import Iterable

# Widths of bar, space, bar, space, bar, space by symbol value; the stop has a bar more.
_WIDTHS = re.findall(
    r"\d+",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232"
    " 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122"
    " 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311"
    " 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113"
    " 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422"
    " 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111"
    " 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121"
    " 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412"
    " 211214 211232 2331112",
)
_START_C, _FNC1, _STOP, _MODULUS = 105, 102, 106, 103
_QUIET = 10
_SSCC_DIGITS = 18


def modules(digits: str) -> list[int]:
    """Return the widths of bars and spaces of a GS1-128 symbol, in modules, a bar first.

    Args:
        digits: an element string of digits only, of even length.

    Raises:
        ValueError: anything else than pairs of digits.
    """
    if not digits or len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(digits)
    values = [_START_C, _FNC1, *(int(digits[at : at + 2]) for at in range(0, len(digits), 2))]
    check = sum(value * max(place, 1) for place, value in enumerate(values)) % _MODULUS
    return [int(width) for value in (*values, check, _STOP) for width in _WIDTHS[value]]


def svg(widths: Iterable[int]) -> str:
    """Draw bars as an SVG of one module per unit, with the quiet zones, one unit high."""
    at, bars = _QUIET, []
    for place, width in enumerate(widths):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    wide = at + _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} 1" width="{wide}" height="1"'
        f' preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{"".join(bars)}"/>'
        "</svg>"
    )


def of_sscc(sscc: str) -> str:
    """Return the bars of an SSCC, with its application identifier 00, as SVG.

    Raises:
        ValueError: not 18 digits.
    """
    if len(sscc) != _SSCC_DIGITS:
        raise ValueError(sscc)
    return svg(modules(f"00{sscc}"))
