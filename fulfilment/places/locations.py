"""Locations as other packages see them: looked up by code, kept up to date by `put`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import ClosedDay, Location, Tariff
from kit.errors import NotFound


def by_code(session: Session) -> Mapping[str, Location]:
    """Return every location by its code, in their display order."""
    rows = session.scalars(select(Location).order_by(Location.position, Location.code))
    return {row.code: row for row in rows}


def one(session: Session, code: str) -> Location:
    """Return a location.

    Raises:
        NotFound: ``location``.
    """
    row = session.get(Location, code)
    if row is None:
        raise NotFound("location", location=code)
    return row


def first_store(session: Session) -> str:
    """Return the code of the first store in display order.

    Raises:
        NotFound: ``location`` when the retailer has no store.
    """
    rows = [row for row in by_code(session).values() if row.kind == "store"]
    if not rows:
        raise NotFound("location", kind="store")
    return rows[0].code


def put(session: Session, **facts: Any) -> None:
    """Create a location or replace its facts; keyword arguments are the columns of `Location`."""
    row = insert(Location).values(**facts)
    changed = {name: row.excluded[name] for name in facts if name != "code"}
    session.execute(row.on_conflict_do_update(index_elements=["code"], set_=changed))


def put_tariff(session: Session, **facts: Any) -> None:
    """Create a tariff or replace its facts; keyword arguments are the columns of `Tariff`."""
    row = insert(Tariff).values(**facts)
    changed = {name: row.excluded[name] for name in facts if name != "code"}
    session.execute(row.on_conflict_do_update(index_elements=["code"], set_=changed))


def close_on(session: Session, code: str, days: Sequence[tuple[date, str]]) -> None:
    """Note days on which a location neither sells nor ships, each with its reason."""
    for day, reason in days:
        row = insert(ClosedDay).values(location=code, day=day, reason=reason)
        session.execute(
            row.on_conflict_do_update(index_elements=["location", "day"], set_={"reason": reason})
        )
