"""Rows of the legal texts: versions that are never changed, and one draft per page."""

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row, Serial, ledger


@ledger
class LegalVersion(Row):
    """A page's text from an instant on, in every language; append-only.

    `texts` is ``{language: {title, body}}``; the page ``anbieter`` holds facts instead of texts.
    In force is, of those whose `valid_from` has come, the one with the latest.
    """

    __tablename__ = "legal_versions"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        UniqueConstraint("page", "version"),
        Index("ix_legal_versions_page", "page", "valid_from"),
    )

    id: Mapped[Serial]
    page: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    valid_from: Mapped[Instant]
    texts: Mapped[Json]
    note: Mapped[Prose]
    actor: Mapped[Prose]
    published_at: Mapped[Instant]


class LegalDraft(Row):
    """The next version of a page while somebody works on it."""

    __tablename__ = "legal_drafts"

    page: Mapped[str] = mapped_column(String(32), primary_key=True)
    texts: Mapped[Json]
    actor: Mapped[Prose]
    changed_at: Mapped[Instant]
