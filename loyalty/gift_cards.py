"""Gift cards and goodwill vouchers: an append-only ledger per card, and the balance beside it.

They are multi-purpose vouchers: issuing one is no sale and bears no VAT; the goods paid with it do
(section 3 (15) UStG). Every entry has a key that names its cause; a key books once, however often
and from however many connections it comes. The card's row makes two who pay with it wait for each
other, and a CHECK keeps the balance from falling below zero.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id
from loyalty import gift_card_codes
from loyalty.models import GiftCard, GiftCardEntry

KINDS = ("sold", "goodwill")
MOST_MINOR = 100_000
VALID_YEARS = 3


@dataclass(frozen=True)
class CardView:
    """A gift card as others know it; `ending` are the last four characters of its code."""

    id: uuid.UUID
    ending: str
    kind: str
    issued_minor: int
    balance_minor: int
    issued_at: datetime
    expires_on: date

    @property
    def expired(self) -> bool:
        """Whether its time is over by the shop's calendar."""
        return clock.today() > self.expires_on


@dataclass(frozen=True)
class Entry:
    """A line of a card's account; negative where it paid."""

    amount_minor: int
    cause: str
    document: str
    actor: str
    entered_at: datetime


@dataclass(frozen=True)
class Drift:
    """A balance that does not agree with its entries."""

    card_id: uuid.UUID
    booked: int
    summed: int


def expires_on(issued: date) -> date:
    """Return the last day of a card: three years from the end of the year in which it was issued.

    Source: sections 195 and 199 BGB, the general limitation period.
    """
    return date(issued.year + VALID_YEARS, 12, 31)


def issue(
    session: Session, amount_minor: int, *, kind: str, document: str, actor: str, key: str
) -> tuple[CardView, str | None]:
    """Issue a card and return it with its code, which nobody can read again afterwards.

    Args:
        session: an open transaction.
        amount_minor: 1 cent to 1,000 euros, minor units.
        kind: ``sold`` or ``goodwill``.
        document: the receipt or the reason.
        actor: who issues it.
        key: names the cause for good; a second time returns the same card without its code.

    Raises:
        Invalid: ``gift_card_amount`` or ``gift_card_kind``.
    """
    if type(amount_minor) is not int or not 0 < amount_minor <= MOST_MINOR:
        raise Invalid("gift_card_amount", amount_minor=amount_minor, most=MOST_MINOR)
    if kind not in KINDS:
        raise Invalid("gift_card_kind", kind=kind)
    known = session.scalar(select(GiftCardEntry.card_id).where(GiftCardEntry.key == key))
    if known is not None:
        return one(session, known), None
    code = gift_card_codes.draw()
    now = clock.now()
    row = GiftCard(
        id=new_id(),
        code_hash=gift_card_codes.hashed(code),
        ending=code[-4:],
        kind=kind,
        issued_minor=amount_minor,
        balance_minor=amount_minor,
        issued_at=now,
        expires_on=expires_on(clock.today()),
        changed_at=now,
    )
    session.add(row)
    session.flush()
    session.add(_entry(row.id, amount_minor, "issued", document, actor, key))
    session.flush()
    return _view(row), gift_card_codes.shown(code)


def by_code(session: Session, typed: str) -> CardView:
    """Return the card behind a typed code.

    Raises:
        Invalid: ``gift_card_code``.
        NotFound: ``gift_card``.
    """
    wanted = gift_card_codes.hashed(gift_card_codes.normal(typed))
    row = session.scalar(select(GiftCard).where(GiftCard.code_hash == wanted))
    if row is None:
        raise NotFound("gift_card")
    return _view(row)


