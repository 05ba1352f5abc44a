"""GS1 codes as scanners send them."""

from datetime import date

import pytest

from kit.gs1 import Scanned, read

GTIN = "09520000000011"
GS = "\x1d"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"01{GTIN}10A1", Scanned(GTIN, "A1")),
        (f"]d201{GTIN}17270331{'10'}B2{GS}21S-7", Scanned(GTIN, "B2", "S-7", date(2027, 3, 31))),
        (f"]C101{GTIN}15270200{'10'}B2", Scanned(GTIN, "B2", None, date(2027, 2, 28))),
        (f"01{GTIN}15271200{'21'}X", Scanned(GTIN, None, "X", date(2027, 12, 31))),
        (f"{GS}01{GTIN}21S1{GS}", Scanned(GTIN, None, "S1")),
        ("9520000000011", Scanned()),
        (GTIN, Scanned()),
        ("HAK-10-4", Scanned()),
        ("10A1", Scanned()),
        (f"01{GTIN}10", Scanned()),
        (f"01{GTIN}10{'A' * 21}", Scanned()),
        ("01952000000001X10A", Scanned()),
        ("", Scanned()),
    ],
)
def test_what_a_code_says(code, said):
    assert read(code) == said


def test_a_serial_number_tells_more_than_a_lot():
    assert read(f"01{GTIN}10B2{GS}21S-7").lot == "S-7"
    assert read(f"01{GTIN}10B2").lot == "B2"
