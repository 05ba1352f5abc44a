"""Rows of the security module: its counters, what it signed, when it was out of order."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, Serial, ledger


class FiscalModule(Row):
    """A software signer, one for each till: key pair and counters. It is not certified."""

    __tablename__ = "fiscal_modules"

    device: Mapped[str] = mapped_column(ForeignKey("devices.code"), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64))
    # SHA-256 of the public key, hexadecimal: BSI TR-03153, section 4.
    serial: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[Prose]
    private_key: Mapped[Prose]
    transactions: Mapped[int] = mapped_column(BigInteger, default=0)
    signatures: Mapped[int] = mapped_column(BigInteger, default=0)
    broken_since: Mapped[Instant | None]
    broken_reason: Mapped[Prose] = mapped_column(default="")
    made_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]


class FiscalOutage(Row):
    """A time in which a till sold without a signature. Source: AEAO to section 146a, 7.1 to 7.4."""

    __tablename__ = "fiscal_outages"
    __table_args__ = (
        CheckConstraint("ended_at >= began_at", name="order"),
        Index(
            "uq_fiscal_outages_open",
            "device",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    reason: Mapped[Prose]
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


@ledger
class FiscalRecord(Row):
    """What makes a receipt a signed one, or says in which outage it was given out.

    It is of a `receipt`, or of an `entry`: cash that people moved.
    """

    __tablename__ = "fiscal_records"
    __table_args__ = (
        CheckConstraint("(receipt IS NULL) <> (entry IS NULL)", name="of_one"),
        CheckConstraint("(signature IS NULL) <> (outage IS NULL)", name="signed_or_out"),
        CheckConstraint(
            "(signature IS NULL) = (signature_counter IS NULL)"
            " AND (signature IS NULL) = (transaction_number IS NULL)",
            name="counted",
        ),
        Index(
            "uq_fiscal_records_counter",
            "serial",
            "signature_counter",
            unique=True,
            postgresql_where=text("signature_counter IS NOT NULL"),
        ),
    )

    id: Mapped[Serial]
    receipt: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("till_receipts.id"), unique=True)
    entry: Mapped[int | None] = mapped_column(ForeignKey("till_cash_entries.id"), unique=True)
    serial: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(String(64))
    process_type: Mapped[str] = mapped_column(String(32))
    process_data: Mapped[Prose]
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant]
    transaction_number: Mapped[int | None] = mapped_column(BigInteger)
    signature_counter: Mapped[int | None] = mapped_column(BigInteger)
    algorithm: Mapped[str] = mapped_column(String(32))
    public_key: Mapped[Prose]
    signature: Mapped[Prose | None]
    outage: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("fiscal_outages.id"))
