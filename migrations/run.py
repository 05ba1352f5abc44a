"""Bring a database to the newest shape: extensions, role, revisions, rights."""

import importlib
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from catalog.stamps import UNSEEN
from kit import database

# Importing them registers their rows.
_ROWS = (
    "kit.clock",
    "kit.events",
    "kit.numbers",
    "catalog.models",
    "catalog.crosssell.models",
    "catalog.imports.models",
    "catalog.page_models",
    "catalog.promotion_models",
    "catalog.stamps",
    "fulfilment.models",
    "loyalty.models",
    "app.identity.models",
    "app.tills.models",
    "app.tills.fiscal.models",
    "app.identity.customer_models",
    "app.sales.models",
    "app.sales.hold_models",
    "app.sales.offer_models",
    "app.payments.models",
    "app.messages.models",
    "app.community.models",
    "app.invoicing.models",
    "app.aftersales.models",
    "app.legal.models",
    "app.replay.models",
)
_EXTENSIONS = ("pg_trgm", "unaccent")
# Partitions have rights of their own, and "all tables" above means them too.
_GUARD_MONTHS = text(
    "SELECT guard_stock_month(to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM'))"
    " FROM pg_inherits WHERE inhparent = 'stock_movements'::regclass"
)
# Two starts at the same time must not migrate side by side.
_LOCK = 0x4B4F4E54


def rows() -> MetaData:
    """Return the metadata of every row class of the product."""
    for module in _ROWS:
        importlib.import_module(module)
    return database.Row.metadata


def alembic_config(connection: Connection) -> Config:
    """Return alembic's settings for an open connection; no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, say: Callable[[str], None] = lambda _: None) -> None:
    """Migrate the database at `url` to the newest revision and set the application role's rights.

    Args:
        url: signs in as the owner of the database (may create extensions and the role once).
        say: gets a line per step.
    """
    engine = database.configure(url, role=None)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        for extension in _EXTENSIONS:
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        _create_role(connection)
        before = _revision(connection)
        functions = Path(__file__).with_name("functions.sql").read_text(encoding="utf-8")
        connection.exec_driver_sql(functions.replace("%", "%%"))
        command.upgrade(alembic_config(connection), "head")
        after = _revision(connection)
        say(f"revision {after}" if before in {None, after} else f"revisions {before} to {after}")
        say("rights")
        grant(connection)
        stamp_changes(connection)
    engine.dispose()


def _revision(connection: Connection) -> str | None:
    """Return the newest revision that a database has had; None of an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def _create_role(connection: Connection) -> None:
    role = database.APPLICATION_ROLE
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    if not known:
        connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    connection.execute(text(f"GRANT {role} TO CURRENT_USER"))


def grant(connection: Connection) -> None:
    """Give the application role what it needs, and on ledgers no more than INSERT and SELECT.

    Behind the missing right stands a trigger, for whoever signs in as the owner by mistake.
    """
    role = database.APPLICATION_ROLE
    rows()
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    )
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}"))
    for table in sorted(database.LEDGERS):
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"))
        connection.execute(
            text(
                "CREATE OR REPLACE TRIGGER refuse_change"
                f" BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        )
    for table in sorted(database.OWNERS):
        connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"))
    connection.execute(_GUARD_MONTHS)


def stamp_changes(connection: Connection) -> None:
    """Have every change of what is on sale move the catalog's stamp, new tables included."""
    for table in sorted(shown_tables()):
        connection.execute(
            text(
                "CREATE OR REPLACE TRIGGER stamp_catalog"
                f" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION stamp_catalog()"
            )
        )


def shown_tables() -> set[str]:
    """Return the tables of the catalog whose rows stand on pages."""
    rows()
    mappers = database.Row.registry.mappers
    ours = {
        mapper.local_table.name
        for mapper in mappers
        if mapper.class_.__module__.startswith("catalog.")
        # What is suggested is read afresh every time, and counted with every sale.
        and not mapper.class_.__module__.startswith("catalog.crosssell.")
    }
    return ours - UNSEEN
