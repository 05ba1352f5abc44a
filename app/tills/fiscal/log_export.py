"""The log of the software signer as a TAR file, in the form in which certified modules hand it out.

One file for each finished transaction, named and encoded as BSI TR-03151-1 (sections 4 and 5.1) has
it, with the public key that verifies them. The beginnings are counted and not kept: the software
signer is not certified, and `info.csv` says so.
"""

import base64
import io
import tarfile
from collections.abc import Iterator

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.tills.fiscal import log_message
from app.tills.fiscal.models import FiscalRecord
from app.tills.models import CashEntry, TillReceipt, TillSession

_INFO = (
    '"description:","Software signer of Kontor, not certified","manufacturer:","Kontor",'
    '"version:","1"\r\n'
)


def of_session(session: Session, drawer: TillSession) -> bytes:
    """Return the log of what a till had signed between opening and count."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        _put(archive, "info.csv", _INFO.encode(), int(drawer.opened_at.timestamp()))
        keys: dict[str, str] = {}
        for record in _signed(session, drawer):
            keys[record.serial] = record.public_key
            at = int(record.ended_at.timestamp())
            name = (
                f"Unixt_{at}_Sig-{record.signature_counter}_Log-Tra"
                f"_No-{record.transaction_number}_Finish_Client-{record.client_id}.log"
            )
            _put(archive, name, _message(record), at)
        for serial, key in keys.items():
            _put(archive, f"{serial}.pem", _pem(key), int(drawer.opened_at.timestamp()))
    return packed.getvalue()


def _signed(session: Session, drawer: TillSession) -> Iterator[FiscalRecord]:
    receipts = select(TillReceipt.id).where(TillReceipt.session == drawer.id)
    entries = select(CashEntry.id).where(CashEntry.session == drawer.id)
    query = (
        select(FiscalRecord)
        .where(
            or_(FiscalRecord.receipt.in_(receipts), FiscalRecord.entry.in_(entries)),
            FiscalRecord.signature.is_not(None),
        )
        .order_by(FiscalRecord.signature_counter)
    )
    yield from session.scalars(query)


def _message(record: FiscalRecord) -> bytes:
    signed = log_message.finished(
        client_id=record.client_id,
        process_type=record.process_type,
        process_data=record.process_data,
        transaction_number=record.transaction_number or 0,
        serial=record.serial,
        signature_counter=record.signature_counter or 0,
        logged_at=int(record.ended_at.timestamp()),
    )
    return log_message.logged(signed, base64.b64decode(record.signature or ""))


def _pem(public_key: str) -> bytes:
    point = base64.b64decode(public_key)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _put(archive: tarfile.TarFile, name: str, content: bytes, at: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(content), at
    archive.addfile(entry, io.BytesIO(content))
