"""The one way to the database: typed rows, and transactions opened where one can see them."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Identity,
    MetaData,
    String,
    Text,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from kit import arrays, plain
from kit.ids import new_id
from kit.plain import Plain, ask_alone

# The role that the running application takes on after it has signed in. It may not UPDATE or DELETE
# a ledger (targets: invariant 15); only migrations run as the owner.
APPLICATION_ROLE = "kontor_app"

PING_AFTER_SECONDS = 1.0
"""A connection that has lain idle in the pool for longer is asked whether it still lives."""

Json = dict[str, Any]
Key = Annotated[uuid.UUID, mapped_column(primary_key=True, default=new_id)]
Serial = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Code = Annotated[str, mapped_column(String(64))]
Prose = Annotated[str, mapped_column(Text)]


class Row(DeclarativeBase):
    """A row of any package. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads the plain class attribute
        datetime: DateTime(timezone=True),
        Json: JSONB,
        list[Any]: JSONB,
    }


# Tables that only ever grow. Migrations revoke UPDATE, DELETE and TRUNCATE on them from the
# application role and put a trigger behind it.
LEDGERS: set[str] = set()

# Tables that only functions of the database's owner write; the application reads them.
OWNERS: set[str] = set()

RowClass = TypeVar("RowClass", bound=type[Row])


def ledger(row: RowClass) -> RowClass:
    """Mark a row class as append-only (class decorator)."""
    LEDGERS.add(str(row.__tablename__))
    return row


def kept_by_owner(row: RowClass) -> RowClass:
    """Mark a row class as one that the application may only read (class decorator)."""
    OWNERS.add(str(row.__tablename__))
    return row


class _Database:
    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.sessions: sessionmaker[Session] | None = None
        self.leases: plain.Leases | None = None
        self.after_commit: list[Callable[[Session], None]] = []


_database = _Database()
_local = threading.local()
_NO_SPARE: tuple[Session | None, object] = (None, None)
"""No session that nothing happened in lies ready for this thread's next transaction."""


def configure(url: str, *, role: str | None = APPLICATION_ROLE, **options: Any) -> Engine:
    """Connect this process to a PostgreSQL database; a second call replaces the first.

    Args:
        url: ``postgresql://…``; the psycopg driver is added where none is named.
        role: what every connection takes on; None stays the one who signed in (migrations).
        options: passed on to `create_engine`, e.g. ``pool_size``.
    """
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    settings = "-c timezone=UTC" + (f" -c role={role}" if role else "")
    disconnect()
    pool: dict[str, Any] = {"pool_size": 5, "max_overflow": 10, **options}
    pool["pool_size"] += plain.LEASES
    _database.engine = create_engine(
        parsed,
        connect_args={"options": settings, "connect_timeout": 5},
        pool_reset_on_return=None,  # `_reset` does it, where there is anything to do
        **pool,
    )
    event.listen(_database.engine, "connect", _prepare)
    event.listen(_database.engine, "reset", _reset)
    event.listen(_database.engine, "rollback", _note_rollback)
    event.listen(_database.engine, "rollback_savepoint", _note_step_back)
    event.listen(_database.engine, "checkin", _note_idle)
    event.listen(_database.engine, "checkout", _ping_after_a_while)
    _database.sessions = sessionmaker(_database.engine, expire_on_commit=False)
    _database.leases = plain.Leases(_database.engine)
    return _database.engine


def disconnect() -> None:
    """Close this process's connections that nobody uses; the next question opens new ones."""
    if _database.leases is not None:
        _database.leases.end()
    if _database.engine is not None:
        _database.engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    arrays.register(connection)


def _reset(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _state: Any) -> None:
    """Leave no transaction behind on a connection that goes back to the pool."""
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.rollback()
        plain.note_rolled_back(record.info)


def _note_rollback(connection: Connection) -> None:
    plain.note_rolled_back(connection.connection.info)


def _note_step_back(connection: Connection, _name: str, _context: None) -> None:
    # PostgreSQL calls the way back to a savepoint a ROLLBACK, and the driver goes by that word.
    plain.note_rolled_back(connection.connection.info)


