"""The setup in force: read from the tables that the shop works by, and written into them."""

import uuid
from dataclasses import asdict
from datetime import date, time
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import (
    ClosedDay,
    FulfilmentOrder,
    Location,
    RoutingRules,
    SetupStamp,
    Tariff,
)
from fulfilment.rules.setup import (
    LocationSetup,
    RatesSetup,
    Rules,
    Setup,
    TariffSetup,
    ZoneSetup,
)
from kit.errors import Refused

_STATES_AT_WORK = ("open", "picking", "picked", "packed")


def stamp(session: Session) -> uuid.UUID:
    """Return the mark of what is in force: another one after every change, whoever made it."""
    return session.scalars(select(SetupStamp.stamp)).one()


def read(session: Session) -> Setup:
    """Return the setup in force: locations in display order, tariffs by code."""
    rows = session.scalars(select(Location).order_by(Location.position, Location.code)).all()
    closed: dict[str, dict[date, str]] = {row.code: {} for row in rows}
    for day in session.scalars(select(ClosedDay).order_by(ClosedDay.day)):
        closed[day.location][day.day] = day.reason
    tariffs = session.scalars(select(Tariff).order_by(Tariff.code))
    return Setup(
        rules=rules(session),
        locations={row.code: _location(row, closed[row.code]) for row in rows},
        tariffs={row.code: _tariff(row) for row in tariffs},
    )


def rules(session: Session) -> Rules:
    """Return the rules in force; the defaults where nobody has set any."""
    stored = session.scalar(select(RoutingRules.rules))
    return Rules(**stored) if stored else Rules()


def _location(row: Location, closed: dict[date, str]) -> LocationSetup:
    return LocationSetup(
        hours={
            int(weekday): (time.fromisoformat(span[0]), time.fromisoformat(span[1]))
            for weekday, span in sorted(row.opening_hours.items())
            if span
        },
        cut_off=time.fromisoformat(row.cut_off),
        capacity_per_day=row.capacity_per_day,
        handling_line_minor=row.handling_line_minor,
        handling_unit_minor=row.handling_unit_minor,
        groups=tuple(row.groups),
        tariffs=tuple(row.tariffs),
        closed_on=closed,
    )


def _tariff(row: Tariff) -> TariffSetup:
    return TariffSetup(
        name=row.name,
        carrier=row.carrier,
        weekdays=tuple(row.carrier_days),
        zones=tuple(ZoneSetup(km, days, surcharge) for km, days, surcharge in row.zones),
        groups={
            name: RatesSetup(
                tuple(group["steps"]),
                tuple(group["minor"]),
                group["max_parcels"],
                group.get("longest_mm"),
            )
            for name, group in row.groups.items()
        },
    )


def write(session: Session, setup: Setup, before: Setup, number: int) -> None:
    """Put a setup in force; touches only rows that differ from `before`.

    Args:
        session: an open transaction.
        setup: checked; its locations are those that exist.
        before: what is in force now.
        number: the version that this is.

    Raises:
        Refused: ``tariff_in_use`` where a tariff is dropped that open fulfilment orders go by.
    """
    _refuse_used(session, set(before.tariffs) - set(setup.tariffs))
    for code, tariff in setup.tariffs.items():
        if before.tariffs.get(code) != tariff:
            _put_tariff(session, code, tariff)
    for code, place in setup.locations.items():
        if before.locations.get(code) != place:
            _put_location(session, code, place)
    dropped = before.tariffs.keys() - setup.tariffs.keys()
    session.execute(delete(Tariff).where(Tariff.code.in_(dropped)))
    row = insert(RoutingRules).values(id=1, rules=asdict(setup.rules), number=number)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["id"],
            set_={"rules": row.excluded.rules, "number": row.excluded.number},
        )
    )
    for row_read in list(session.identity_map.values()):
        # What this session read before would show the old values.
        if isinstance(row_read, Location | Tariff | ClosedDay | RoutingRules):
            session.expire(row_read)


def _refuse_used(session: Session, codes: set[str]) -> None:
    used = session.execute(
        select(FulfilmentOrder.tariff, func.count())
        .where(FulfilmentOrder.tariff.in_(codes), FulfilmentOrder.state.in_(_STATES_AT_WORK))
        .group_by(FulfilmentOrder.tariff)
        .order_by(FulfilmentOrder.tariff)
    ).first()
    if used is not None:
        raise Refused("tariff_in_use", tariff=used[0], fulfilment_orders=used[1])


def _put_tariff(session: Session, code: str, tariff: TariffSetup) -> None:
    facts: dict[str, Any] = {
        "name": tariff.name,
        "carrier": tariff.carrier,
        "carrier_days": list(tariff.weekdays),
        "zones": [[z.up_to_km, z.transit_days, z.surcharge_minor] for z in tariff.zones],
        "groups": {name: _rates(rates) for name, rates in tariff.groups.items()},
    }
    row = insert(Tariff).values(code=code, **facts)
    session.execute(row.on_conflict_do_update(index_elements=["code"], set_=facts))


def _rates(rates: RatesSetup) -> dict[str, Any]:
    said = {
        "steps": list(rates.steps_grams),
        "minor": list(rates.prices_minor),
        "max_parcels": rates.max_parcels,
    }
    return said if rates.longest_mm is None else {**said, "longest_mm": rates.longest_mm}


def _put_location(session: Session, code: str, place: LocationSetup) -> None:
    hours = {
        str(day): [at.isoformat(timespec="minutes") for at in place.hours[day]]
        if day in place.hours
        else None
        for day in range(7)
    }
    session.execute(
        update(Location)
        .where(Location.code == code)
        .values(
            opening_hours=hours,
            cut_off=place.cut_off.isoformat(timespec="minutes"),
            capacity_per_day=place.capacity_per_day,
            handling_line_minor=place.handling_line_minor,
            handling_unit_minor=place.handling_unit_minor,
            groups=list(place.groups),
            tariffs=list(place.tariffs),
        )
    )
    session.execute(
        delete(ClosedDay).where(
            ClosedDay.location == code, ClosedDay.day.not_in(list(place.closed_on))
        )
    )
    for day, reason in place.closed_on.items():
        row = insert(ClosedDay).values(location=code, day=day, reason=reason)
        session.execute(
            row.on_conflict_do_update(index_elements=["location", "day"], set_={"reason": reason})
        )


def lock(session: Session) -> None:
    """Hold back everybody else who changes the setup, until the transaction ends."""
    session.execute(text("SELECT 1 FROM setup_stamps FOR UPDATE"))
