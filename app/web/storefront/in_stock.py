"""Which goods of a shelf or a search can be had at once, and where: a facet of the stock itself.

A page that counts them is made anew when the stock of one of them changes (`kept_pages.shows`).
Where there are more of them than a page should watch over, the choice is offered without counts;
and more goods than anyone looks through offer none.
"""

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.web import kept_pages
from app.web.storefront import my_store, outlook
from catalog import listings, search, stamps
from catalog.facets import STOCK, Facet
from catalog.listings import InStock
from fulfilment.answers import availability
from fulfilment.models import Location
from fulfilment.places import locations
from kit import clock

MOST, WATCHED = 5000, 150
ONLINE = "online"
# What a page says of stock is never older than this, in seconds.
_FRESH = 4.0
Held = Mapping[str, frozenset[str]]
_MOST_KEPT = 100
_kept: dict[Hashable, tuple[float, Held]] = {}


@dataclass(frozen=True)
class Choice:
    """The facet, and who has what; `counted` is None where nobody counts unless it is chosen."""

    facet: Facet
    counted: InStock | None

    @property
    def key(self) -> tuple[object, ...]:
        """What an answer that reckons with it depends on."""
        if self.counted is None:
            return ()
        return tuple((code, frozenset(skus)) for code, skus in self.counted.skus.items())


def of_shelf(session: Session, category: str, *, chosen: bool) -> Choice | None:
    """Return who has what of a category, the visitor's own store first; None for a huge shelf.

    Raises:
        NotFound: ``category``.
    """
    skus = stamps.kept(
        session, ("skus", category), lambda: listings.skus_in(session, category, most=MOST)
    )
    return _choice(session, category, skus, chosen=chosen) if skus else None


def of_found(session: Session, text: str, *, chosen: bool) -> Choice | None:
    """Return who has what of the goods that a text finds; None where there are none, or too many.

    Unless it is chosen, nobody looks at more goods than a page watches over.
    """
    most = MOST if chosen else WATCHED
    skus = stamps.kept(
        session, ("skus found", text, most), lambda: search.skus_found(session, text, most=most)
    )
    if skus is None and not chosen:
        return Choice(_facet(session), None)
    return _choice(session, ("found", text), skus, chosen=chosen) if skus else None


def _facet(session: Session) -> Facet:
    return Facet(STOCK, "Sofort da", "In stock", values=_names(outlook.stores(session)))


def _choice(session: Session, name: Hashable, skus: list[str], *, chosen: bool) -> Choice:
    facet = _facet(session)
    if len(skus) <= WATCHED:
        kept_pages.shows(skus)
        held = _held(session, skus)
    elif chosen:
        kept_pages.leave()
        held = _recent(session, name, skus)
    else:
        return Choice(facet, None)
    known = {code: held.get(code, frozenset()) for code in facet.values}
    return Choice(facet, InStock(facet, known))


def forget() -> None:
    """Ask again at once: between tests."""
    _kept.clear()


def _names(places: list[Location]) -> dict[str, dict[str, str]]:
    own = my_store.chosen()
    mine, others = {}, {ONLINE: {"de": "online lieferbar", "en": "available online"}}
    for place in places:
        if place.code == own:
            city = place.city
            mine[own] = {"de": f"in meinem Laden, {city}", "en": f"in my store, {city}"}
        else:
            others[place.code] = {"de": f"in {place.city}", "en": f"in {place.city}"}
    return mine | others


def _recent(session: Session, name: Hashable, skus: list[str]) -> Held:
    known = _kept.get(name)
    if known and time.monotonic() - known[0] < _FRESH:
        return known[1]
    while len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    held = _held(session, skus)
    _kept[name] = (time.monotonic(), held)
    return held


def _held(session: Session, skus: list[str]) -> Held:
    units = availability.free(session, skus, clock.now())
    places = locations.by_code(session)
    held: dict[str, set[str]] = {}
    for code, there in units.items():
        kind = places[code].kind if code in places else ""
        name = ONLINE if kind == outlook.WAREHOUSE else code
        held.setdefault(name, set()).update(sku for sku, count in there.items() if count > 0)
    if ONLINE in held:
        # What is for adults is sent only by who looks at the age.
        adults = listings.for_adults(session, skus)
        sent = outlook.carried(session) if adults else frozenset()
        held[ONLINE] -= {sku for sku, group in adults.items() if group not in sent}
    return {code: frozenset(found) for code, found in held.items()}