def _note_idle(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _ping_after_a_while(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that has lain idle whether it lives; the pool takes another where not.

    One that was in use a moment ago is not asked: the question costs as much as a short statement.
    """
    idle_since = record.info.get("idle_since")
    if idle_since is None or time.monotonic() - idle_since < PING_AFTER_SECONDS:
        return
    try:
        connection.autocommit = True
        connection.execute(";")
        connection.autocommit = False
    except psycopg.Error as gone:
        raise DisconnectionError from gone


def engine() -> Engine:
    """Return the configured engine.

    Raises:
        RuntimeError: `configure` was not called in this process.
    """
    if _database.engine is None:
        raise RuntimeError("kit.database.configure was not called")
    return _database.engine


def on_commit(hook: Callable[[Session], None]) -> None:
    """Have `hook(session)` called after each commit of `transaction`, outside the transaction."""
    if hook not in _database.after_commit:
        _database.after_commit.append(hook)


def transaction() -> AbstractContextManager[Session]:
    """Open one transaction: commit at the end of the block, roll back on any exception.

    Raises:
        RuntimeError: this thread is in a transaction already; one step is one transaction, and a
            second one inside it would wait for the first one's locks.
    """
    return _Transaction()


class _Transaction(AbstractContextManager[Session]):
    """The block of a `transaction`. A class, because a generator costs more than a short hold."""

    __slots__ = ("_maker", "_session")

    def __enter__(self) -> Session:
        if getattr(_local, "open", False):
            raise RuntimeError("a transaction is open in this thread already")
        maker = _database.sessions
        if maker is None:
            raise RuntimeError("kit.database.configure was not called")
        spare, of = getattr(_local, "spare", _NO_SPARE)
        _local.spare = _NO_SPARE
        self._maker = maker
        # No `session.begin()`: a transaction that does nothing but its last statement needs none.
        self._session = spare if spare is not None and of is maker else maker()
        _local.open = True
        return self._session

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        session = self._session
        try:
            if kind is None:
                plain.close(session, _database.leases)
                if session.in_transaction():
                    session.commit()
        finally:
            untouched = plain.untouched(session)
            if not untouched:
                session.close()
            _local.open = False
        if kind is not None:
            return
        for hook in _database.after_commit:
            hook(session)
        if untouched and plain.untouched(session):
            _local.spare = (session, self._maker)


@contextmanager
def reading() -> Iterator[Session]:
    """Open a read-only transaction for pages and reports; PostgreSQL refuses a write inside it."""
    if _database.sessions is None:
        raise RuntimeError("kit.database.configure was not called")
    with _database.sessions() as session:
        session.connection(execution_options={"postgresql_readonly": True})
        session.info["reading"] = True
        yield session
        # After a rollback the driver forgets what it has prepared, and a page's statements would be
        # planned anew each time. Nothing is written: what was read is let go first.
        session.expunge_all()
        session.commit()


def glance(plain: Plain) -> tuple[bytes | None, ...]:
    """Run one short statement that only reads, without a transaction; return its first row.

    What every page asks: a transaction around it would cost more than the answer.

    Raises:
        RuntimeError: `configure` was not called in this process.
        psycopg.Error: with PostgreSQL's code.
    """
    if _database.leases is None:
        raise RuntimeError("kit.database.configure was not called")
    return ask_alone(_database.leases, plain)


@contextmanager
def apart(engine: Engine) -> Iterator[Any]:
    """Open a connection beside the pool, for a short step that must be committed by itself.

    Only for what must not wait for this process's other connections: a thread that holds the last
    one of the pool would wait for itself.

    Returns:
        A psycopg connection, signed in as the engine's address says; committed at the end.
    """
    arguments, options = engine.dialect.create_connect_args(engine.url)
    connection = engine.dialect.connect(*arguments, **options)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def in_transaction() -> bool:
    """Tell whether this thread holds an open `transaction`; outside calls must not happen then."""
    return bool(getattr(_local, "open", False))
