"""What attributes are called and how their values are written, wherever they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog import checks
from catalog.facets import Facet
from catalog.page_models import AttributeName
from catalog.views import ItemView

Names = Mapping[str, Facet]


def put(session: Session, facet: Facet, *, position: int = 0) -> None:
    """Say how an attribute is called and written; its place among the others counts from 0.

    Raises:
        Invalid: ``facet``: a name is missing.
    """
    checks.facets(facet.key, [{"key": facet.key, "de": facet.de, "en": facet.en}])
    said = {
        "name_de": facet.de,
        "name_en": facet.en,
        "unit": facet.unit,
        "divide": facet.divide,
        "values": [[value, dict(names)] for value, names in facet.values.items()],
        "position": position,
    }
    put_row = insert(AttributeName).values(key=facet.key, **said)
    session.execute(put_row.on_conflict_do_update(index_elements=["key"], set_=said))


def names(session: Session) -> dict[str, Facet]:
    """Return every attribute that has a name, in the order in which they are shown."""
    rows = session.scalars(select(AttributeName).order_by(AttributeName.position))
    return {
        row.key: Facet(row.key, row.name_de, row.name_en, row.unit, row.divide, dict(row.values))
        for row in rows
    }


def written(item: ItemView, known: Names, language: str) -> dict[str, tuple[str, str]]:
    """Return an item's attributes as people read them: key → name and value, in the shown order."""
    return {
        key: (facet.name(language), value_of(item.attributes[key], facet, language))
        for key, facet in known.items()
        if key in item.attributes
    }


def value_of(stored: Any, facet: Facet, language: str) -> str:
    """Return a value as it is written; several are parted by commas."""
    values: Sequence[Any] = stored if isinstance(stored, list) else [stored]
    return ", ".join(facet.label(str(value), language) for value in values)
