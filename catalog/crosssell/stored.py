"""Learnt models in the database: written beside the one in force, switched to in one step, kept.

1. `read` the receipts with one statement, and with them the snapshot that says what it saw.
2. `put` what was learnt from them under a new number. Nobody sees it yet.
3. `switch`: wait for those who count, fold in the receipts that the model has not seen, and write
   the row that says which model is in force. A reader has the old one or the new one, never both.

Rolling back is a switch to the model before; that too gets what it has missed. A receipt is told by
the transaction that wrote it: `pg_visible_in_snapshot` (PostgreSQL, "Transaction ID and Snapshot
Information Functions") says whether a model has seen it, however long that transaction took.
"""

import hashlib
from array import array
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.crosssell import receipts
from catalog.crosssell.learning import Learnt, Receipts
from catalog.crosssell.receipts import LOCK, Change
from catalog.crosssell.weighing import LARGEST
from kit import clock
from kit.errors import NotFound

KEPT = 3
"""Models that are kept: the one in force, and those to roll back to."""
YEARS = 2
"""Older receipts are not learnt from: after four half-lives they count a sixteenth."""

_READ = text(
    """
    SELECT pg_current_snapshot()::text AS seen, skus, sold_at FROM (
        SELECT DISTINCT ON (ref) skus, sold_at FROM crosssell_receipts
        WHERE sold_at > :since ORDER BY ref, revision DESC
    ) AS latest WHERE cardinality(skus) > 1
    """
)
_NEW = text(
    """
    INSERT INTO crosssell_models (made_at, seen, receipts, items, pairs, edges, seconds, shrink,
        ridge, total, tried, digest)
    VALUES (:made_at, :seen, :receipts, :items, :pairs, :edges, :seconds, :shrink, :ridge, :total,
        CAST(:tried AS jsonb), :digest)
    RETURNING id
    """
)
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:lock)")
# What the model has not seen, beside what it knew of the same receipt; `seen` may be years old,
# but transactions below its beginning are visible, and the index leaves them out. Numbers that
# are still to come are those of another server, from which this database was restored.
_UNSEEN = text(
    """
    WITH unseen AS (
        SELECT DISTINCT ref FROM crosssell_receipts
        WHERE written_in >= pg_snapshot_xmin(CAST(:seen AS pg_snapshot))::text::bigint
            AND NOT pg_visible_in_snapshot(written_in::text::xid8, CAST(:seen AS pg_snapshot))
            AND written_in < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    )
    SELECT after.skus AS after, after.sold_at, coalesce((
        SELECT before.skus FROM crosssell_receipts AS before
        WHERE before.ref = unseen.ref
            AND pg_visible_in_snapshot(before.written_in::text::xid8, CAST(:seen AS pg_snapshot))
        ORDER BY before.revision DESC LIMIT 1
    ), '{}') AS before
    FROM unseen CROSS JOIN LATERAL (
        SELECT skus, sold_at FROM crosssell_receipts AS row
        WHERE row.ref = unseen.ref ORDER BY revision DESC LIMIT 1
    ) AS after ORDER BY unseen.ref
    """
)
_SEEN = text(
    "UPDATE crosssell_models SET seen = pg_current_snapshot()::text WHERE id = ANY(:models)"
)
_SWITCH = text(
    "INSERT INTO crosssell_switches (model, actor, switched_at) VALUES (:model, :actor, :at)"
)
_MODELS = text(
    """
    SELECT model.*, model.id = (
        SELECT switch.model FROM crosssell_switches AS switch ORDER BY switch.id DESC LIMIT 1
    ) AS in_force
    FROM crosssell_models AS model ORDER BY model.id DESC
    """
)
_FORGET = text(
    """
    DELETE FROM crosssell_models WHERE id <> (
        SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1
    ) AND id NOT IN (SELECT id FROM crosssell_models ORDER BY id DESC LIMIT :kept)
    """
)


@dataclass(frozen=True, slots=True)
class Read:
    """Receipts as numbers, the SKUs by number, and what the reading saw."""

    receipts: Receipts
    skus: list[str]
    seen: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """A stored model, as the back office sees it."""

    id: int
    made_at: datetime
    receipts: int
    items: int
    edges: int
    pairs: int
    seconds: float
    tried: dict[str, float]
    in_force: bool


