"""The files of an export as they are handed over: CSV as the standard writes it, index.xml, ZIP."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from app.tills.fiscal import layout
from app.tills.fiscal.layout import TABLES, Table

Rows = dict[str, list[dict[str, Any]]]


def zipped(rows: Rows, key: Mapping[str, Any]) -> bytes:
    """Return the ZIP of an export.

    Args:
        rows: by file; a column that a row does not name stays empty.
        key: what stands in every row: till, instant and number of the closing.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            archive.writestr(table.file, _csv(table, rows[table.file], key))
        archive.writestr("index.xml", index_xml())
        archive.writestr(layout.DTD_NAME, layout.DTD)
    return packed.getvalue()


def _csv(table: Table, rows: Sequence[Mapping[str, Any]], key: Mapping[str, Any]) -> str:
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", quotechar='"', lineterminator="\r\n")
    sheet.writerow([column.name for column in table.columns])
    for row in rows:
        whole = {**key, **row}
        sheet.writerow([_cell(column, whole.get(column.name)) for column in table.columns])
    return written.getvalue()


def _cell(column: layout.Column, value: Any) -> str:
    if value is None or value == "":
        return ""
    if column.kind == "t":
        at: datetime = value
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    if column.kind == "b":
        return "1" if value else "0"
    if column.kind == "n":
        return f"{Decimal(value):.{column.size}f}".replace(".", ",")
    return str(value)[: column.size]


def index_xml() -> str:
    """Return the description of the export's files, as auditing software reads it."""
    tables = "\n".join(_described(table) for table in TABLES)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE DataSet SYSTEM "{layout.DTD_NAME}">
<DataSet>
<Version>1.0</Version>
<Media>
<Name>DSFinV-K {layout.VERSION}</Name>
{tables}
</Media>
</DataSet>
"""


def _described(table: Table) -> str:
    columns = "\n".join(
        f"<VariableColumn><Name>{escape(column.name)}</Name>"
        + (
            f"<Numeric><Accuracy>{column.size}</Accuracy></Numeric>"
            if column.kind == "n"
            else "<AlphaNumeric/>"
            + (f"<MaxLength>{column.size}</MaxLength>" if column.kind == "s" else "")
        )
        + "</VariableColumn>"
        for column in table.columns
    )
    return f"""<Table>
<URL>{table.file}</URL>
<Name>{table.name}</Name>
<UTF8/>
<DecimalSymbol>,</DecimalSymbol>
<DigitGroupingSymbol>.</DigitGroupingSymbol>
<Range><From>2</From></Range>
<VariableLength>
<ColumnDelimiter>;</ColumnDelimiter>
<RecordDelimiter>&#13;&#10;</RecordDelimiter>
<TextEncapsulator>&#34;</TextEncapsulator>
{columns}
</VariableLength>
</Table>"""
