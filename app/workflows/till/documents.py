"""What a till posts: plain values, what makes them whole in themselves, and their digest."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from kit.errors import Invalid

TENDER_METHODS = (
    "cash", "card_terminal", "gift_card", "voucher", "original", "rounding", "imported",
)  # fmt: skip
ROUNDING = "rounding"
MOST_ROUNDED = 4
"""What cash may be rounded by, minor units: the largest coin that it is rounded to has five."""
DISPOSITIONS = ("shelf", "inspect", "scrap")
LONGEST_ID = 64
MOST_MINOR = 1_000_000_000  # ten million euros; the columns hold twice as much
MOST_NUMBER = 999_999_999

# What says nothing is no part of the digest: a document from before a field was known is the same.
_ALWAYS = {"sale_id", "lines", "tenders", "customer_number", "sold_at", "sku", "quantity",
           "unit_minor", "method", "amount_minor", "ref"}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What the till took off a line because of a promotion, minor units."""

    ref: str
    amount_minor: int


@dataclass(frozen=True)
class Discount:
    """What a person took off a line, why, and who allowed it where that was somebody else."""

    amount_minor: int
    reason: str
    approved_by: str | None = None


@dataclass(frozen=True)
class SaleLine:
    """A SKU, how many, and the unit price that the till charged (gross, minor units).

    `promotions` and `discount` are taken off the line, beside the unit price. `lot` is the lot or
    serial number, where the till has read it. `home`: it is sent, not taken along. `title` and
    `vat_basis_points` are what the till knew, for goods that the books know no more.
    """

    sku: str
    quantity: int
    unit_minor: int
    lot: str | None = None
    promotions: tuple[Given, ...] = ()
    discount: Discount | None = None
    age_checked: bool | None = None
    home: bool = False
    title: str | None = None
    vat_basis_points: int | None = None

    @property
    def discount_minor(self) -> int:
        """What is taken off the line."""
        by_hand = self.discount.amount_minor if self.discount else 0
        return sum(one.amount_minor for one in self.promotions) + by_hand

    @property
    def line_minor(self) -> int:
        """What the line costs."""
        return self.quantity * self.unit_minor - self.discount_minor


@dataclass(frozen=True)
class ReturnPart:
    """Units of a line of an order or receipt that come back, and what the till gives for them.

    `order_ref` is an order's reference, a receipt's number or a sale's id; `line_id` the line's id
    or its place, from 1.
    """

    order_ref: str
    line_id: str
    quantity: int
    amount_minor: int
    disposition: str = "shelf"
    reason: str = ""
    lot: str | None = None
    sku: str | None = None
    title: str | None = None
    vat_basis_points: int | None = None


@dataclass(frozen=True)
class Tender:
    """A part of the payment; cash is what stays in the drawer, change already taken off.

    Below 0 it goes out: `cash` from the drawer, `original` to what had paid. `code` is that of a
    gift card, and belongs to no other method.
    """

    method: str
    amount_minor: int
    code: str | None = None
    given_minor: int | None = None
    card_payment_id: str | None = None


@dataclass(frozen=True)
class Send:
    """Where goods go that are not taken along."""

    name: str
    street: str
    postal_code: str
    city: str
    email: str
    phone: str | None = None


@dataclass(frozen=True)
class Collecting:
    """An order from the web that is paid with this document and handed over, and why it may be.

    Beside `ref` as in `app.workflows.pickups.Proof`.
    """

    ref: str
    code: str = ""
    identity: bool = False
    taken_by: str = ""
    signature: str | None = None
    of_age: bool = False


