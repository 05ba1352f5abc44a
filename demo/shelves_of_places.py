"""How goods lie in warehouse and stores, and the cartons that they are packed into."""

import tomllib
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Item, Product
from fulfilment.outbound import boxes, shelving
from fulfilment.places import locations

FILE = Path(__file__).parent / "boxes.toml"
_SHELVES, _LEVELS = 12, 4


def put_all(session: Session) -> int:
    """Put the cartons, and give every article a place everywhere; return how many places."""
    for code, facts in tomllib.loads(FILE.read_text("utf-8"))["box"].items():
        length, width, height = facts["sides"]
        boxes.put(
            session,
            code,
            name_de=facts["name"]["de"],
            name_en=facts["name"]["en"],
            length_mm=length,
            width_mm=width,
            height_mm=height,
            tare_grams=facts["tare"],
            most_grams=facts["most"],
        )
    query = (
        select(Item.sku, Product.category)
        .join(Product, Product.slug == Item.product)
        .order_by(Product.category, Product.slug, Item.sku)
    )
    goods = [(sku, category) for sku, category in session.execute(query)]
    count = 0
    for number, code in enumerate(locations.by_code(session)):
        places = _places(goods, stores=number > 0)
        shelving.put(session, code, places)
        count += len(places)
    return count


def _places(goods: list[tuple[str, str]], *, stores: bool) -> dict[str, str]:
    """Return aisle, shelf and level by SKU: a category stands together; stores have no aisles."""
    found = {}
    aisles: dict[str, int] = {}
    for place, (sku, category) in enumerate(goods):
        aisle = chr(ord("A") + aisles.setdefault(category, len(aisles)) % 26)
        shelf, level = place // _LEVELS % _SHELVES + 1, place % _LEVELS + 1
        found[sku] = f"{aisle}-{shelf}" if stores else f"{aisle}-{shelf:02d}-{level}"
    return found
