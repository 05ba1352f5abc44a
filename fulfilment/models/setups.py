"""The retailer's rules in force, as a draft and in versions; questions asked of changed ones."""

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, ledger


class SetupStamp(Row):
    """One row whose stamp is new after each change of locations, closed days, tariffs or rules.

    Triggers on those tables write it, so that no way of changing them can forget to. Who keeps
    what they read compares stamps.
    """

    __tablename__ = "setup_stamps"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[uuid.UUID]


class RoutingRules(Row):
    """The one row of the rules in force: fields of `fulfilment.rules.Rules`.

    `number` is the version that was published last; 0 before the first.
    """

    __tablename__ = "routing_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[Json]
    number: Mapped[int]


class RoutingDraft(Row):
    """The one shared draft. `document` is null while there is none; `version` only goes up."""

    __tablename__ = "routing_drafts"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    document: Mapped[Json | None]
    restored_from: Mapped[int | None]
    actor: Mapped[Prose]
    changed_at: Mapped[Instant]


@ledger
class RoutingSetup(Row):
    """A version of the whole setup, in force from `published_at` until the next one.

    `cause`: ``first`` (what was there before anybody published), ``published``, ``found`` (the
    tables had been changed past the drafts). `changes` is what differs from the version before.
    """

    __tablename__ = "routing_setups"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("cause IN ('first', 'published', 'found')", name="cause"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cause: Mapped[str] = mapped_column(String(16))
    published_at: Mapped[Instant]
    actor: Mapped[Prose]
    reason: Mapped[Prose]
    restored_from: Mapped[int | None]
    changes: Mapped[list[Any]]
    document: Mapped[Json] = mapped_column(deferred=True)


class WhatIfRun(Row):
    """A question: what would the orders of a period have cost under another setup?

    `since` to `until` (excluded): when they were decided. `setup` is the whole setup asked about,
    `changes` what differs from what was in force when it was asked. `result` holds the sums,
    `orders` the orders that change most.
    """

    __tablename__ = "whatif_runs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'cancelled', 'failed')", name="state"
        ),
        CheckConstraint("since < until", name="period"),
        Index("ix_whatif_runs_asked_at", "asked_at"),
        Index(
            "ix_whatif_runs_unfinished",
            "state",
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[Key]
    title: Mapped[Prose]
    since: Mapped[Instant]
    until: Mapped[Instant]
    changes: Mapped[list[Any]]
    setup: Mapped[Json] = mapped_column(deferred=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    actor: Mapped[Prose]
    asked_at: Mapped[Instant]
    started_at: Mapped[Instant | None]
    # Real time: the shop's clock may stand still while a replay runs.
    seen_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    error: Mapped[Prose | None]
    result: Mapped[Json | None] = mapped_column(deferred=True)
    orders: Mapped[list[Any] | None] = mapped_column(JSONB, deferred=True)
