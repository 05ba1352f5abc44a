"""What goes with a basket, out of links, rules and learnt edges, best first: one query.

1. Everything that the basket's goods (and their films and guides) say of other goods.
2. Per candidate: needed or not, the sum of what is said (`weighing`), and who says it best.
3. Needed first, in the order of the links; then by score. Goods that are on sale and of which no
   variant is in the basket.

Whether they are in stock and can be sent is asked elsewhere, with the same query
(`app.workflows.suggest`): `candidates` is a table expression to join to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Boolean, Double, Integer, String, column, text
from sqlalchemy.orm import Session

from catalog.crosssell.weighing import (
    DIRECT,
    EVIDENCE,
    FITS_PRIOR,
    POPULAR,
    RANK_STEP,
    RULE_PRIOR,
)
from catalog.views import GERMAN

NEEDS, FITS, TOGETHER = "needs", "fits", "together"
LOOKED_AT, KEPT = 96, 20
"""Candidates that are looked up in the catalog, and those that remain for stock and parcels."""

# The basket's list hides behind a sub-select: PostgreSQL then expects the same of every basket, and
# takes the plan it has made before; planning costs as much as the query itself.
_SAID = f"""
    force AS MATERIALIZED (
        SELECT id, shrink, greatest(total, 1e-9) AS total FROM crosssell_models
        WHERE id = (SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1)
    ), given AS MATERIALIZED (
        SELECT item.sku, item.product, product.category, coalesce(count.weight, 0) AS weight,
            coalesce(count.weight, 0) / (coalesce(count.weight, 0) + {EVIDENCE}) AS evidence
        FROM items AS item JOIN products AS product ON product.slug = item.product
        LEFT JOIN crosssell_counts AS count
            ON count.model = (SELECT id FROM force) AND count.sku = item.sku AND :learnt
        WHERE item.sku = ANY(ARRAY(SELECT unnest(CAST(:basket AS text[]))))
    ), paper AS (
        SELECT DISTINCT link.document FROM document_links AS link JOIN given
            ON link.product = given.product OR link.category = given.category
    ), said AS MATERIALIZED (
        SELECT link.target, link.kind = 'needs' AS needed, 0 AS origin, link.rank, link.source,
            NULL AS document, NULL::uuid AS rule, link.reason_de, link.reason_en,
            {FITS_PRIOR} / (1 + {RANK_STEP} * link.rank) * (1 - given.evidence) AS score
        FROM given JOIN item_links AS link ON link.source = given.sku
        UNION ALL
        SELECT link.target, link.kind = 'needs', 1, link.rank, NULL, link.document, NULL,
            link.reason_de, link.reason_en, {FITS_PRIOR} / (1 + {RANK_STEP} * link.rank)
        FROM paper JOIN item_links AS link ON link.document = paper.document
        UNION ALL
        SELECT match.target, rule.kind = 'needs', 2, 0, match.source, NULL, rule.id,
            rule.reason_de, rule.reason_en, {RULE_PRIOR} * (1 - given.evidence)
        FROM given JOIN crosssell_matches AS match ON match.source = given.sku
        JOIN crosssell_rules AS rule ON rule.id = match.rule AND rule.active
        UNION ALL
        SELECT edge.target, false, 3, 0, edge.source, NULL, NULL, '', '', given.evidence * (
            edge.ridge + {DIRECT} * power(edge.together / (given.weight + force.shrink), 4)
        )
        FROM given CROSS JOIN force JOIN crosssell_edges AS edge
            ON edge.model = force.id AND edge.source = given.sku
        WHERE :learnt
    )"""  # noqa: S608 - constants of this package; values are bound
_BEST = "ORDER BY needed DESC, origin, rank, score DESC, source"
_RANKED = f"""
    WITH {_SAID}, scored AS (
        SELECT target, bool_or(needed) AS needed, sum(score) AS score,
            min(origin * 1000 + rank) FILTER (WHERE needed) AS place,
            bool_or(origin < 3) AS known,
            (array_agg(ARRAY[source, document, reason_de, reason_en, origin::text] {_BEST}))[1:1]
                AS best
        FROM said GROUP BY target
        ORDER BY needed DESC, place, score DESC, target LIMIT {LOOKED_AT}
    )
    SELECT scored.target AS sku, scored.needed, scored.known, scored.place,
        scored.score + {POPULAR} * coalesce(count.weight, 0) / coalesce(force.total, 1) AS score,
        best[1][1] AS source, best[1][2] AS document, best[1][3] AS reason_de,
        best[1][4] AS reason_en, best[1][5]::int AS origin
    FROM scored JOIN items AS item ON item.sku = scored.target AND item.sellable
    LEFT JOIN force ON true
    LEFT JOIN crosssell_counts AS count
        ON count.model = force.id AND count.sku = scored.target AND :learnt
    WHERE item.product NOT IN (SELECT product FROM given)
        AND (scored.known OR scored.score > 0)
    ORDER BY needed DESC, place, score DESC, scored.target LIMIT {KEPT}
"""  # noqa: S608 - the same
_WHY = text(
    f"WITH {_SAID} SELECT * FROM said WHERE target = ANY(:targets)"  # noqa: S608 - the same
    " ORDER BY target, needed DESC, origin, rank, score DESC, source"
)
ORIGINS = ("link", "document", "rule", "learnt")


@dataclass(frozen=True, slots=True)
class Because:
    """One thing that speaks for a candidate, and how much. `origin` is one of `ORIGINS`."""

    target: str
    needed: bool
    origin: str
    rank: int
    source: str | None
    document: str | None
    rule: str | None
    reason_de: str
    reason_en: str
    score: float

    def reason(self, language: str) -> str:
        """Return the reason in `language`; empty for a learnt one."""
        return self.reason_de if language == GERMAN else self.reason_en


def candidates() -> CTE:
    """Return the ranked candidates as a table to join to; see the module.

    It asks for the parameters ``basket`` (a list of SKUs) and ``learnt`` (whether what was learnt
    counts). Columns: sku, needed, known (a link or rule says so), place, score, source, document,
    reason_de, reason_en, origin (an index of `ORIGINS`).
    """
    columns: Sequence[Any] = (
        column("sku", String), column("needed", Boolean), column("known", Boolean),
        column("place", Integer), column("score", Double), column("source", String),
        column("document", String), column("reason_de", String), column("reason_en", String),
        column("origin", Integer),
    )  # fmt: skip
    return text(_RANKED).columns(*columns).cte("candidate")


def because(
    session: Session, basket: Sequence[str], targets: Sequence[str], *, learnt: bool = True
) -> dict[str, list[Because]]:
    """Return everything that speaks for some goods beside a basket, by SKU, strongest first."""
    asked = {"basket": list(basket), "targets": list(targets), "learnt": learnt}
    found: dict[str, list[Because]] = {}
    for row in session.execute(_WHY, asked):
        found.setdefault(row.target, []).append(
            Because(
                row.target,
                row.needed,
                ORIGINS[row.origin],
                row.rank,
                row.source,
                row.document,
                str(row.rule) if row.rule else None,
                row.reason_de,
                row.reason_en,
                float(row.score),
            )
        )
    return found
