"""What stands in the database, table by table: a refusal has to leave all of it as it was."""

from sqlalchemy import text

from kit.database import reading

_TABLES = """
    SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        AND tablename NOT IN (SELECT inhrelid::regclass::text FROM pg_inherits)
    ORDER BY tablename
"""


def snapshot() -> dict[str, str]:
    """Return a fingerprint of the rows of every table that has any."""
    with reading() as session:
        tables = session.scalars(text(_TABLES)).all()
        prints = session.execute(
            text(
                " UNION ALL ".join(
                    f"SELECT '{table}', count(*) || ' rows ' ||"
                    f" md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {table} AS row"
                    for table in tables
                )
            )
        )
        return {table: seen for table, seen in prints if seen is not None}


def moved(before: dict[str, str]) -> set[str]:
    """Return the tables whose rows have changed since `before`."""
    now = snapshot()
    return {table for table in before | now if before.get(table) != now.get(table)}
