"""The bank test: everybody moves stock and points at once, and no instant of it is wrong."""

import pytest
from sqlalchemy import text

from kit.database import reading
from tests.bank import crowd, reader
from tests.bank.actor import OPENING
from tests.bank.shop import opened
from tests.soak import SEED, sized

pytestmark = [pytest.mark.race, pytest.mark.slow]

# Why an action may be refused. What is not named here never is: goods in hand win, deliveries and
# returns are taken in, and what was sent arrives.
REFUSALS = {
    "place": {"stock_short"},
    "transfer": {"stock_short"},
    "quarantine": {"stock_short"},
    "release": {"stock_short"},
    "write_off": {"stock_short"},
    "count": {"count_task_done"},
    "send_van": {"stock_short"},
    "owe": {"backorder_limit"},
    "correct": {"stock_short"},
    "pick": {
        "claimed_by_other",
        "fulfilment_order_state",
        "nothing_left_to_pick",
        "still_to_pick",
        "wrong_item",
    },
    "ship": {"claimed_by_other", "fulfilment_order_state", "nothing_picked"},
    "hand_over": {"fulfilment_order_state", "nothing_picked"},
}

_BOOKED = text(
    """
    SELECT CASE cause WHEN 'quarantine_ended' THEN
            CASE WHEN document LIKE 'count %' THEN 'counted' ELSE 'released' END
        ELSE cause END AS cause,
        sum(CASE WHEN cause = 'count' AND to_account = 'variance' THEN -quantity
            ELSE quantity END) AS units
    FROM stock_movements WHERE cause <> 'opening' GROUP BY 1
    """
)
_EARNED = text("SELECT coalesce(sum(points), 0) FROM points_entries")
_SHIPPED = text("SELECT id FROM shipments")
_LOST = text(
    """
    SELECT (SELECT count(*) FROM stock_allocations WHERE state IN ('lost', 'short'))
        + (SELECT count(*) FROM stock_reservations WHERE state = 'lost')
    """
)
_DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def test_forty_actors_move_stock_and_points_and_every_snapshot_is_right(places, database_url):
    snapshots = sized(60, 1_000)
    world = opened(SEED, actors=40, operations=sized(1_520, 20_000), skus=12, units=5)
    print(f"seed {world.seed}: {world.operations} operations, {snapshots} snapshots")

    with reading() as session:
        deadlocks = session.scalar(_DEADLOCKS)
    with crowd.at_work(world, database_url, processes=4, connections=4, snapshots=snapshots) as (
        gate,
        working,
    ):
        seen = reader.watch(places, gate, working, snapshots)
        reports = [one.result() for one in working]

    total = crowd.Report()
    for report in reports:
        total.add(report)
    print(dict(total.done), dict(total.refused))
    # The reader looked while they worked, and saw the books grow.
    assert len(seen) == snapshots
    assert len(set(seen)) > snapshots * 3 // 4
    assert seen == sorted(seen)
    # Everything that was tried was done or refused, for a reason that it may be refused for.
    assert total.done.total() - total.done["month closed"] + total.refused.total() == gate.done
    assert gate.done == world.operations
    assert {action.__name__ for action in crowd.ACTIONS} <= set(total.done)
    for action, code in total.refused:
        assert code in REFUSALS.get(action, set()), (action, code)
    # It was tight: orders were refused and claims were lost.
    assert total.refused["place", "stock_short"] > 0
    assert total.done["month closed"] == 1
    assert OPENING.month != world.instant(gate.done).month
    _the_books_say_what_the_actors_were_told(total)
    with reading() as session:
        assert session.scalar(_DEADLOCKS) == deadlocks
        assert session.scalar(_LOST) > 0


def _the_books_say_what_the_actors_were_told(total: crowd.Report) -> None:
    """Compare the ledgers, cause by cause, with what each actor saw committed."""
    with reading() as session:
        booked = {row.cause: row.units for row in session.execute(_BOOKED)}
        booked.pop("counted", None)
        assert set(session.scalars(_SHIPPED)) >= set(total.shipped)
        assert booked.pop("shipment") == sum(total.shipped.values())
        assert session.scalar(_EARNED) == total.told.pop("earned")
    assert {cause: total for cause, total in booked.items() if total} == {
        cause: told for cause, told in total.told.items() if told
    }
