"""What signs receipts: the interface that a certified module fills, and one made of software.

The software signer really signs and really counts, but nobody has certified it: section 146a AO
wants a certified module, so until one stands behind `FiscalSigner`, no till of this shop may be
used for trade in Germany. Receipts, exports and pages say so.

`sign` is called inside the transaction of the receipt: that is right for a key of our own. A module
behind a network is asked before, and `network.NetworkSigner` hands over what it said.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.tills.fiscal import log_message
from app.tills.fiscal.models import FiscalModule
from kit.errors import KontorError

ALGORITHM = "ecdsa-plain-SHA256"
TIME_FORMAT = "unixTime"
_HALF = 32


def client_of(device: str) -> str:
    """Return the name under which a module knows a till: the serial number of the till."""
    return f"KONTOR-{device}".upper()


@dataclass(frozen=True)
class Asked:
    """What is to be signed: a process of a till, e.g. ``Kassenbeleg-V1`` with its data."""

    device: str
    process_type: str
    process_data: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Signed:
    """A signature with everything that verifies it. Keys and signature are base64."""

    serial: str
    client_id: str
    transaction_number: int
    signature_counter: int
    algorithm: str
    time_format: str
    public_key: str
    signature: str
    # When the module logged the beginning and the end; the till's times with a key of our own.
    started_at: datetime
    ended_at: datetime


class SignerDown(KontorError):
    """The module does not sign now; the sale goes on, and the outage is recorded."""

    def __init__(self, reason: str) -> None:
        super().__init__("signer_down", reason=reason)
        self.reason = reason


class FiscalSigner(Protocol):
    """A security module (KassenSichV section 5)."""

    certified: bool

    def sign(self, session: Session, asked: Asked) -> Signed | None:
        """Sign inside the receipt's transaction; None where the till has no module yet.

        Raises:
            SignerDown: nothing was signed.
        """


class SoftwareSigner:
    """Signs with a key from the database. Not certified."""

    certified = False

    def sign(self, session: Session, asked: Asked) -> Signed | None:
        """Count and sign; the counters are rolled back with the transaction."""
        counted = (
            update(FiscalModule)
            .where(FiscalModule.device == asked.device)
            .values(
                transactions=FiscalModule.transactions + 1, signatures=FiscalModule.signatures + 2
            )
            .returning(FiscalModule)
            .execution_options(populate_existing=True)
        )
        module = session.scalars(counted).one_or_none()
        if module is None:
            return None
        if module.broken_since is not None:
            # The module counts nothing that it does not sign.
            module.transactions -= 1
            module.signatures -= 2
            session.flush()
            raise SignerDown(module.broken_reason)
        message = log_message.finished(
            client_id=module.client_id,
            process_type=asked.process_type,
            process_data=asked.process_data,
            transaction_number=module.transactions,
            serial=module.serial,
            signature_counter=module.signatures,
            logged_at=int(asked.ended_at.timestamp()),
        )
        return Signed(
            serial=module.serial,
            client_id=module.client_id,
            transaction_number=module.transactions,
            signature_counter=module.signatures,
            algorithm=ALGORITHM,
            time_format=TIME_FORMAT,
            public_key=module.public_key,
            signature=signature_of(module.private_key, message),
            started_at=asked.started_at,
            ended_at=asked.ended_at,
        )


@lru_cache(maxsize=64)
def _key(private_key: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the module's key is not one for ECDSA")
    return key


def signature_of(private_key: str, message: bytes) -> str:
    """Return the plain signature of a message, base64. The key is PEM."""
    key = _key(private_key)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    # "plain": both numbers side by side, as BSI TR-03111 section 5.2.1 writes them.
    return base64.b64encode(r.to_bytes(_HALF) + s.to_bytes(_HALF)).decode()


def verifies(public_key: str, message: bytes, signature: str) -> bool:
    """Tell whether a plain signature is one of this message. Key and signature are base64."""
    raw = base64.b64decode(signature)
    if len(raw) != 2 * _HALF:
        return False
    point = base64.b64decode(public_key)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    dss = utils.encode_dss_signature(int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:]))
    try:
        key.verify(dss, message, ec.ECDSA(hashes.SHA256()))
    except Exception:  # noqa: BLE001 - the library's own error says only that it is not one
        return False
    return True


def new_keys() -> tuple[str, str, str]:
    """Return a private key (PEM), its public key (base64), and the serial that follows from it."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return pem, base64.b64encode(point).decode(), hashlib.sha256(point).hexdigest()
