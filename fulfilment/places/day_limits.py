"""Days on which a location sends less than usual, or nothing, because somebody there says so.

The usual capacity is a fact of the location; a limit is one of a single day. The latest entry of a
location and day holds.
"""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from fulfilment.models import DayLimit, Location
from kit import clock
from kit.errors import Invalid, NotFound


def put(
    session: Session,
    location: str,
    day: date,
    parcels: int | None,
    *,
    reason: str,
    actor: str,
) -> None:
    """Limit what a location sends on a day.

    Args:
        session: the open transaction.
        location: code of the location.
        day: which day, in Berlin.
        parcels: how many at most, those that are planned already included; 0 sends nothing; None
            takes an earlier limit of the day away.
        reason: why, in words or as a code.
        actor: who says so.

    Raises:
        Invalid: ``parcels`` below 0, or ``reason`` where there is none.
        NotFound: ``location``.
    """
    if parcels is not None and parcels < 0:
        raise Invalid("parcels", parcels=parcels)
    if not reason.strip():
        raise Invalid("reason")
    if session.get(Location, location) is None:
        raise NotFound("location", location=location)
    session.add(
        DayLimit(
            location=location,
            day=day,
            parcels=parcels,
            reason=reason.strip(),
            actor=actor,
            set_at=clock.now(),
        )
    )
    session.flush()


def in_force(session: Session, days: Collection[date]) -> Mapping[tuple[str, date], int]:
    """Return the limits of some days: parcels at most, by location and day.

    Args:
        session: any session.
        days: which days.
    """
    row = DayLimit
    latest = (
        select(row.location, row.day, row.parcels)
        .where(row.day.in_(days))
        .ext(distinct_on(row.location, row.day))
        .order_by(row.location, row.day, row.id.desc())
    )
    return {
        (location, day): parcels
        for location, day, parcels in session.execute(latest)
        if parcels is not None
    }
