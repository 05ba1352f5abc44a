"""Many new rows of several tables in one statement: what belongs together goes in one round trip.

SQLAlchemy's unit of work sends one statement for each table, and one more for whatever changes
after the first flush. A document of ten rows in eight tables is one statement here, and eight
plans that PostgreSQL has made before.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import psycopg
from sqlalchemy import Column
from sqlalchemy.exc import IntegrityError
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Session, make_transient_to_detached

from kit.database import Row
from kit.plain import Plain, ask

AnyRow = TypeVar("AnyRow", bound=Row)


def fresh(kind: type[AnyRow], /, **values: Any) -> AnyRow:
    """Return a new row of plain values, to be written by `write` or added to a session.

    It is made as SQLAlchemy makes the rows that it reads: what happens to each attribute of a new
    one on its way is of no use here, and takes longer than writing the row.

    Args:
        kind: of which table.
        values: by attribute; what is not named gets its default when it is written.

    Raises:
        TypeError: there is no such attribute.
    """
    unknown = values.keys() - _attributes(kind)
    if unknown:
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    row = inspect(kind).class_manager.new_instance()
    row.__dict__.update(values)
    return cast("AnyRow", row)


def write(
    session: Session, rows: Sequence[Row], *, keep: bool = False, along: Plain | None = None
) -> None:
    """Insert rows that no session knows yet, all of them with one statement.

    Unset columns get the default of their model, and are set on the row too; where there is none,
    NULL. None is NULL, in columns of JSON as well. Columns that the database fills (identities) are
    left to it, and not read back. Foreign keys between the rows are checked at the end, so their
    order does not matter.

    Args:
        session: the open transaction.
        rows: of any tables. Within one table they are written in this order.
        along: an UPDATE or INSERT that goes in the same statement, its parameters from ``$2`` on;
            it sees what was there before.
        keep: the session knows the rows afterwards, as if it had written them itself; their key
            has to be set by then.

    Raises:
        sqlalchemy.exc.IntegrityError: as for any statement; nothing of it is written then.
    """
    if not rows:
        return
    tables: dict[type[Row], list[dict[str, Any]]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(_values(row))
    session.flush()
    given = {kind.__tablename__: values for kind, values in tables.items()}
    statement = _statement(tuple(tables), along.statement if along else b"")
    parameters = [json.dumps(given, default=_plain).encode(), *(along.parameters if along else ())]
    try:
        ask(session, Plain(statement, parameters))
    except psycopg.IntegrityError as error:
        raise IntegrityError(statement.decode(), None, error) from error
    if keep:
        for row in rows:
            make_transient_to_detached(row)
            session.add(row)


def _values(row: Row) -> dict[str, Any]:
    found = {}
    for attribute, column in _columns(type(row)):
        value = row.__dict__.get(attribute)
        if value is None and attribute not in row.__dict__:
            value = _default(column)
            row.__dict__[attribute] = value
        found[column.name] = value
    return found


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


@lru_cache(maxsize=64)
def _attributes(kind: type[Row]) -> frozenset[str]:
    return frozenset(attribute.key for attribute in inspect(kind).column_attrs)


@lru_cache(maxsize=64)
def _columns(kind: type[Row]) -> list[tuple[str, Column[Any]]]:
    mapper = inspect(kind)
    columns: Sequence[Column[Any]] = [*kind.__table__.columns]
    return [
        (mapper.get_property_by_column(column).key, column)
        for column in columns
        if column.identity is None
    ]


@lru_cache(maxsize=256)
def _statement(kinds: tuple[type[Row], ...], along: bytes) -> bytes:
    """Return the statement for rows of these tables; names come from the models, none from outside.

    Every table's part is a WITH of its own: they see one snapshot, and triggers fire after all.
    """
    parts = []
    for kind in kinds:
        table = kind.__tablename__
        names = ", ".join(column.name for _, column in _columns(kind))
        parts.append(
            f"{table}_written AS (INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608
            f" FROM jsonb_populate_recordset(CAST(NULL AS {table}), given.rows -> '{table}')"
            " AS new)"
        )
    source = "given AS MATERIALIZED (SELECT $1::jsonb AS rows)"
    parts = [part.replace("given.rows", "(SELECT rows FROM given)") for part in parts]
    if along:
        parts.append(f"written_along AS ({along.decode()})")
    return f"WITH {source}, {', '.join(parts)} SELECT 1".encode()


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not written as JSON")
