"""Goods for the replay: articles, prices, a network of four places, and weekly deliveries.

Deliveries follow the demand that the file itself shows for the coming week, with a margin, and
for a fixed share of articles and weeks too little: the shelves must run empty now and then.
"""

import csv
import gzip
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import devices
from app.identity.models import Device
from app.replay.reading import Invoice, playable
from catalog import pricing, publishing
from catalog.models import Item
from fulfilment.places import locations
from fulfilment.stock import ledger
from kit.ids import mod10_check_digit
from loyalty import customers
from loyalty.models import Customer

WAREHOUSE = "or-lager"
STORES = ("or-bonn", "or-koeln", "or-koblenz")
CATEGORY = "online-retail"
# One article in so many gets too little in a week, and then this share of the demand.
_SHORT_ONE_IN = 150
_SHORT_SHARE = 0.4
_MARGIN = 1.15
UNIT_GRAMS = 60
_MAKER = {
    "name": "unbekannt (Online Retail II)",
    "address": "unbekannt",
    "email": "import@example.org",
}
_PLACES = {
    WAREHOUSE: ("warehouse", "Lager (Import)", "34123", "HE", 51.2988, 9.5297),
    "or-bonn": ("store", "Bonn (Import)", "53111", "NW", 50.7362, 7.1002),
    "or-koeln": ("store", "Köln (Import)", "50676", "NW", 50.9312, 6.9515),
    "or-koblenz": ("store", "Koblenz (Import)", "56068", "RP", 50.3569, 7.5890),
}


def hashed(*parts: object) -> int:
    """Return a number that is the same for the same words on every machine and in every run."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def store_of(invoice_number: str) -> str:
    """Return the store in which a till sale is played."""
    return STORES[hashed("store", invoice_number) % len(STORES)]


@dataclass
class Demand:
    """What the file asks for: units per week, place and SKU; first price and all titles."""

    weekly: dict[date, dict[tuple[str, str], int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    first_price: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    customers: set[str] = field(default_factory=set)
    invoices: int = 0
    lines: int = 0

    def add(self, invoice: Invoice) -> None:
        """Count an invoice's playable lines."""
        self.invoices += 1
        self.lines += len(invoice.lines)
        if invoice.customer:
            self.customers.add(invoice.customer)
        place = WAREHOUSE if invoice.kind == "web_order" else store_of(invoice.number)
        week = monday(invoice.at)
        for line in playable(invoice)[0]:
            self.first_price.setdefault(line.sku, (line.unit_minor, invoice.at))
            if invoice.kind in {"web_order", "till_sale"}:
                self.weekly[week][place, line.sku] += line.quantity


def monday(at: datetime) -> date:
    """Return the Monday of the week."""
    return at.date() - timedelta(days=at.weekday())


def demand_of(year: Iterable[Invoice]) -> Demand:
    """Read a whole file once and return what it will ask for."""
    demand = Demand()
    for invoice in year:
        demand.add(invoice)
    return demand


def titles(path: Path | None) -> Mapping[str, str]:
    """Return article names by SKU from a ``sku,title`` file; empty without one."""
    if path is None or not path.exists():
        return {}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as source:
        return {row["sku"].upper(): row["title"].strip() for row in csv.DictReader(source)}


def build_network(session: Session) -> None:
    """Create the four places of the replay and the tariff they send with; harmless to repeat."""
    locations.put_tariff(
        session,
        code="or-paket",
        name="Paket und Palette (Import)",
        carrier="Import",
        carrier_days=[0, 1, 2, 3, 4, 5],
        zones=[[2000, 2, 0]],
        groups={
            "std": {
                "steps": [2000, 5000, 10000, 31500, 200000, 800000],
                "minor": [490, 590, 790, 1290, 6900, 14900],
                "max_parcels": 20,
            }
        },
    )
    for position, (code, facts) in enumerate(_PLACES.items(), start=100):
        kind, name, postal_code, state, latitude, longitude = facts
        locations.put(
            session,
            code=code,
            kind=kind,
            name=name,
            street="-",
            postal_code=postal_code,
            city=name,
            state=state,
            phone="+492210000000",
            email="import@example.org",
            contact="Import",
            latitude=latitude,
            longitude=longitude,
            opening_hours={str(day): ["08:00", "20:00"] for day in range(7)},
            cut_off="18:00",
            capacity_per_day=100_000,
            handling_line_minor=35 if kind == "warehouse" else 70,
            handling_unit_minor=1,
            groups=["std"],
            tariffs=["or-paket"],
            position=position,
        )


def publish(session: Session, demand: Demand, names: Mapping[str, str]) -> None:
    """Create every article of the file with its first price; harmless to repeat."""
    publishing.put_price_group(
        session, "standard", name_de="Alle", name_en="Everyone", discount_basis_points=0
    )
    publishing.put_category(
        session, CATEGORY, name_de="Online Retail II", name_en="Online Retail II"
    )
    known = set(session.scalars(select(Item.sku)))
    for sku, (unit_minor, at) in demand.first_price.items():
        if sku in known:
            continue
        title = names.get(sku) or sku
        slug = "or-" + "".join(c if c.isalnum() and c.isascii() else "-" for c in sku.lower())
        publishing.put_product(
            session,
            slug,
            category=CATEGORY,
            family="bag",
            name_de=title,
            name_en=title,
            text_de=title,
            text_en=title,
            brand="Online Retail II",
            maker=_MAKER,
            eco_proof="titles as they stand in the retailer's books",
        )
        publishing.put_item(session, sku, product=slug, gtin=None, weight_grams=UNIT_GRAMS)
        pricing.set_price(session, sku, unit_minor, at.astimezone(UTC))


def enrol(session: Session, demand: Demand) -> None:
    """Create the customers of the file and a till per store; harmless to repeat."""
    known = set(session.scalars(select(Customer.number)))
    for customer in sorted(demand.customers):
        number = customer_number(customer)
        if number not in known:
            customers.enrol(
                session,
                number=number,
                name=f"Kunde {customer}",
                email=f"kunde{customer}@example.org",
            )
    tills = set(session.scalars(select(Device.code)))
    for store in STORES:
        if store not in tills:
            devices.enrol(session, code=store, name=f"Import {store}", location=store)


def customer_number(customer: str) -> str:
    """Return our number for a customer of the file: 6 digits of theirs and the check digit."""
    digits = customer.zfill(6)
    return digits + str(mod10_check_digit(digits))


def deliver_week(session: Session, week: date, demand: Demand) -> int:
    """Receive what a week will ask for, at its places, and return the units; once per week."""
    units = 0
    per_place: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (place, sku), asked in sorted(demand.weekly.get(week, {}).items()):
        short = hashed("short", place, sku, week) % _SHORT_ONE_IN == 0
        share = _SHORT_SHARE if short else _MARGIN
        quantity = math.floor(asked * share) if short else math.ceil(asked * share)
        if quantity:
            per_place[place].append((sku, quantity))
            units += quantity
    for place, lines in per_place.items():
        ledger.receive(
            session,
            place,
            lines,
            document=f"delivery {week}",
            actor="replay",
            key=f"replay/{week}/{place}",
            channel="import",
        )
    return units
