"""The second factor: codes of an authenticator (TOTP, RFC 6238) and recovery codes on paper.

SHA-1, six digits, 30 seconds: what every authenticator understands. The secret lies sealed in the
database (Fernet, with a key derived from the shop's); each code lets in once.
"""

import base64
import hashlib
import hmac
import os
import secrets
import time
import uuid
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.identity.models import RecoveryCode, Staff
from kit import clock
from kit.errors import Forbidden

STEP_SECONDS = 30
SECRET_BYTES = 20
RECOVERY_CODES = 10
# A clock may be one step behind or ahead (RFC 6238, section 5.2).
_DRIFT = (0, -1, 1)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def begin(person: Staff, key: str) -> str:
    """Make a new secret for a person and return it in base 32; in force only after `confirm`."""
    secret = os.urandom(SECRET_BYTES)
    person.totp_sealed = _sealer(key).encrypt(secret).decode()
    person.totp_since = None
    person.totp_last_step = None
    return base64.b32encode(secret).decode()


def pending(person: Staff, key: str) -> str | None:
    """Return the secret that waits to be confirmed, in base 32."""
    if person.totp_since is not None:
        return None
    secret = _secret(person, key)
    return base64.b32encode(secret).decode() if secret else None


def address(secret: str, email: str) -> str:
    """Return what an authenticator reads from a QR code (the key URI format)."""
    return f"otpauth://totp/Kontor:{quote(email)}?secret={secret}&issuer=Kontor"


def confirm(session: Session, person: Staff, code: str, key: str) -> list[str]:
    """Put the second factor in force once a code shows that it works; return recovery codes.

    Raises:
        Forbidden: ``second_factor``.
    """
    check(session, person, code, key)
    person.totp_since = clock.now()
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(staff_id=person.id, code_hash=_hash(person.id, code)) for code in codes
    )
    session.flush()
    return codes


def remove(session: Session, person: Staff) -> None:
    """Take the second factor away, with its recovery codes."""
    person.totp_sealed = person.totp_since = person.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))
    session.flush()


def check(session: Session, person: Staff, code: str, key: str) -> None:
    """Pass a code of the authenticator, or a recovery code; each of them once.

    Args:
        session: the open transaction, which holds the person.
        person: who says it.
        code: as typed; blanks and hyphens do not matter.
        key: the shop's.

    Raises:
        Forbidden: ``second_factor``.
    """
    typed = code.replace(" ", "").replace("-", "").upper()
    secret = _secret(person, key)
    step = _matching_step(secret, typed) if secret else None
    if step is not None and step > (person.totp_last_step or 0):
        person.totp_last_step = step
        session.flush()
        return
    if person.totp_since is not None and _use_recovery_code(session, person, typed):
        return
    raise Forbidden("second_factor")


def left(session: Session, person: Staff) -> int:
    """Return how many recovery codes have not been used."""
    unused = select(RecoveryCode.id).where(
        RecoveryCode.staff_id == person.id, RecoveryCode.used_at.is_(None)
    )
    return len(session.scalars(unused).all())


def code_at(secret: str, at: float) -> str:
    """Return the code of a secret (base 32) at a time in seconds since 1970."""
    return _totp(base64.b32decode(secret)).generate(int(at)).decode()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), STEP_SECONDS)  # noqa: S303 - what RFC 6238 and every app use


def _matching_step(secret: bytes, typed: str) -> int | None:
    totp, now = _totp(secret), int(time.time())
    for drift in _DRIFT:
        at = now + drift * STEP_SECONDS
        if hmac.compare_digest(totp.generate(at), typed.encode(errors="replace")):
            return at // STEP_SECONDS
    return None


def _use_recovery_code(session: Session, person: Staff, typed: str) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == person.id,
            RecoveryCode.code_hash == _hash(person.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    ).scalar()
    return used is not None


def _secret(person: Staff, key: str) -> bytes | None:
    if person.totp_sealed is None:
        return None
    try:
        return _sealer(key).decrypt(person.totp_sealed.encode())
    except InvalidToken:
        # Sealed with another key of the shop: the factor is lost, a recovery code still works.
        return None


def _sealer(key: str) -> Fernet:
    derived = hashlib.sha256(b"second factor" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _hash(staff_id: uuid.UUID, code: str) -> str:
    # 49 random bits per code, ten codes, ten attempts in a quarter of an hour: no slow hash needed.
    plain = f"{staff_id}/{code.replace('-', '').upper()}"
    return hashlib.sha256(plain.encode()).hexdigest()
