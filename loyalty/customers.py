"""Customers by their number: seven digits that a till, a form and a telephone call all know.

The last digit is a check digit, so that a slip of the tongue finds nobody instead of somebody else.
Numbers are drawn at random: they tell nothing about how many customers there are.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, Unpack

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import has_mod10_check_digit, mod10_check_digit
from loyalty.models import Customer, CustomerAddress, KeptGiftCard

STANDARD = "standard"
# How somebody can be told, and what of it needs a telephone.
CONTACT_BY = ("mail", "call", "sms")
BY_PHONE = ("call", "sms")
LENGTH = 7
ATTEMPTS = 20
_SEPARATORS = re.compile(r"[ .\-/\u00a0\u202f]")


@dataclass(frozen=True)
class CustomerView:
    """A customer as other packages know them."""

    number: str
    salutation: str
    name: str
    email: str
    phone: str | None
    street: str
    postal_code: str
    city: str
    price_group: str
    contact_by: str
    home_location: str | None
    language: str
    since_on: date

    @property
    def number_shown(self) -> str:
        """The number as it is printed: ``2 104 881``."""
        return shown(self.number)


class Details(TypedDict, total=False):
    """What `enrol` may know beside name and mail address; each has a sensible default.

    `phone` is E.164; `contact_by` is one of `CONTACT_BY`: how to be told; `since_on` is the shop's
    today where it is left out.
    """

    salutation: str
    phone: str | None
    street: str
    postal_code: str
    city: str
    price_group: str
    contact_by: str
    home_location: str | None
    language: str
    since_on: date


def enrol(
    session: Session,
    *,
    name: str,
    email: str,
    number: str | None = None,
    **details: Unpack[Details],
) -> CustomerView:
    """Make somebody a customer with a number of their own.

    Args:
        session: an open transaction.
        name: as it is to be addressed; must not be empty.
        email: may be empty only where the customer wants to be called.
        number: a number that exists already (cards of an older system), with its check digit; a new
            one is drawn where None.
        details: see `Details`.

    Raises:
        Invalid: ``name``, ``email``, ``phone``, ``contact_by`` or ``customer_number``.
        Refused: ``customer_number_taken``.
    """
    contact_by = details.get("contact_by", "mail")
    if not name.strip():
        raise Invalid("name")
    if contact_by not in CONTACT_BY:
        raise Invalid("contact_by", contact_by=contact_by)
    if contact_by in BY_PHONE and not details.get("phone"):
        raise Invalid("phone")
    if (email or contact_by == "mail") and "@" not in email:
        raise Invalid("email", email=email)
    values = {
        "salutation": "", "phone": None, "street": "", "postal_code": "", "city": "",
        "price_group": STANDARD, "contact_by": contact_by, "home_location": None,
        "language": "de", "since_on": clock.today(),
        "name": name.strip(), "email": email.strip(), **details,
    }  # fmt: skip
    return _view(_inserted(session, None if number is None else normal_number(number), values))


def _inserted(session: Session, number: str | None, values: Mapping[str, object]) -> Customer:
    """Insert under the given number, or under the first free one that is drawn."""
    for _ in range(1 if number else ATTEMPTS):
        row: Customer | None = session.scalar(
            insert(Customer)
            .values(number=number or _drawn(), **values)
            .on_conflict_do_nothing(index_elements=["number"])
            .returning(Customer)
        )
        if row is not None:
            return row
    raise Refused("customer_number_taken", number=number)


def _drawn() -> str:
    body = str(10 ** (LENGTH - 2) + secrets.randbelow(9 * 10 ** (LENGTH - 2)))
    return f"{body}{mod10_check_digit(body)}"


def normal_number(number: str) -> str:
    """Return a customer number without blanks, dots and hyphens.

    Raises:
        Invalid: ``customer_number``: not seven digits, or the check digit (GS1 mod 10) is wrong.
    """
    digits = _SEPARATORS.sub("", number)
    if len(digits) != LENGTH or not has_mod10_check_digit(digits):
        raise Invalid("customer_number", number=number)
    return digits


def shown(number: str) -> str:
    """Return a customer number grouped in threes from the right: ``2 104 881``."""
    return f"{int(number):,}".replace(",", " ")


def by_number(session: Session, number: str) -> CustomerView:
    """Return the customer with a number, typed with or without blanks.

    Raises:
        Invalid: ``customer_number``: mistyped.
        NotFound: ``customer``.
    """
    return _view(_standing(session, number))


def _standing(session: Session, number: str, *, lock: bool = False) -> Customer:
    """Return the row that a number stands for: its own, or the one that it was joined with."""
    digits = normal_number(number)
    query = select(Customer).where(Customer.number == digits)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is not None and row.merged_into is not None:
        return _standing(session, row.merged_into, lock=lock)
    if row is None or row.erased_at is not None:
        raise NotFound("customer", number=digits)
    return row


def by_email(session: Session, email: str) -> list[CustomerView]:
    """Return the customers with a mail address, whoever has been one for longest first."""
    query = (
        select(Customer)
        .where(
            func.lower(Customer.email) == email.strip().lower(),
            Customer.merged_into.is_(None),
            Customer.erased_at.is_(None),
        )
        .order_by(Customer.since_on, Customer.number)
    )
    return [_view(row) for row in session.scalars(query)]


def numbers_of(session: Session, number: str) -> list[str]:
    """Return a customer's number and those that were joined with it: what old papers carry."""
    old = session.scalars(
        select(Customer.number).where(Customer.merged_into == number).order_by(Customer.number)
    )
    return [number, *old]


