"""Reading the retailer's file: what is business in goods, what is not, and what is broken."""

import gzip
from pathlib import Path

import pytest

from app.replay.reading import COLUMNS, Invoice, invoices, playable
from kit.errors import Invalid

SLICE = Path(__file__).parents[1] / "data" / "online_retail_slice.csv.gz"


def _file(folder: Path, *rows: str, header: str = ",".join(COLUMNS)) -> Path:
    path = folder / "lines.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_lines_of_one_invoice_stand_together_with_price_in_pence(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "1,85048,12,2009-12-01T07:45,6.95,13085,United Kingdom",
        "1,79323p,2,2009-12-01T07:45,0.29,13085,United Kingdom",
        "2,22041,1,2009-12-01T08:00,2.10,,United Kingdom",
    )
    first, second = invoices(path)
    assert [(line.sku, line.quantity, line.unit_minor) for line in first.lines] == [
        ("85048", 12, 695),
        ("79323P", 2, 29),
    ]
    assert (first.kind, second.kind) == ("web_order", "till_sale")


def test_an_invoice_interrupted_by_another_is_still_one(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "1,85048,1,2009-12-01T07:45,6.95,13085,UK",
        "2,22041,1,2009-12-01T07:45,2.10,,UK",
        "1,79323P,1,2009-12-01T07:46,0.29,13085,UK",
    )
    assert [(one.number, len(one.lines)) for one in invoices(path)] == [("1", 2), ("2", 1)]


@pytest.mark.parametrize(
    ("number", "row", "reason"),
    [
        ("1", "POST,1,2009-12-01T07:45,18.00,13085", "not_goods"),
        ("1", "gift_0001_30,1,2009-12-01T07:45,30.00,13085", "not_goods"),
        ("1", "85048,-3,2009-12-01T07:45,6.95,13085", "breakage"),
        ("1", "85048,3,2009-12-01T07:45,0.00,13085", "no_price"),
        ("1", "85048,19152,2009-12-01T07:45,0.10,13085", "too_many_units"),
        ("C1", "85048,3,2009-12-01T07:45,6.95,13085", "positive_in_return"),
        ("A1", "B,1,2009-12-01T07:45,-53594.36,", "adjustment"),
    ],
)
def test_what_is_no_business_in_goods_is_refused_by_name(
    tmp_path: Path, number: str, row: str, reason: str
) -> None:
    (invoice,) = invoices(_file(tmp_path, f"{number},{row},United Kingdom"))
    lines, refused = playable(invoice)
    assert lines == []
    assert [refusal.reason for refusal in refused] == [reason]


def test_lines_of_one_sku_at_one_price_are_added_up_and_others_are_not(tmp_path: Path) -> None:
    (invoice,) = invoices(
        _file(
            tmp_path,
            "1,85048,2,2009-12-01T07:45,6.95,13085,UK",
            "1,85048,3,2009-12-01T07:45,6.95,13085,UK",
            "1,85048,1,2009-12-01T07:45,5.95,13085,UK",
        )
    )
    lines, refused = playable(invoice)
    assert [(line.quantity, line.unit_minor) for line in lines] == [(5, 695), (1, 595)]
    assert refused == []


@pytest.mark.parametrize(
    "row",
    [
        "1,85048,twelve,2009-12-01T07:45,6.95,13085,UK",
        "1,85048,12,yesterday,6.95,13085,UK",
        "1,85048,12,2009-12-01T07:45,dear,13085,UK",
        "1,85048,12,2009-12-01T07:45,6.95,13085",
        ",85048,12,2009-12-01T07:45,6.95,13085,UK",
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, row: str) -> None:
    path = _file(tmp_path, "1,85048,12,2009-12-01T07:45,6.95,13085,UK", row)
    with pytest.raises(Invalid, match="import_line") as caught:
        list(invoices(path))
    assert caught.value.facts["line"] == 3


def test_another_file_is_refused_by_its_header(tmp_path: Path) -> None:
    path = _file(tmp_path, header="sku,title")
    with pytest.raises(Invalid, match="import_header"):
        list(invoices(path))


def test_every_line_of_the_slice_is_played_or_refused() -> None:
    with gzip.open(SLICE, "rt") as source:
        in_file = sum(1 for _ in source) - 1
    read: list[Invoice] = list(invoices(SLICE))
    assert sum(len(invoice.lines) for invoice in read) == in_file
    for invoice in read:
        lines, refused = playable(invoice)
        sign = -1 if invoice.kind == "return" else 1
        played = sum(line.quantity for line in lines)
        left_out = sum(refusal.quantity for refusal in refused)
        assert sign * played + left_out == sum(line.quantity for line in invoice.lines)
