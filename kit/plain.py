"""Plain statements: the few hottest ones go past SQLAlchemy, and one may be a transaction's last.

SQLAlchemy's share of a statement is larger than PostgreSQL's where that one is short, and the
driver's own binding of lists is half of the rest. The transaction stays SQLAlchemy's.
"""

import itertools
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import PoolProxiedConnection

LEASES = 2
"""Connections that a process keeps for closing statements, beside those of the pool."""

_CLOSING, _CONNECTED, _STALE = "closing statement", "connected", "rolled back since"
_NO_CONNECTION: tuple[None, None] = (None, None)
_LEASED_SECONDS = 1.0
_NOT_PREPARED = b"26000"
_numbers = itertools.count(1)
_PARAMETER = re.compile(rb"\$(\d+)")
_BEGIN = {None: b"BEGIN", True: b"BEGIN READ ONLY", False: b"BEGIN READ WRITE"}
_FINE = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}


class ClosingFailed(Exception):
    """The statement that was to end a transaction failed, and with it the whole transaction.

    `sqlstate` is PostgreSQL's code.
    """

    def __init__(self, error: psycopg.Error) -> None:
        """Keep what the database said."""
        super().__init__(str(error))
        self.sqlstate = error.sqlstate


@dataclass(frozen=True, slots=True)
class Plain:
    """A statement for the driver itself: text with ``$1`` and so on, and a text per parameter.

    Parameters are what PostgreSQL reads, e.g. by `kit.arrays.literal`; what they are of follows
    from the statement.
    """

    statement: bytes
    parameters: list[bytes]
    alone: bytes = b""
    """The same as a transaction of its own, where that can be had better: see `close_with`."""


def close_with(session: Session, plain: Plain) -> None:
    """Have a statement run as the last one of the transaction, in one go with its COMMIT.

    For a statement that locks what everybody wants: the lock is held while the database commits and
    not a moment longer. Where the transaction has done nothing else, it costs one round trip.

    Args:
        session: the open `transaction`.
        plain: the statement; its `alone` is run where the transaction has done nothing else. It
            must fail where it cannot be done: nobody looks at what it returns.

    Raises:
        RuntimeError: another statement is to be the last one already.
        ClosingFailed: out of the `transaction` block, when it ends.
    """
    if _CLOSING in session.info:
        raise RuntimeError("this transaction has its last statement already")
    session.info[_CLOSING] = plain


def execute_plain(session: Session, plain: Plain) -> bytes | None:
    """Run a plain statement in the transaction and return the first field of its first row.

    Raises:
        psycopg.Error: with PostgreSQL's code.
    """
    connection = _driver(session.connection().connection)
    if connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _begin(connection)
    result = connection.pgconn.exec_params(plain.statement, plain.parameters)
    return _checked(result).get_value(0, 0)


def ask(session: Session, plain: Plain) -> tuple[bytes | None, ...] | None:
    """Run a plain statement in the transaction and return the fields of its first row as text.

    It is prepared on its connection, so that PostgreSQL reads and plans it once. What the session
    has not written yet is written first.

    Returns:
        None where the statement returns no row.

    Raises:
        psycopg.Error: with PostgreSQL's code.
    """
    session.flush()
    pooled = _pooled(session)
    connection, known = _driver(pooled), pooled.info
    if known.pop(_STALE, False):
        # A failed statement would end the transaction: begin anew with what is prepared.
        # The driver learns that its own are gone, too, but only from a text that is new to it.
        connection.execute(f"DEALLOCATE ALL -- {next(_numbers)}".encode())
        _forget_names(known)
    elif connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _begin(connection)
    name = known.get(plain.statement)
    if name is None:
        name = _new_name()
        _checked(connection.pgconn.prepare(name, plain.statement))
        known[plain.statement] = name
    result = connection.pgconn.exec_prepared(name, plain.parameters)
    if result.status not in _FINE:
        known[_STALE] = True
    if not _checked(result).ntuples:
        return None
    return tuple(result.get_value(0, field) for field in range(result.nfields))


def _pooled(session: Session) -> PoolProxiedConnection:
    """Return the connection of the session's transaction, without asking for it anew each time."""
    known: tuple[SessionTransaction | None, Connection | None]
    known = session.info.get(_CONNECTED, _NO_CONNECTION)
    transaction, connection = known
    if (
        connection is None
        or transaction is None
        or transaction is not session.get_transaction()
        or not transaction.is_active
        or session.in_nested_transaction()
    ):
        connection = session.connection()
    pooled: PoolProxiedConnection = connection.connection
    return pooled


def _begin(connection: psycopg.Connection[Any]) -> None:
    """Begin the transaction as the driver would, which sees by the connection that it stands."""
    if connection.autocommit or connection.isolation_level or connection.deferrable:
        connection.execute("")  # the driver begins before whatever it is given first
    else:
        _checked(connection.pgconn.exec_(_BEGIN[connection.read_only]))


