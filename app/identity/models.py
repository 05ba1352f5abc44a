"""Rows of identity: staff who sign in, and devices that are paired."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row


class Staff(Row):
    """A person who works here; `location` is where, for roles that are bound to one."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('cashier', 'picker', 'store_lead', 'service', 'back_office', 'admin')",
            name="role",
        ),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Prose]
    role: Mapped[str] = mapped_column(String(16))
    location: Mapped[str | None] = mapped_column(ForeignKey("locations.code"))
    password_hash: Mapped[Prose]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]


class Device(Row):
    """A till or hand-held at a location; it proves itself by a token whose hash is kept here."""

    __tablename__ = "devices"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[Prose]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    # It numbers its receipts itself, so that it can do so without a network.
    own_numbers: Mapped[bool] = mapped_column(default=False)
    # The provider's id of the card reader beside it.
    reader: Mapped[str | None] = mapped_column(String(255))
