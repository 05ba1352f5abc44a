"""Receipts as they come: kept for the night, and counted at once into the model in force.

1. Keep the receipt as a new revision; a receipt that is known already changes nothing.
2. Take out of the model's counts what the earlier revision had put in, and put in the new one.

The regression of the night is left alone: counting moves the direct part of an edge (`weighing`),
and makes edges that were not there. Counting goes by the model that is in force when it happens; a
switch waits for those who count and folds in what they had counted into the model before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.crosssell.weighing import receipt_weight
from kit import clock

COUNTED = 60
"""Different items up to which a receipt is counted at once; longer ones wait for the night."""
LOCK = 0x43524F53
"""Shared by those who count, exclusive for who switches."""

_LATEST = text(
    "SELECT revision, skus, sold_at, channel FROM crosssell_receipts WHERE ref = :ref"
    " ORDER BY revision DESC LIMIT 1"
)
_KEEP = text(
    """
    INSERT INTO crosssell_receipts (ref, revision, channel, sold_at, skus, written_in)
    VALUES (:ref, :revision, :channel, :sold_at, :skus, pg_current_xact_id()::text::bigint)
    ON CONFLICT (ref, revision) DO NOTHING RETURNING id
    """
)
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:lock)")
_IN_FORCE = text(
    "SELECT id, made_at FROM crosssell_models"
    " WHERE id = (SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1)"
)
# Both in the order of their keys, so that two receipts with the same goods wait for one another.
_COUNT = text(
    """
    INSERT INTO crosssell_counts AS known (model, sku, weight)
    SELECT :model, sku, greatest(:weight, 0) FROM unnest(CAST(:skus AS text[])) AS sku ORDER BY sku
    ON CONFLICT (model, sku) DO UPDATE SET weight = greatest(0, known.weight + :weight)
    """
)
_PAIR = text(
    """
    INSERT INTO crosssell_edges AS known (model, source, target, ridge, together)
    SELECT :model, source, target, 0, greatest(:weight, 0)
    FROM unnest(CAST(:skus AS text[])) AS source, unnest(CAST(:skus AS text[])) AS target
    WHERE source <> target ORDER BY source, target
    ON CONFLICT (model, source, target)
    DO UPDATE SET together = greatest(0, known.together + :weight)
    """
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a receipt held before and holds now, both sorted."""

    before: Sequence[str]
    after: Sequence[str]
    sold_at: datetime


def sell(
    session: Session, ref: str, skus: Collection[str], *, channel: str, sold_at: datetime
) -> bool:
    """Keep a sale and count it; tell whether it was new.

    Args:
        session: an open transaction.
        ref: names the receipt once, on all channels.
        skus: what was bought together; quantities do not matter.
        channel: ``web``, ``till`` or ``phone``.
        sold_at: when.
    """
    kept = sorted(set(skus))
    if not _keep(session, ref, 0, channel, sold_at, kept):
        return False
    _count_in(session, Change([], kept, sold_at))
    return True


def give_back(session: Session, ref: str, left: Collection[str]) -> bool:
    """Note what is left of a receipt after a return, and count it; tell whether that is a change.

    A receipt that nobody has kept is none of ours: nothing happens.
    """
    latest = session.execute(_LATEST, {"ref": ref}).one_or_none()
    now = sorted(set(left))
    if latest is None or list(latest.skus) == now:
        return False
    if not _keep(session, ref, latest.revision + 1, latest.channel, latest.sold_at, now):
        return False
    _count_in(session, Change(latest.skus, now, latest.sold_at))
    return True


def _keep(
    session: Session, ref: str, revision: int, channel: str, sold_at: datetime, skus: list[str]
) -> bool:
    row = session.execute(
        _KEEP,
        {"ref": ref, "revision": revision, "channel": channel, "sold_at": sold_at, "skus": skus},
    )
    return row.one_or_none() is not None


def _count_in(session: Session, change: Change) -> None:
    session.execute(_SHARED, {"lock": LOCK})
    model = session.execute(_IN_FORCE).one_or_none()
    if model is not None:
        count(session, model.id, model.made_at, change)


def count(session: Session, model: int, made_at: datetime, change: Change) -> None:
    """Move a model's counts from what a receipt held before to what it holds now."""
    days = max(0.0, (made_at - change.sold_at).total_seconds() / 86_400)
    for skus, sign in ((change.before, -1), (change.after, 1)):
        weight = receipt_weight(len(skus), days) * sign
        if weight and len(skus) <= COUNTED:
            counted = {"model": model, "skus": list(skus), "weight": weight}
            session.execute(_COUNT, counted)
            session.execute(_PAIR, counted)


def age_days(sold_at: datetime) -> float:
    """Return how many days ago a sale was, by the shop's clock; 0 for one that is to come."""
    return max(0.0, (clock.now() - sold_at).total_seconds() / 86_400)