def note_rolled_back(known: dict[Any, Any]) -> None:
    """Remember that the driver may have forgotten what was prepared: it does when it rolls back."""
    known[_STALE] = True


def _forget_names(known: dict[Any, Any]) -> None:
    for statement in [key for key in known if isinstance(key, bytes)]:
        del known[statement]


def _new_name() -> bytes:
    return b"plain_%d" % next(_numbers)


def _driver(pooled: PoolProxiedConnection) -> psycopg.Connection[Any]:
    connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
    return connection


class Leases:
    """Connections that go from one closing statement to the next without a visit to the pool.

    Out of the pool and into it again costs more than the rest of a short hold. One that has lain
    here for a second goes back to the pool, which asks whether it still lives.
    """

    def __init__(self, engine: Engine) -> None:
        """Lease from an engine's pool, `LEASES` connections at most."""
        self._engine = engine
        self._idle: deque[tuple[float, PoolProxiedConnection]] = deque()

    def take(self) -> PoolProxiedConnection:
        """Return a connection that nobody else uses; the caller gives it back or closes it."""
        try:
            since, leased = self._idle.pop()
        except IndexError:
            return self._engine.raw_connection()
        if time.monotonic() - since < _LEASED_SECONDS:
            return leased
        leased.close()
        return self._engine.raw_connection()

    def give_back(self, leased: PoolProxiedConnection) -> None:
        """Keep a connection for the next closing statement, or return it to the pool."""
        if len(self._idle) < LEASES:
            self._idle.append((time.monotonic(), leased))
        else:
            leased.close()

    def end(self) -> None:
        """Return all of them to the pool."""
        while self._idle:
            self._idle.pop()[1].close()


def ask_alone(leases: Leases, plain: Plain) -> tuple[bytes | None, ...]:
    """Run a statement that only reads, by itself, and return the fields of its first row as text.

    A connection that has died meanwhile is replaced once: reading again does no harm.

    Raises:
        psycopg.Error: with PostgreSQL's code.
    """
    for last in (False, True):
        leased = leases.take()
        try:
            result = _run_alone(_driver(leased), leased.info, plain)
        except psycopg.Error as error:
            broken = _driver(leased).broken
            if broken:
                leased.invalidate(error)
            leased.close()
            if last or not broken:
                raise
        else:
            leases.give_back(leased)
            break
    return tuple(result.get_value(0, field) for field in range(result.nfields))


def untouched(session: Session) -> bool:
    """Tell whether nothing has happened in a session, so that the next one may use it."""
    return not session.info and not session.in_transaction()


def close(session: Session, leases: Leases | None) -> None:
    """Run the last statement of a transaction, if it has one; `kit.database.transaction` calls it.

    Raises:
        ClosingFailed: as `close_with` says.
    """
    plain: Plain | None = session.info.pop(_CLOSING, None)
    if plain is None:
        return
    if session.in_transaction():
        session.flush()
    try:
        if leases is None or _CONNECTED in session.info:
            _run_and_commit(_driver(session.connection().connection), plain)
            return
        leased = leases.take()
        try:
            _run_alone(_driver(leased), leased.info, plain)
        except BaseException as error:
            if _driver(leased).broken:
                leased.invalidate(error)
            leased.close()
            raise
        leases.give_back(leased)
    except psycopg.Error as error:
        raise ClosingFailed(error) from error


def _run_and_commit(connection: psycopg.Connection[Any], plain: Plain) -> None:
    """Send the statement and COMMIT together: the lock does not wait for us in between.

    As one text, with what the parameters say as literals: the driver's own pipeline takes longer
    than the statement.
    """
    escaping = Escaping(connection.pgconn)
    literals = [bytes(escaping.escape_literal(text)) for text in plain.parameters]
    statement = _PARAMETER.sub(lambda found: literals[int(found[1]) - 1], plain.statement)
    if connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _begin(connection)
    _checked(connection.pgconn.exec_(statement + b"; COMMIT"))


def _run_alone(
    connection: psycopg.Connection[Any], known: dict[Any, Any], plain: Plain
) -> PGresult:
    """Run a statement that is a transaction by itself; prepared, and without a BEGIN before it."""
    statement = plain.alone or plain.statement
    name = known.get(statement) or _new_name()
    result = connection.pgconn.exec_prepared(name, plain.parameters)
    if result.error_field(DiagnosticField.SQLSTATE) == _NOT_PREPARED:
        # Not yet, or not any more: the driver forgets what is prepared when it rolls back. Where
        # one name is gone all are, and whoever asks next on this connection has to know.
        if statement in known:
            note_rolled_back(known)
        _checked(connection.pgconn.prepare(name, statement))
        known[statement] = name
        result = connection.pgconn.exec_prepared(name, plain.parameters)
    return _checked(result)


def _checked(result: PGresult) -> PGresult:
    if result.status not in _FINE:
        raise error_from_result(result)
    return result


@event.listens_for(Session, "after_begin")
def _note_connection(session: Session, _transaction: Any, connection: Connection) -> None:
    session.info[_CONNECTED] = (session.get_transaction(), connection)
