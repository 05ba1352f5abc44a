"""From the outbox to the queue: at once after the commit, and by the sweeper for what got lost."""

import socket
import time
from contextlib import suppress

import pytest
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import text

from app.jobs.relay import Relay, connect
from fulfilment.events import WhatIfAsked
from kit import database as kit_database
from kit import events
from kit.database import transaction
from local import ports
from tests.jobs.bench import LampLit, lit, outbox


@pytest.fixture
def away(app, monkeypatch):
    """Let every commit hand over to a Redis that is not there."""
    with connect(f"redis://127.0.0.1:{ports.any_free()}") as nowhere:
        relay = Relay(nowhere)
        monkeypatch.setattr(kit_database._database, "after_commit", [relay.after_commit])
        yield relay


def queued(relay, queue="events"):
    return relay.queues[queue].get_job_ids()


def grow_older(owner):
    owner.execute("UPDATE outbox_events SET due_at = now() - interval '3 seconds'")


def test_after_the_commit_the_job_is_on_its_queue_and_not_before(relay):
    with transaction() as session:
        event_id = str(events.record(session, LampLit("hall")))
        assert queued(relay) == []
    assert queued(relay) == [event_id]
    assert queued(relay, "mail") == []
    job = Job.fetch(event_id, connection=relay.redis, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.timeout) == ("app.jobs.deliver.deliver", [event_id], 60)


def test_mail_has_a_queue_of_its_own(relay):
    from app.events import MessageWritten

    with transaction() as session:
        event_id = str(events.record(session, MessageWritten(message_id="m")))
    assert (queued(relay), queued(relay, "mail")) == ([], [event_id])


def test_what_is_rolled_back_is_never_handed_over(relay):
    with suppress(ZeroDivisionError), transaction() as session:
        events.record(session, LampLit("hall"))
        raise ZeroDivisionError
    assert queued(relay) == []
    assert relay.sweep() == 0


def test_without_redis_the_commit_stands_and_the_event_waits(away):
    event_id = lit()
    assert outbox(event_id) == (0, False, False, None)


def test_a_redis_that_never_answers_does_not_hold_the_commit(app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with connect(f"redis://127.0.0.1:{silent.getsockname()[1]}") as mute:
            mute.connection_pool.connection_kwargs["socket_timeout"] = 0.1
            hooks = [Relay(mute).after_commit]
            monkeypatch.setattr(kit_database._database, "after_commit", hooks)
            assert outbox(lit()) == (0, False, False, None)


def test_the_applications_own_client_gives_up_soon(relay):
    kwargs = relay.redis.connection_pool.connection_kwargs
    assert (kwargs["socket_timeout"], kwargs["socket_connect_timeout"]) == (2, 2)
    assert kwargs["retry"].get_retries() == 1


def test_the_sweeper_leaves_alone_what_was_recorded_just_now(away, relay, owner):
    event_id = lit()
    owner.execute("UPDATE outbox_events SET due_at = now()")
    assert relay.sweep() == 0
    assert queued(relay) == []
    grow_older(owner)
    assert relay.sweep() == 1
    assert queued(relay) == [event_id]


def test_a_sweep_without_redis_loses_nothing(away, relay, owner):
    event_id = lit()
    grow_older(owner)
    assert away.sweep() == 1
    assert queued(relay) == []
    assert relay.sweep() == 1
    assert queued(relay) == [event_id]


def test_a_flushed_redis_is_filled_again_from_the_outbox(relay, owner):
    made = [lit() for _ in range(3)]
    assert queued(relay) == made
    relay.redis.flushdb()
    grow_older(owner)
    assert relay.sweep() == 3
    assert sorted(queued(relay)) == sorted(made)


def test_sweeping_while_the_worker_is_away_does_not_make_the_queue_grow(relay, owner):
    made = [lit() for _ in range(3)]
    grow_older(owner)
    for _ in range(20):
        assert relay.sweep() == 3
    assert queued(relay) == made
    assert len(relay.redis.keys("rq:job:*")) == 3


def test_delivered_and_dead_events_are_not_swept(relay, owner):
    lit()
    lit()
    relay.redis.flushdb()
    grow_older(owner)
    owner.execute(
        "UPDATE outbox_events SET delivered_at = now()"
        " WHERE id = (SELECT min(id::text)::uuid FROM outbox_events)"
    )
    owner.execute("UPDATE outbox_events SET dead_at = now() WHERE delivered_at IS NULL")
    assert relay.sweep() == 0
    assert queued(relay) == []


def test_an_event_of_a_savepoint_that_was_undone_is_harmless(relay):
    with transaction() as session:
        with suppress(ZeroDivisionError), session.begin_nested():
            events.record(session, LampLit("hall"))
            raise ZeroDivisionError
        session.execute(text("SELECT 1"))
    from app.jobs.deliver import deliver

    for event_id in queued(relay):
        deliver(event_id)
    assert relay.sweep() == 0


def test_what_runs_for_minutes_is_not_handed_over_again_meanwhile(relay, owner):
    queue = relay.queues["reports"]
    with transaction() as session:
        event_id = str(events.record(session, WhatIfAsked(run_id="")))
    assert queued(relay, "reports") == [event_id]
    grow_older(owner)
    job = queue.fetch_job(event_id)
    queue.connection.lrem(queue.key, 1, event_id)
    # As RQ notes it: the job and its execution.
    queue.connection.zadd(queue.started_job_registry.key, {f"{job.id}:1": time.time() + 90})
    assert relay.sweep() == 1
    assert queued(relay, "reports") == []
    queue.connection.delete(queue.started_job_registry.key)
    assert relay.sweep() == 1
    assert queued(relay, "reports") == [event_id]
