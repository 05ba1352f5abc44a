"""Staff: make them, let them in. Passwords are hashed with argon2id (RFC 9106)."""

import uuid

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Staff
from fulfilment.places import locations
from kit import clock
from kit.errors import Forbidden, Invalid, Refused

ROLES = ("cashier", "picker", "store_lead", "service", "back_office", "admin")
# Who works at one place and sees and touches nothing of another.
AT_ONE_PLACE = {"cashier", "picker", "store_lead"}
MIN_PASSWORD = 10

_hasher = PasswordHasher()
# Verified when the address is unknown, so that the answer takes as long as for a known one.
_decoy = _hasher.hash("nobody has this password")


def create(
    session: Session,
    *,
    email: str,
    name: str,
    role: str,
    password: str,
    location: str | None = None,
) -> Staff:
    """Create a person who can sign in.

    Raises:
        Invalid: unknown role or location, malformed address, a password shorter than ten
            characters, or no location for a role that is bound to one.
        Refused: ``email_taken``.
    """
    email = email.strip().lower()
    if "@" not in email:
        raise Invalid("email", email=email)
    if role not in ROLES:
        raise Invalid("role", role=role, known=list(ROLES))
    if len(password) < MIN_PASSWORD:
        raise Invalid("password_short", least=MIN_PASSWORD)
    if role in AT_ONE_PLACE and location is None:
        raise Invalid("location", role=role)
    if location is not None and location not in locations.by_code(session):
        raise Invalid("location", location=location)
    if session.scalar(select(Staff.id).where(Staff.email == email)):
        raise Refused("email_taken", email=email)
    person = Staff(
        email=email,
        name=name,
        role=role,
        location=location,
        password_hash=_hasher.hash(password),
        active=True,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def sign_in(session: Session, email: str, password: str) -> Staff:
    """Return the person whose address and password these are.

    Raises:
        Forbidden: ``sign_in``, the same for an unknown address, a wrong password, a closed account.
    """
    person = session.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    try:
        _hasher.verify(person.password_hash if person else _decoy, password)
    except (VerificationError, InvalidHashError):
        raise Forbidden("sign_in") from None
    if person is None or not person.active:
        raise Forbidden("sign_in")
    return person


def by_id(session: Session, staff_id: str) -> Staff | None:
    """Return the active person with this id, or None (flask-login's contract)."""
    try:
        person = session.get(Staff, uuid.UUID(staff_id))
    except ValueError:
        return None
    return person if person and person.active else None
