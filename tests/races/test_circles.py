"""Nobody waits in a circle: everything that moves stock, lines in random order, 16 processes."""

import pytest
from sqlalchemy import text

from kit.database import reading
from tests.bank import crowd
from tests.bank.shop import opened
from tests.soak import SEED, sized

pytestmark = [pytest.mark.race, pytest.mark.slow]

_DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def test_sixteen_processes_in_random_order_never_deadlock(places, database_url):
    # Few SKUs and long orders: everybody wants several rows that others want, too.
    world = opened(SEED, actors=16, operations=sized(800, 8_000), skus=5, units=30, most_lines=8)
    print(f"seed {world.seed}: {world.operations} operations")
    with reading() as session:
        before = session.scalar(_DEADLOCKS)

    with crowd.at_work(world, database_url, processes=16, connections=1) as (gate, working):
        reports = [one.result() for one in working]

    total = crowd.Report()
    for report in reports:
        total.add(report)
    # A deadlock would have come back as an error of an actor; PostgreSQL has seen none either.
    assert gate.done == world.operations
    assert {action.__name__ for action in crowd.ACTIONS} <= set(total.done)
    with reading() as session:
        assert session.scalar(_DEADLOCKS) == before
