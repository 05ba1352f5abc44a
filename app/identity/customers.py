"""Customers who sign in: the account of a mail address, and its sessions.

An account is a confirmed mail address and a customer number. The number is the one of `loyalty`,
known at the till too: there is no second kind of customer for the web.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.identity.customer_models import CustomerAccount, CustomerSession
from app.identity.mail_links import hashed
from kit import clock
from kit.errors import NotFound
from kit.ids import secret_token

# Signed in for this long after the last visit.
SESSION_LASTS = timedelta(days=60)
# A visit is noted once per hour: a page that is only read writes nothing.
NOTED_EVERY = timedelta(hours=1)
LONGEST_AGENT = 200


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, on which session."""

    account_id: uuid.UUID
    session_id: uuid.UUID
    email: str
    number: str
    stale: bool


def account_of(session: Session, email: str) -> CustomerAccount | None:
    """Return the account of an address (as `normal_email` returns it), if there is one."""
    return session.scalar(select(CustomerAccount).where(CustomerAccount.email == email))


def account_with_number(session: Session, number: str) -> CustomerAccount | None:
    """Return the account of a customer number, if there is one."""
    return session.scalar(select(CustomerAccount).where(CustomerAccount.number == number))


def account(session: Session, account_id: uuid.UUID, *, lock: bool = False) -> CustomerAccount:
    """Return an account by its id.

    Raises:
        NotFound: ``account``.
    """
    row = session.get(CustomerAccount, account_id, with_for_update=lock, populate_existing=True)
    if row is None:
        raise NotFound("account")
    return row


def open_account(session: Session, email: str, number: str) -> CustomerAccount:
    """Make the account of an address that has just been confirmed."""
    row = CustomerAccount(email=email, number=number, made_at=clock.now())
    session.add(row)
    session.flush()
    return row


def start_session(session: Session, account_id: uuid.UUID, agent: str) -> str:
    """Sign somebody in on a device and return the token for its cookie, shown this once."""
    token, now = secret_token(), datetime.now(UTC)
    session.add(
        CustomerSession(
            token_hash=hashed(token),
            account_id=account_id,
            agent=agent[:LONGEST_AGENT],
            started_at=now,
            seen_at=now,
            ends_at=now + SESSION_LASTS,
        )
    )
    session.flush()
    return token


def by_token(session: Session, token: str) -> SignedIn | None:
    """Return who is signed in with a token, None where it has ended or never was."""
    now = datetime.now(UTC)
    row = session.execute(
        select(CustomerSession, CustomerAccount.email, CustomerAccount.number)
        .join(CustomerAccount, CustomerAccount.id == CustomerSession.account_id)
        .where(CustomerSession.token_hash == hashed(token), CustomerSession.ends_at > now)
    ).one_or_none()
    if row is None:
        return None
    visit, email, number = row
    stale = visit.seen_at < now - NOTED_EVERY
    return SignedIn(visit.account_id, visit.id, email, number, stale)


def note_visit(session: Session, session_id: uuid.UUID) -> None:
    """Note that a session is in use, which prolongs it."""
    visit = session.get(CustomerSession, session_id)
    if visit is not None:
        visit.seen_at = datetime.now(UTC)
        visit.ends_at = visit.seen_at + SESSION_LASTS


def sessions_of(session: Session, account_id: uuid.UUID) -> list[CustomerSession]:
    """Return where somebody is signed in, the newest visit first."""
    query = (
        select(CustomerSession)
        .where(
            CustomerSession.account_id == account_id,
            CustomerSession.ends_at > datetime.now(UTC),
        )
        .order_by(CustomerSession.seen_at.desc())
    )
    return list(session.scalars(query))


def end_session(session: Session, token: str) -> None:
    """Sign a device out."""
    session.execute(delete(CustomerSession).where(CustomerSession.token_hash == hashed(token)))


def end_sessions(session: Session, account_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    """Sign an account out everywhere, or everywhere but on one device."""
    others = CustomerSession.account_id == account_id
    if but is not None:
        others = others & (CustomerSession.id != but)
    session.execute(delete(CustomerSession).where(others))
