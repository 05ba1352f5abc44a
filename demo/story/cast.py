"""Who and what the story is about."""

import csv
from dataclasses import dataclass
from pathlib import Path

LURE, LURE_GTIN, LURE_NAME = "RS9-MOT", "9520000001018", "Rheinshad 9 cm"
HOOK, HOOK_GTIN = "OH-3-0", "9520000001834"
# Of something that nobody in this story buys.
OTHER_GTIN = "4006381333931"
LURES_WANTED, HOOKS_WANTED = 2, 1
SHELF = "/sortiment/gummikoeder"
FILM = "film-barsche-mit-gummi"
GUIDE = "ratgeber-gummikoeder"
WAREHOUSE, STORE = "lager", "bonn"
TELL_SECONDS = 5.0


@dataclass(frozen=True)
class Shopper:
    """Herr Müller, as he types himself into the checkout form."""

    number: str
    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    contact_by: str


def herr_mueller(contact_by: str = "call") -> Shopper:
    """Return Herr Müller from the demo's customers, preferring calls or mails."""
    file = Path(__file__).parent.parent / "customers.csv"
    with file.open(encoding="utf-8", newline="") as source:
        row = next(row for row in csv.DictReader(source) if row["key"] == "mueller")
    facts = {name: row[name] for name in Shopper.__dataclass_fields__}
    return Shopper(**{**facts, "contact_by": contact_by})