def one(session: Session, card_id: uuid.UUID, *, lock: bool = False) -> CardView:
    """Return a card as it stands; with `lock`, nobody else pays with it until the end.

    Raises:
        NotFound: ``gift_card``.
    """
    row = session.get(GiftCard, card_id, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise NotFound("gift_card")
    return _view(row)


def usable_minor(card: CardView) -> int:
    """Return what can be paid with a card today."""
    return 0 if card.expired else card.balance_minor


def redeem(
    session: Session, card_id: uuid.UUID, amount_minor: int, *, document: str, actor: str, key: str
) -> bool:
    """Pay with a card, in full or in part, once per key.

    Args:
        session: the transaction of what is paid.
        card_id: which card.
        amount_minor: at least 1.
        document: the order or receipt that it pays.
        actor: who takes it.
        key: names the payment for good.

    Returns:
        True where this call paid, False where the key had been booked before.

    Raises:
        Invalid: ``gift_card_amount``.
        NotFound: ``gift_card``.
        Refused: ``gift_card_expired``, ``gift_card_short`` with what is left on it, or
            ``gift_card_key_reused``: the key stands for another card or sum.
    """
    _positive(amount_minor)
    card = one(session, card_id, lock=True)
    if _booked(session, card_id, -amount_minor, key):
        return False
    if card.expired:
        raise Refused("gift_card_expired", expires_on=card.expires_on.isoformat())
    if card.balance_minor < amount_minor:
        raise Refused("gift_card_short", asked=amount_minor, left_minor=card.balance_minor)
    _book(session, _entry(card_id, -amount_minor, "redeemed", document, actor, key))
    return True


def put_back(
    session: Session, card_id: uuid.UUID, amount_minor: int, *, document: str, actor: str, key: str
) -> bool:
    """Put back on a card what it paid, once per key; never more than it was issued with.

    Takes and raises what `redeem` does. An expired card takes it too: whether it can be spent is
    another question, and for the back office.

    Raises:
        Refused: ``gift_card_full``: more would be on it than it was issued with.
    """
    _positive(amount_minor)
    card = one(session, card_id, lock=True)
    if _booked(session, card_id, amount_minor, key):
        return False
    if card.balance_minor + amount_minor > card.issued_minor:
        raise Refused("gift_card_full", asked=amount_minor, issued_minor=card.issued_minor)
    _book(session, _entry(card_id, amount_minor, "returned", document, actor, key))
    return True


def write_off_due(session: Session, limit: int = 200) -> int:
    """Write off what is left on cards whose time is over; return how many cards that were.

    Each card once (its key): what is refunded to it afterwards is not taken again, because whoever
    gets money back for goods has a claim of their own. The back office pays that out.

    Args:
        session: an open transaction.
        limit: so many cards at most, so that no row is held for long.
    """
    done = exists().where(GiftCardEntry.card_id == GiftCard.id, GiftCardEntry.cause == "expired")
    query = (
        select(GiftCard.id)
        .where(GiftCard.expires_on < clock.today(), GiftCard.balance_minor > 0, ~done)
        .order_by(GiftCard.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = session.scalars(query).all()
    for card_id in due:
        card = one(session, card_id, lock=True)
        left = -card.balance_minor
        _book(session, _entry(card_id, left, "expired", "expiry", "kontor", f"expired/{card_id}"))
    return len(due)


def entries(session: Session, card_id: uuid.UUID) -> list[Entry]:
    """Return a card's account, oldest first."""
    query = select(GiftCardEntry).where(GiftCardEntry.card_id == card_id).order_by(GiftCardEntry.id)
    return [
        Entry(row.amount_minor, row.cause, row.document, row.actor, row.entered_at)
        for row in session.scalars(query)
    ]


def outstanding_minor(session: Session) -> int:
    """Return what is on all cards together: what the shop still owes."""
    return session.scalar(select(func.coalesce(func.sum(GiftCard.balance_minor), 0))) or 0


def drift(session: Session) -> list[Drift]:
    """Return the cards whose balance does not agree with their entries; empty is well."""
    summed: Any = func.coalesce(func.sum(GiftCardEntry.amount_minor), 0)
    query = (
        select(GiftCard.id, GiftCard.balance_minor, summed)
        .outerjoin(GiftCardEntry, GiftCardEntry.card_id == GiftCard.id)
        .group_by(GiftCard.id)
        .having(GiftCard.balance_minor != summed)
        .order_by(GiftCard.id)
    )
    return [Drift(row[0], int(row[1]), int(row[2])) for row in session.execute(query)]


def _positive(amount_minor: int) -> None:
    if type(amount_minor) is not int or amount_minor <= 0:
        raise Invalid("gift_card_amount", amount_minor=amount_minor)


def _booked(session: Session, card_id: uuid.UUID, amount_minor: int, key: str) -> bool:
    known = session.execute(
        select(GiftCardEntry.card_id, GiftCardEntry.amount_minor).where(GiftCardEntry.key == key)
    ).one_or_none()
    if known is not None and tuple(known) != (card_id, amount_minor):
        raise Refused("gift_card_key_reused", key=key)
    return known is not None


def _book(session: Session, entry: GiftCardEntry) -> None:
    row = session.get_one(GiftCard, entry.card_id)
    row.balance_minor += entry.amount_minor
    row.changed_at = clock.now()
    session.add(entry)
    session.flush()


def _entry(
    card_id: uuid.UUID, amount_minor: int, cause: str, document: str, actor: str, key: str
) -> GiftCardEntry:
    return GiftCardEntry(
        card_id=card_id,
        amount_minor=amount_minor,
        cause=cause,
        document=document,
        actor=actor,
        entered_at=clock.now(),
        key=key,
    )


def _view(row: GiftCard) -> CardView:
    return CardView(**{name: getattr(row, name) for name in CardView.__dataclass_fields__})