def change(session: Session, number: str, **details: Unpack[Details]) -> CustomerView:
    """Change what is known about a customer; `details` as in `Details`, beside `name`.

    Raises:
        Invalid: ``contact_by``; ``phone``: whoever wants to be called or get SMS needs one.
        NotFound: ``customer``.
    """
    row = _standing(session, number, lock=True)
    for name, value in details.items():
        setattr(row, name, value)
    if row.contact_by not in CONTACT_BY:
        raise Invalid("contact_by", contact_by=row.contact_by)
    if row.contact_by in BY_PHONE and not row.phone:
        raise Invalid("phone")
    session.flush()
    return _view(row)


def rename(session: Session, number: str, *, name: str, email: str | None = None) -> None:
    """Change how a customer is called, and where they read their mail.

    Raises:
        Invalid: ``name``.
        NotFound: ``customer``.
    """
    if not name.strip():
        raise Invalid("name")
    row = _standing(session, number, lock=True)
    row.name = name.strip()
    row.email = row.email if email is None else email
    session.flush()


def join(session: Session, number: str, into: str) -> None:
    """Make two customer numbers one person: `number` means `into` from now on, everywhere.

    Points, addresses and gift cards move with an entry each; old papers keep their number.

    Raises:
        NotFound: ``customer``.
        Refused: ``customer_joined``: they are one already.
    """
    # Both are held, always in the same order: two who join the same cards wait for each other.
    for digits in sorted((normal_number(number), normal_number(into))):
        _standing(session, digits, lock=True)
    old, kept = _standing(session, number), _standing(session, into)
    if old.number == kept.number:
        raise Refused("customer_joined", number=old.number)
    session.execute(
        update(Customer).where(Customer.merged_into == old.number).values(merged_into=kept.number)
    )
    old.merged_into = kept.number
    kept.since_on = min(kept.since_on, old.since_on)
    for name in ("phone", "home_location"):
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(old, name))
    if kept.price_group == STANDARD:
        kept.price_group = old.price_group
    _hand_on(session, old.number, kept.number)
    session.flush()


def _hand_on(session: Session, old: str, kept: str) -> None:
    has_default = session.scalar(
        select(CustomerAddress.id).where(CustomerAddress.number == kept, CustomerAddress.is_default)
    )
    moved: dict[str, object] = {"number": kept}
    if has_default:
        moved["is_default"] = False
    session.execute(update(CustomerAddress).where(CustomerAddress.number == old).values(**moved))
    cards = select(literal(kept), KeptGiftCard.card_id, KeptGiftCard.kept_at).where(
        KeptGiftCard.number == old
    )
    names = ["number", "card_id", "kept_at"]
    session.execute(insert(KeptGiftCard).from_select(names, cards).on_conflict_do_nothing())
    session.execute(delete(KeptGiftCard).where(KeptGiftCard.number == old))


def erase(session: Session, number: str) -> None:
    """Forget who a customer is; the number stays for the books and finds nobody any more.

    Source: Art. 17 GDPR; what has to be kept stands on the documents, not here.
    """
    row = _standing(session, number, lock=True)
    session.execute(delete(CustomerAddress).where(CustomerAddress.number == row.number))
    session.execute(delete(KeptGiftCard).where(KeptGiftCard.number == row.number))
    for one in [
        row,
        *session.scalars(select(Customer).where(Customer.merged_into == row.number)),
    ]:
        one.salutation = one.name = one.email = one.street = one.postal_code = one.city = ""
        one.phone = None
        one.contact_by = "mail"
        one.home_location = None
        one.erased_at = clock.now()
    session.flush()


def price_group(session: Session, number: str | None) -> str:
    """Return the price group of a customer number, ``standard`` where there is none.

    Raises:
        Invalid: ``customer_number``.
        NotFound: ``customer``.
    """
    return STANDARD if number is None else by_number(session, number).price_group


def _view(row: Customer) -> CustomerView:
    return CustomerView(**{name: getattr(row, name) for name in CustomerView.__dataclass_fields__})
