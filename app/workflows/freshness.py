"""What a page that was made a while ago has to be asked before it is shown again: one statement.

The shop's clock, what is on sale, the setup of locations and carriers, the stock of the SKUs that
the page shows, and what lies in the visitor's basket. Every request begins with it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from catalog import stamps
from catalog.stamps import Version
from fulfilment.answers import versions
from fulfilment.routing import snapshot
from kit import arrays, clock
from kit.database import glance, reading
from kit.plain import Plain

FULL_FOR_SECONDS = 4.0
"""So long it is believed which locations can send no more today or tomorrow."""

# Terms of this house, and nothing that anybody has typed.
_STATEMENT = f"""
    SELECT {clock.OFFSET}, {stamps.CHANGED}, {versions.SETUP}, {{stock}},
        basket.units, basket.number
    FROM (SELECT 1) AS here LEFT JOIN LATERAL (
        SELECT (SELECT sum(quantity) FROM basket_lines WHERE basket_id = id) AS units,
            customer_number AS number
        FROM baskets WHERE token = $1 AND order_ref IS NULL
    ) AS basket ON true
"""  # noqa: S608
_ABOUT = _STATEMENT.format(
    stock=versions.STOCK.format(skus="$2::text[]", at="$3::timestamptz")
).encode()
_ALONE = _STATEMENT.format(stock="NULL").encode()


@dataclass(frozen=True, slots=True)
class Seen:
    """What everything was like that a page depends on. Equal: the page would be the same.

    `minute` is the shop's: words like "today until 4 pm" hold for whole minutes. `full` names
    locations that can send no more, with the day.
    """

    catalog: Version
    setup: str
    stock: str
    minute: int
    full: frozenset[tuple[str, date]]


@dataclass(frozen=True, slots=True)
class Look:
    """The beginning of a request: what is seen, and what the basket holds."""

    seen: Seen
    basket_units: int
    customer_number: str | None


def before(seen: Seen) -> Seen:
    """Return what is never seen again: for a page that was made without a look at its own stock."""
    return replace(seen, stock="unknown")


class _Full:
    """Which locations are full, as of a moment; one per process."""

    def __init__(self) -> None:
        self.as_of = -FULL_FOR_SECONDS
        self.places: frozenset[tuple[str, date]] = frozenset()


_full = _Full()


def look(basket_token: str | None, skus: Sequence[str] = ()) -> Look:
    """Set the process's clock and return what a page has to be asked.

    Args:
        basket_token: the visitor's basket; None for nobody's.
        skus: whose stock the page shows.
    """
    token = (basket_token or "").encode()
    if skus:
        at = clock.now().isoformat().encode()
        plain = Plain(_ABOUT, [token, arrays.literal(skus).encode(), at])
    else:
        plain = Plain(_ALONE, [token])
    offset, stamp, setup, stock, units, number = (_text(field) for field in glance(plain))
    clock.take_over(float(offset))
    catalog = stamps.known_version(stamp)
    if catalog is None:
        with reading() as session:
            catalog = stamps.version(session, stamp)
    now = clock.now()
    seen = Seen(catalog, setup, stock, int(now.timestamp()) // 60, _full_places())
    return Look(seen, int(units or 0), number or None)


def _text(field: bytes | None) -> str:
    return "" if field is None else field.decode()


def _full_places() -> frozenset[tuple[str, date]]:
    if time.monotonic() - _full.as_of >= FULL_FOR_SECONDS:
        as_of = time.monotonic()
        with reading() as session:
            _full.places = snapshot.full(session, clock.today())
        _full.as_of = as_of
    return _full.places
