"""What came of showing: once per basket and SKU, without a person, and compared by chance.

A basket is known by a hash of its id (`unit`). Nothing is stored on anybody's device for this, and
no name, number or address comes near it; after 30 days the hash is replaced by a random one, so
that no row can be joined with any other ever after. Counts stay.

A trial gives `share` percent of the baskets arm b, by a fixed hash of trial and basket: the same
basket sees the same arm all its life, in every process.
"""

import hashlib
import math
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from catalog.crosssell.models import CrossSellShowing, CrossSellTrial
from kit import clock
from kit.errors import Invalid, Refused
from kit.ids import new_id

KNOWN_FOR = timedelta(days=30)
"""For how long a basket's showings can be told from another's."""
Z = 1.959964
"""The normal distribution's quantile for 95 percent, both sides."""
VARIANTS = ("knowledge", "nothing")

_SHOW = text(
    """
    INSERT INTO crosssell_showings (unit, sku, shown_on, trial, arm, channel, source, position,
        clicked, added, unavailable, bought, margin_minor)
    SELECT :unit, sku, :day, CAST(:trial AS uuid), :arm, :channel, source, position, false, false,
        unavailable, 0, 0
    FROM unnest(CAST(:skus AS text[]), CAST(:sources AS text[]), CAST(:positions AS int[]),
        CAST(:unavailable AS bool[])) AS shown (sku, source, position, unavailable)
    ORDER BY sku ON CONFLICT (unit, sku) DO NOTHING
    """
)
_TAKE_PART = text(
    """
    INSERT INTO crosssell_units (unit, trial, arm, seen_on, ordered, margin_minor)
    VALUES (:unit, CAST(:trial AS uuid), :arm, :day, false, 0) ON CONFLICT (unit) DO NOTHING
    """
)
_BOUGHT = text(
    """
    UPDATE crosssell_showings AS shown SET bought = line.units, margin_minor = line.margin
    FROM unnest(CAST(:skus AS text[]), CAST(:units AS int[]), CAST(:margins AS int[]))
        AS line (sku, units, margin)
    WHERE shown.unit = :unit AND shown.sku = line.sku AND shown.added
    """
)
_ORDERED = text(
    "UPDATE crosssell_units SET ordered = true, margin_minor = :margin WHERE unit = :unit"
)
_FORGET = (
    text("UPDATE crosssell_showings SET unit = md5(random()::text) WHERE shown_on < :day"
         " AND shown_on >= :before"),
    text("UPDATE crosssell_units SET unit = md5(random()::text) WHERE seen_on < :day"
         " AND seen_on >= :before"),
)  # fmt: skip
_PLACES = text(
    """
    SELECT source, position, channel, count(*) AS shown, count(*) FILTER (WHERE clicked) AS clicked,
        count(*) FILTER (WHERE added) AS added, count(*) FILTER (WHERE bought > 0) AS bought,
        coalesce(sum(margin_minor), 0) AS margin_minor,
        count(*) FILTER (WHERE unavailable) AS unavailable
    FROM crosssell_showings WHERE shown_on >= :since
    GROUP BY source, position, channel ORDER BY source, position, channel
    """
)
_ARMS = text(
    """
    SELECT arm, count(*) AS baskets, count(*) FILTER (WHERE ordered) AS ordered,
        coalesce(sum(margin_minor), 0) AS margin_minor,
        coalesce(var_samp(margin_minor), 0)::float AS spread
    FROM crosssell_units WHERE trial = :trial GROUP BY arm ORDER BY arm
    """
)


@dataclass(frozen=True, slots=True)
class TrialView:
    """A trial: `variant` is what arm b gets (links and rules alone, or nothing at all)."""

    id: uuid.UUID
    name: str
    variant: str
    share: int
    running: bool
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """What came of one source at one position, on one channel."""

    source: str
    position: int
    channel: str
    shown: int
    clicked: int
    added: int
    bought: int
    margin_minor: int
    unavailable: int

    @property
    def interval(self) -> tuple[float, float]:
        """Share of showings that were added: the limits of its 95 % interval."""
        return wilson(self.added, self.shown)


@dataclass(frozen=True, slots=True)
class Arm:
    """The baskets of one arm of a trial; `spread` is the variance of their margins."""

    arm: str
    baskets: int
    ordered: int
    margin_minor: int
    spread: float

    @property
    def mean_minor(self) -> float:
        """Margin per basket, minor units; 0 for those that were left."""
        return self.margin_minor / self.baskets if self.baskets else 0.0

    @property
    def error(self) -> float:
        """Half of the 95 % interval around the mean."""
        return Z * math.sqrt(self.spread / self.baskets) if self.baskets else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Share of the baskets that were ordered: the limits of its 95 % interval."""
        return wilson(self.ordered, self.baskets)


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927); 0 to 1 where nothing was tried."""
    if not tries:
        return 0.0, 1.0
    share, square = hits / tries, Z * Z
    centre = share + square / (2 * tries)
    half = Z * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    whole = 1 + square / tries
    return max(0.0, (centre - half) / whole), min(1.0, (centre + half) / whole)


def difference(one: Arm, other: Arm) -> tuple[float, float]:
    """Return by how much a basket of `one` earns more than one of `other`, and half its interval.

    Minor units; by the normal approximation with both variances (Welch, 1947).
    """
    error = math.sqrt((one.error / Z) ** 2 + (other.error / Z) ** 2) * Z
    return one.mean_minor - other.mean_minor, error


