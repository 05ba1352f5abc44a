"""Rows of cross-selling: receipts, learnt models, attribute rules, and what became of showing."""

import uuid
from datetime import date

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, Serial, ledger


@ledger
class CrossSellReceipt(Row):
    """What one customer took together, on any channel, and kept: revision 0 is the sale.

    Each return adds a revision with what is left. `skus` are different and sorted; nothing says
    whose they were. `written_in` is the transaction, so that a model can tell what it has not seen.
    """

    __tablename__ = "crosssell_receipts"
    __table_args__ = (
        UniqueConstraint("ref", "revision"),
        Index("ix_crosssell_receipts_written_in", "written_in"),
    )

    id: Mapped[Serial]
    ref: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    sold_at: Mapped[Instant]
    skus: Mapped[list[str]] = mapped_column(ARRAY(Text))
    written_in: Mapped[int] = mapped_column(BigInteger)


class CrossSellModel(Row):
    """A learnt model; its counts and edges carry its number.

    `seen` is the snapshot of the transaction that read the receipts. `tried` holds NDCG@5 by
    lambda on the newest receipts, as learnt; `digest` is that of the edges.
    """

    __tablename__ = "crosssell_models"

    id: Mapped[Serial]
    made_at: Mapped[Instant]
    seen: Mapped[Prose]
    receipts: Mapped[int]
    items: Mapped[int]
    pairs: Mapped[int] = mapped_column(BigInteger)
    edges: Mapped[int]
    seconds: Mapped[float]
    shrink: Mapped[float]
    ridge: Mapped[float]
    total: Mapped[float]
    tried: Mapped[Json]
    digest: Mapped[str] = mapped_column(String(64))


@ledger
class CrossSellSwitch(Row):
    """From then on a model was in force; the latest row says which one is."""

    __tablename__ = "crosssell_switches"

    id: Mapped[Serial]
    # Old models are forgotten in time; that they were in force is not.
    model: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[Prose]
    switched_at: Mapped[Instant]


class CrossSellCount(Row):
    """The weight of the receipts of a SKU with anything beside it."""

    __tablename__ = "crosssell_counts"

    model: Mapped[int] = mapped_column(
        ForeignKey("crosssell_models.id", ondelete="CASCADE"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    weight: Mapped[float]


class CrossSellEdge(Row):
    """What `source` says of `target`: `ridge` learnt at night, `together` counted all day."""

    __tablename__ = "crosssell_edges"

    model: Mapped[int] = mapped_column(
        ForeignKey("crosssell_models.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    target: Mapped[str] = mapped_column(String(64), primary_key=True)
    ridge: Mapped[float]
    together: Mapped[float]


class CrossSellRule(Row):
    """Hook sizes 2/0 to 4/0 fit lures of 8 to 12 cm: goods by family and one attribute each.

    `low` and `high` are what the back office typed: numbers, or sizes such as ``2/0``. An empty
    attribute means the whole family.
    """

    __tablename__ = "crosssell_rules"
    __table_args__ = (CheckConstraint("kind IN ('needs', 'fits')", name="kind"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(8))
    source_family: Mapped[str] = mapped_column(String(32))
    source_attribute: Mapped[str] = mapped_column(String(32))
    source_low: Mapped[str] = mapped_column(String(32))
    source_high: Mapped[str] = mapped_column(String(32))
    target_family: Mapped[str] = mapped_column(String(32))
    target_attribute: Mapped[str] = mapped_column(String(32))
    target_low: Mapped[str] = mapped_column(String(32))
    target_high: Mapped[str] = mapped_column(String(32))
    reason_de: Mapped[Prose]
    reason_en: Mapped[Prose]
    active: Mapped[bool] = mapped_column(default=True)


@ledger
class CrossSellRuleEdit(Row):
    """Who made, changed, stopped or started a rule, with the rule as it was from then on."""

    __tablename__ = "crosssell_rule_edits"
    __table_args__ = (
        CheckConstraint("action IN ('made', 'changed', 'stopped', 'started')", name="action"),
    )

    id: Mapped[Serial]
    rule: Mapped[uuid.UUID]
    action: Mapped[str] = mapped_column(String(8))
    facts: Mapped[Json]
    actor: Mapped[Prose]
    edited_at: Mapped[Instant]


class CrossSellMatch(Row):
    """A good of which an active rule speaks. Made anew with rule or goods."""

    __tablename__ = "crosssell_matches"
    __table_args__ = (Index("ix_crosssell_matches_source", "source"),)

    rule: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("crosssell_rules.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(String(64), primary_key=True)


class CrossSellTarget(Row):
    """What an active rule says is needed or fits: a few of those it means, the best sold first."""

    __tablename__ = "crosssell_targets"

    rule: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("crosssell_rules.id", ondelete="CASCADE"), primary_key=True
    )
    target: Mapped[str] = mapped_column(String(64), primary_key=True)


class CrossSellConsumed(Row):
    """A family of goods that is used up: it is offered again a day after it was bought."""

    __tablename__ = "crosssell_consumed"

    family: Mapped[str] = mapped_column(String(32), primary_key=True)


class CrossSellTrial(Row):
    """A comparison of two ways to suggest; at most one runs. `share` percent get arm B."""

    __tablename__ = "crosssell_trials"
    __table_args__ = (
        CheckConstraint("variant IN ('knowledge', 'nothing')", name="variant"),
        CheckConstraint("share BETWEEN 1 AND 99", name="share"),
        Index(
            "uq_crosssell_trials_running",
            "running",
            unique=True,
            postgresql_where="running",
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    variant: Mapped[str] = mapped_column(String(16))
    share: Mapped[int]
    running: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    actor: Mapped[Prose]


class CrossSellShowing(Row):
    """A SKU that was suggested beside a basket, once per basket, and what became of it.

    `unit` is a hash of the basket's id with a secret of the shop: nobody can be found by it, and
    two baskets of one person have nothing in common. `unavailable`: it could not be had when it
    was shown, which must never be.
    """

    __tablename__ = "crosssell_showings"
    __table_args__ = (
        CheckConstraint("arm IN ('a', 'b')", name="arm"),
        Index("ix_crosssell_showings_shown_on", "shown_on"),
    )

    unit: Mapped[str] = mapped_column(String(32), primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    shown_on: Mapped[date]
    trial: Mapped[uuid.UUID | None]
    arm: Mapped[str] = mapped_column(String(1))
    channel: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    clicked: Mapped[bool] = mapped_column(default=False)
    added: Mapped[bool] = mapped_column(default=False)
    unavailable: Mapped[bool] = mapped_column(default=False)
    bought: Mapped[int] = mapped_column(default=0)
    margin_minor: Mapped[int] = mapped_column(default=0)


class CrossSellUnit(Row):
    """A basket that took part: its arm, and what the whole of it earned once it was ordered."""

    __tablename__ = "crosssell_units"
    __table_args__ = (Index("ix_crosssell_units_trial", "trial"),)

    unit: Mapped[str] = mapped_column(String(32), primary_key=True)
    trial: Mapped[uuid.UUID | None]
    arm: Mapped[str] = mapped_column(String(1))
    seen_on: Mapped[date]
    ordered: Mapped[bool] = mapped_column(default=False)
    margin_minor: Mapped[int] = mapped_column(default=0)
