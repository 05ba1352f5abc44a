"""Where a German postal code lies: coordinates and state, from GeoNames (CC BY 4.0).

The table (about 10,800 codes) is read once per process, on first use.
"""

import csv
import gzip
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

POSTAL_CODES = Path(__file__).parent / "data" / "postal_codes_de.csv.gz"
EARTH_RADIUS_KM = 6371.0
CODE_DIGITS = 5

# The source names states in German for places and in English for large customers.
_STATES = {
    "Baden-Württemberg": "BW",
    "Bavaria": "BY",
    "Bayern": "BY",
    "Berlin": "BE",
    "Land Berlin": "BE",
    "Brandenburg": "BB",
    "Bremen": "HB",
    "Hamburg": "HH",
    "Hessen": "HE",
    "Lower Saxony": "NI",
    "Niedersachsen": "NI",
    "Mecklenburg-Vorpommern": "MV",
    "Mecklenburg-Western Pomerania": "MV",
    "Nordrhein-Westfalen": "NW",
    "Rheinland-Pfalz": "RP",
    "Saarland": "SL",
    "Sachsen": "SN",
    "Saxony": "SN",
    "Sachsen-Anhalt": "ST",
    "Saxony-Anhalt": "ST",
    "Schleswig-Holstein": "SH",
    "Thuringia": "TH",
    "Thüringen": "TH",
}


# How the source names the state of codes that belong to one large customer, and how such
# customers are called where it does not.
_LARGE_CUSTOMERS = frozenset(
    ("Bavaria", "Land Berlin", "Lower Saxony", "Mecklenburg-Western Pomerania", "Saxony",
     "Saxony-Anhalt", "Thuringia")
)  # fmt: skip
_NO_TOWN = re.compile(
    r"""\b(AG|AOK|ADAC|Agentur|BARMER|BKK|DAK|IKK|Job[Cc]enter|TÜV|SE|KG|GbR|OHG|e\.?V|gGmbH|m?bH
    |GmbH|eG|PLC|Abt|Amt|Co|DB|DRV|Direktion|Inc|Ltd|LBS|Postbank|Klinik\w*|Landrat|Magistrat
    |Services?|Stiftung|Verlag|Zentrale|Bundes\w+|Finanz\w+|Gericht\w*|Kreis|Landes\w+|Polizei\w*
    |Rathaus|Stadtverwaltung|Uni\w*)\b|bank\b|kasse|versicherung|verwaltung|amt\b|gericht|werke?\b
    |kammer|dienst|verband|gesellschaft|ministerium|universität|kolleg|institut|&|\d""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A postal code: its name, state (two letters, None if unknown) and centre."""

    postal_code: str
    name: str
    state: str | None
    latitude: float
    longitude: float


def locate(postal_code: str) -> Place | None:
    """The place of a postal code, or None when it is not one.

    A five-digit code that the table lacks (new or for one large customer only) is placed
    at its nearest numerical neighbour in the same sorting region (first two digits).
    """
    code = postal_code.strip()
    if len(code) != CODE_DIGITS or not code.isascii() or not code.isdigit():
        return None
    table = _table()
    if found := table.get(code):
        return found
    region = _regions().get(code[:2])
    if not region:
        return None
    near = table[min(region, key=lambda other: (abs(int(other) - int(code)), other))]
    return Place(code, near.name, near.state, near.latitude, near.longitude)


def towns(postal_code: str) -> list[str]:
    """The towns that share a postal code, in the table's order; empty when there is none.

    Parts of a town that is there itself are left out. Codes of one large customer name a company
    or an office, which is no town.
    """
    names = _towns().get(postal_code.strip(), ())
    return [name for name in names if not any(name.startswith(f"{other} ") for other in names)]


def all_codes() -> list[str]:
    """Every postal code of the table, in its order."""
    return list(_table())


def distance_km(
    from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Great-circle distance of two points in degrees (haversine formula), in kilometres."""
    phi_from, phi_to = math.radians(from_latitude), math.radians(to_latitude)
    half = (
        math.sin((phi_to - phi_from) / 2) ** 2
        + math.cos(phi_from)
        * math.cos(phi_to)
        * math.sin(math.radians(to_longitude - from_longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


@lru_cache(maxsize=1)
def _table() -> dict[str, Place]:
    places: dict[str, Place] = {}
    with gzip.open(POSTAL_CODES, "rt", encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            code = row["postal_code"]
            # Several places share a code: the first name stands for all.
            if code not in places:
                places[code] = Place(
                    code,
                    row["place"],
                    _STATES.get(row["state"]),
                    float(row["latitude"]),
                    float(row["longitude"]),
                )
    return places


@lru_cache(maxsize=1)
def _towns() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    with gzip.open(POSTAL_CODES, "rt", encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            if row["state"] not in _LARGE_CUSTOMERS and not _NO_TOWN.search(row["place"]):
                found[row["postal_code"]][row["place"]] = None
    return {code: tuple(names) for code, names in found.items()}


@lru_cache(maxsize=1)
def _regions() -> dict[str, list[str]]:
    regions: defaultdict[str, list[str]] = defaultdict(list)
    for code in _table():
        regions[code[:2]].append(code)
    return dict(regions)
