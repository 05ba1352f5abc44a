"""Prices in the database: written by whoever makes them, read by the router."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from fulfilment.foresight.reckoning import Block, Floats, Shop
from fulfilment.foresight.shape import Shape
from fulfilment.models import ParcelPrice, PriceRun, StockPrice

OLDEST = timedelta(hours=36)
"""Prices that are older count as none: better no foresight than a stale one."""
SMALLEST_UNITS = 0.005
"""Expected sales below this are none: no row is kept for them."""

_WORTH = text(
    """
    SELECT location, sku, shadow_minor, counter_units FROM stock_prices
    WHERE sku = ANY(:skus) AND made_at > :since
    """
)
_PUT = text(
    """
    INSERT INTO stock_prices (
        sku, location, shadow_minor, counter_units, web_units, free, until_on, made_at, run
    )
    SELECT *, CAST(:made_at AS timestamptz), CAST(:run AS bigint) FROM unnest(
        CAST(:skus AS text[]), CAST(:locations AS text[]), CAST(:worth AS int[]),
        CAST(:counter AS float[]), CAST(:web AS float[]), CAST(:free AS int[]),
        CAST(:until AS date[])
    )
    ON CONFLICT (sku, location) DO UPDATE SET
        shadow_minor = excluded.shadow_minor, counter_units = excluded.counter_units,
        web_units = excluded.web_units, free = excluded.free, until_on = excluded.until_on,
        made_at = excluded.made_at, run = excluded.run
    """
)
_DROP = text("DELETE FROM stock_prices WHERE sku = ANY(:skus) AND run <> CAST(:run AS bigint)")
_MOVED = text(
    """
    SELECT DISTINCT balance.sku FROM stock_balances AS balance
    WHERE balance.changed_at > :since ORDER BY balance.sku LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Worth:
    """What units are worth where they lie, by location and SKU.

    `shadow`: minor units, to later web orders. `counter`: units that the counter is expected to
    sell until goods come.
    """

    shadow: dict[str, dict[str, int]] = field(default_factory=dict)
    counter: dict[str, dict[str, float]] = field(default_factory=dict)


def worth_of(sku: str) -> str:
    """Return SQL for what units of one SKU are worth: JSON, location → [shadow, counter].

    As `worth`, for queries that find their SKUs themselves; it asks for the parameter
    ``priced_since``, the instant before which prices are too old.

    Args:
        sku: the column that holds it, as it stands in the query around.
    """
    return f"""
        SELECT json_object_agg(
            price.location, json_build_array(price.shadow_minor, price.counter_units)
        )
        FROM stock_prices AS price
        WHERE price.sku = {sku} AND price.made_at > :priced_since
    """


def worth_by_place(skus: str, since: str) -> str:
    """Return SQL for what units of SKUs are worth: JSON, a list of location, SKU and both prices.

    For statements that ask for more at once; `worth_from` reads it, `OLDEST` says since when.
    """
    rows = _WORTH.text.replace(":skus", skus).replace(":since", since)
    return f"""
        SELECT json_agg(json_build_array(location, sku, shadow_minor, counter_units))
        FROM ({rows}) AS price
    """


def worth_from(rows: Iterable[tuple[str, str, int, float]]) -> Worth:
    """Return what units are worth, from rows of location, SKU, shadow price and counter units."""
    found = Worth()
    for location, sku, shadow, counter in rows:
        if shadow > 0:
            found.shadow.setdefault(location, {})[sku] = shadow
        if counter > 0:
            found.counter.setdefault(location, {})[sku] = counter
    return found


def worth(session: Session, skus: Sequence[str], now: datetime) -> Worth:
    """Return what units of SKUs are worth, with one query; nothing where prices are too old.

    Args:
        session: any session.
        skus: which.
        now: prices made more than 36 hours before it do not count.
    """
    asked = {"skus": list(skus), "since": now - OLDEST}
    return worth_from(tuple(row) for row in session.execute(_WORTH, asked))


def begin(session: Session, what: str, shape: Shape, now: datetime) -> int:
    """Note that prices are being made, and return the number of the run.

    Args:
        session: the open transaction.
        what: ``whole`` or ``moved``.
        shape: of the shop.
        now: instant that the prices carry.
    """
    run = PriceRun(
        what=what, made_at=now, digest="", shape=shape.to_json(), skus=0, places=0, seconds=0.0
    )
    session.add(run)
    session.flush()
    return run.id


def put(session: Session, run: int, shop: Shop, block: Block, now: datetime) -> int:
    """Write the prices of a block instead of those that its SKUs had.

    Returns:
        How many places have a price or expected sales; the others have no row.
    """
    told = block.told
    keep = (block.worth > 0) | (told.counter >= SMALLEST_UNITS)
    rows, columns = (of.tolist() for of in keep.nonzero())
    skus = [block.skus[row] for row in rows]
    days = told.days[rows, columns].tolist()
    if skus:
        session.execute(
            _PUT,
            {
                "made_at": now,
                "run": run,
                "skus": skus,
                "locations": [shop.places[column].code for column in columns],
                "worth": block.worth[rows, columns].tolist(),
                "counter": told.counter[rows, columns].tolist(),
                "web": told.web[rows].tolist(),
                "free": block.free[rows, columns].tolist(),
                "until": [shop.today + timedelta(days=of) for of in days],
            },
        )
    session.execute(_DROP, {"skus": list(block.skus), "run": run})
    return len(skus)


def put_parcels(session: Session, shop: Shop, prices: Floats, now: datetime) -> None:
    """Write what the locations' parcels are worth, (D, L) from today on, instead of before."""
    session.execute(delete(ParcelPrice))
    for column, place in enumerate(shop.places):
        for number in range(len(prices)):
            price = round(float(prices[number, column]))
            if price > 0:
                day = shop.today + timedelta(days=number)
                session.add(
                    ParcelPrice(location=place.code, day=day, price_minor=price, made_at=now)
                )
    session.flush()


def finish(
    session: Session, run: int, *, digest: str, skus: int, places: int, seconds: float
) -> None:
    """Note what a run came to."""
    row = session.get_one(PriceRun, run)
    row.digest, row.skus, row.places, row.seconds = digest, skus, places, seconds


def latest(session: Session, what: str | None = None) -> PriceRun | None:
    """Return the latest finished run, of a kind or of any."""
    rows = select(PriceRun).where(PriceRun.digest != "").order_by(PriceRun.id.desc()).limit(1)
    return session.scalar(rows if what is None else rows.where(PriceRun.what == what))


def moved_since(session: Session, instant: datetime, limit: int) -> list[str]:
    """Return SKUs whose balances have changed since an instant, so many at most."""
    return list(session.scalars(_MOVED, {"since": instant, "limit": limit}))


def all_skus(session: Session) -> list[str]:
    """Return every SKU that any location holds a balance of."""
    rows = session.scalars(text("SELECT DISTINCT sku FROM stock_balances ORDER BY sku"))
    return list(rows)


def price_of(session: Session, sku: str) -> list[StockPrice]:
    """Return the rows of a SKU, by location."""
    rows = select(StockPrice).where(StockPrice.sku == sku).order_by(StockPrice.location)
    return list(session.scalars(rows))