def read(session: Session, since: datetime) -> Read | None:
    """Return the receipts since an instant, as they stand; None where there is nothing to learn."""
    at: dict[str, int] = {}
    starts, items, ages = array("q", [0]), array("i"), array("f")
    seen = ""
    rows = session.execute(
        _READ, {"since": since}, execution_options={"stream_results": True, "yield_per": 10_000}
    )
    for row in rows:
        seen = row.seen
        items.extend(at.setdefault(sku, len(at)) for sku in row.skus[:LARGEST])
        starts.append(len(items))
        ages.append(receipts.age_days(row.sold_at))
    if not ages:
        return None
    known = Receipts(
        np.frombuffer(starts, np.int64),
        np.frombuffer(items, np.int32),
        np.frombuffer(ages, np.float32),
        len(at),
    )
    return Read(known, list(at), seen)


def put(session: Session, found: Read, learnt: Learnt, *, seconds: float) -> int:
    """Write a model beside the others and return its number; nobody uses it yet."""
    digest = hashlib.sha256()
    for part in (learnt.starts, learnt.targets, learnt.ridges, learnt.together):
        digest.update(np.ascontiguousarray(part).tobytes())
    number = session.execute(
        _NEW,
        {
            "made_at": clock.now(),
            "seen": found.seen,
            "receipts": len(found.receipts.ages),
            "items": len(found.skus),
            "pairs": learnt.pairs,
            "edges": len(learnt.targets),
            "seconds": seconds,
            "shrink": learnt.shrink,
            "ridge": learnt.ridge,
            "total": learnt.total,
            "tried": _json(learnt.tried),
            "digest": digest.hexdigest(),
        },
    ).scalar_one()
    _copy(session, int(number), found.skus, learnt)
    return int(number)


def _json(tried: dict[float, float]) -> str:
    inner = ", ".join(f'"{share:g}": {ndcg:.5f}' for share, ndcg in tried.items())
    return "{" + inner + "}"


def _copy(session: Session, number: int, skus: list[str], learnt: Learnt) -> None:
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor:
        with cursor.copy("COPY crosssell_counts (model, sku, weight) FROM STDIN") as copy:
            for sku, weight in zip(skus, learnt.weights.tolist(), strict=True):
                copy.write_row((number, sku, weight))
        edges = "COPY crosssell_edges (model, source, target, ridge, together) FROM STDIN"
        with cursor.copy(edges) as copy:
            starts = learnt.starts.tolist()
            for source, begin in enumerate(starts[:-1]):
                span = slice(begin, starts[source + 1])
                for target, ridge, together in zip(
                    learnt.targets[span].tolist(),
                    learnt.ridges[span].tolist(),
                    learnt.together[span].tolist(),
                    strict=True,
                ):
                    copy.write_row((number, skus[source], skus[target], ridge, together))


def switch(session: Session, model: int, actor: str) -> int:
    """Put a model in force, with every receipt that it has not seen; return how many those were.

    Raises:
        NotFound: ``crosssell_model``.
    """
    session.execute(_EXCLUSIVE, {"lock": LOCK})
    known = {view.id: view for view in models(session)}
    if model not in known:
        raise NotFound("crosssell_model", model=model)
    # The model that goes has counted everything until now: it must not count it again.
    leaving = [view.id for view in known.values() if view.in_force and view.id != model]
    if leaving:
        session.execute(_SEEN, {"models": leaving})
    seen = session.scalar(
        text("SELECT seen FROM crosssell_models WHERE id = :model"), {"model": model}
    )
    missed = [] if known[model].in_force else session.execute(_UNSEEN, {"seen": seen}).all()
    for row in missed:
        change = Change(row.before, row.after, row.sold_at)
        receipts.count(session, model, known[model].made_at, change)
    session.execute(_SWITCH, {"model": model, "actor": actor, "at": clock.now()})
    return len(missed)


def models(session: Session) -> list[ModelView]:
    """Return the models that are kept, newest first."""
    names = ModelView.__dataclass_fields__
    return [
        ModelView(**{name: getattr(row, name) for name in names})
        for row in session.execute(_MODELS)
    ]


def in_force(session: Session) -> ModelView | None:
    """Return the model in force, None where nothing was ever learnt."""
    return next((view for view in models(session) if view.in_force), None)


def forget_old(session: Session) -> None:
    """Forget all models but the newest few and the one in force."""
    session.execute(_FORGET, {"kept": KEPT})
