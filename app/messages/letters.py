"""Letters: mails that can only be written from facts that are true.

Each kind of letter is a dataclass of facts that knows whether they carry it (`check`). The gate
asks it, and compares the facts with the books: there is no way to say "shipped" without a shipment
that was handed over and holds ordered lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from app.messages import writing
from app.messages.models import Message
from app.messages.said import Untrue
from app.messages.writing import Draft, site

__all__ = ["Letter", "LineFact", "OrderFact", "ParcelFact", "Untrue", "site", "write"]


@dataclass(frozen=True)
class LineFact:
    """Units of an article as the customer ordered it; money in minor units."""

    sku: str
    title: str
    quantity: int
    line_minor: int = 0


@dataclass(frozen=True)
class ParcelFact:
    """A parcel as the customer is told of it; with `collect` they fetch it at `origin`.

    `age_checked`: whoever brings it looks at the receiver's age.
    """

    origin: str
    origin_kind: str
    lines: tuple[LineFact, ...]
    arrives_on: date
    handed_over: bool
    tracking_code: str | None = None
    carrier: str | None = None
    has_card: bool = False
    collect: bool = False
    age_checked: bool = False


@dataclass(frozen=True)
class LaterFact:
    """Units of an article that arrive on another day than the customer was told."""

    sku: str
    title: str
    quantity: int
    told_on: date
    arrives_on: date


@dataclass(frozen=True)
class OrderFact:
    """What letters and calls say of an order; money in minor units, `address` as on the label.

    `collect_in` names the store where it is collected, `to_pay_minor` is what is paid there when it
    is handed over; `page` is the kind of its secret page;
    `contact_by` is how the customer wants to be told.
    """

    ref: str
    token: str
    email: str | None
    phone: str | None
    language: str
    address: Mapping[str, Any]
    placed_at: datetime
    promised_on: date | None
    shipping_minor: int
    total_minor: int
    collect_in: str | None = None
    page: str = "bestellung"
    contact_by: str = "mail"
    to_pay_minor: int = 0


@dataclass(frozen=True)
class Letter:
    """Base of all letters; `kind` is its name in `kinds.KINDS`."""

    kind: ClassVar[str]
    # Whether it speaks of goods that are still to come, and so of the day that was promised.
    quotes_promise: ClassVar[bool] = True
    order: OrderFact

    def check(self) -> None:
        """Look whether the facts carry the letter, by themselves; the gate asks.

        Raises:
            Untrue: they do not.
        """


@dataclass(frozen=True)
class OrderPlacedLetter(Letter):
    """We have your order, what it holds and costs, when it comes (section 312i BGB)."""

    kind: ClassVar[str] = "order_placed"
    lines: tuple[LineFact, ...]
    parcels: int


@dataclass(frozen=True)
class OrderConfirmedLetter(Letter):
    """The payment has arrived; from where and when the goods come."""

    kind: ClassVar[str] = "order_confirmed"
    lines: tuple[LineFact, ...]
    parcels: tuple[ParcelFact, ...]


@dataclass(frozen=True)
class DebitAskedLetter(Letter):
    """The bank was asked for the money and takes days; the goods are kept until a day."""

    kind: ClassVar[str] = "debit_asked"
    quotes_promise: ClassVar[bool] = False
    lines: tuple[LineFact, ...]
    amount_minor: int
    until_on: date


@dataclass(frozen=True)
class OrderLapsedLetter(Letter):
    """Nobody paid; the order is closed and nothing will be charged."""

    kind: ClassVar[str] = "order_lapsed"
    quotes_promise: ClassVar[bool] = False
    lines: tuple[LineFact, ...]


@dataclass(frozen=True)
class SplitLetter(Letter):
    """The order now comes otherwise than was said: in how many parcels, what is in which, when."""

    kind: ClassVar[str] = "split"
    parcels: tuple[ParcelFact, ...]
    cancelled: tuple[LineFact, ...]
    refunded_minor: int

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.parcels and not self.cancelled:
            raise Untrue("a change without parcels or cancelled lines is none")
        if any(not parcel.lines for parcel in self.parcels):
            raise Untrue("an empty parcel is none")


@dataclass(frozen=True)
class LaterLetter(SplitLetter):
    """What the customer waits for arrives later than was said; `here` says if it is there now."""

    kind: ClassVar[str] = "later"
    later: tuple[LaterFact, ...]
    here: bool

    def check(self) -> None:
        """See `Letter.check`."""
        if any(not parcel.lines for parcel in self.parcels):
            raise Untrue("an empty parcel is none")
        if not self.later:
            raise Untrue("nothing is later than was said")
        if any(line.arrives_on <= line.told_on for line in self.later):
            raise Untrue("what keeps its day is not late")


@dataclass(frozen=True)
class ChangedLetter(SplitLetter):
    """We send it otherwise than was said; `later` holds what arrives after the day that was told.

    It says nothing of why: a person decided so, and no article was missing.
    """

    kind: ClassVar[str] = "changed"
    later: tuple[LaterFact, ...]

    def check(self) -> None:
        """See `Letter.check`."""
        super().check()
        if any(line.arrives_on <= line.told_on for line in self.later):
            raise Untrue("what keeps its day is not late")


@dataclass(frozen=True)
class ShippedLetter(Letter):
    """These parcels are on their way, with this in them; this is still to come.

    `before` left earlier and was told of then; it counts in "parcel 2 of 3".
    """

    kind: ClassVar[str] = "shipped"
    parcels: tuple[ParcelFact, ...]
    still_to_come: tuple[ParcelFact, ...]
    before: tuple[ParcelFact, ...] = ()

    @property
    def count(self) -> int:
        """How many parcels the order has."""
        return len(self.before) + len(self.parcels) + len(self.still_to_come)

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.parcels:
            raise Untrue("nothing was shipped")
        for parcel in self.parcels:
            if not parcel.handed_over or not parcel.lines:
                raise Untrue("shipped means handed over with ordered goods in it")


def write(
    session: Session, letter: Letter, *, key: str, attachments: Sequence[Mapping[str, Any]] = ()
) -> Message | None:
    """Write a letter in the customer's language, by the channel that they prefer.

    Args:
        session: the transaction of the change that it tells of.
        letter: what there is to say.
        key: names the cause once; a second letter with the same key is not written.
        attachments: see `Message`.

    Returns:
        The message; None when it was written before, nobody can get it, or it is not true.
    """
    return writing.put(session, draft(letter, attachments), key=key)


def admits(session: Session, letter: Letter, *, key: str) -> bool:
    """Tell whether a letter may be read out on the telephone; a lie is refused like a written one.

    Args:
        session: the transaction of the change that it tells of.
        letter: what there is to say.
        key: names the cause once.
    """
    return writing.admits(session, draft(letter), key=f"{key}/call"[:128])


def draft(letter: Letter, attachments: Sequence[Mapping[str, Any]] = ()) -> Draft:
    """Return a letter as what is to be written."""
    order = letter.order
    return Draft(
        kind=letter.kind,
        recipient=order.email,
        language=order.language,
        context={"letter": letter, "order": order, "order_url": order_url(order)},
        facts=stored_facts(letter),
        phone=order.phone,
        channel=order.contact_by,
        letter=letter,
        promised_on=order.promised_on if letter.quotes_promise else None,
        about=order.ref,
        order_ref=order.ref,
        attachments=attachments,
    )


def order_url(order: OrderFact) -> str:
    """Return the secret link to the order's page, in the customer's language."""
    return f"{site(order.language)}/{order.page}/{order.ref}?t={order.token}"


def stored_facts(letter: Letter) -> dict[str, Any]:
    """Return what a letter was made from as plain JSON, to be shown beside it later."""
    plain = {name: value for name, value in vars(letter).items() if name != "order"}
    return {name: _plain(value) for name, value in plain.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(inner) for name, inner in asdict(value).items()}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
