"""Devices: tills prove themselves by a token; only its hash is stored."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from kit import clock
from kit.errors import Forbidden
from kit.ids import secret_token


def _hash(token: str) -> str:
    # A token has 192 random bits: a plain hash is enough, there is nothing to guess slowly.
    return hashlib.sha256(token.encode()).hexdigest()


def enrol(
    session: Session, *, code: str, name: str, location: str, token: str | None = None
) -> tuple[Device, str]:
    """Enrol a till and return it with its token, which is shown this once.

    Args:
        code: short name that receipts and reports use, e.g. ``bonn-1``.
        token: a given token (demo); a new one otherwise.
    """
    token = token or secret_token()
    device = Device(
        code=code,
        name=name,
        location=location,
        token_hash=_hash(token),
        enrolled_at=clock.now(),
        revoked_at=None,
    )
    session.add(device)
    session.flush()
    return device, token


def pair(session: Session, *, code: str, name: str, location: str) -> tuple[Device, str]:
    """Enrol a till, or give one that is there a new token; its old one ends.

    Takes and returns what `enrol` does.
    """
    device = session.scalar(select(Device).where(Device.code == code).with_for_update())
    if device is None:
        return enrol(session, code=code, name=name, location=location)
    token = secret_token()
    device.name, device.token_hash, device.revoked_at = name, _hash(token), None
    session.flush()
    return device, token


def by_token(session: Session, token: str) -> Device:
    """Return the device that holds this token.

    Raises:
        Forbidden: ``device_token``, whether it is unknown or revoked.
    """
    device = session.scalar(select(Device).where(Device.token_hash == _hash(token)))
    if device is None or device.revoked_at is not None:
        raise Forbidden("device_token")
    return device
