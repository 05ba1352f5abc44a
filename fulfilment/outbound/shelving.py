"""Where things lie: the places of a location's shelves, in the order in which one walks past."""

import re
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import ShelfPlace
from kit.errors import Invalid

LONGEST = 32
_STEP = re.compile(r"\d+|\D+")
_NOWHERE = ((2, 0, ""),)


def put(session: Session, location: str, places: Mapping[str, str]) -> None:
    """Say where SKUs lie at a location; what was said of them before is forgotten.

    Args:
        session: the open transaction.
        location: code of the location.
        places: by SKU, e.g. ``"A-03-2"``: aisle, shelf, level.

    Raises:
        Invalid: ``shelf_place``: empty or longer than 32.
    """
    for sku, place in places.items():
        if not 0 < len(place) <= LONGEST:
            raise Invalid("shelf_place", sku=sku, place=place)
    if not places:
        return
    rows = [{"location": location, "sku": sku, "place": places[sku]} for sku in sorted(places)]
    new = insert(ShelfPlace).values(rows)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["location", "sku"], set_={"place": new.excluded.place}
        )
    )


def clear(session: Session, location: str, skus: Collection[str]) -> None:
    """Say that SKUs have no place at a location any more."""
    session.execute(
        delete(ShelfPlace).where(ShelfPlace.location == location, ShelfPlace.sku.in_(sorted(skus)))
    )


def listed(session: Session, location: str) -> list[tuple[str, str]]:
    """Return (SKU, place) of a location, in the order in which one walks past."""
    rows = select(ShelfPlace.sku, ShelfPlace.place).where(ShelfPlace.location == location)
    found = [(sku, place) for sku, place in session.execute(rows)]
    return sorted(found, key=lambda row: (step(row[1]), row[0]))


def of(session: Session, location: str, skus: Collection[str]) -> dict[str, str]:
    """Return where SKUs lie at a location; one that nobody has given a place is left out."""
    rows = select(ShelfPlace.sku, ShelfPlace.place).where(
        ShelfPlace.location == location, ShelfPlace.sku.in_(sorted(skus))
    )
    return dict(session.execute(rows).all())


def step(place: str | None) -> tuple[tuple[int, int, str], ...]:
    """Return what places sort by: A-2 comes before A-10, and what has no place comes last."""
    if not place:
        return _NOWHERE
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part.casefold())
        for part in _STEP.findall(place)
    )
