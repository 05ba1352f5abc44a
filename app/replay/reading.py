"""Read the year's lines and sort out what is an order, a sale, a return, or no business at all.

The data is dirty because it is real: postage and bank charges between the goods, prices of 0,
breakages as negative sales, and test articles. Every line ends up played or refused with a reason.
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kit import clock
from kit.errors import Invalid

COLUMNS = ["invoice", "sku", "quantity", "invoiced_at", "unit_price_gbp", "customer", "country"]
# Codes that are services, fees and tests, not goods (five digits and a letter or two are goods, as
# are the DCGS and SP articles).
_NOT_GOODS = re.compile(
    r"^(POST|M|DOT|C2|C3|D|S|B|ADJUST2?|BANK CHARGES|AMAZONFEE|TEST\d+|PADS|CRUK|GIFT.*)$"
)
# One line moves at most this much; what is beyond is a slip of the keyboard or a wholesale deal
# that no parcel service takes.
MOST_UNITS = 5_000


@dataclass(frozen=True)
class SourceLine:
    """A line as it stands in the file; `quantity` as signed there, the price in minor units."""

    number: int
    sku: str
    quantity: int
    unit_minor: int


@dataclass
class Invoice:
    """The lines of an invoice, with who and when. `at` is the shop's time."""

    number: str
    at: datetime
    customer: str
    lines: list[SourceLine] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """``return``, ``adjustment``, ``web_order`` (the customer is known) or ``till_sale``."""
        if self.number.startswith("C"):
            return "return"
        if self.number.startswith("A"):
            return "adjustment"
        return "web_order" if self.customer else "till_sale"


@dataclass(frozen=True)
class Refusal:
    """A line that is not played, with the reason by name."""

    line: int
    sku: str
    quantity: int
    reason: str


def invoices(path: Path) -> Iterator[Invoice]:
    """Yield the invoices of a file in the order of their time, each with all its lines.

    Raises:
        Invalid: ``import_header`` or ``import_line`` with the line's number; nothing was played
            beyond the invoices already yielded.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        header = next(reader, [])
        if header != COLUMNS:
            raise Invalid("import_header", expected=COLUMNS, found=header)
        yield from _grouped(reader)


def _grouped(rows: Iterable[list[str]]) -> Iterator[Invoice]:
    # An invoice's lines may be interrupted by another's within the day: a day is read as a whole.
    today: dict[str, Invoice] = {}
    for number, row in enumerate(rows, start=2):
        invoice, line = _parsed(number, row)
        first = next(iter(today.values()), None)
        if first is not None and first.at.date() != invoice.at.date():
            yield from today.values()
            today = {}
        today.setdefault(invoice.number, invoice).lines.append(line)
    yield from today.values()


def _parsed(number: int, row: list[str]) -> tuple[Invoice, SourceLine]:
    try:
        invoice, sku, quantity, invoiced_at, price, customer, _country = row
        at = datetime.fromisoformat(invoiced_at).replace(tzinfo=clock.BERLIN)
        unit_minor = int((Decimal(price) * 100).to_integral_value())
        line = SourceLine(number, sku.strip().upper(), int(quantity), unit_minor)
    except (ValueError, InvalidOperation) as error:
        raise Invalid("import_line", line=number, row=row, why=str(error)) from None
    if not invoice or not sku.strip():
        raise Invalid("import_line", line=number, row=row, why="invoice or SKU is missing")
    return Invoice(invoice, at, customer), line


def playable(invoice: Invoice) -> tuple[list[SourceLine], list[Refusal]]:
    """Return the lines of an invoice that are business in goods, and the others with their reason.

    Lines of one SKU at one price are added up. A return's quantities come out positive.
    """
    sign = -1 if invoice.kind == "return" else 1
    good: dict[tuple[str, int], SourceLine] = {}
    refused = []
    for line in invoice.lines:
        reason = _why_not(invoice, line, sign)
        if reason:
            refused.append(Refusal(line.number, line.sku, line.quantity, reason))
            continue
        known = good.get((line.sku, line.unit_minor))
        units = sign * line.quantity + (known.quantity if known else 0)
        good[line.sku, line.unit_minor] = SourceLine(
            known.number if known else line.number, line.sku, units, line.unit_minor
        )
    return list(good.values()), refused


def _why_not(invoice: Invoice, line: SourceLine, sign: int) -> str | None:
    if invoice.kind == "adjustment":
        return "adjustment"
    if _NOT_GOODS.match(line.sku):
        return "not_goods"
    if sign * line.quantity <= 0:
        return "breakage" if sign > 0 else "positive_in_return"
    if line.unit_minor <= 0:
        return "no_price"
    if abs(line.quantity) > MOST_UNITS:
        return "too_many_units"
    return None
