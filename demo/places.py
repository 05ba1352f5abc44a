"""The warehouse, the stores and the carriers of Angelhaus Rhein, from `locations.toml`."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from fulfilment.places import displays, locations
from fulfilment.routing import snapshot

FILE = Path(__file__).parent / "locations.toml"
# Rods and reels want to be held, a mixer to be seen running.
DISPLAYED = {
    "bonn": ("SR-J-240", "RU-2500", "LO-4000", "KM-X100-CRE"),
    "koeln": ("SR-UL-180", "NA-150-L", "KM-X100-SCH", "TR-2"),
}


def read() -> dict[str, Any]:
    """Return the file: `location`, `closed`, `tariff`."""
    return tomllib.loads(FILE.read_text("utf-8"))


def put_all(session: Session) -> int:
    """Put tariffs, locations and closed days into the shop; return how many locations."""
    facts = read()
    for code, tariff in facts["tariff"].items():
        locations.put_tariff(
            session,
            code=code,
            name=tariff["name"],
            carrier=tariff["carrier"],
            carrier_days=tariff["days"],
            zones=tariff["zones"],
            groups={name: _rates(group) for name, group in tariff["groups"].items()},
        )
    for position, (code, place) in enumerate(facts["location"].items()):
        _put(session, code, position, place)
    for rule in facts["closed"]:
        days = [(date.fromisoformat(day), rule["reason"]) for day in rule["days"]]
        for code in rule["locations"]:
            locations.close_on(session, code, days)
    # What the router knows of the network is kept for seconds: it has changed now.
    snapshot.forget()
    return len(facts["location"])


def put_on_display(session: Session) -> int:
    """Note what the stores have on display; return how many pieces."""
    return sum(
        displays.put_up(session, store, sku, actor="Kontor")
        for store, skus in DISPLAYED.items()
        for sku in skus
    )


def _rates(group: dict[str, Any]) -> dict[str, Any]:
    return {
        "steps": group["steps"],
        "minor": group["cents"],
        "max_parcels": group["max_parcels"],
    }


def _put(session: Session, code: str, position: int, place: dict[str, Any]) -> None:
    hours = {str(day): said.split("-") if said else None for day, said in enumerate(place["hours"])}
    same = (
        "kind", "name", "street", "postal_code", "city", "state", "latitude", "longitude",
        "phone", "email", "contact", "cut_off", "capacity_per_day", "groups", "tariffs",
    )  # fmt: skip
    locations.put(
        session,
        code=code,
        position=position,
        opening_hours=hours,
        handling_line_minor=place["handling_line"],
        handling_unit_minor=place["handling_unit"],
        **{name: place[name] for name in same},
    )
