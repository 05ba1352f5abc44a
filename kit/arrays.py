"""Lists as PostgreSQL arrays, quickly: the ledger hands over lines in arrays, on every statement.

psycopg looks at every element to find its type, in Python. The arrays of this product hold one type
each and their statements name it (``CAST(:skus AS text[])``), so they can be written down as text
without a type; PostgreSQL reads them as what the statement says. Other lists are left to psycopg.
Source of the format: PostgreSQL documentation, "Array Input and Output Syntax".
"""

import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.types.array import ListDumper

# What stands for itself between commas. Everything else is quoted.
_PLAIN = re.compile(r"[0-9A-Za-z_./:+-]+\Z").match
_PLAIN_LIST = re.compile(r"(?!(?i:.*\bnull\b))[0-9A-Za-z_./:+,-]+\Z").match
_ESCAPED = re.compile(r'(["\\])')


def _text(value: str) -> str:
    if _PLAIN(value) and value.lower() != "null":
        return value
    return '"' + _ESCAPED.sub(r"\\\1", value) + '"'


def _nullable(value: str | None) -> str:
    return "NULL" if value is None else _text(value)


_WRITERS = {
    frozenset({int}): str,
    frozenset({str}): _text,
    frozenset({str, type(None)}): _nullable,
    frozenset({uuid.UUID}): str,
    frozenset({date}): str,
}


def literal(values: Sequence[Any]) -> str:
    """Write a list of texts, ints, UUIDs or dates, of one type, as PostgreSQL reads an array."""
    if values and type(values[0]) is uuid.UUID:
        # Without hyphens: PostgreSQL reads both, and Python writes these in a third of the time.
        return "{" + ",".join([f"{value.int:032x}" for value in values]) + "}"
    if not values or type(values[0]) is not str:
        return "{" + ",".join(map(str, values)) + "}"
    joined = ",".join(values)
    # One look at all of them: nothing that has to be quoted, and no comma inside of one.
    if _PLAIN_LIST(joined) and joined.count(",") == len(values) - 1:
        return "{" + joined + "}"
    return "{" + ",".join(map(_text, values)) + "}"


class _QuickListDumper(ListDumper):
    """Writes lists of one plain type; it has no type of its own, so statements have to name it."""

    def get_key(self, obj: list[Any], format: Any) -> Any:  # noqa: A002 - psycopg's name
        kinds = frozenset(map(type, obj))
        return (self.cls, kinds) if kinds in _WRITERS else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: Any) -> Any:  # noqa: A002 - psycopg's name
        write = _WRITERS.get(frozenset(map(type, obj)))
        if write is None:
            return super().upgrade(obj, format)
        dumper = _QuickListDumper(self.cls, self._tx)
        dumper.write = write  # type: ignore[attr-defined]
        return dumper

    def dump(self, obj: list[Any]) -> Any:
        write = getattr(self, "write", None)
        if write is None:
            return super().dump(obj)
        return ("{" + ",".join(map(write, obj)) + "}").encode()


def register(connection: Connection[Any]) -> None:
    """Teach a connection to write lists quickly."""
    connection.adapters.register_dumper(list, _QuickListDumper)
