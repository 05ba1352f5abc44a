"""What could be offered beside a basket, with price, stock and worth: one round trip.

The ranking of the catalog (`catalog.crosssell.ranking`) is joined with what the other rooms know:
free units by location, what units are worth there, and what this customer bought last week. The
statement goes past SQLAlchemy and stays prepared; the answer is one JSON text. It is asked beside
the session's transaction, so it says what is true now, not when the page began.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Label
from sqlalchemy.dialects import postgresql

from catalog import pricing, products
from catalog.crosssell import ranking
from catalog.crosssell.ranking import FITS, NEEDS, ORIGINS, TOGETHER
from catalog.views import ItemView
from fulfilment.answers import availability
from fulfilment.foresight import stored
from kit.arrays import literal
from kit.database import glance
from kit.plain import Plain

NOT_AGAIN = timedelta(days=7)
"""What was bought within this time is not offered again, unless its family is used up."""
OF_A_FAMILY = 2
"""Items of one family that are offered at most, unless they are needed."""

# Joins what two rooms know: the orders of a customer, and which goods are used up.
_RECENT = """(
    items.sku IN (
        SELECT line.sku FROM orders AS bought JOIN order_lines AS line ON line.order_id = bought.id
        WHERE bought.customer_number = $5 AND bought.placed_at > $6
            AND bought.state IN ('placed', 'confirmed', 'completed')
            AND line.quantity > line.cancelled + line.returned
    ) AND NOT EXISTS (
        SELECT 1 FROM crosssell_consumed AS used WHERE used.family = products.family
    )
)"""
_STATEMENT = """
    {ranked}
    SELECT json_agg(json_build_array(
        best.needed, best.known, best.score, why.source, why.origin, why.reason_de, why.reason_en,
        current.amount_minor, coalesce((
            SELECT discount_basis_points FROM price_groups WHERE code = $2
        ), 0), ({units}), ({worth}), json_build_array({item})
    ) ORDER BY best.needed DESC, best.place, best.score DESC, best.sku)
    FROM best JOIN why ON why.sku = best.sku JOIN items ON items.sku = best.sku
    JOIN products ON products.slug = items.product
    JOIN LATERAL (
        SELECT amount_minor FROM prices
        WHERE prices.sku = best.sku AND prices.valid_from <= CAST($3 AS timestamptz)
        ORDER BY prices.valid_from DESC LIMIT 1
    ) AS current ON true
"""
(
    _NEEDED,
    _KNOWN,
    _SCORE,
    _SOURCE,
    _ORIGIN,
    _GERMAN,
    _ENGLISH,
    _PRICE,
    _OFF,
    _UNITS,
    _WORTH,
    _ITEM,
) = range(12)
_PRODUCT, _FAMILY = (
    list(ItemView.__dataclass_fields__).index(name) for name in ("product_slug", "family")
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An accessory with the reason why it is offered, its price and where it lies.

    `kind`: needs, fits or together. `origin`: link, document, rule or learnt. `extra_parcels` is
    how many more parcels it would take to send it along: 0 means none, None that nobody knows.
    """

    item: ItemView
    kind: str
    origin: str
    reason_de: str
    reason_en: str
    source_sku: str | None
    unit_minor: int
    stock: Mapping[str, int]
    worth: Mapping[str, Sequence[float]]
    score: float
    extra_parcels: int | None = None

    def reason(self, language: str) -> str:
        """Return the reason in a language."""
        return self.reason_de if language == "de" else self.reason_en

    def available_at(self, location: str) -> int:
        """Return how many can be taken along at a location right now."""
        return self.stock.get(location, 0)

    @property
    def needed(self) -> bool:
        """Whether the basket's goods are of no use without it."""
        return self.kind == NEEDS


class Candidate:
    """A row of the answer; it becomes an `Offer` only where somebody looks at it."""

    __slots__ = ("row", "stock")

    def __init__(self, row: list[Any]) -> None:
        """Take over a row of the statement's JSON."""
        self.row = row
        self.stock = {place: units for place, units in (row[_UNITS] or {}).items() if units}

    @property
    def needed(self) -> bool:
        """Whether the basket's goods are of no use without it."""
        return bool(self.row[_NEEDED])

    @property
    def sku(self) -> str:
        """Its SKU."""
        sku: str = self.row[_ITEM][0]
        return sku

    def offer(self, names: Mapping[str, ItemView]) -> Offer:
        """Return it as an offer; `names` are the basket's items, for the reason."""
        row = self.row
        if row[_KNOWN]:
            kind, german, english = NEEDS if row[_NEEDED] else FITS, row[_GERMAN], row[_ENGLISH]
        else:
            kind = TOGETHER
            name = names.get(row[_SOURCE])
            german = f"wird oft mit {name.name_de} gekauft" if name else "wird oft dazu gekauft"
            english = f"often bought with {name.name_en}" if name else "often bought with it"
        return Offer(
            item=ItemView(*row[_ITEM]),
            kind=kind,
            origin=ORIGINS[row[_ORIGIN]],
            reason_de=german,
            reason_en=english,
            source_sku=row[_SOURCE],
            unit_minor=pricing.discounted(row[_PRICE], row[_OFF]),
            stock=self.stock,
            worth=row[_WORTH] or {},
            score=row[_SCORE],
        )


def candidates(
    skus: Collection[str], *, price_group: str, at: datetime, customer: str | None, learnt: bool
) -> list[Candidate]:
    """Return what could be offered beside a basket, best first; also what is sold out.

    Args:
        skus: what is in the basket.
        price_group: whose prices to show.
        at: now, by the shop's clock.
        customer: whose purchases of last week are left out; None for nobody's.
        learnt: whether what was learnt counts.
    """
    given = [literal(list(skus)), price_group, at.isoformat(), (at - stored.OLDEST).isoformat()]
    if customer is not None:
        given += [customer, (at - NOT_AGAIN).isoformat()]
    plain = Plain(_statement(learnt, customer is not None), [one.encode() for one in given])
    (answer,) = glance(plain)
    return [Candidate(row) for row in json.loads(answer)] if answer else []


def diverse(found: Sequence[Candidate]) -> list[Candidate]:
    """Return what is in stock: one variant per product, two products per family unless needed."""
    chosen: dict[str, Candidate] = {}
    families: dict[str, int] = {}
    for one in found:
        product, family = one.row[_ITEM][_PRODUCT], one.row[_ITEM][_FAMILY]
        if not one.stock or product in chosen:
            continue
        if not one.needed and families.get(family, 0) >= OF_A_FAMILY:
            continue
        families[family] = families.get(family, 0) + 1
        chosen[product] = one
    return list(chosen.values())


@cache
def _statement(learnt: bool, known: bool) -> bytes:  # noqa: FBT001 - what tells the texts apart
    """Return the statement's text: of whether what was learnt counts, and a customer is known."""
    # A text of its own for each: PostgreSQL then finds one plan as good for all who ask it.
    return _STATEMENT.format(
        ranked=ranking.ranked("$1", learnt=learnt, unless=_RECENT if known else "false"),
        units=availability.free_of("items.sku").replace(":at", "$3"),
        worth=stored.worth_of("items.sku").replace(":priced_since", "$4"),
        item=", ".join(_columns()),
    ).encode()


def _columns() -> list[str]:
    """Return the columns of an item, in the order of `ItemView`."""
    by_name = {column.key: column for column in products.selected().selected_columns}
    return [_written(by_name[name]) for name in ItemView.__dataclass_fields__]


def _written(column: Any) -> str:
    element = column.element if isinstance(column, Label) else column
    return str(
        element.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    )
