"""The message that a security module signs, byte for byte (DER).

Source: BSI TR-03151-1, section 4 (TransactionLogMessage); the signature covers the encoded fields
one after the other, without the outer sequence and without the signature itself.
"""

_VERSION = 2
_CERTIFIED_DATA = (0, 4, 0, 127, 0, 7, 3, 7, 1, 1)
_ECDSA_PLAIN_SHA256 = (0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3)
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_SHORT = 0x80


def _field(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < _SHORT:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, _SHORT | len(size)]) + size + content


def _whole(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, signed=True)


def _oid(arcs: tuple[int, ...]) -> bytes:
    encoded = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        encoded += bytes(reversed(septets))
    return _field(_OID, encoded)


def finished(
    *,
    client_id: str,
    process_type: str,
    process_data: str,
    transaction_number: int,
    serial: str,
    signature_counter: int,
    logged_at: int,
) -> bytes:
    """Return what is signed when a process of a till has ended.

    Args:
        serial: of the module, hexadecimal.
        logged_at: Unix time in seconds.
    """
    return b"".join(
        (
            _field(_INTEGER, _whole(_VERSION)),
            _oid(_CERTIFIED_DATA),
            _field(0x80, b"FinishTransaction"),
            _field(0x81, client_id.encode("ascii")),
            _field(0x82, process_data.encode()),
            _field(0x83, process_type.encode("ascii")),
            _field(0x85, _whole(transaction_number)),
            _field(_OCTETS, bytes.fromhex(serial)),
            _field(_SEQUENCE, _oid(_ECDSA_PLAIN_SHA256)),
            _field(_INTEGER, _whole(signature_counter)),
            _field(_INTEGER, _whole(logged_at)),
        )
    )


def logged(signed: bytes, signature: bytes) -> bytes:
    """Return a message with its signature, as the module's log keeps it."""
    return _field(_SEQUENCE, signed + _field(_OCTETS, signature))
