"""What a receipt says to a security module, and the QR code that an auditor scans.

Source: DSFinV-K 2.4, annex I (processData of ``Kassenbeleg-V1``, contents of the QR code).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.tills.fiscal import log_message
from app.tills.fiscal.signer import verifies

KIND = "Kassenbeleg-V1"
# In this order: 19 %, 7 %, flat rates of farmers (10.7 % and 5.5 %), no VAT.
_RATES = (1900, 700, 1070, 550, 0)
_FIELDS = 12
_TYPES = {
    "sale": "Beleg", "return": "Beleg", "exchange": "Beleg", "void": "Beleg",
    "aborted": "AVBelegabbruch",
}  # fmt: skip


def _money(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def process_data(kind: str, gross: Mapping[int, int], cash_minor: int, other_minor: int) -> str:
    """Return what is signed of a receipt.

    Args:
        kind: of the receipt; training has a type of its own.
        gross: gross amounts by VAT rate (basis points), minor units.
        cash_minor: paid in cash; below 0 where cash was paid out.
        other_minor: paid otherwise.
    """
    rates = "_".join(_money(gross.get(rate, 0)) for rate in _RATES)
    paid = []
    if cash_minor or not other_minor:
        paid.append(f"{_money(cash_minor)}:Bar")
    if other_minor:
        paid.append(f"{_money(other_minor)}:Unbar")
    return f"{_TYPES.get(kind, 'AVTraining')}^{rates}^{'_'.join(paid)}"


def _instant(at: datetime) -> str:
    plain = at.astimezone(UTC)
    return f"{plain:%Y-%m-%dT%H:%M:%S}.{plain.microsecond // 1000:03d}Z"


def text(  # noqa: PLR0913 - a QR code has twelve fields
    *,
    client_id: str,
    process_type: str,
    process_data: str,
    transaction_number: int,
    signature_counter: int,
    started_at: datetime,
    ended_at: datetime,
    algorithm: str,
    time_format: str,
    signature: str,
    public_key: str,
) -> str:
    """Return what the QR code of a signed receipt holds."""
    fields = (
        "V0", client_id, process_type, process_data, str(transaction_number),
        str(signature_counter), _instant(started_at), _instant(ended_at), algorithm, time_format,
        signature, public_key,
    )  # fmt: skip
    return ";".join(fields)


@dataclass(frozen=True)
class Read:
    """A QR code as it was read; `genuine`: the signature is one of what stands in it."""

    client_id: str
    process_data: str
    transaction_number: int
    signature_counter: int
    started_at: datetime
    ended_at: datetime
    genuine: bool


def read(scanned: str) -> Read:
    """Read a receipt's QR code and verify it by nothing but what it holds.

    Raises:
        ValueError: it is none.
    """
    fields = scanned.split(";")
    if len(fields) != _FIELDS or fields[0] != "V0":
        raise ValueError("not the code of a receipt")
    ended_at = datetime.fromisoformat(fields[7])
    message = log_message.finished(
        client_id=fields[1],
        process_type=fields[2],
        process_data=fields[3],
        transaction_number=int(fields[4]),
        serial=hashlib.sha256(base64.b64decode(fields[11])).hexdigest(),
        signature_counter=int(fields[5]),
        logged_at=int(ended_at.timestamp()),
    )
    return Read(
        client_id=fields[1],
        process_data=fields[3],
        transaction_number=int(fields[4]),
        signature_counter=int(fields[5]),
        started_at=datetime.fromisoformat(fields[6]),
        ended_at=ended_at,
        genuine=verifies(fields[11], message, fields[10]),
    )
