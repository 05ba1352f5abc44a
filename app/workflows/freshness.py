"""What a page that was made a while ago has to be asked before it is shown again: one statement.

The shop's clock, what is on sale, the setup of locations and carriers, the stock of the SKUs that
the page shows, and what lies in the visitor's basket. Every request begins with it.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar, cast

from catalog import stamps
from catalog.stamps import Version
from fulfilment.answers import versions
from fulfilment.routing import snapshot
from kit import arrays, clock
from kit.database import glance, reading
from kit.plain import Plain

MINUTES = 5
MOST_HELD = 20_000
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


T = TypeVar("T")
Epoch = tuple[str, tuple[int, int, int], frozenset[tuple[str, date]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What everything was like that a page depends on. Equal: the page would be the same.

    `span` is the shop's time, as coarse as words like "today until 4 pm" are: it changes every five
    minutes, and when a location opens, closes or has its cut-off. `full` names locations that can
    send no more, with the day.
    """

    catalog: Version
    setup: str
    stock: str
    span: tuple[int, int, int]
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


class _Holding:
    """What holds while setup, span and full places are the same; one per process."""

    def __init__(self) -> None:
        self.epoch: Epoch | None = None
        self.answers: dict[Hashable, object] = {}


_holding = _Holding()
_now: ContextVar[Seen | None] = ContextVar("seen", default=None)


def remember(seen: Seen | None) -> None:
    """Take what was seen for what holds, in this thread, until the end of the request.

    None: look again, because something was changed here.
    """
    _now.set(seen)
    stamps.remember(seen.catalog if seen else None)


def meanwhile(key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` makes, from memory while setup, span and full places are the same.

    For days and hours: what follows from calendars, cut-offs and carriers, not from stock.
    """
    seen = _now.get()
    if seen is None:
        return make()
    epoch = (seen.setup, seen.span, seen.full)
    if _holding.epoch != epoch or len(_holding.answers) > MOST_HELD:
        _holding.epoch, _holding.answers = epoch, {}
    answers = _holding.answers
    if key not in answers:
        answers[key] = make()
    return cast("T", answers[key])


@dataclass(frozen=True, slots=True)
class _Places:
    """What is known of the locations under a setup: who is full, and when in a day words turn."""

    setup: str = ""
    as_of: float = 0.0
    full: frozenset[tuple[str, date]] = frozenset()
    turns: tuple[int, ...] = ()


_places = [_Places()]


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
    places = _places_now(setup)
    seen = Seen(catalog, setup, stock, _span(places.turns), places.full)
    return Look(seen, int(units or 0), number or None)


def _text(field: bytes | None) -> str:
    return "" if field is None else field.decode()


def _places_now(setup: str) -> _Places:
    known, now = _places[0], time.monotonic()
    if known.setup == setup and now - known.as_of < FULL_FOR_SECONDS:
        return known
    with reading() as session:
        full, turns = snapshot.full(session, clock.today()), snapshot.turns(session)
    _places[0] = _Places(setup, now, full, turns)
    return _places[0]


def _span(turns: Sequence[int]) -> tuple[int, int, int]:
    here = clock.berlin(clock.now())
    minute = here.hour * 60 + here.minute
    return here.toordinal(), minute // MINUTES, bisect_right(turns, minute)
