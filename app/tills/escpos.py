"""A receipt as bytes for a thermal printer: ESC/POS, 80 mm, code page 858 (it has the euro).

Only commands that every such printer knows. Source: Epson ESC/POS command reference: ESC @, ESC t,
ESC a, ESC E, GS !, GS ( k (model 2), GS V, ESC p.
"""

from collections.abc import Iterable

WIDTH = 48
"""Characters of font A on paper of 80 mm."""

_BEGIN = b"\x1b@" + b"\x1bt\x13"  # as it was switched on; code page 19 is 858
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_BOLD, _PLAIN = b"\x1bE\x01", b"\x1bE\x00"
_LARGE, _SMALL = b"\x1d!\x11", b"\x1d!\x00"
_CUT = b"\x1dVB\x00"  # feeds to the knife, and leaves a bridge
_KICK = b"\x1bp\x00\x19\xfa"  # the first drawer, 50 ms
_MOST_QR = 900


class Paper:
    """What is printed, command after command."""

    def __init__(self) -> None:
        """Begin with a printer as it was switched on."""
        self._bytes = bytearray(_BEGIN)

    def text(
        self, words: str, *, centred: bool = False, bold: bool = False, large: bool = False
    ) -> None:
        """Print words, broken between words where they are too long for a line."""
        self._bytes += _CENTRE if centred else _LEFT
        self._bytes += (_BOLD if bold else b"") + (_LARGE if large else b"")
        for line in broken(words, WIDTH // 2 if large else WIDTH):
            self._bytes += _encoded(line) + b"\n"
        self._bytes += (_SMALL if large else b"") + (_PLAIN if bold else b"")

    def row(self, name: str, amount: str, *, bold: bool = False) -> None:
        """Print a name at the left and an amount at the right, the name broken where it must be."""
        lines = list(broken(name, WIDTH - len(amount) - 1)) or [""]
        for line in lines[:-1]:
            self.text(line, bold=bold)
        gap = " " * (WIDTH - len(lines[-1]) - len(amount))
        self.text(lines[-1] + gap + amount, bold=bold)

    def rule(self) -> None:
        """Print a line across the paper."""
        self.text("-" * WIDTH)

    def qr(self, words: str, *, size: int = 4) -> None:
        """Print a QR code, correction level L.

        Args:
            words: at most 900 bytes: more does not fit on the paper's width.
            size: dots of a module.

        Raises:
            ValueError: more than fits.
        """
        data = words.encode()
        if not 0 < len(data) <= _MOST_QR:
            raise ValueError(f"{len(data)} bytes")
        self._bytes += _CENTRE
        self._bytes += b"\x1d(k\x04\x001A2\x00" + b"\x1d(k\x03\x001C" + bytes([size])
        self._bytes += b"\x1d(k\x03\x001E0"
        self._bytes += b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
        self._bytes += b"\x1d(k\x03\x001Q0" + b"\n"

    def done(self, *, drawer: bool = False) -> bytes:
        """Cut, open the drawer where cash was paid, and return everything."""
        return bytes(self._bytes) + b"\n" + _CUT + (_KICK if drawer else b"")


def broken(words: str, width: int) -> Iterable[str]:
    """Break words into lines; a word that is longer than a line is cut."""
    line = ""
    for word in words.split(" "):
        rest = word
        while len(line) + (1 if line else 0) + len(rest) > width:
            if line:
                yield line
                line = ""
            else:
                yield rest[:width]
                rest = rest[width:]
        line = f"{line} {rest}" if line else rest
    yield line


def _encoded(words: str) -> bytes:
    # A minus is a minus on the screen; the printer knows the hyphen. Blanks are blanks.
    plain = words.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ")
    return plain.encode("cp858", "replace")
