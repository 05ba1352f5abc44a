"""A retailer small enough to reckon by hand: a warehouse, two stores, two services."""

from datetime import date, time

from sqlalchemy.orm import Session

from fulfilment.places import locations
from fulfilment.rules import LocationSetup, RatesSetup, Rules, Setup, TariffSetup, ZoneSetup

WEEK = {day: (time(9), time(19)) for day in range(5)} | {5: (time(9), time(16))}
CLOSED = date(2026, 12, 24)

SETUP = Setup(
    rules=Rules(),
    locations={
        "lager": LocationSetup(
            hours=WEEK,
            cut_off=time(16),
            capacity_per_day=400,
            handling_line_minor=35,
            handling_unit_minor=12,
            groups=("std", "bulky"),
            tariffs=("paket", "spedition"),
        ),
        "bonn": LocationSetup(WEEK, time(16), 40, 70, 25, ("std",), ("paket",), {CLOSED: "Fest"}),
        "koeln": LocationSetup(WEEK, time(12), 25, 90, 30, ("std",), ("paket",)),
    },
    tariffs={
        "paket": TariffSetup(
            name="Paket",
            carrier="Rheinpost",
            weekdays=(0, 1, 2, 3, 4, 5),
            zones=(ZoneSetup(150, 1), ZoneSetup(2000, 2, 45)),
            groups={"std": RatesSetup((1000, 5000), (345, 430), 3)},
        ),
        "spedition": TariffSetup(
            name="Sperrgut",
            carrier="Mittelrhein",
            weekdays=(0, 1, 2, 3, 4),
            zones=(ZoneSetup(2000, 3),),
            groups={"bulky": RatesSetup((15000,), (1690,), 2)},
        ),
    },
)

_FACTS = {
    "lager": ("warehouse", "34123", "HE", 51.2988, 9.5297),
    "bonn": ("store", "53111", "NW", 50.7362, 7.1002),
    "koeln": ("store", "50676", "NW", 50.9312, 6.9515),
}


def open_shop(session: Session) -> None:
    """Put `SETUP` into the books as an import does: past drafts and versions."""
    for code, tariff in SETUP.tariffs.items():
        locations.put_tariff(
            session,
            code=code,
            name=tariff.name,
            carrier=tariff.carrier,
            carrier_days=list(tariff.weekdays),
            zones=[
                [zone.up_to_km, zone.transit_days, zone.surcharge_minor] for zone in tariff.zones
            ],
            groups={
                name: {
                    "steps": list(rates.steps_grams),
                    "minor": list(rates.prices_minor),
                    "max_parcels": rates.max_parcels,
                }
                for name, rates in tariff.groups.items()
            },
        )
    for position, (code, place) in enumerate(SETUP.locations.items()):
        kind, postal_code, state, latitude, longitude = _FACTS[code]
        locations.put(
            session,
            code=code,
            kind=kind,
            name=code.title(),
            street="Weg 1",
            postal_code=postal_code,
            city=code.title(),
            state=state,
            phone="+492214710200",
            email=f"{code}@angelhaus.example",
            contact="Petra Lindlar",
            latitude=latitude,
            longitude=longitude,
            opening_hours=_hours(place),
            cut_off=f"{place.cut_off:%H:%M}",
            capacity_per_day=place.capacity_per_day,
            handling_line_minor=place.handling_line_minor,
            handling_unit_minor=place.handling_unit_minor,
            groups=list(place.groups),
            tariffs=list(place.tariffs),
            position=position,
        )
        locations.close_on(session, code, sorted(place.closed_on.items()))


def _hours(place: LocationSetup) -> dict[str, list[str] | None]:
    return {
        str(day): [f"{at:%H:%M}" for at in place.hours[day]] if day in place.hours else None
        for day in range(7)
    }
