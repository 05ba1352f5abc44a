"""What people type and scan when goods are ordered, sent and taken in."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from catalog import products
from catalog.views import ItemView
from fulfilment.inbound.purchases import PurchaseView, Wanted
from fulfilment.inbound.transfers import TransferView
from kit.errors import Invalid, KontorError

MOST = 100_000
"""More units of an article in one line than this is a slip of the finger."""
ROWS = 6
_SHORTEST_GTIN = 8
_UNITS = "units:"
_LOTS = "lots:"


def kind_of(document: PurchaseView | TransferView) -> str:
    """Tell a purchase order from a transfer."""
    return "purchase" if isinstance(document, PurchaseView) else "transfer"


def units(typed: str) -> int:
    """Return typed units; nothing typed is 0.

    Raises:
        Invalid: ``units``.
    """
    typed = typed.strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit()) or len(typed) > len(str(MOST)):
        raise Invalid("units", typed=typed)
    if int(typed) > MOST:
        raise Invalid("units", typed=typed)
    return int(typed)


def counts(form: Mapping[str, str]) -> dict[str, int]:
    """Return the units that were typed beside the lines, by SKU; those above 0."""
    typed = {
        name.removeprefix(_UNITS): units(text)
        for name, text in form.items()
        if name.startswith(_UNITS)
    }
    return {sku: count for sku, count in typed.items() if count}


def lots(form: Mapping[str, str], counted: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return the units by lot that were typed beside lines of goods that are kept apart.

    One lot stands for all units of its line; several are typed with theirs, ``A12:4 B13:6``.
    Serial numbers need none: each is one unit.

    Raises:
        Invalid: ``units``.
    """
    typed = {
        name.removeprefix(_LOTS): text.replace(",", " ").split()
        for name, text in form.items()
        if name.startswith(_LOTS)
    }
    found: dict[str, dict[str, int]] = {}
    for sku, words in typed.items():
        if not words or sku not in counted:
            continue
        alone = counted[sku] if len(words) == 1 else 1
        parts = [word.rpartition(":") for word in words]
        found[sku] = {
            (lot if colon else count): (units(count) if colon else alone)
            for lot, colon, count in parts
        }
    return found


def awaited(document: PurchaseView | TransferView) -> dict[str, int]:
    """Return all that is still to come, by SKU."""
    total: dict[str, int] = {}
    for line in document.lines:
        if line.outstanding:
            total[line.sku] = total.get(line.sku, 0) + line.outstanding
    return total


def day(typed: str) -> date | None:
    """Return a typed day; None where none was typed.

    Raises:
        Invalid: ``day``.
    """
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("day", typed=typed) from None


def days(form: Mapping[str, str], document: PurchaseView) -> dict[int, date | None]:
    """Return the days that were typed beside the open lines of an order, by position."""
    return {
        line.position: day(form[f"day:{line.position}"])
        for line in document.lines
        if f"day:{line.position}" in form and line.outstanding
    }


def item_of(session: Session, code: str) -> ItemView:
    """Return the article of a scanned GTIN or a typed SKU.

    Raises:
        NotFound: ``item``.
        Invalid: ``gtin``.
    """
    code = code.strip()
    if code.isascii() and code.isdigit() and len(code) >= _SHORTEST_GTIN:
        return products.by_gtin(session, code)
    return products.item(session, code.upper())


def wanted(session: Session, form: MultiDict[str, str]) -> list[Wanted]:
    """Return the lines of a new document; rows without an article are left out.

    Raises:
        Invalid: ``units``, ``day``; ``item_unknown``: no such article.
    """
    lines = []
    for code, typed, on in rows(form):
        if not code.strip():
            continue
        try:
            item = item_of(session, code)
        except KontorError:
            raise Invalid("item_unknown", typed=code) from None
        if not (quantity := units(typed)):
            raise Invalid("units", typed=typed)
        lines.append(Wanted(item.sku, quantity, day(on)))
    return lines


def rows(form: MultiDict[str, str]) -> list[tuple[str, str, str]]:
    """Return the rows of a form as they were typed, with empty ones after them."""
    codes, typed, on = (form.getlist(name) for name in ("sku", "quantity", "day"))
    filled = [
        (code, _of(typed, place), _of(on, place))
        for place, code in enumerate(codes)
        if code.strip()
    ]
    # Asked for more: as many empty ones as a form begins with.
    empty = ROWS if "more" in form else max(2, ROWS - len(filled))
    return filled + [("", "", "")] * empty


def _of(texts: list[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""
