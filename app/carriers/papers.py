"""Papers of our own for a parcel: label with SSCC, packing slip, card.

Nothing here asks a database: what stands on them is given.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import segno

from app import press
from app.carriers import code128


@dataclass(frozen=True)
class Address:
    """Who and where; `rows` are the lines between name and town."""

    name: str
    rows: tuple[str, ...]
    postal_code: str
    city: str


@dataclass(frozen=True)
class LabelFacts:
    """What stands on a label; `sender` has name, street, postal_code and city."""

    sscc: str
    ref: str
    sender: Mapping[str, str]
    to: Address
    carrier: str
    service: str
    count: str
    weight: str
    wish: str
    made_on: str
    language: str
    words: Mapping[str, str]


def label(facts: LabelFacts) -> bytes:
    """Print a label of 100 × 150 mm with the SSCC as GS1-128."""
    data = {**asdict(facts), "sscc_shown": shown(facts.sscc)}
    return press.paper("label", data, {"bars.svg": code128.of_sscc(facts.sscc).encode()})


def shown(sscc: str) -> str:
    """Return an SSCC as people read it: ``(00) 0 9521234 000000001 2``."""
    return f"(00) {sscc[0]} {sscc[1:8]} {sscc[8:17]} {sscc[17]}"


def packing_slip(
    words: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]],
) -> bytes:
    """Print what is in a parcel and what comes separately.

    Args:
        words: `made_on`, `language`, `seller`, `lead`, `here`, `foot`, `words.title`.
        lines: quantity, title, sku, lots.
        others: per parcel title, when, lines (quantity, title).
    """
    return press.paper("packing_slip", {**words, "lines": list(lines), "others": list(others)})


def card(*, title: str, text: str, url: str, seller: str, language: str, made_on: str) -> bytes:
    """Print the card of a campaign with its QR code."""
    data = {"title": title, "text": text, "url": url, "seller": seller, "language": language}
    return press.paper("card", {**data, "made_on": made_on}, {"qr.svg": qr(url).encode()})


def qr(text: str) -> str:
    """Return a QR code as SVG."""
    drawing = io.BytesIO()
    segno.make(text, error="m").save(drawing, kind="svg", xmldecl=False, svgns=True, scale=4)
    return drawing.getvalue().decode()
