"""What a 3-line order costs from hold to hand-over: statements, round trips, commits."""
# ruff: noqa: SLF001 - what the driver adds is only seen inside of it

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import event

from bench import places
from fulfilment.claims import allocations, reservations
from fulfilment.claims.reservations import Want
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.outbound.picking import Plan
from kit import clock, database, plain

LINES = 3


class Count:
    """Statements that the ledger sent, and BEGINs and COMMITs that the driver added."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.statements = 0
        self.commands = 0


@contextmanager
def counting() -> Iterator[Count]:
    """Count what this process sends, past SQLAlchemy too."""
    count = Count()
    send, run = psycopg.Connection._exec_command, plain._run_alone

    def note(*_: Any) -> None:
        count.statements += 1

    def sent(self: Any, *arguments: Any, **options: Any) -> Any:
        count.commands += 1
        return send(self, *arguments, **options)

    def ran(*arguments: Any) -> None:
        count.statements += 1
        run(*arguments)

    event.listen(database.engine(), "before_cursor_execute", note)
    psycopg.Connection._exec_command = sent  # type: ignore[method-assign]
    plain._run_alone = ran  # type: ignore[assignment]
    try:
        yield count
    finally:
        plain._run_alone = run
        psycopg.Connection._exec_command = send  # type: ignore[method-assign]
        event.remove(database.engine(), "before_cursor_execute", note)


def measure(url: str, say: Callable[[str], None]) -> dict[str, int]:
    """Run one order through the ledger of the database at `url` and count."""
    database.configure(url)
    walk("warm")
    with counting() as count:
        walk("counted")
    database.disconnect()
    trips = count.statements + count.commands
    say(
        f"a {LINES}-line order, hold to hand-over: {count.statements} statements,"
        f" {trips} round trips"
    )
    return {"order_statements": count.statements, "order_round_trips": trips}


def walk(ref: str) -> None:
    """Hold, allocate, pick, pack and hand over one order: five transactions."""
    wants = [
        Want(uuid.uuid4(), places.sku(number), places.WAREHOUSE, 2)
        for number in range(1, LINES + 1)
    ]
    today = clock.today()
    plan = Plan(
        tariff="standard",
        due_at=clock.now() + timedelta(hours=2),
        ships_on=today,
        arrives_on=today + timedelta(days=1),
    )
    with database.transaction() as session:
        reservations.place(
            session,
            order_ref=ref,
            wants=wants,
            expires_at=clock.now() + timedelta(minutes=15),
            last=True,
        )
    with database.transaction() as session:
        claimed = allocations.from_reservations(
            session, order_ref=ref, promised={want.line_id: today for want in wants}
        )
        [job] = picking.open_orders(
            session,
            order_ref=ref,
            allocations=claimed.allocations,
            plans={places.WAREHOUSE: plan},
            address={},
        )
    with database.transaction() as session:
        picking.pick_all(session, job.id, "bench")
    with database.transaction() as session:
        parcels.pack(session, job.id)
    with database.transaction() as session:
        shipments.dispatch(session, job.id, carrier="bench", actor="bench")
