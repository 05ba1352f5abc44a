"""How the shop stands for some goods, with one statement: stock, worth, parcels to send, setup.

The router asks it for every quote and every order, so it goes past SQLAlchemy.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from fulfilment.answers import availability
from fulfilment.foresight import stored
from fulfilment.foresight.stored import Worth
from kit.arrays import literal
from kit.plain import Plain, ask

Days = Mapping[tuple[str, date], int]
# In a SELECT, so that a plan does not count on its length: else PostgreSQL plans the statement for
# every order anew, which takes as long as running it.
_SKUS = "(SELECT $1)::text[]"
_STATEMENT = f"""
    SELECT
        ({availability.free_by_place(_SKUS, "$2::timestamptz")}),
        ({stored.worth_by_place(_SKUS, "$3::timestamptz")}),
        (SELECT json_agg(json_build_array(location, ships_on, parcels)) FROM (
            SELECT location, ships_on, count(*) AS parcels FROM fulfilment_orders
            WHERE state IN ('open', 'picking', 'picked', 'packed') AND kind = 'parcel'
                AND ships_on >= $4::date
                AND NOT (order_ref = coalesce($5, '') AND state = 'open')
            GROUP BY location, ships_on
        ) AS planned),
        (SELECT json_agg(json_build_array(location, day, parcels)) FROM (
            SELECT DISTINCT ON (location, day) location, day, parcels FROM day_limits
            WHERE day IN ($4::date, $4::date + 1)
            ORDER BY location, day, id DESC
        ) AS most),
        (SELECT stamp FROM setup_stamps WHERE id = 1)
""".encode()


@dataclass(frozen=True, slots=True)
class Standing:
    """Free units by location and SKU, what they are worth, parcels planned and limits per day.

    `stamp` is that of the setup in force.
    """

    free: dict[str, dict[str, int]]
    worth: Worth
    planned: Days
    limits: Days
    stamp: uuid.UUID


def of(
    session: Session, skus: Sequence[str], now: datetime, today: date, besides: str | None
) -> Standing:
    """Return how the shop stands; nothing is locked.

    Args:
        session: any session.
        skus: what is asked for.
        now: instant at which claims past their deadline count as free.
        today: the day from which parcels are counted.
        besides: reference of an order whose waiting parcels do not count.
    """
    parameters = [
        literal(skus).encode(),
        now.isoformat().encode(),
        (now - stored.OLDEST).isoformat().encode(),
        today.isoformat().encode(),
        (besides or "").encode(),
    ]
    answer = ask(session, Plain(_STATEMENT, parameters))
    if answer is None or answer[4] is None:
        raise LookupError("the shop has no setup")
    free, worth, planned, limits = (json.loads(field) if field else [] for field in answer[:4])
    return Standing(
        free or {},
        stored.worth_from(worth),
        _days(planned),
        _days(limits),
        uuid.UUID(answer[4].decode()),
    )


def _days(rows: Sequence[tuple[str, str, int | None]]) -> Days:
    return {
        (location, date.fromisoformat(day)): parcels
        for location, day, parcels in rows
        if parcels is not None
    }
