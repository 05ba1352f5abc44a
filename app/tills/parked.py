"""Parked sales: a basket waits at its location, any till there takes it up again, one does."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills.models import ParkedSale
from kit import clock
from kit.errors import Invalid, NotFound
from kit.ids import new_id

MOST_BYTES = 64_000


def park(
    session: Session,
    device: Device,
    parked_id: str,
    document: dict[str, Any],
    *,
    name: str,
    cashier: str | None,
) -> tuple[ParkedSale, bool]:
    """Park a basket; say whether it had been parked before.

    Raises:
        Invalid: ``document``: too large; ``parked_id_reused``.
    """
    written = json.dumps([document, name], sort_keys=True)
    if len(written) > MOST_BYTES or "\\u0000" in written:
        raise Invalid("document", most_bytes=MOST_BYTES)
    digest = hashlib.sha256(written.encode()).hexdigest()
    made = insert(ParkedSale).values(
        id=new_id(),
        parked_id=parked_id,
        digest=digest,
        device=device.code,
        location=device.location,
        name=name,
        cashier=cashier,
        document=document,
        parked_at=clock.now(),
    )
    claim = made.on_conflict_do_nothing(index_elements=["parked_id"]).returning(ParkedSale.id)
    new = session.scalar(claim) is not None
    row = session.scalars(select(ParkedSale).where(ParkedSale.parked_id == parked_id)).one()
    if row.digest != digest or row.location != device.location:
        raise Invalid("parked_id_reused", parked_id=parked_id)
    return row, not new


def waiting(session: Session, location: str) -> list[ParkedSale]:
    """Return what waits at a location, oldest first."""
    query = select(ParkedSale).where(ParkedSale.location == location, ParkedSale.taken_at.is_(None))
    return list(session.scalars(query.order_by(ParkedSale.parked_at, ParkedSale.id)))


def take(session: Session, device: Device, parked_id: str) -> ParkedSale:
    """Take a basket up again. The till that took it gets it again if it asks again.

    Raises:
        NotFound: ``parked``: unknown here, or taken by another till.
    """
    query = select(ParkedSale).where(
        ParkedSale.parked_id == parked_id, ParkedSale.location == device.location
    )
    row = session.scalar(query.with_for_update())
    if row is None or (row.taken_at is not None and row.taken_by != device.code):
        raise NotFound("parked", parked_id=parked_id)
    if row.taken_at is None:
        row.taken_at, row.taken_by = clock.now(), device.code
        session.flush()
    return row
