"""What goes with a basket, out of links, rules and learnt edges, best first: one query.

1. What links, films, guides and rules tell of the basket's goods, and what receipts have taught.
2. Per candidate: needed or not, and the sum of what is said (`weighing`). Needed first, in the
   order of the links; then by score.
3. Of the first 40 those that are on sale and of which no variant is in the basket; of these 16,
   no more than six of a family.
4. For these alone: who says it best.

What they cost, whether they are in stock and can be sent is asked elsewhere, with the same query
(`app.workflows.candidates`): `ranked` is the beginning of a statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.crosssell.weighing import (
    DIRECT,
    EVIDENCE,
    FITS_PRIOR,
    POPULAR,
    RANK_STEP,
    RULE_PRIOR,
)
from catalog.facets import PUBLISHED
from catalog.views import GERMAN

NEEDS, FITS, TOGETHER = "needs", "fits", "together"
LOOKED_AT, KEPT = 40, 16
"""Candidates that are looked up in the catalog, and those that remain for stock and parcels."""
ALIKE = 6
"""Candidates of one family that remain, unless they are needed: a rule may name many hooks."""

# The basket's list hides behind a sub-select: PostgreSQL then expects the same of every basket, and
# takes the plan it has made before; planning costs as much as the query itself.
_SAID = f"""
    force AS MATERIALIZED (
        SELECT id, shrink, greatest(total, 1e-9) AS total FROM crosssell_models
        WHERE id = (SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1) AND {{learnt}}
    ), given AS MATERIALIZED (
        SELECT item.sku, item.product, product.category, coalesce(count.weight, 0) AS weight,
            coalesce(count.weight, 0) / (coalesce(count.weight, 0) + {EVIDENCE}) AS evidence
        FROM items AS item JOIN products AS product ON product.slug = item.product
        LEFT JOIN crosssell_counts AS count
            ON count.model = (SELECT id FROM force) AND count.sku = item.sku
        WHERE item.sku = ANY(ARRAY(SELECT unnest(CAST({{basket}} AS text[]))))
    ), paper AS (
        SELECT DISTINCT link.document FROM document_links AS link JOIN given
            ON link.product = given.product OR link.category = given.category
    ), told AS MATERIALIZED (
        SELECT link.target, link.kind = 'needs' AS needed, 0 AS origin, link.rank, link.source,
            NULL AS document, NULL::uuid AS rule, link.reason_de, link.reason_en,
            {FITS_PRIOR} / (1 + {RANK_STEP} * link.rank) * (1 - given.evidence) AS score
        FROM given JOIN item_links AS link ON link.source = given.sku
        UNION ALL
        SELECT link.target, link.kind = 'needs', 1, link.rank, NULL, link.document, NULL,
            link.reason_de, link.reason_en, {FITS_PRIOR} / (1 + {RANK_STEP} * link.rank)
        FROM paper JOIN item_links AS link ON link.document = paper.document
        UNION ALL
        SELECT side.target, rule.kind = 'needs', 2, 0, match.source, NULL, rule.id,
            rule.reason_de, rule.reason_en, {RULE_PRIOR} * (1 - given.evidence)
        FROM given JOIN crosssell_matches AS match ON match.source = given.sku
        JOIN crosssell_rules AS rule ON rule.id = match.rule AND rule.active
        JOIN crosssell_targets AS side ON side.rule = rule.id AND side.target <> match.source
    ), learnt AS MATERIALIZED (
        SELECT edge.target, edge.source, given.evidence * (
            edge.ridge + {DIRECT} * power(edge.together / (given.weight + force.shrink), 4)
        ) AS score
        FROM force CROSS JOIN given JOIN crosssell_edges AS edge
            ON edge.model = force.id AND edge.source = given.sku
    )"""  # noqa: S608 - constants of this package; values are bound
_FIRST = "needed DESC, place, score DESC, sku"
_BEST = "target, needed DESC, origin, rank, score DESC, source"
_RANKED = f"""
    WITH {_SAID}, scored AS (
        SELECT target, bool_or(needed) AS needed, sum(score) AS score, min(place) AS place,
            bool_or(known) AS known
        FROM (
            SELECT target, needed, score, true AS known,
                CASE WHEN needed THEN origin * 1000 + rank END AS place
            FROM told
            UNION ALL SELECT target, false, score, false, NULL FROM learnt
        ) AS said
        GROUP BY target ORDER BY needed DESC, place, score DESC, target LIMIT {LOOKED_AT}
    ), able AS (
        SELECT scored.target AS sku, scored.needed, scored.known, scored.place, products.family,
            scored.score + {POPULAR} * coalesce(count.weight / force.total, 0) AS score
        FROM scored JOIN items ON items.sku = scored.target
        JOIN products ON products.slug = items.product
        LEFT JOIN force ON true
        LEFT JOIN crosssell_counts AS count
            ON count.model = force.id AND count.sku = scored.target
        WHERE items.sellable AND products.state = '{PUBLISHED}'
            AND items.product NOT IN (SELECT product FROM given)
            AND (scored.known OR scored.score > 0) AND NOT {{unless}}
    ), best AS MATERIALIZED (
        SELECT sku, needed, known, place, score FROM (
            SELECT *, row_number() OVER (PARTITION BY family ORDER BY {_FIRST}) AS alike FROM able
        ) AS able
        WHERE needed OR alike <= {ALIKE} ORDER BY {_FIRST} LIMIT {KEPT}
    ), why AS MATERIALIZED (
        SELECT DISTINCT ON (target) target AS sku, source, origin, reason_de, reason_en
        FROM (
            SELECT told.* FROM told JOIN best ON best.sku = told.target
            UNION ALL
            SELECT target, false, 3, 0, source, NULL, NULL, '', '', learnt.score
            FROM learnt JOIN best ON best.sku = learnt.target
        ) AS said ORDER BY {_BEST}
    )"""  # noqa: S608 - the same
_BECAUSE = text(
    f"WITH {_SAID.format(basket=':basket', learnt=':learnt')}"  # noqa: S608 - the same
    " SELECT * FROM (SELECT * FROM told UNION ALL"
    " SELECT target, false, 3, 0, source, NULL, NULL, '', '', score FROM learnt) AS said"
    f" WHERE target = ANY(:targets) ORDER BY {_BEST}"
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


def ranked(basket: str, *, learnt: bool, unless: str = "false") -> str:
    """Return the beginning of a statement: its table ``best`` holds the candidates, ``why`` whose.

    Columns of ``best``: sku, needed, known (a link or rule says so), place, score; to be ordered by
    needed, place, score and sku as there. Of ``why``: sku, source, origin (an index of `ORIGINS`),
    reason_de, reason_en; of what speaks most for each.

    Args:
        basket: the parameter that holds the SKUs, as the statement names it.
        learnt: whether what was learnt counts.
        unless: a condition on ``items`` and ``products`` under which something is not offered.
    """
    return _RANKED.format(basket=basket, learnt=str(learnt).lower(), unless=unless)


def because(
    session: Session, basket: Sequence[str], targets: Sequence[str], *, learnt: bool = True
) -> dict[str, list[Because]]:
    """Return everything that speaks for some goods beside a basket, by SKU, strongest first."""
    asked = {"basket": list(basket), "targets": list(targets), "learnt": learnt}
    found: dict[str, list[Because]] = {}
    for row in session.execute(_BECAUSE, asked):
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
