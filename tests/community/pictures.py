"""Picture files for the tests, honest and otherwise."""

import io
import struct
import zlib

from PIL import Image

GPS = 0x8825
ORIENTATION = 0x0112
MAKE = 0x010F


def photo(
    width: int = 60, height: int = 40, *, format_: str = "JPEG", turned: bool = False
) -> bytes:
    """Return a photograph as a telephone writes it: with its maker and the place in it."""
    image = Image.new("RGB", (width, height), (40, 90, 120))
    image.paste((200, 60, 30), (0, 0, width // 2, height // 2))
    exif = Image.Exif()
    exif[MAKE] = "Herr Müllers Telefon"
    exif[ORIENTATION] = 6 if turned else 1
    exif.get_ifd(GPS)[2] = (50.0, 44.0, 10.0)
    file = io.BytesIO()
    more = {"comment": b"Sternstrasse 22"} if format_ == "JPEG" else {}
    image.save(file, format_, exif=exif, **more)
    return file.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """Return a PNG of a few bytes that says it is `side` by `side` pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        framed = kind + content
        return struct.pack(">I", len(content)) + framed + struct.pack(">I", zlib.crc32(framed))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