def unit_of(basket: uuid.UUID | str) -> str:
    """Return what a basket is known by here."""
    return hashlib.sha256(f"crosssell|{basket}".encode()).hexdigest()[:32]


def arm_of(trial: TrialView | None, unit: str) -> str:
    """Return the arm of a basket, ``a`` where no trial runs."""
    if trial is None:
        return "a"
    drawn = hashlib.sha256(f"{trial.id}|{unit}".encode()).digest()
    return "b" if int.from_bytes(drawn[:4]) % 100 < trial.share else "a"


def running(session: Session) -> TrialView | None:
    """Return the trial that runs, if one does."""
    row = session.scalar(select(CrossSellTrial).where(CrossSellTrial.running))
    return _view(row) if row else None


def trials(session: Session, limit: int = 10) -> list[TrialView]:
    """Return the latest trials, newest first."""
    rows = select(CrossSellTrial).order_by(CrossSellTrial.started_at.desc()).limit(limit)
    return [_view(row) for row in session.scalars(rows)]


def _view(row: CrossSellTrial) -> TrialView:
    return TrialView(
        row.id, row.name, row.variant, row.share, row.running, row.started_at, row.ended_at
    )


def start(session: Session, name: str, variant: str, share: int, actor: str) -> TrialView:
    """Start a trial.

    Raises:
        Invalid: ``trial_name``, ``trial_variant`` or ``trial_share`` (1 to 99 percent).
        Refused: ``trial_running``: one at a time.
    """
    if not name.strip() or len(name) > 64:  # noqa: PLR2004 - as the column
        raise Invalid("trial_name")
    if variant not in VARIANTS:
        raise Invalid("trial_variant", variant=variant)
    if not 1 <= share <= 99:  # noqa: PLR2004 - both arms need baskets
        raise Invalid("trial_share", share=share)
    if running(session) is not None:
        raise Refused("trial_running")
    row = CrossSellTrial(
        id=new_id(), name=name.strip(), variant=variant, share=share, running=True,
        started_at=clock.now(), actor=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _view(row)


def end(session: Session) -> None:
    """End the trial that runs, if one does; its figures stay."""
    done = update(CrossSellTrial).where(CrossSellTrial.running)
    session.execute(done.values(running=False, ended_at=clock.now()))


def shown(
    session: Session,
    unit: str,
    offers: Sequence[tuple[str, str]],
    *,
    trial: uuid.UUID | None,
    arm: str,
    channel: str,
    unavailable: Collection[str] = (),
) -> None:
    """Note what was suggested beside a basket, once per SKU.

    Args:
        session: an open transaction.
        unit: of the basket.
        offers: SKU and source (needs, fits or together) in the order shown; none in an arm that
            shows nothing, whose basket takes part all the same.
        trial: the trial that runs.
        arm: of the basket.
        channel: ``web`` or ``till``.
        unavailable: SKUs that turned out not to be had.
    """
    day = clock.today()
    part = {"unit": unit, "trial": trial, "arm": arm, "day": day}
    session.execute(_TAKE_PART, part)
    if offers:
        session.execute(
            _SHOW,
            {
                **part,
                "channel": channel,
                "skus": [sku for sku, _ in offers],
                "sources": [source for _, source in offers],
                "positions": list(range(1, len(offers) + 1)),
                "unavailable": [sku in unavailable for sku, _ in offers],
            },
        )


def clicked(session: Session, unit: str, sku: str) -> None:
    """Note that somebody looked at what was suggested."""
    _mark(session, unit, sku, clicked=True)


def added(session: Session, unit: str, sku: str) -> None:
    """Note that somebody put it into the basket from there."""
    _mark(session, unit, sku, added=True)


def _mark(session: Session, unit: str, sku: str, **what: bool) -> None:
    key = (CrossSellShowing.unit == unit, CrossSellShowing.sku == sku)
    session.execute(update(CrossSellShowing).where(*key).values(**what))


def ordered(session: Session, unit: str, lines: Mapping[str, tuple[int, int]]) -> None:
    """Note that a basket was ordered: units and margin (minor units) by SKU. Harmless if repeated.

    What was suggested and added counts with its margin; the whole basket counts for its arm.
    """
    skus = sorted(lines)
    session.execute(
        _BOUGHT,
        {
            "unit": unit,
            "skus": skus,
            "units": [lines[sku][0] for sku in skus],
            "margins": [lines[sku][1] for sku in skus],
        },
    )
    margin = sum(minor for _, minor in lines.values())
    session.execute(_ORDERED, {"unit": unit, "margin": margin})


def forget_whose(session: Session) -> None:
    """Cut the rows that are old enough loose from their baskets; for the night."""
    day = clock.today() - KNOWN_FOR
    # Those of the weeks before were cut loose already: again and again would change nothing.
    asked = {"day": day, "before": day - timedelta(days=14)}
    for statement in _FORGET:
        session.execute(statement, asked)


def places(session: Session, since: date) -> list[Place]:
    """Return what came of showing since a day, by source, position and channel."""
    return [Place(*row) for row in session.execute(_PLACES, {"since": since})]


def arms(session: Session, trial: uuid.UUID) -> list[Arm]:
    """Return the arms of a trial."""
    return [
        Arm(row.arm, row.baskets, row.ordered, int(row.margin_minor), float(row.spread))
        for row in session.execute(_ARMS, {"trial": trial})
    ]
