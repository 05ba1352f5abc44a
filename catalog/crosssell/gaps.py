"""Where suggestions are missing or idle: goods without any, cold ones without links, idle links."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.crosssell.weighing import EVIDENCE
from catalog.views import GERMAN

ENOUGH_SHOWN = 20
"""Showings after which a link that nobody has followed is said to be idle."""

_KNOWN = """
    force AS (
        SELECT id FROM crosssell_models
        WHERE id = (SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1)
    ), known AS (
        SELECT item.sku, item.product, item.position, product.name_de, product.name_en,
            item.variant_de, item.variant_en, product.position AS place,
            EXISTS (SELECT 1 FROM item_links AS link WHERE link.source = item.sku) AS linked,
            EXISTS (
                SELECT 1 FROM crosssell_matches AS match WHERE match.source = item.sku
            ) AS ruled,
            EXISTS (SELECT 1 FROM crosssell_edges AS edge
                WHERE edge.model = (SELECT id FROM force) AND edge.source = item.sku) AS learnt,
            coalesce((SELECT count.weight FROM crosssell_counts AS count
                WHERE count.model = (SELECT id FROM force) AND count.sku = item.sku), 0) AS weight
        FROM items AS item JOIN products AS product ON product.slug = item.product
        WHERE item.sellable AND product.state = 'published'
    )
"""
_COVERAGE = text(
    f"""
    WITH {_KNOWN}
    SELECT count(*) AS goods, count(*) FILTER (WHERE linked) AS linked,
        count(*) FILTER (WHERE ruled) AS ruled, count(*) FILTER (WHERE learnt) AS learnt,
        count(*) FILTER (WHERE linked OR ruled OR learnt) AS any,
        count(*) FILTER (WHERE weight < {EVIDENCE}) AS cold,
        count(*) FILTER (WHERE weight < {EVIDENCE} AND NOT linked AND NOT ruled) AS bare
    FROM known
    """  # noqa: S608 - constants of this package
)
_BARE = text(
    f"""
    WITH {_KNOWN}
    SELECT min(sku) AS sku, name_de, name_en, count(*) AS variants, sum(weight) AS weight
    FROM known WHERE weight < {EVIDENCE} AND NOT linked AND NOT ruled
    GROUP BY product, name_de, name_en, place ORDER BY weight DESC, place, product LIMIT :limit
    """  # noqa: S608 - the same
)
_IDLE = text(
    """
    SELECT shown.sku, product.name_de || ' ' || item.variant_de AS name_de,
        product.name_en || ' ' || item.variant_en AS name_en, shown.source,
        count(*) AS shown, count(*) FILTER (WHERE shown.clicked) AS clicked
    FROM crosssell_showings AS shown JOIN items AS item ON item.sku = shown.sku
    JOIN products AS product ON product.slug = item.product
    WHERE shown.shown_on >= :since AND shown.source IN ('needs', 'fits')
    GROUP BY shown.sku, product.name_de, product.name_en, item.variant_de, item.variant_en,
        shown.source
    HAVING count(*) >= :enough AND count(*) FILTER (WHERE shown.added) = 0
    ORDER BY count(*) DESC, shown.sku LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Goods on sale: how many have links, rules or learnt edges, and how many are cold or bare."""

    goods: int
    linked: int
    ruled: int
    learnt: int
    any: int
    cold: int
    bare: int


@dataclass(frozen=True, slots=True)
class Bare:
    """A product that is seldom bought with others, and of which nobody has said what it needs."""

    sku: str
    name_de: str
    name_en: str
    variants: int
    weight: float

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return self.name_de if language == GERMAN else self.name_en


@dataclass(frozen=True, slots=True)
class Idle:
    """What links or rules say and nobody follows."""

    sku: str
    name_de: str
    name_en: str
    source: str
    shown: int
    clicked: int

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return (self.name_de if language == GERMAN else self.name_en).strip()


def coverage(session: Session) -> Coverage:
    """Return how much of what is on sale has anything to suggest."""
    return Coverage(*session.execute(_COVERAGE).one())


def bare(session: Session, limit: int = 50) -> list[Bare]:
    """Return cold goods without links and rules, those that sell best first."""
    return [Bare(*row) for row in session.execute(_BARE, {"limit": limit})]


def idle(session: Session, since: date, limit: int = 50) -> list[Idle]:
    """Return what was suggested by links or rules at least twenty times since a day, in vain."""
    asked = {"since": since, "enough": ENOUGH_SHOWN, "limit": limit}
    return [Idle(*row) for row in session.execute(_IDLE, asked)]
