"""Orders that a person has stopped: not picked, not handed over, until they are released."""

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row


class OrderStop(Row):
    """Who stopped an order, why, and who let it go again."""

    __tablename__ = "order_stops"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
        Index(
            "uq_order_stops_open",
            "order_ref",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    reason: Mapped[Prose]
    stopped_at: Mapped[Instant]
    stopped_by: Mapped[Prose]
    released_at: Mapped[Instant | None]
    released_by: Mapped[Prose | None]
