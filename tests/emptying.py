"""Bring a test database back to what the migrations left, in a few milliseconds.

1. When the database is new: note which tables hold rows, and copy those rows.
2. After a test: find the tables that hold rows now, empty them, put the copies back.
3. Restart the sequences that moved; open the ledger's months that were closed.

Foreign keys and the triggers that guard the ledgers are switched off for it (replica role).
"""

from psycopg import Connection, sql

KEPT = "pristine"
SEQUENCES = sql.Identifier(KEPT, "sequence_values")
EXEMPT = {"alembic_version", "sequence_values"}
# Beyond this many rows TRUNCATE, which writes new files, is quicker than DELETE.
FEW_ROWS = 2000

Owner = Connection[tuple[object, ...]]


def _names(owner: Owner, schema: str) -> list[str]:
    rows = owner.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema]
    )
    return [str(name) for (name,) in rows if name not in EXEMPT]


def _touched(owner: Owner) -> list[str]:
    """Return the tables that have ever had a row: a look at file sizes costs less than a count."""
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND pg_relation_size(oid) > 0 ORDER BY relname"
    )
    return [str(name) for (name,) in rows if name not in EXEMPT]


def _filled(owner: Owner, tables: list[str]) -> dict[str, int]:
    """Return the tables that hold rows, with the number of rows up to `FEW_ROWS`."""
    if not tables:
        return {}
    counts = [
        sql.SQL("SELECT {}, count(*) FROM (SELECT 1 FROM {} LIMIT {}) AS first_rows").format(
            sql.Literal(table), sql.Identifier(table), sql.Literal(FEW_ROWS)
        )
        for table in tables
    ]
    rows = owner.execute(sql.SQL(" UNION ALL ").join(counts))
    return {str(name): int(str(count)) for name, count in rows if count}


def keep_copies(owner: Owner) -> None:
    """Copy the rows that the migrations wrote, and note where the sequences stand."""
    owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
    owner.execute(
        sql.SQL(
            "CREATE TABLE {} AS SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = 'public'"
        ).format(SEQUENCES)
    )
    for table in _filled(owner, _touched(owner)):
        owner.execute(
            sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                sql.Identifier(KEPT, table), sql.Identifier("public", table)
            )
        )


def empty(owner: Owner) -> None:
    """Bring the database back to what the migrations left.

    Args:
        owner: an autocommit connection as the owner of the tables.
    """
    filled = _filled(owner, _touched(owner))
    owner.execute("SET session_replication_role = replica")
    many = [table for table, count in filled.items() if count >= FEW_ROWS]
    if many:
        names = sql.SQL(", ").join(map(sql.Identifier, many))
        owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
    for table in filled.keys() - set(many):
        owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    for table in _names(owner, KEPT):
        _put_back(owner, table)
    _restart_sequences(owner)
    _open_months(owner)
    owner.execute("SET session_replication_role = origin")


def _put_back(owner: Owner, table: str) -> None:
    columns = [
        sql.Identifier(str(name))
        for (name,) in owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
    ]
    listed = sql.SQL(", ").join(columns)
    owner.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
            sql.Identifier("public", table), listed, listed, sql.Identifier(KEPT, table)
        )
    )


def _restart_sequences(owner: Owner) -> None:
    owner.execute(
        sql.SQL(
            "SELECT setval(format('public.%I', now.sequencename)::regclass,"
            " coalesce(kept.last_value, now.start_value), kept.last_value IS NOT NULL)"
            " FROM pg_sequences AS now LEFT JOIN {} AS kept USING (sequencename)"
            " WHERE now.schemaname = 'public' AND now.last_value IS DISTINCT FROM kept.last_value"
        ).format(SEQUENCES)
    )


def _open_months(owner: Owner) -> None:
    """Let the next test book into months that this one has closed."""
    closed = owner.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'refuse_late_booking'"
    )
    for (month,) in closed.fetchall():
        owner.execute(
            sql.SQL("DROP TRIGGER refuse_late_booking ON {}").format(sql.Identifier(str(month)))
        )
