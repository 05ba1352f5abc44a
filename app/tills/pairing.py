"""Pairing: a code from the back office makes a browser a till; the token is shown this once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import devices
from app.identity.models import Device
from app.tills.models import TillPairing
from fulfilment.places import locations
from kit import clock
from kit.errors import Invalid, NotFound, Refused

VALID = timedelta(minutes=15)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_MOST_NAME = 32


@dataclass(frozen=True)
class Offered:
    """A pairing code, as somebody reads it aloud, and until when it works."""

    code: str
    till: str
    expires_at: object


def _hash(code: str) -> str:
    # What is read aloud may be typed with blanks, in small letters, with O for 0.
    plain = code.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return hashlib.sha256("".join(plain.split()).replace("-", "").encode()).hexdigest()


def offer(session: Session, *, till: str, name: str, location: str, actor: str) -> Offered:
    """Make a pairing code for a till, a new one or one that gets another browser.

    Args:
        till: the short name that receipts carry, e.g. ``bonn-2``.

    Raises:
        Invalid: ``till`` or ``name``.
        NotFound: ``location``.
        Refused: ``till_elsewhere``: the name belongs to a till of another place.
    """
    till = till.strip().lower()
    if not till or len(till) > _MOST_NAME or not all(c.isalnum() or c == "-" for c in till):
        raise Invalid("till", till=till)
    if not name.strip():
        raise Invalid("name")
    locations.one(session, location)
    known = session.scalar(select(Device).where(Device.code == till))
    if known is not None and known.location != location:
        raise Refused("till_elsewhere", till=till, location=known.location)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    expires_at = clock.now() + VALID
    session.add(
        TillPairing(
            code_hash=_hash(code),
            device=till,
            name=name.strip(),
            location=location,
            made_by=actor,
            made_at=clock.now(),
            expires_at=expires_at,
            used_at=None,
        )
    )
    session.flush()
    return Offered(f"{code[:4]}-{code[4:]}", till, expires_at)


def redeem(session: Session, code: str) -> tuple[Device, str]:
    """Turn a pairing code into a till and its token. An older token of that till ends.

    Raises:
        NotFound: ``pairing_code``, whether it is wrong, used or too old.
    """
    query = select(TillPairing).where(TillPairing.code_hash == _hash(code)).with_for_update()
    row = session.scalar(query)
    if row is None or row.used_at is not None or row.expires_at < clock.now():
        raise NotFound("pairing_code")
    row.used_at = clock.now()
    return devices.pair(session, code=row.device, name=row.name, location=row.location)
