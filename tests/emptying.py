"""Bring a test database back to what the migrations left, in one round trip.

1. When the database is new: copy the rows that the migrations wrote, note where the sequences
   stand, and leave a function in the database that knows both.
2. After a test the function finds the tables that hold rows, empties them, puts the copies back,
   restarts the sequences that moved and opens the ledger's months that were closed.

What many tests begin with can be kept beside it under a name, and brought into an emptied database.

Foreign keys and the triggers that guard the ledgers are switched off for it (replica role).
"""

from psycopg import Connection, sql
from sqlalchemy import text
from sqlalchemy.orm import Session

KEPT = "pristine"
SEQUENCES = sql.Identifier(KEPT, "sequence_values")
EXEMPT = {"alembic_version", "sequence_values"}
# Beyond this many rows TRUNCATE, which writes new files, is quicker than DELETE.
FEW_ROWS = 2000

Owner = Connection[tuple[object, ...]]

_RESTORE = """
CREATE FUNCTION {kept}.restore() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$
DECLARE
    one text;
    found bigint;
BEGIN
    -- Every table that has ever had a row: a look at file sizes costs less than a count.
    FOR one IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> ALL ({exempt}) AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM public.%I LIMIT {few}) AS first', one)
            INTO found;
        IF found >= {few} THEN
            EXECUTE format('TRUNCATE public.%I CASCADE', one);
        ELSIF found > 0 THEN
            EXECUTE format('DELETE FROM public.%I', one);
        END IF;
    END LOOP;
    {put_back}
    PERFORM setval(format('public.%I', now.sequencename)::regclass,
        coalesce(kept.last_value, now.start_value), kept.last_value IS NOT NULL)
    FROM pg_sequences AS now LEFT JOIN {sequences} AS kept USING (sequencename)
    WHERE now.schemaname = 'public' AND now.last_value IS DISTINCT FROM kept.last_value;
    -- Let the next test book into months that this one has closed.
    FOR one IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'refuse_late_booking'
    LOOP
        EXECUTE format('DROP TRIGGER refuse_late_booking ON %s', one);
    END LOOP;
END $$
"""

# Called by the application's role, hence with the rights of whoever made them.
_KEEP_AND_BRING = """
CREATE FUNCTION {kept}.keep_as(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    one text;
    found bigint;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', name);
    EXECUTE format('CREATE TABLE %I.sequence_values AS SELECT sequencename, last_value'
        ' FROM pg_sequences WHERE schemaname = ''public'' AND last_value IS NOT NULL', name);
    FOR one IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> ALL ({exempt}) AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM public.%I LIMIT 1) AS first', one)
            INTO found;
        IF found > 0 THEN
            EXECUTE format('CREATE TABLE %I.%I AS TABLE public.%I', name, one, one);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION {kept}.bring(name text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET session_replication_role = replica AS $$
DECLARE
    one text;
    listed text;
BEGIN
    IF to_regnamespace(name) IS NULL THEN
        RETURN false;
    END IF;
    FOR one IN SELECT tablename FROM pg_tables
        WHERE schemaname = name AND tablename <> 'sequence_values'
    LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO listed
        FROM pg_attribute WHERE attrelid = format('public.%I', one)::regclass
        AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('DELETE FROM public.%I', one);
        EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %I.%I',
            one, listed, listed, name, one);
    END LOOP;
    EXECUTE format('SELECT setval(format(''public.%%I'', sequencename)::regclass, last_value)'
        ' FROM %I.sequence_values', name);
    RETURN true;
END $$;

GRANT USAGE ON SCHEMA {kept} TO PUBLIC
"""


def names(owner: Owner, schema: str) -> list[str]:
    """Return the tables of a schema that tests may fill."""
    rows = owner.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema]
    )
    return [str(name) for (name,) in rows if name not in EXEMPT]


def _filled(owner: Owner) -> list[str]:
    """Return the tables that hold rows."""
    return [
        name
        for name in names(owner, "public")
        if owner.execute(
            sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier("public", name))
        ).fetchone()
    ]


def keep_copies(owner: Owner) -> None:
    """Copy the rows that the migrations wrote, and make the function that restores them."""
    owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
    owner.execute(
        sql.SQL(
            "CREATE TABLE {} AS SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = 'public'"
        ).format(SEQUENCES)
    )
    for table in (kept := _filled(owner)):
        owner.execute(
            sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                sql.Identifier(KEPT, table), sql.Identifier("public", table)
            )
        )
    owner.execute(
        sql.SQL(_RESTORE).format(
            kept=sql.Identifier(KEPT),
            exempt=sql.Literal(sorted(EXEMPT)),
            few=sql.Literal(FEW_ROWS),
            sequences=SEQUENCES,
            put_back=sql.SQL("").join(_put_back(owner, table) for table in kept),
        )
    )
    exempt = sql.Literal(sorted(EXEMPT))
    owner.execute(sql.SQL(_KEEP_AND_BRING).format(kept=sql.Identifier(KEPT), exempt=exempt))


def keep_as(session: Session, name: str) -> None:
    """Keep what the database holds now, the session's own changes included, under a name."""
    session.flush()
    session.execute(text("SELECT pristine.keep_as(:name)"), {"name": name})


def bring(session: Session, name: str) -> bool:
    """Put what was kept under a name into an emptied database; tell whether there is any."""
    return bool(session.scalar(text("SELECT pristine.bring(:name)"), {"name": name}))


def _put_back(owner: Owner, table: str) -> sql.Composed:
    columns = [
        sql.Identifier(str(name))
        for (name,) in owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
    ]
    listed = sql.SQL(", ").join(columns)
    return sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {};").format(
        sql.Identifier("public", table), listed, listed, sql.Identifier(KEPT, table)
    )


def empty(owner: Owner) -> None:
    """Bring the database back to what the migrations left.

    Args:
        owner: an autocommit connection as the owner of the tables.
    """
    owner.execute(sql.SQL("SELECT {}.restore()").format(sql.Identifier(KEPT)))
