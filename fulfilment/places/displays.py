"""What a location has on display: to be looked at and touched, apart from what it can sell.

A piece on display is no stock: nobody is promised it, and the ledger does not know it. Whoever
sells it in the end books it in first, like any goods that are found.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import Display
from fulfilment.places import locations
from kit import clock
from kit.errors import Refused


@dataclass(frozen=True, slots=True)
class DisplayView:
    """An article on display at a location, since when, and who said so."""

    location: str
    sku: str
    since: datetime
    actor: str


def put_up(session: Session, location: str, sku: str, *, actor: str) -> bool:
    """Note that a location has an article on display. Harmless when repeated.

    Args:
        session: the open transaction.
        location: code of a store; a warehouse receives nobody.
        sku: an article; that it exists is the caller's to know.
        actor: who says so.

    Returns:
        Whether it was not on display there before.

    Raises:
        NotFound: ``location``.
        Refused: ``display_warehouse``.
    """
    if locations.one(session, location).kind != "store":
        raise Refused("display_warehouse", location=location)
    row = insert(Display).values(location=location, sku=sku, since=clock.now(), actor=actor)
    return bool(session.execute(row.on_conflict_do_nothing().returning(Display.sku)).first())


def take_down(session: Session, location: str, sku: str) -> bool:
    """Note that a location has an article on display no more. Harmless when repeated.

    Returns:
        Whether it was on display there.
    """
    where = (Display.location == location, Display.sku == sku)
    return bool(session.execute(delete(Display).where(*where).returning(Display.sku)).first())


def of_skus(session: Session, skus: Collection[str]) -> Mapping[str, list[DisplayView]]:
    """Return where articles are on display, by SKU; without those that are nowhere."""
    rows = session.scalars(
        select(Display).where(Display.sku.in_(skus)).order_by(Display.sku, Display.location)
    )
    found: dict[str, list[DisplayView]] = {}
    for row in rows:
        found.setdefault(row.sku, []).append(
            DisplayView(row.location, row.sku, row.since, row.actor)
        )
    return found


def at(session: Session, location: str, sku: str) -> DisplayView | None:
    """Return an article's place on display at a location, None where there is none."""
    there = (one for one in of_skus(session, [sku]).get(sku, []) if one.location == location)
    return next(there, None)
