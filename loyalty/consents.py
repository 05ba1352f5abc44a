"""Consents: what was asked, confirmed and taken back, with the words, the time and the address.

An order is never a consent. Asking stores nothing but that it was asked; only the confirmation by
mail counts (double opt-in: BGH I ZR 164/09, Art. 7 (1) GDPR). Taking back takes one step.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, Refused
from kit.ids import secret_token
from loyalty.models import ConsentEntry

NEWSLETTER = "newsletter"
CATALOGUES = "catalogues"
SAMPLES = "samples"
PURPOSES = (NEWSLETTER, CATALOGUES, SAMPLES)
PAPER = (CATALOGUES, SAMPLES)
"""What comes by post to whoever is signed in and asks for it: no mail has to prove the address."""
CONFIRM_WITHIN = timedelta(days=7)
# A second mail to somebody who has not answered the first one would be advertising.
ASK_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Asking:
    """How somebody was asked, word for word, and from where they answered."""

    wording: str
    language: str
    source: str
    ip: str


@dataclass(frozen=True)
class Step:
    """One step of a consent's history."""

    purpose: str
    step: str
    wording: str
    source: str
    ip: str
    entered_at: datetime


def ask(session: Session, email: str, purpose: str, asking: Asking) -> str | None:
    """Note that somebody wants to be asked by mail; return the token for the link in that mail.

    Returns:
        None where nothing is to be sent: it is confirmed already, or was asked a moment ago.

    Raises:
        Invalid: ``purpose``.
    """
    _known(purpose)
    _hold(session, email, purpose)
    last = _last(session, email, purpose)
    if last is not None and last.step == "confirmed":
        return None
    if (
        last is not None
        and last.step == "asked"
        and last.entered_at > clock.now() - ASK_AGAIN_AFTER
    ):
        return None
    token = secret_token()
    _enter(session, email, purpose, "asked", asking, token)
    return token


def confirm(session: Session, token: str, *, ip: str) -> str:
    """Confirm what was asked by the link in the mail; return the address. Twice is once.

    Raises:
        Refused: ``consent_link``: unknown, older than a week, or taken back meanwhile.
    """
    asked = session.scalar(select(ConsentEntry).where(ConsentEntry.token_hash == _hashed(token)))
    if asked is None or asked.entered_at < clock.now() - CONFIRM_WITHIN:
        raise Refused("consent_link")
    _hold(session, asked.email, asked.purpose)
    last = _last(session, asked.email, asked.purpose)
    if last is not None and last.step == "confirmed":
        return asked.email
    if last is None or last.id != asked.id:
        raise Refused("consent_link")
    said = Asking(asked.wording, asked.language, "mail", ip)
    _enter(session, asked.email, asked.purpose, "confirmed", said, None)
    return asked.email


def agree(session: Session, email: str, purpose: str, asking: Asking) -> bool:
    """Note the consent of somebody whose address is proved already; tell whether it is new.

    Only for what comes by post (`PAPER`): whoever is signed in has proved the address, and nothing
    is sent to it. What comes by mail is asked for by `ask`.

    Raises:
        Invalid: ``purpose``.
    """
    if purpose not in PAPER:
        raise Invalid("purpose", purpose=purpose, known=list(PAPER))
    _hold(session, email, purpose)
    last = _last(session, email, purpose)
    if last is not None and last.step == "confirmed":
        return False
    _enter(session, email, purpose, "confirmed", asking, None)
    return True


def withdraw(session: Session, email: str, purpose: str, *, source: str, ip: str) -> bool:
    """Take a consent back; return whether there was one to take back.

    Raises:
        Invalid: ``purpose``.
    """
    _known(purpose)
    _hold(session, email, purpose)
    last = _last(session, email, purpose)
    if last is None or last.step == "withdrawn":
        return False
    said = Asking(last.wording, last.language, source, ip)
    _enter(session, email, purpose, "withdrawn", said, None)
    return True


def given(session: Session, email: str, purpose: str) -> bool:
    """Tell whether a consent stands."""
    last = _last(session, email, purpose)
    return last is not None and last.step == "confirmed"


def confirmed(session: Session, purpose: str) -> list[tuple[str, str]]:
    """Return every address whose consent stands, with the language that it was asked in."""
    newest = (
        select(ConsentEntry)
        .ext(distinct_on(ConsentEntry.email))
        .where(ConsentEntry.purpose == purpose)
        .order_by(ConsentEntry.email, ConsentEntry.id.desc())
        .subquery()
    )
    query = (
        select(newest.c.email, newest.c.language)
        .where(newest.c.step == "confirmed")
        .order_by(newest.c.email)
    )
    return [(email, language) for email, language in session.execute(query)]


def history(session: Session, email: str) -> Sequence[Step]:
    """Return every step of an address, oldest first."""
    query = select(ConsentEntry).where(ConsentEntry.email == email).order_by(ConsentEntry.id)
    return [
        Step(row.purpose, row.step, row.wording, row.source, row.ip, row.entered_at)
        for row in session.scalars(query)
    ]


def _known(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise Invalid("purpose", purpose=purpose, known=list(PURPOSES))


def _hold(session: Session, email: str, purpose: str) -> None:
    """Let nobody else write about this consent until the transaction ends: steps have an order."""
    key = func.hashtext(f"consent/{purpose}/{email}")
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _last(session: Session, email: str, purpose: str) -> ConsentEntry | None:
    query = (
        select(ConsentEntry)
        .where(ConsentEntry.email == email, ConsentEntry.purpose == purpose)
        .order_by(ConsentEntry.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _enter(
    session: Session, email: str, purpose: str, step: str, said: Asking, token: str | None
) -> None:
    session.add(
        ConsentEntry(
            email=email,
            purpose=purpose,
            step=step,
            wording=said.wording,
            language=said.language,
            source=said.source,
            ip=said.ip,
            token_hash=_hashed(token) if token else None,
            entered_at=clock.now(),
        )
    )
    session.flush()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
