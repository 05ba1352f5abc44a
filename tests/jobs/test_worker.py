"""A real worker process with a real queue: delivered once, whatever is killed or flushed."""

import pytest
from sqlalchemy import text

from app.workflows import checkout
from kit.database import reading
from tests import small_shop
from tests.jobs import bench
from tests.jobs.bench import count, until
from tests.small_shop import LURE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("wednesday", "sound")]
LETTERS = "SELECT count(*) FROM messages WHERE kind = 'order_placed'"
CLAIMS = "SELECT count(*) FROM event_deliveries"
WAITING = "SELECT count(*) FROM outbox_events WHERE name = 'OrderPlaced' AND delivered_at IS NULL"


def order():
    """Place an order; its event asks for the letter that confirms its receipt."""
    token = small_shop.basket_with((LURE, 2))
    return checkout.place(token, small_shop.buyer()).order_ref


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24})
    return app


def test_a_worker_writes_the_letter_also_after_redis_was_flushed(shop, relay, owner):
    with bench.worker(shop) as process:
        first = order()
        until(lambda: count(WAITING) == 0, "the first order's letter")
        relay.redis.flushdb()
        second = order()
        until(lambda: count(WAITING) == 0, "the letter after a flush")
        assert process.poll() is None
    with reading() as session:
        letters = session.execute(text("SELECT order_ref, recipient FROM messages ORDER BY id"))
        assert letters.all() == [(ref, "mueller@example.org") for ref in (first, second)]
    assert count(CLAIMS) == 2
    assert len(relay.queues["mail"].get_job_ids()) == 1  # the one before the flush is swept later
    owner.execute("UPDATE outbox_events SET due_at = now() - interval '3 seconds'")
    assert relay.sweep() == 2
    assert len(relay.queues["mail"].get_job_ids()) == 2


def test_a_worker_killed_in_the_middle_of_a_handler_leaves_nothing_half_done(shop, relay, owner):
    with bench.worker(shop) as process:
        with owner.transaction():
            # The handler has claimed its event and waits here to write its letter.
            owner.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
            order()
            until(lambda: _blocked(owner) == 1, "a handler in the middle of its work")
            bench.kill(process)
        until(lambda: _backends(owner) == 0, "the end of the dead worker's transaction")
    assert (count(LETTERS), count(CLAIMS), count(WAITING)) == (0, 0, 1)
    owner.execute("UPDATE outbox_events SET due_at = now() - interval '3 seconds'")
    assert relay.sweep() == 1
    with bench.worker(shop):
        until(lambda: count(WAITING) == 0, "the delivery by the next worker")
    assert (count(LETTERS), count(CLAIMS)) == (1, 1)


def _blocked(owner):
    return owner.execute(
        "SELECT count(*) FROM pg_locks WHERE relation = 'messages'::regclass AND NOT granted"
    ).fetchone()[0]


def _backends(owner):
    return owner.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state <> 'idle' AND pid <> pg_backend_pid()"
    ).fetchone()[0]
