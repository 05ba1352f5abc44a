"""What lies where when the demo starts, and how it got there.

- `stock.toml` has a rule by price, and exact figures for what the story needs;
- a quantity is drawn from SKU and location, so it is the same on every machine;
- everything arrives at the warehouse and is sent on to the stores, as in real life;
- stores keep one unit of a fast seller back for whoever stands at the counter.
"""

import tomllib
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from demo.catalog.goods import Variant, variants
from fulfilment.stock import ledger, safety
from kit import clock
from kit.database import transaction

FILE = Path(__file__).parent / "stock.toml"
WAREHOUSE, STORES = "lager", ("bonn", "koeln", "koblenz")
PLACES = (WAREHOUSE, *STORES)
# Days before the demo starts: delivery, dispatch to the stores, arrival there.
DELIVERED, SENT, ARRIVED = 40, 33, 32
FAST_FACTOR = 1.5
KEPT_BACK = 1
_ACTOR = "demo"

Quantities = dict[str, int]


def quantities() -> dict[str, Quantities]:
    """Return units by SKU and location."""
    rules = tomllib.loads(FILE.read_text("utf-8"))
    unknown = rules["exact"].keys() - variants().keys()
    if unknown:
        raise ValueError(f"stock.toml: unknown SKU {', '.join(sorted(unknown))}")
    return {
        sku: _exact(rules["exact"][sku])
        if sku in rules["exact"]
        else _drawn(variant, rules["rule"], fast=product.fast)
        for sku, (product, variant) in variants().items()
    }


def _exact(row: Quantities) -> Quantities:
    return {place: row.get(place, 0) for place in PLACES}


def _drawn(variant: Variant, rules: list[dict[str, Any]], *, fast: bool) -> Quantities:
    rule = next(rule for rule in rules if variant.price <= rule["up_to"])
    units = {}
    for place in PLACES:
        least, most = rule[place]
        draw = zlib.crc32(f"{variant.sku}/{place}".encode()) % (most - least + 1)
        units[place] = round((least + draw) * (FAST_FACTOR if fast else 1))
    return units


def fast_skus() -> set[str]:
    """Return the SKUs that sell daily at the counters."""
    return {sku for sku, (product, _) in variants().items() if product.fast}


def put_all(start: datetime, extra: dict[tuple[str, str], int]) -> None:
    """Bring the goods in, by movements of the ledger; a second time moves nothing.

    Args:
        start: the demo's first instant; the movements lie before it.
        extra: units by (SKU, location) on top, for what has been sold again since.
    """
    wanted = {sku: dict(units) for sku, units in quantities().items()}
    for (sku, place), units in extra.items():
        wanted[sku][place] += units
    with clock.frozen(start - timedelta(days=DELIVERED)), transaction() as session:
        everything = [(sku, sum(units.values())) for sku, units in wanted.items()]
        _receive(session, [line for line in everything if line[1]])
    for store in STORES:
        lines = [(sku, units[store]) for sku, units in wanted.items() if units[store]]
        _restock(start, store, lines)
    kept = {(store, sku): KEPT_BACK for store in STORES for sku in fast_skus()}
    with clock.frozen(start - timedelta(days=ARRIVED)), transaction() as session:
        safety.put(session, kept, reason="für die Kundschaft am Tresen", actor=_ACTOR)


def _receive(session: Session, lines: list[tuple[str, int]]) -> None:
    ledger.receive(
        session, WAREHOUSE, lines, document="WE-4410", actor=_ACTOR, key="demo/receipt/WE-4410"
    )


def _restock(start: datetime, store: str, lines: list[tuple[str, int]]) -> None:
    note = f"UL-{store.upper()}-07"
    with clock.frozen(start - timedelta(days=SENT)), transaction() as session:
        ledger.transfer_out(
            session, WAREHOUSE, store, lines, document=note, actor=_ACTOR, key=f"demo/out/{note}"
        )
    with clock.frozen(start - timedelta(days=ARRIVED)), transaction() as session:
        ledger.transfer_in(
            session, store, lines, document=note, actor=_ACTOR, key=f"demo/in/{note}"
        )
