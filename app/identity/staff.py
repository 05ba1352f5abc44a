"""Staff: make them, let them in. Passwords are hashed with argon2id (RFC 9106)."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Staff
from fulfilment.places import locations
from kit import clock
from kit.errors import Forbidden, Invalid, NotFound, Refused
from kit.ids import secret_token

ROLES = ("cashier", "picker", "store_lead", "service", "back_office", "admin")
# Who works at one place and sees and touches nothing of another.
AT_ONE_PLACE = {"cashier", "picker", "store_lead"}
# Who sees customers and money of the whole shop: signs in with a second factor.
AT_THE_DESK = {"service", "back_office", "admin"}
MIN_PASSWORD = 10
ATTEMPTS = 10
LOCKED_FOR = timedelta(minutes=15)
INVITED_FOR = timedelta(days=3)

_hasher = PasswordHasher()


@cache
def _decoy() -> str:
    """Verified when the address is unknown, so that the answer takes as long as for a known one."""
    return _hasher.hash("nobody has this password")


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
    _check_password(password)
    email = email.strip().lower()
    _check(session, email=email, role=role, location=location)
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


def _check(
    session: Session,
    *,
    email: str,
    role: str,
    location: str | None,
    but: uuid.UUID | None = None,
) -> None:
    if "@" not in email:
        raise Invalid("email", email=email)
    if role not in ROLES:
        raise Invalid("role", role=role, known=list(ROLES))
    if role in AT_ONE_PLACE and location is None:
        raise Invalid("location", role=role)
    if location is not None and location not in locations.by_code(session):
        raise Invalid("location", location=location)
    owner = session.scalar(select(Staff.id).where(Staff.email == email))
    if owner is not None and owner != but:
        raise Refused("email_taken", email=email)


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise Invalid("password_short", least=MIN_PASSWORD)


def invite(
    session: Session, *, email: str, name: str, role: str, location: str | None
) -> tuple[Staff, str]:
    """Create a person who chooses a password by a link; return them and the link's token.

    Raises:
        Invalid: as `create`; ``name``.
        Refused: ``email_taken``.
    """
    email, name = email.strip().lower(), name.strip()
    _check(session, email=email, role=role, location=location)
    if not name:
        raise Invalid("name")
    person = Staff(
        email=email,
        name=name,
        role=role,
        location=location,
        password_hash="",
        active=True,
        created_at=clock.now(),
        session_epoch=0,
        failed_attempts=0,
    )
    token = link(session, person)
    session.add(person)
    session.flush()
    return person, token


def link(session: Session, person: Staff) -> str:
    """Return the token of a new link by which a person chooses a password, once, within days."""
    token = secret_token()
    person.invitation_hash = _hash(token)
    person.invitation_until = _real_now() + INVITED_FOR
    session.flush()
    return token


def by_invitation(session: Session, token: str) -> Staff:
    """Return who was invited by this link.

    Raises:
        NotFound: ``invitation``: unknown, used, too old, or of somebody who works here no more.
    """
    person = session.scalar(select(Staff).where(Staff.invitation_hash == _hash(token)))
    until = person.invitation_until if person else None
    if person is None or not person.active or until is None or until < _real_now():
        raise NotFound("invitation")
    return person


def choose_password(session: Session, person: Staff, password: str) -> None:
    """Set a password; every session of the person ends, and a link by which it was done is used.

    Raises:
        Invalid: ``password_short``.
    """
    _check_password(password)
    person.password_hash = _hasher.hash(password)
    person.invitation_hash = person.invitation_until = None
    person.failed_attempts, person.locked_until = 0, None
    end_sessions(person)
    session.flush()


def change(
    session: Session,
    person: Staff,
    *,
    name: str,
    role: str,
    location: str | None,
    active: bool,
    by: str,
) -> None:
    """Change what a person is here; sessions end where rights change, and with the account.

    Raises:
        Invalid: ``name``, ``role`` or ``location``.
        Refused: ``last_admin``: nobody would be left who can do this; ``own_role``: not one's own.
    """
    _check(session, email=person.email, role=role, location=location, but=person.id)
    if not name.strip():
        raise Invalid("name")
    weaker = person.role == "admin" and person.active and (role != "admin" or not active)
    if weaker and by == str(person.id):
        raise Refused("own_role")
    if weaker and _other_admins(session, person) == 0:
        raise Refused("last_admin")
    if (role, location, active) != (person.role, person.location, person.active):
        end_sessions(person)
    person.name, person.role, person.location, person.active = name.strip(), role, location, active
    session.flush()


def _other_admins(session: Session, person: Staff) -> int:
    others = select(Staff.id).where(Staff.role == "admin", Staff.active, Staff.id != person.id)
    return len(session.scalars(others.with_for_update()).all())


def end_sessions(person: Staff) -> None:
    """Sign a person out everywhere."""
    person.session_epoch += 1


def everybody(session: Session) -> list[Staff]:
    """Return all people, those who work here first, by name."""
    return list(session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.name)))


def one(session: Session, staff_id: uuid.UUID, *, lock: bool = False) -> Staff:
    """Return a person, active or not.

    Raises:
        NotFound: ``staff``.
    """
    person = session.get(Staff, staff_id, with_for_update=lock or None, populate_existing=lock)
    if person is None:
        raise NotFound("staff", id=str(staff_id))
    return person


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _real_now() -> datetime:
    # Links, locks and sessions count in real time: the shop's clock may be moved.
    return datetime.now(UTC)


def sign_in(session: Session, email: str, password: str) -> Staff:
    """Return the person whose address and password these are.

    Raises:
        Forbidden: ``sign_in``, the same for an unknown address, a wrong password, a closed account
            and one that is locked after too many attempts.
    """
    person = session.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    try:
        _hasher.verify(person.password_hash if person else _decoy(), password)
    except (VerificationError, InvalidHashError):
        raise Forbidden("sign_in") from None
    if person is None or not person.active or is_locked(person):
        raise Forbidden("sign_in")
    return person


def is_locked(person: Staff) -> bool:
    """Tell whether too many attempts have failed lately."""
    return person.locked_until is not None and person.locked_until > _real_now()


def count_failure(session: Session, email: str) -> Staff | None:
    """Count a failed attempt for an address; return the person where that locks the account."""
    query = select(Staff).where(Staff.email == email.strip().lower()).with_for_update()
    person = session.scalar(query)
    if person is None or is_locked(person):
        return None
    person.failed_attempts += 1
    if person.failed_attempts < ATTEMPTS:
        return None
    person.failed_attempts, person.locked_until = 0, _real_now() + LOCKED_FOR
    return person


def count_success(session: Session, person: Staff) -> None:
    """Forget the failed attempts of somebody who got in."""
    if person.failed_attempts or person.locked_until:
        person.failed_attempts, person.locked_until = 0, None
        session.flush()


def by_id(session: Session, staff_id: str) -> Staff | None:
    """Return the active person with this id, or None (flask-login's contract)."""
    try:
        person = session.get(Staff, uuid.UUID(staff_id))
    except ValueError:
        return None
    return person if person and person.active else None
