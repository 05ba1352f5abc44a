"""Links by mail: single use, fifteen minutes, few per hour. Only their hash is stored.

Source: OWASP Authentication and Forgot Password cheat sheets (random, short-lived, single use).
"""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.identity.customer_models import MailLink
from kit.errors import Invalid, Refused
from kit.ids import secret_token

LASTS = timedelta(minutes=15)
# Whoever has more of them unread has another problem, and nobody's mailbox shall be flooded.
MOST_PER_HOUR = 5
LONGEST_EMAIL = 254


def hashed(token: str) -> str:
    """Return what is stored of a token: 192 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def normal_email(email: str) -> str:
    """Return a mail address as it is compared: without blanks, in lower case.

    Raises:
        Invalid: ``email``.
    """
    folded = email.strip().lower()
    name, at, host = folded.rpartition("@")
    whole = name and at and "." in host and not any(sign.isspace() for sign in folded)
    if not whole or len(folded) > LONGEST_EMAIL:
        raise Invalid("email", email=email)
    return folded


def make(
    session: Session,
    email: str,
    purpose: str,
    *,
    next_path: str = "",
    account_id: uuid.UUID | None = None,
    number: str | None = None,
) -> str | None:
    """Make a link for an address and return its token; None where it has had too many.

    Args:
        session: an open transaction.
        email: as `normal_email` returns it.
        purpose: ``sign_in``, ``link_card`` or ``change_email``.
        next_path: where its reader wanted to go.
        account_id: whose account it changes.
        number: the customer number that it links.
    """
    now = datetime.now(UTC)
    recent = (MailLink.email == email, MailLink.made_at > now - timedelta(hours=1))
    count = session.scalar(select(func.count()).select_from(MailLink).where(*recent)) or 0
    if count >= MOST_PER_HOUR:
        return None
    token = secret_token()
    session.add(
        MailLink(
            token_hash=hashed(token),
            email=email,
            purpose=purpose,
            account_id=account_id,
            number=number,
            next_path=next_path,
            made_at=now,
            ends_at=now + LASTS,
            used_at=None,
        )
    )
    session.flush()
    return token


def look(session: Session, token: str, purpose: str) -> MailLink | None:
    """Return a link that can still be used, without using it: mail scanners open links too."""
    query = select(MailLink).where(
        MailLink.token_hash == hashed(token),
        MailLink.purpose == purpose,
        MailLink.used_at.is_(None),
        MailLink.ends_at > datetime.now(UTC),
    )
    return session.scalar(query)


def use(session: Session, token: str, purpose: str) -> MailLink:
    """Use a link; of two who use it at the same time one is refused.

    Raises:
        Refused: ``mail_link``: used, run out or never made; it does not say which.
    """
    now = datetime.now(UTC)
    claim = (
        update(MailLink)
        .where(
            MailLink.token_hash == hashed(token),
            MailLink.purpose == purpose,
            MailLink.used_at.is_(None),
            MailLink.ends_at > now,
        )
        .values(used_at=now)
        .returning(MailLink)
    )
    link: MailLink | None = session.scalar(claim)
    if link is None:
        raise Refused("mail_link")
    return link
