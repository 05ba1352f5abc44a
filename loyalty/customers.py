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

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import has_mod10_check_digit, mod10_check_digit
from loyalty.models import Customer

STANDARD = "standard"
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

    `phone` is E.164; `contact_by` is ``mail`` or ``call``: how to be told; `since_on` is the shop's
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
    if contact_by not in {"mail", "call"}:
        raise Invalid("contact_by", contact_by=contact_by)
    if contact_by == "call" and not details.get("phone"):
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
    digits = normal_number(number)
    row = session.scalar(select(Customer).where(Customer.number == digits))
    if row is None:
        raise NotFound("customer", number=digits)
    return _view(row)


def price_group(session: Session, number: str | None) -> str:
    """Return the price group of a customer number, ``standard`` where there is none.

    Raises:
        Invalid: ``customer_number``.
        NotFound: ``customer``.
    """
    return STANDARD if number is None else by_number(session, number).price_group


def _view(row: Customer) -> CustomerView:
    return CustomerView(**{name: getattr(row, name) for name in CustomerView.__dataclass_fields__})
