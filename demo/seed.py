"""Builds Angelhaus Rhein: places, goods, pictures, papers, people, stock, and earlier sales.

Every step goes through the public functions of the domains and may be repeated: what is there is
kept, what has changed in the files is brought up to date; what is gone from them stays in the shop
until `make demo-reset`. Prices, stock and points are only ever added.
"""

import csv
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.identity.models import Device
from app.sales.models import Order
from app.workflows import findable, pricing
from app.workflows.till import sales
from demo import (
    by_post,
    campaigns,
    incoming,
    kept_apart,
    law,
    network_rules,
    offered,
    offers,
    people,
    places,
    set_aside,
    shelves_of_places,
    shelving,
    stockroom,
    tables,
    together,
)
from demo.catalog.goods import variants
from demo.documents.press import print_all
from demo.illustrations import write_all, write_close_ups
from kit import clock
from kit.database import reading, transaction

ROOT = Path(__file__).parent.parent
FILM = ROOT / "static" / "media"
SOLD_BEFORE = Path(__file__).parent / "sold_before.csv"

Say = Callable[[str], None]


def picture_of(sku: str) -> str:
    """Return where a SKU's picture lies below the media folder."""
    return f"pictures/{sku}.svg"


def seed(progress: Say, media: Path) -> None:
    """Create or bring up to date the whole demo shop.

    Args:
        progress: told each step when it is done.
        media: the folder of pictures, papers and films that the shop serves.
    """
    with reading() as session:
        clock.refresh(session)
    start = clock.now()
    printed = print_all(media)
    progress(f"{len(printed)} guides and manuals")
    progress(f"{_draw(media)} pictures")
    _copy_film(media)
    with transaction() as session:
        progress(f"{places.put_all(session)} locations")
        progress(f"{shelving.put_shelves(session)} shelves")
        progress(f"{shelving.put_goods(session, start, picture_of)} articles")
        progress(f"{places.put_on_display(session)} articles on display")
        progress(f"{shelving.put_papers(session, printed)} papers and films")
        progress(f"{shelving.put_links(session)} links")
        progress(f"{offers.put_all(session, start)} promotions, themes and drafts")
        progress(f"{people.put_customers(session, start.date())} customers")
        progress(f"{people.put_staff(session)} sign-ins and tills")
        progress(f"{network_rules.put_all(session)} versions of the network's rules")
        progress(f"{campaigns.put_all(session, start.date())} cards for parcels")
        progress(f"{shelves_of_places.put_all(session)} places on shelves")
        progress(f"{law.put_all(session)} legal texts")
        progress(f"{tables.put_all(session)} prices to be looked at")
    stockroom.put_all(start, _sold())
    progress("stock")
    progress(f"{kept_apart.put_all(start)} articles kept by lot or serial number")
    progress(f"{incoming.put_all(start)} documents of goods on their way")
    progress(f"{_ring_up(start)} earlier sales")
    progress(f"{together.put_all(start)} receipts of what was bought together")
    progress(f"{set_aside.put_all()} holds in stores")
    progress(f"{offered.put_all()} offers of counters")
    progress(f"{by_post.put_all(start)} catalogues and samples for those who asked")
    progress(f"{findable.refresh()} search entries")


def _draw(media: Path) -> int:
    pictures = [
        (sku, product.family, variant.attributes) for sku, (product, variant) in variants().items()
    ]
    drawn = write_all(pictures, media / "pictures")
    write_close_ups(drawn)
    return len(drawn)


def _copy_film(media: Path) -> None:
    (media / "film").mkdir(parents=True, exist_ok=True)
    for file in FILM.glob("barsche-mit-gummi.*"):
        shutil.copyfile(file, media / "film" / file.name)


def _sales() -> list[dict[str, str]]:
    with SOLD_BEFORE.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _sold() -> dict[tuple[str, str], int]:
    """Return what the stock has to hold on top, so that the sales leave what `stock.toml` says."""
    sold: dict[tuple[str, str], int] = {}
    for sale in _sales():
        place = sale["till"].rpartition("-")[0]
        for sku, quantity in _lines(sale):
            sold[sku, place] = sold.get((sku, place), 0) + quantity
    return sold


def _lines(sale: dict[str, str]) -> list[tuple[str, int]]:
    pairs = (line.rpartition("x") for line in sale["lines"].split())
    return [(sku, int(quantity)) for sku, _, quantity in pairs]


def _ring_up(start: datetime) -> int:
    """Ring up the sales of the days before, each at its own time, through the till's workflow."""
    with reading() as session:
        known = set(session.scalars(select(Order.sale_id).where(Order.channel == "till")))
    missing = [
        (sale_id, sale)
        for place, sale in enumerate(_sales(), start=1)
        if (sale_id := f"demo-{place:03d}") not in known
    ]
    for sale_id, sale in missing:
        at = clock.berlin(start - timedelta(days=int(sale["days_ago"])))
        hour, minute = (int(part) for part in sale["time"].split(":"))
        with clock.frozen(at.replace(hour=hour, minute=minute, second=0)):
            _sell(sale_id, sale)
    return len(missing)


def _sell(sale_id: str, sale: dict[str, str]) -> None:
    number = people.number_of(sale["customer"]) if sale["customer"] else None
    lines = _lines(sale)
    with reading() as session:
        till = session.scalars(select(Device).where(Device.code == sale["till"])).one()
        basket = pricing.price(session, lines, customer_number=number, at=clock.now())
    charged = [sales.SaleLine(line.sku, line.quantity, line.unit_minor) for line in basket.lines]
    total = sum(line.quantity * line.unit_minor for line in charged)
    sales.sell(
        till,
        sales.Sale(
            sale_id=sale_id,
            lines=charged,
            tenders=[sales.Tender(sale["tender"], total)],
            customer_number=number,
            sold_at=clock.now(),
        ),
    )