@dataclass(frozen=True)
class Sale:
    """What a till posts. `sold_at` is the till's time; the server's books by its own.

    `receipt_number` is the till's own, gapless; None has the server give one. `offline`: the
    customer has a receipt without signature already. `voids` is the id of a sale that this one
    takes back whole. `collection` is an order that is paid on collection: its lines are the whole
    document. `age_refused` names the SKUs that were not sold because nobody could say that
    the customer is old enough.
    """

    sale_id: str
    lines: Sequence[SaleLine]
    tenders: Sequence[Tender]
    customer_number: str | None = None
    sold_at: datetime | None = None
    promotion_code: str | None = None
    returns: Sequence[ReturnPart] = ()
    receipt_number: int | None = None
    session_id: str | None = None
    cashier: str | None = None
    started_at: datetime | None = None
    offline: bool = False
    training: bool = False
    aborted: bool = False
    parked_id: str | None = None
    send: Send | None = None
    hold_ref: str | None = None
    collection: Collecting | None = None
    basket_code: str | None = None
    voids: str | None = None
    reason: str | None = None
    shipping_minor: int = 0
    age_refused: tuple[str, ...] = ()

    @property
    def lines_minor(self) -> int:
        """The sum of the lines, delivery included."""
        return sum(line.line_minor for line in self.lines) + self.shipping_minor

    @property
    def returns_minor(self) -> int:
        """What is given for what comes back."""
        return sum(part.amount_minor for part in self.returns)

    @property
    def total_minor(self) -> int:
        """What the customer pays; below 0, what is paid to the customer."""
        return self.lines_minor - self.returns_minor

    @property
    def rounding_minor(self) -> int:
        """What the customer did not pay because cash is rounded; below 0, what they paid more."""
        return sum(one.amount_minor for one in self.tenders if one.method == ROUNDING)

    @property
    def paid_in_minor(self) -> int:
        """What is paid in, as far as it pays for goods: what is rounded off counts as paid."""
        given = sum(
            max(0, one.amount_minor) for one in self.tenders if one.method != ROUNDING
        )  # fmt: skip
        return given + self.rounding_minor if self.total_minor > 0 else given

    @property
    def kind(self) -> str:
        """What its receipt is."""
        if self.training:
            return "training"
        if self.aborted:
            return "aborted"
        if self.voids:
            return "void"
        if self.returns:
            return "exchange" if self.lines else "return"
        return "sale"

    def digest(self) -> str:
        """Return a hash of everything that makes the sale what it is.

        `offline` is no part of it: a till that was refused, and whose customer has the receipt
        already, posts the same document once more as one that happened without us.
        """
        facts = {**asdict(self), "offline": False}
        plain = json.dumps(_telling(facts), sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def _telling(facts: Any) -> Any:
    if isinstance(facts, Mapping):
        return {
            name: _telling(value)
            for name, value in facts.items()
            if name in _ALWAYS or value not in (None, False, 0, "", (), [])
        }
    if isinstance(facts, tuple | list):
        return [_telling(one) for one in facts]
    return facts


def plain(sale: Sale) -> dict[str, Any]:
    """Return what was posted as JSON keeps it; codes and signatures are left out."""
    collection = sale.collection and replace(sale.collection, code="", signature=None)
    tenders = tuple(replace(tender, code=None) for tender in sale.tenders)
    hidden = replace(sale, tenders=tenders, collection=collection)
    facts: dict[str, Any] = json.loads(json.dumps(_telling(asdict(hidden)), default=str))
    return facts


def check(sale: Sale) -> None:
    """Pass a sale that is whole in itself.

    Raises:
        Invalid: no lines, a quantity or price below the limits, unknown tender, tenders that do
            not add up, an address without anything to send; ``collection``: an order to be
            collected among other things.
    """
    if not sale.sale_id or len(sale.sale_id) > LONGEST_ID:
        raise Invalid("sale_id", sale_id=sale.sale_id)
    refused = sale.aborted and sale.age_refused
    if not sale.lines and not sale.returns and not sale.voids and not refused:
        raise Invalid("lines_missing")
    if sale.receipt_number is not None and not 0 < sale.receipt_number <= MOST_NUMBER:
        raise Invalid("receipt_number", receipt_number=sale.receipt_number)
    if any(line.home for line in sale.lines) != (sale.send is not None):
        raise Invalid("send")
    beside = sale.returns or sale.send or sale.hold_ref or sale.basket_code
    if sale.collection and (beside or not sale.lines):
        raise Invalid("collection")
    for line in sale.lines:
        _check_line(line)
    for part in sale.returns:
        _check_return(part)
    if max(sale.lines_minor, sale.returns_minor) > MOST_MINOR:
        raise Invalid("total_minor", total_minor=sale.total_minor, most=MOST_MINOR)
    _check_tenders(sale)


def _check_tenders(sale: Sale) -> None:
    for tender in sale.tenders:
        _check_tender(tender)
    if sale.aborted:
        if sale.tenders or sale.returns or sale.send:
            raise Invalid("tenders_differ", total_minor=0, tendered_minor=len(sale.tenders))
        return
    in_cash = any(tender.method == "cash" for tender in sale.tenders)
    if sale.rounding_minor and (abs(sale.rounding_minor) > MOST_ROUNDED or not in_cash):
        raise Invalid("tender", method=ROUNDING, amount_minor=sale.rounding_minor)
    paid = sum(tender.amount_minor for tender in sale.tenders)
    # Who pays twice and gets back twice did not pay: nothing is paid in beyond what is sold.
    if paid != sale.total_minor or sale.paid_in_minor > sale.lines_minor:
        raise Invalid("tenders_differ", total_minor=sale.total_minor, tendered_minor=paid)


def _check_line(line: SaleLine) -> None:
    if line.quantity < 1:
        raise Invalid("quantity", sku=line.sku, quantity=line.quantity)
    if line.unit_minor < 0:
        raise Invalid("unit_minor", sku=line.sku, unit_minor=line.unit_minor)
    below = any(one.amount_minor < 0 for one in line.promotions) or (
        line.discount is not None and line.discount.amount_minor < 0
    )
    if line.line_minor < 0 or below:
        raise Invalid("discount", sku=line.sku, discount_minor=line.discount_minor)


def _check_return(part: ReturnPart) -> None:
    if part.quantity < 1:
        raise Invalid("quantity", sku=part.sku or "", quantity=part.quantity)
    if part.disposition not in DISPOSITIONS:
        raise Invalid("disposition", disposition=part.disposition, known=list(DISPOSITIONS))
    if part.amount_minor < 0:
        raise Invalid("return_amount", amount_minor=part.amount_minor)


def _check_tender(tender: Tender) -> None:
    wrong = (
        tender.method not in TENDER_METHODS
        or (tender.method == "original" and tender.amount_minor >= 0)
        or (tender.method in {"gift_card", "voucher", "imported"} and tender.amount_minor < 0)
    )
    if wrong:
        raise Invalid("tender", method=tender.method, amount_minor=tender.amount_minor)
    if (tender.method in {"gift_card", "voucher"}) != bool(tender.code):
        raise Invalid("gift_card_code")
