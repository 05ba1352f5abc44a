"""Who may stand at a till and do what: a short code, a PIN, and the rights of a role."""

import hashlib
import hmac
import os
from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.identity.models import Staff
from app.tills.models import TillCashier
from kit import clock, numbers
from kit.errors import Forbidden, Invalid, NotFound

ITERATIONS = 120_000
SHORTEST, LONGEST = 4, 8
# How much off a line without anybody's leave, basis points.
SMALL_DISCOUNT = 1000
_OF_CASHIERS = ("sell", "park", "return", "discount", "cash", "count", "training")
_OF_LEADS = (*_OF_CASHIERS, "big_discount", "price", "void", "close")
RIGHTS: dict[str, tuple[str, ...]] = {
    "cashier": _OF_CASHIERS,
    "store_lead": _OF_LEADS,
    "service": _OF_CASHIERS,
    "back_office": _OF_LEADS,
    "admin": _OF_LEADS,
}


@dataclass(frozen=True)
class Cashier:
    """A member of staff as tills know them; `salt` and `proof` are hexadecimal."""

    code: str
    name: str
    role: str
    rights: tuple[str, ...]
    salt: str
    iterations: int
    proof: str


def set_pin(session: Session, staff: Staff, pin: str) -> str:
    """Give a member of staff a PIN and return their code at tills.

    Raises:
        Invalid: ``pin``: not four to eight digits; ``role``: not somebody who stands at a till.
    """
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise Invalid("pin", least=SHORTEST, most=LONGEST)
    if staff.role not in RIGHTS:
        raise Invalid("role", role=staff.role)
    row = session.get(TillCashier, staff.id)
    if row is None:
        row = TillCashier(staff_id=staff.id, code=str(10 + numbers.take(session, "cashier")))
        session.add(row)
    row.salt = os.urandom(16).hex()
    row.iterations = ITERATIONS
    row.proof = _proof(pin, row.salt, ITERATIONS)
    row.changed_at = clock.now()
    session.flush()
    return row.code


def _proof(pin: str, salt: str, iterations: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), iterations).hex()


def _query(location: str | None) -> object:
    query = select(TillCashier, Staff).join(Staff, Staff.id == TillCashier.staff_id)
    query = query.where(Staff.active, Staff.role.in_(RIGHTS)).order_by(Staff.name)
    if location is not None:
        # Who is bound to no place may stand at any till.
        query = query.where((Staff.location == location) | Staff.location.is_(None))
    return query


def _view(row: Row[tuple[TillCashier, Staff]]) -> Cashier:
    cashier, person = row
    return Cashier(
        code=cashier.code,
        name=person.name,
        role=person.role,
        rights=RIGHTS[person.role],
        salt=cashier.salt,
        iterations=cashier.iterations,
        proof=cashier.proof,
    )


def at(session: Session, location: str) -> list[Cashier]:
    """Return who may stand at the tills of a location, by name."""
    return [_view(row) for row in session.execute(_query(location))]  # type: ignore[call-overload]


def everybody(session: Session, location: str | None) -> list[Cashier]:
    """Return who has a PIN, of one location where one is named."""
    return [_view(row) for row in session.execute(_query(location))]  # type: ignore[call-overload]


def by_code(session: Session, code: str, location: str | None = None) -> Cashier:
    """Return a cashier.

    Raises:
        NotFound: ``cashier``.
    """
    query = _query(location).where(TillCashier.code == code)  # type: ignore[attr-defined]
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("cashier", cashier=code)
    return _view(row)


def sign_in(session: Session, code: str, pin: str, location: str) -> Cashier:
    """Return the cashier whose PIN this is.

    Raises:
        Forbidden: ``pin``, the same for an unknown code as for a wrong PIN.
    """
    try:
        person = by_code(session, code, location)
    except NotFound:
        _proof(pin, "00" * 16, ITERATIONS)
        raise Forbidden("pin") from None
    if not hmac.compare_digest(_proof(pin, person.salt, person.iterations), person.proof):
        raise Forbidden("pin")
    return person
