"""The security modules of the tills, and what they record of each receipt."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.tills.fiscal import qr, signer
from app.tills.fiscal.models import FiscalModule, FiscalOutage, FiscalRecord
from app.tills.fiscal.signer import (
    ALGORITHM,
    Asked,
    FiscalSigner,
    Signed,
    SignerDown,
    client_of,
)
from app.tills.models import TillReceipt
from kit import clock
from kit.errors import NotFound

NOTE = "TSE-Modell aus Software, nicht zertifiziert: kein gültiger Kassenbeleg"
OFFLINE = "Kasse ohne Verbindung zur Sicherheitseinrichtung"

_signer: FiscalSigner = signer.SoftwareSigner()


def in_use() -> FiscalSigner:
    """Return what signs in this shop; a certified module takes its place here."""
    return _signer


def use(chosen: FiscalSigner) -> FiscalSigner:
    """Have another signer sign from now on in this process; returns the one before."""
    global _signer
    before, _signer = _signer, chosen
    return before


def note() -> str:
    """Return what receipts have to say of the module; nothing of a certified one."""
    return "" if in_use().certified else NOTE


def of_device(session: Session, device: str) -> FiscalModule:
    """Return the module of a till; a till's first question makes it."""
    module = session.get(FiscalModule, device)
    if module is None:
        private_key, public_key, serial = signer.new_keys()
        made = insert(FiscalModule).values(
            device=device,
            client_id=client_of(device),
            serial=serial,
            public_key=public_key,
            private_key=private_key,
            transactions=0,
            signatures=0,
            broken_reason="",
            made_at=clock.now(),
        )
        session.execute(made.on_conflict_do_nothing(index_elements=["device"]))
        module = session.get_one(FiscalModule, device)
    return module


def break_down(session: Session, device: str, reason: str) -> None:
    """Take a till's module out of order: sales go on, receipts and records say why."""
    module = of_device(session, device)
    module.broken_since, module.broken_reason = clock.now(), reason
    session.flush()


def mend(session: Session, device: str) -> None:
    """Put a till's module back in order; the outage ends with the next signature."""
    module = of_device(session, device)
    module.broken_since, module.broken_reason = None, ""
    session.flush()


def made(session: Session, receipt: TillReceipt, asked: Asked, *, out: bool = True) -> FiscalRecord:
    """Sign a receipt, or say in which outage it was given out; the record is not written yet.

    Args:
        session: the receipt's transaction.
        receipt: that is being written with it.
        out: whether an outage of the till may be open, which a signature ends.
    """
    row = _made(session, asked, offline=receipt.offline, out=out)
    row.receipt = receipt.id
    return row


def record_cash(
    session: Session, entry_id: int, device: str, amount_minor: int, at: datetime
) -> None:
    """Sign cash that people moved: a document without VAT (DSFinV-K 2.4, annex I).

    It is signed when it is booked, also where it happened without a network.
    """
    asked = Asked(
        device=device,
        process_type=qr.KIND,
        process_data=qr.process_data("sale", {0: amount_minor}, amount_minor, 0),
        started_at=at,
        ended_at=at,
    )
    row = _made(session, asked, offline=False, out=True)
    row.entry = entry_id
    session.add(row)
    session.flush()


def _made(session: Session, asked: Asked, *, offline: bool, out: bool) -> FiscalRecord:
    signed, reason = None, OFFLINE
    if not offline:
        try:
            signed = _signed(session, asked)
        except SignerDown as down:
            reason = down.reason
    row = FiscalRecord(
        process_type=asked.process_type,
        process_data=asked.process_data,
        started_at=asked.started_at,
        ended_at=asked.ended_at,
        algorithm=ALGORITHM,
    )
    if signed is None:
        module = of_device(session, asked.device)
        row.serial, row.client_id = module.serial, module.client_id
        row.public_key = module.public_key
        row.outage = _outage(session, asked.device, reason, asked.started_at).id
    else:
        _take(row, signed)
        if out:
            _end_outage(session, asked.device, asked.ended_at)
    return row


