"""Who shops and who works at Angelhaus Rhein, from `customers.csv` and `accounts.toml`."""

import csv
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import devices, staff
from app.identity.models import Device, Staff
from app.tills import cashiers, weigh_codes
from catalog import publishing
from kit.errors import NotFound
from loyalty import addresses, customers, points

HERE = Path(__file__).parent
# Code: German name, English name, discount in basis points.
PRICE_GROUPS = {
    "standard": ("Alle", "Everyone", 0),
    "stamm": ("Stammkunde", "Regular customer", 500),
}
_DETAILS = (
    "salutation", "phone", "street", "postal_code", "city", "price_group", "contact_by", "language",
)  # fmt: skip


def customer_rows() -> list[dict[str, str]]:
    """Return the customers as they stand in the file, every value as text."""
    with (HERE / "customers.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def number_of(key: str) -> str:
    """Return the customer number of somebody in the file, e.g. ``mueller``.

    Raises:
        KeyError: nobody has that key.
    """
    return {row["key"]: row["number"] for row in customer_rows()}[key]


def put_customers(session: Session, today: date) -> int:
    """Enrol whoever is missing, with the points collected so far; return how many."""
    for code, (german, english, discount) in PRICE_GROUPS.items():
        publishing.put_price_group(
            session, code, name_de=german, name_en=english, discount_basis_points=discount
        )
    missing = [row for row in customer_rows() if not _known(session, row["number"])]
    for place, row in enumerate(missing):
        _enrol(session, row, today.replace(year=today.year - int(row["since"]), day=1 + place % 28))
    return len(missing)


def _known(session: Session, number: str) -> bool:
    try:
        customers.by_number(session, number)
    except NotFound:
        return False
    return True


def _enrol(session: Session, row: dict[str, str], since: date) -> None:
    number = row["number"]
    details: dict[str, Any] = {name: row[name] for name in _DETAILS}
    customers.enrol(
        session,
        number=number,
        name=row["name"],
        email=row["email"],
        home_location=row["home_location"] or None,
        since_on=since,
        **details,
    )
    if row["street"]:
        where = {name: row[name] for name in ("name", "street", "postal_code", "city")}
        addresses.add(session, number, where)
    collected = int(row["points"])
    if collected:
        points.earn(
            session,
            number=number,
            points=collected,
            cause="opening",
            document="Übernahme aus der alten Kartei",
            key=f"demo/points/{number}",
        )


def put_staff(session: Session) -> int:
    """Create the demo's sign-ins and tills where they are missing; return how many."""
    accounts = tomllib.loads((HERE / "accounts.toml").read_text("utf-8"))
    made = 0
    for person in accounts["staff"]:
        if session.scalar(select(Staff.id).where(Staff.email == person["email"])) is None:
            hired = staff.create(
                session,
                email=person["email"],
                name=person["name"],
                role=person["role"],
                password=accounts["password"],
                location=person.get("location"),
            )
            if "pin" in person and person["role"] in cashiers.RIGHTS:
                cashiers.set_pin(session, hired, person["pin"])
            made += 1
    for till in accounts["device"]:
        if session.scalar(select(Device.id).where(Device.code == till["code"])) is None:
            reader = till.pop("reader", None)
            made_till, _ = devices.enrol(session, **till)
            made_till.reader = reader
            made += 1
    if made:
        for label in accounts["weigh_code"]:
            weigh_codes.put(session, **label)
    return made
