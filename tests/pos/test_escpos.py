"""Receipts as bytes for thermal printers."""

import base64

import pytest

from app.tills.escpos import WIDTH, Paper, broken
from tests.pos.register import problem, sale
from tests.small_shop import LURE


def test_lines_are_broken_between_words_and_long_words_are_cut():
    assert list(broken("eins zwei drei", 9)) == ["eins zwei", "drei"]
    assert list(broken("a " + "x" * 12, 5)) == ["a", "xxxxx", "xxxxx", "xx"]
    assert list(broken("", 9)) == [""]


def test_a_row_fills_the_width_and_the_euro_is_one_byte():
    paper = Paper()
    paper.row("1 × Döbel", "6,90\u00a0€")
    line = paper.done().split(b"\n")[0].split(b"\x1ba\x00")[-1]
    assert len(line) == WIDTH
    assert line.startswith("1 × Döbel".encode("cp858"))
    assert line.endswith(b"6,90 \xd5")


def test_a_code_says_its_length_and_too_much_is_refused():
    paper = Paper()
    paper.qr("bonn-1-000001")
    assert b"\x1d(k\x10\x001P0bonn-1-000001\x1d(k\x03\x001Q0" in paper.done()
    with pytest.raises(ValueError, match="901 bytes"):
        paper.qr("x" * 901)


def test_a_receipt_is_printed_with_its_signature_and_opens_the_drawer_for_cash(register):
    booked = register.post("/sales", sale((LURE, 2, 690))).get_json()
    told = register.get(f"/receipts/{booked['sale_id']}/print").get_json()
    written = base64.b64decode(told["escpos"])
    assert told["receipt_number"] == booked["receipt_number"] == "bonn-1-000001"
    assert written.startswith(b"\x1b@")
    assert written.endswith(b"\x1bp\x00\x19\xfa")
    assert "2 × Rheinshad 9 cm".encode("cp858") in written
    assert b"13,80 \xd5" in written
    assert booked["fiscal"]["qr"].encode() in written
    assert problem(register.get("/receipts/no-such-sale/print")) == (404, "sale")
