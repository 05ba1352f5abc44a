"""The shop that the ledger's benchmarks run in: locations, and stock by the ledger itself."""

from collections.abc import Iterable

from fulfilment.places import locations
from fulfilment.stock import ledger
from kit.database import transaction

WAREHOUSE = "loc-01"
BATCH = 2000


def code(number: int) -> str:
    """Return the code of the n-th location, from 1."""
    return f"loc-{number:02}"


def sku(number: int) -> str:
    """Return the n-th SKU, from 1."""
    return f"S{number:07}"


def open_locations(count: int) -> None:
    """Write so many locations, the first of them the warehouse."""
    with transaction() as session:
        for number in range(1, count + 1):
            locations.put(
                session,
                code=code(number),
                kind="warehouse" if number == 1 else "store",
                name=code(number),
                street="",
                postal_code="53111",
                city="Bonn",
                state="NW",
                phone="",
                email="",
                contact="",
                latitude=50.7,
                longitude=7.1,
                opening_hours={},
                cut_off="15:00",
                capacity_per_day=100,
                handling_line_minor=0,
                handling_unit_minor=0,
                groups=["std"],
                tariffs=[],
                position=number,
            )


def receive(location: str, skus: Iterable[str], quantity: int) -> None:
    """Take in so many units of each SKU, by the ledger's own functions."""
    listed = list(skus)
    for start in range(0, len(listed), BATCH):
        with transaction() as session:
            ledger.receive(
                session,
                location,
                [(sku, quantity) for sku in listed[start : start + BATCH]],
                document="opening",
                actor="bench",
                key=f"opening/{location}/{start}",
            )
