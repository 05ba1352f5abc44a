"""The row of an import: what was in the file, what it would change, and how far it is."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row


class CatalogImport(Row):
    """A table that somebody uploaded: looked at, then taken over by a worker or discarded."""

    __tablename__ = "catalog_imports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('looking', 'looked_at', 'running', 'done', 'failed', 'discarded')",
            name="state",
        ),
        Index("ix_catalog_imports_asked_at", "asked_at"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(16))
    filename: Mapped[Prose]
    state: Mapped[str] = mapped_column(String(16))
    # As typed: ``[[line, {column: text}]]``.
    rows: Mapped[list[Any]] = mapped_column(deferred=True)
    # ``{new, changed, same, bad, changes: [...], faults: [...]}``; see `planning`.
    found: Mapped[Json]
    done: Mapped[int]
    total: Mapped[int]
    actor: Mapped[Prose]
    asked_at: Mapped[Instant]
    started_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    error: Mapped[Prose | None]