def of_entry(session: Session, entry_id: int) -> FiscalRecord | None:
    """Return what was recorded of moved cash; None where it was moved before that was done."""
    return session.scalar(select(FiscalRecord).where(FiscalRecord.entry == entry_id))


def _signed(session: Session, asked: Asked) -> Signed:
    signed = in_use().sign(session, asked)
    if signed is None:
        of_device(session, asked.device)
        signed = in_use().sign(session, asked)
    if signed is None:
        raise SignerDown(f"no module of {asked.device}")
    return signed


def _take(row: FiscalRecord, signed: Signed) -> None:
    row.serial, row.client_id = signed.serial, signed.client_id
    row.public_key = signed.public_key
    row.transaction_number = signed.transaction_number
    row.signature_counter = signed.signature_counter
    row.signature = signed.signature
    row.algorithm = signed.algorithm
    row.started_at, row.ended_at = signed.started_at, signed.ended_at


def _outage(session: Session, device: str, reason: str, at: datetime) -> FiscalOutage:
    """Return the outage that an unsigned receipt belongs to; a new one where there is none."""
    around = (
        select(FiscalOutage)
        .where(
            FiscalOutage.device == device,
            (FiscalOutage.ended_at.is_(None))
            | ((FiscalOutage.began_at <= at) & (FiscalOutage.ended_at >= at)),
        )
        .order_by(FiscalOutage.ended_at.desc().nulls_first())
        .limit(1)
        .with_for_update()
    )
    outage = session.scalar(around)
    if outage is None:
        outage = FiscalOutage(device=device, reason=reason, began_at=at, ended_at=None)
        session.add(outage)
    # Receipts of an outage come in any order.
    outage.began_at = min(outage.began_at, at)
    session.flush()
    return outage


def _end_outage(session: Session, device: str, at: datetime) -> None:
    query = select(FiscalOutage).where(
        FiscalOutage.device == device, FiscalOutage.ended_at.is_(None)
    )
    outage = session.scalar(query.with_for_update())
    if outage is not None and outage.began_at <= at:
        outage.ended_at = at


def of_receipt(session: Session, receipt: TillReceipt) -> FiscalRecord:
    """Return what was recorded of a receipt.

    Raises:
        NotFound: ``fiscal_record``.
    """
    row = session.scalar(select(FiscalRecord).where(FiscalRecord.receipt == receipt.id))
    if row is None:
        raise NotFound("fiscal_record", receipt=receipt.receipt_number)
    return row


def shown(session: Session, row: FiscalRecord) -> dict[str, object]:
    """Return what is printed of it: KassenSichV section 6, numbers 5 to 7."""
    outage = session.get_one(FiscalOutage, row.outage) if row.outage else None
    return {
        "signed": row.signature is not None,
        "certified": in_use().certified,
        "note": note(),
        "outage": outage.reason if outage else None,
        "qr": code_of(row),
        "serial": row.serial,
        "client_id": row.client_id,
        "process_type": row.process_type,
        "process_data": row.process_data,
        "transaction_number": row.transaction_number,
        "signature_counter": row.signature_counter,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "algorithm": row.algorithm,
        "signature": row.signature,
        "public_key": row.public_key,
    }


def code_of(row: FiscalRecord) -> str | None:
    """Return the text of the receipt's QR code; None for one that was not signed."""
    if row.signature is None or row.transaction_number is None or row.signature_counter is None:
        return None
    return qr.text(
        client_id=row.client_id,
        process_type=row.process_type,
        process_data=row.process_data,
        transaction_number=row.transaction_number,
        signature_counter=row.signature_counter,
        started_at=row.started_at,
        ended_at=row.ended_at,
        algorithm=row.algorithm,
        time_format=signer.TIME_FORMAT,
        signature=row.signature,
        public_key=row.public_key,
    )
