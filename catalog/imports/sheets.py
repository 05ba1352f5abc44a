"""Tables as files: CSV as spreadsheets write it, and Excel workbooks; read, and written."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kit.errors import Invalid

MOST_ROWS = 100_000
MOST_CELLS = 200
LONGEST_CELL = 20_000
# An Excel file is a zip: a small one may unpack to gigabytes.
MOST_UNPACKED = 200 * 1024 * 1024

Row = tuple[int, dict[str, str]]
"""A line of the file, counted as a spreadsheet does, and its cells by column."""


def read(filename: str, content: bytes) -> list[Row]:
    """Read a table whose first line names the columns; empty lines are left out.

    Args:
        filename: says by its ending what it is: ``.csv`` or ``.xlsx``.
        content: CSV in UTF-8 or Windows-1252, separated by semicolon, comma or tab.

    Raises:
        Invalid: ``sheet_kind``, ``sheet_broken``, ``sheet_large``, ``sheet_columns`` (none, or one
            of them twice), ``sheet_empty``.
    """
    ending = filename.lower().rpartition(".")[2]
    if ending == "xlsx":
        lines = _excel(content)
    elif ending in {"csv", "txt"}:
        lines = _csv(content)
    else:
        raise Invalid("sheet_kind", filename=filename)
    if not lines:
        raise Invalid("sheet_empty")
    names = [cell.strip().lower() for _number, cells in lines[:1] for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names) or len(set(names)) != len(names) or len(names) > MOST_CELLS:
        raise Invalid("sheet_columns", columns=names[:20])
    rows = []
    for number, cells in lines[1:]:
        texts = [cell.strip() for cell in cells]
        if any(len(text) > LONGEST_CELL for text in texts):
            raise Invalid("sheet_large", line=number)
        if any(texts):
            rows.append((number, dict(zip(names, texts, strict=False))))
    if not rows:
        raise Invalid("sheet_empty")
    return rows


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Invalid("sheet_broken")
    head = text.partition("\n")[0]
    mark = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            _bounded(len(lines))
            lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise Invalid("sheet_broken", line=reader.line_num) from error
    return lines


def _excel(content: bytes) -> list[tuple[int, list[str]]]:
    # Imported here: only who imports a workbook pays for it.
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Invalid("sheet_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        lines: list[tuple[int, list[str]]] = []
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            _bounded(len(lines))
            lines.append((number, [_text(cell) for cell in cells]))
    except Invalid:
        raise
    except Exception as error:
        # The library raises whatever a broken file leads it to.
        raise Invalid("sheet_broken") from error
    return lines


def _bounded(rows: int) -> None:
    if rows > MOST_ROWS:
        raise Invalid("sheet_large", most=MOST_ROWS)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as CSV that German spreadsheets open: semicolons, UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_excel(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as an Excel workbook; every cell is text, so that numbers keep their zeros."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: object) -> str:
    """Return a cell's text; what a spreadsheet would take for a formula begins with a quote."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "+", "@", "\t", "\r")) else text
