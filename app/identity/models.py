"""Rows of identity: staff who sign in, devices that are paired, and who changed what."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, Serial, ledger


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
    # Part of every session's name: raised, it ends all of them.
    session_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    # The second factor's secret, sealed with the shop's key; in force once it was shown to work.
    totp_sealed: Mapped[Prose | None]
    totp_since: Mapped[Instant | None]
    # The newest time step that was used: each code lets in once (RFC 6238, section 5.2).
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    failed_attempts: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[Instant | None]
    invitation_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invitation_until: Mapped[Instant | None]


class RecoveryCode(Row):
    """A code that stands for the second factor once, where the telephone is lost."""

    __tablename__ = "staff_recovery_codes"

    id: Mapped[Key]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[Instant | None]


@ledger
class AuditEntry(Row):
    """A change that a person made: what it was, and what it has become; written by triggers.

    `was` and `becomes` hold the fields that differ; the whole row where it came or went.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_thing_key", "thing", "key"),
        Index("ix_audit_log_happened_at", "happened_at"),
    )

    id: Mapped[Serial]
    happened_at: Mapped[Instant]
    actor: Mapped[Prose]
    # insert, update, delete; signed_in, refused, locked
    action: Mapped[str] = mapped_column(String(16))
    thing: Mapped[str] = mapped_column(String(48))
    key: Mapped[Prose]
    was: Mapped[Json | None]
    becomes: Mapped[Json | None]


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
