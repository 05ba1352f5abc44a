"""What changes rarely (locations, calendars, tariffs, rules), kept per process for the router.

Whoever changes it, a stamp in the database changes with it (`fulfilment.rules.live.stamp`); the
snapshot of stock brings the stamp along, so that keeping costs no query of its own and no process
ever works by old rules.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfilment import rules
from fulfilment.models import Location
from fulfilment.places.calendars import Calendar
from fulfilment.routing.network import Network
from fulfilment.routing.problem import Rates, Source, Tariff, Zone
from fulfilment.rules import LocationSetup, RatesSetup, Rules, Setup, TariffSetup

_MOST_ASKED = 4


@dataclass(frozen=True)
class Kept:
    """Plain values: rows would die with the session that read them.

    `per_day` is what a location sends on a day at most, in parcels. `arrays`: the sources as the
    router looks at them.
    """

    setup: Setup
    sources: Sequence[Source]
    per_day: Mapping[str, int]
    tariffs: Mapping[str, Tariff]
    arrays: Network

    @property
    def rules(self) -> Rules:
        """What holds for every order."""
        return self.setup.rules


_in_force: list[tuple[uuid.UUID, Kept]] = []
_asked: list[tuple[uuid.UUID, Kept]] = []


def forget() -> None:
    """Read everything afresh at the next call; only measurements need it, thanks to the stamp."""
    _in_force.clear()
    _asked.clear()


def in_force(session: Session, stamp: uuid.UUID) -> Kept:
    """Return what is in force.

    Args:
        session: any session.
        stamp: of what is in force, read in this session before.
    """
    for known, found in _in_force:
        if known == stamp:
            return found
    found = _build(session, rules.read(session))
    _in_force[:] = [(stamp, found)]
    return found


def calendars(session: Session) -> Mapping[str, Calendar]:
    """Return when each location works, by its code: as the setup in force says."""
    return {one.location: one.calendar for one in in_force(session, rules.stamp(session)).sources}


def of_setup(session: Session, stamp: uuid.UUID, setup: Setup) -> Kept:
    """Return a setup as the router reads it; the last few asked for are kept.

    Locations that the setup does not know have left, those that the shop does not have are none.
    """
    for known, found in _asked:
        if known == stamp and found.setup is setup:
            return found
    found = _build(session, setup)
    _asked[:] = [*_asked[1 - _MOST_ASKED :], (stamp, found)]
    return found


def _build(session: Session, setup: Setup) -> Kept:
    rows = session.scalars(select(Location).order_by(Location.position, Location.code))
    sources = [
        _source(row, setup.locations[row.code]) for row in rows if row.code in setup.locations
    ]
    tariffs = {code: _tariff(tariff) for code, tariff in setup.tariffs.items()}
    return Kept(
        setup=setup,
        sources=sources,
        per_day={code: place.capacity_per_day for code, place in setup.locations.items()},
        tariffs=tariffs,
        arrays=Network(sources, tariffs),
    )


def _source(row: Location, place: LocationSetup) -> Source:
    return Source(
        location=row.code,
        name=row.name,
        kind=row.kind,
        latitude=row.latitude,
        longitude=row.longitude,
        calendar=Calendar(
            hours=place.hours,
            cut_off=place.cut_off,
            state=row.state,
            closed_on=frozenset(place.closed_on),
        ),
        tariffs=place.tariffs,
        available={},
        groups=frozenset(place.groups),
        handling_line_minor=place.handling_line_minor,
        handling_unit_minor=place.handling_unit_minor,
    )


def _tariff(tariff: TariffSetup) -> Tariff:
    return Tariff(
        zones=tuple(
            Zone(zone.up_to_km, zone.transit_days, zone.surcharge_minor) for zone in tariff.zones
        ),
        groups={name: _rates(said) for name, said in tariff.groups.items()},
        weekdays=frozenset(tariff.weekdays),
    )


def _rates(said: RatesSetup) -> Rates:
    # A unit above the top step goes with nobody: only loads go on in further parcels.
    heaviest = said.steps_grams[-1]
    return Rates(said.steps_grams, said.prices_minor, said.max_parcels, said.longest_mm, heaviest)
