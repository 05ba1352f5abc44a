"""Letters: mails that can only be written from facts that are true.

Each kind of letter is a dataclass whose constructor refuses facts that do not carry it: there is no
way to say "shipped" without a shipment that was handed over and holds ordered lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.messages.models import Message
from kit import clock, events


@dataclass(frozen=True)
class LineFact:
    """Units of an article as the customer ordered it; money in minor units."""

    sku: str
    title: str
    quantity: int
    line_minor: int = 0


@dataclass(frozen=True)
class ParcelFact:
    """A parcel as the customer is told of it; with `collect` they fetch it at `origin`."""

    origin: str
    origin_kind: str
    lines: tuple[LineFact, ...]
    arrives_on: date
    handed_over: bool
    tracking_code: str | None = None
    carrier: str | None = None
    has_card: bool = False
    collect: bool = False


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

    `collect_in` names the store where it is collected; `page` is the kind of its secret page.
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


class Untrue(ValueError):
    """A letter was to say something that its facts do not support."""


@dataclass(frozen=True)
class Letter:
    """Base of all letters; `kind` names the templates ``mail/<kind>.txt`` and ``.html``."""

    kind: ClassVar[str]
    order: OrderFact


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
class OrderLapsedLetter(Letter):
    """Nobody paid; the order is closed and nothing will be charged."""

    kind: ClassVar[str] = "order_lapsed"
    lines: tuple[LineFact, ...]


@dataclass(frozen=True)
class SplitLetter(Letter):
    """The order now comes otherwise than was said: in how many parcels, what is in which, when."""

    kind: ClassVar[str] = "split"
    parcels: tuple[ParcelFact, ...]
    cancelled: tuple[LineFact, ...]
    refunded_minor: int

    def __post_init__(self) -> None:
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

    def __post_init__(self) -> None:
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(line.arrives_on <= line.told_on for line in self.later):
            raise Untrue("what keeps its day is not late")


@dataclass(frozen=True)
class ShippedLetter(Letter):
    """These parcels are on their way, with this in them; this is still to come."""

    kind: ClassVar[str] = "shipped"
    parcels: tuple[ParcelFact, ...]
    still_to_come: tuple[ParcelFact, ...]

    def __post_init__(self) -> None:
        if not self.parcels:
            raise Untrue("nothing was shipped")
        for parcel in self.parcels:
            if not parcel.handed_over or not parcel.lines:
                raise Untrue("shipped means handed over with ordered goods in it")


def write(
    session: Session, letter: Letter, *, key: str, attachments: Sequence[Mapping[str, Any]] = ()
) -> Message | None:
    """Render a letter in the customer's language and put it on its way.

    Args:
        key: names the cause once; a second letter with the same key is not written.
        attachments: see `Message`.

    Returns:
        The message, or None when it was written before or the order has no mail address.
    """
    order = letter.order
    if not order.email or session.scalar(select(Message.id).where(Message.key == key)):
        return None
    with force_locale(order.language):
        facts = {"letter": letter, "order": order, "order_url": order_url(order)}
        body_text = render_template(f"mail/{letter.kind}.txt", **facts)
        body_html = render_template(f"mail/{letter.kind}.html", **facts)
    # The first line of the text is the subject: one source for both.
    subject, _, rest = body_text.strip().partition("\n")
    message = Message(
        order_ref=order.ref,
        kind=letter.kind,
        recipient=order.email,
        subject=subject.strip(),
        body_text=rest.strip() + "\n",
        body_html=body_html,
        facts=stored_facts(letter),
        attachments=[dict(one) for one in attachments],
        created_at=clock.now(),
        attempts=0,
        key=key,
    )
    session.add(message)
    session.flush()
    events.record(session, MessageWritten(message_id=str(message.id)))
    return message


def order_url(order: OrderFact) -> str:
    """Return the secret link to the order's page."""
    return f"{current_app.config['KONTOR'].public_url}/{order.page}/{order.ref}?t={order.token}"


def site() -> str:
    """Return the address of the shop, without a slash at its end."""
    return str(current_app.config["KONTOR"].public_url)


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
