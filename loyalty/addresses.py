"""Addresses of a customer: several, one of them the usual one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from loyalty.models import CustomerAddress

MOST = 20
FIELDS = ("name", "street", "postal_code", "city")
_SHORTEST = 2


@dataclass(frozen=True)
class AddressView:
    """An address as other packages know it."""

    id: uuid.UUID
    name: str
    street: str
    postal_code: str
    city: str
    is_default: bool


def of(session: Session, number: str) -> list[AddressView]:
    """Return a customer's addresses, the usual one first."""
    query = (
        select(CustomerAddress)
        .where(CustomerAddress.number == number)
        .order_by(CustomerAddress.is_default.desc(), CustomerAddress.id)
    )
    return [_view(row) for row in session.scalars(query)]


def one(session: Session, number: str, address_id: uuid.UUID) -> AddressView:
    """Return one address of a customer.

    Raises:
        NotFound: ``address``, also where it is somebody else's.
    """
    return _view(_row(session, number, address_id))


def add(session: Session, number: str, fields: Mapping[str, str]) -> AddressView:
    """Add an address; the first one is the usual one. One that is there already is not doubled.

    Args:
        session: an open transaction.
        number: the customer's.
        fields: name, street, postal_code and city, as on a label.

    Raises:
        Invalid: ``address`` with the names of the fields that are missing.
        Refused: ``addresses_full``.
    """
    clean = _clean(fields)
    known = of(session, number)
    for address in known:
        if all(getattr(address, name) == clean[name] for name in FIELDS):
            return address
    if len(known) >= MOST:
        raise Refused("addresses_full", most=MOST)
    row = CustomerAddress(number=number, is_default=not known, changed_at=clock.now(), **clean)
    session.add(row)
    session.flush()
    return _view(row)


def change(
    session: Session, number: str, address_id: uuid.UUID, fields: Mapping[str, str]
) -> AddressView:
    """Change an address. Orders keep the one that they were placed with.

    Raises:
        Invalid: ``address`` with the names of the fields that are missing.
        NotFound: ``address``.
    """
    row = _row(session, number, address_id)
    for name, value in _clean(fields).items():
        setattr(row, name, value)
    row.changed_at = clock.now()
    session.flush()
    return _view(row)


def make_default(session: Session, number: str, address_id: uuid.UUID) -> None:
    """Make an address the usual one.

    Raises:
        NotFound: ``address``.
    """
    row = _row(session, number, address_id)
    session.execute(
        update(CustomerAddress)
        .where(CustomerAddress.number == number, CustomerAddress.is_default)
        .values(is_default=False)
    )
    session.flush()
    row.is_default = True
    session.flush()


def remove(session: Session, number: str, address_id: uuid.UUID) -> None:
    """Remove an address; where it was the usual one, the oldest that is left becomes it.

    Raises:
        NotFound: ``address``.
    """
    row = _row(session, number, address_id)
    was_default = row.is_default
    session.delete(row)
    session.flush()
    left = of(session, number)
    if was_default and left:
        make_default(session, number, left[0].id)


def _row(session: Session, number: str, address_id: uuid.UUID) -> CustomerAddress:
    row = session.get(CustomerAddress, address_id, populate_existing=True)
    if row is None or row.number != number:
        raise NotFound("address")
    return row


def _clean(fields: Mapping[str, str]) -> dict[str, str]:
    clean = {name: fields.get(name, "").strip() for name in FIELDS}
    missing = [name for name, value in clean.items() if len(value) < _SHORTEST]
    if missing:
        raise Invalid("address", fields=missing)
    return clean


def _view(row: CustomerAddress) -> AddressView:
    return AddressView(**{name: getattr(row, name) for name in AddressView.__dataclass_fields__})
