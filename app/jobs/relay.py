"""From the outbox to the queue: after each commit at once, and by a sweeper for what got lost.

Redis holds nothing that PostgreSQL does not know: it may be flushed at any time.
"""

import logging
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import Connection
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from rq.utils import utcformat
from sqlalchemy.orm import Session

from kit import events
from kit.database import on_commit, reading

log = logging.getLogger(__name__)

# One queue per worker process: only then is RQ's pop crash-safe.
QUEUES = ("events", "mail", "reports")
QUEUE_OF = {
    "MessageWritten": "mail",
    "WhatIfAsked": "reports",
    "CatalogImportAsked": "reports",
}
# What takes minutes has a queue of its own, and is not handed over again while it runs.
SLOW = {"reports": 3600}
_SECONDS = 60
_GRACE = timedelta(seconds=2)
# Redis is never worth waiting for: what it misses waits in the outbox. One try more, at once, for a
# connection that a restart has cut; the client's own patience would hold every order for seconds.
IMPATIENT: dict[str, Any] = {
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "retry": Retry(NoBackoff(), 1),
    "health_check_interval": 30,
}


def connect(url: str) -> Redis:
    """Return a client of the queue's server that gives up soon."""
    return Redis.from_url(url, **IMPATIENT)


class _Pattern:
    """What RQ sends to put an event's delivery on a queue, with room for the id and the time.

    RQ itself says it, once per queue and process: a job and all its fields made anew for every
    event took longer than sending them.
    """

    ROOM = "00000000-0000-0000-0000-000000000000"

    def __init__(self, queue: Queue, timeout: int) -> None:
        """Have RQ write down its commands, and send none of them."""
        pipeline = queue.connection.pipeline()
        job = queue.enqueue(
            "app.jobs.deliver.deliver",
            self.ROOM,
            job_id=self.ROOM,
            job_timeout=timeout,
            result_ttl=0,
            failure_ttl=3600,
            pipeline=pipeline,
        )
        self._data, self._then = job.data, utcformat(job.created_at)
        commands = [arguments for arguments, _options in pipeline.command_stack]
        self.answers = len(commands)
        whole = b"".join(Connection().pack_commands(commands))
        enqueued = utcformat(job.enqueued_at or job.created_at)
        whole = whole.replace(enqueued.encode(), self._then.encode())
        self._before, self._after = whole.split(_bulk(zlib.compress(self._data)))

    def of(self, event_id: str) -> bytes:
        """Return the commands for an event, as they are sent."""
        data = self._data.replace(self.ROOM.encode(), event_id.encode())
        whole = self._before + _bulk(zlib.compress(data)) + self._after
        now = utcformat(datetime.now(UTC)).encode()
        return whole.replace(self.ROOM.encode(), event_id.encode()).replace(
            self._then.encode(), now
        )


def _bulk(text: bytes) -> bytes:
    """Return a text as Redis' protocol writes it down (RESP, "Bulk strings")."""
    return b"$%d\r\n%s\r\n" % (len(text), text)


class Relay:
    """Hands event ids to RQ.

    Args:
        redis: the queue's server; when it is away, events wait in the outbox.
    """

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.queues = {
            name: Queue(name, connection=redis, serializer=JSONSerializer) for name in QUEUES
        }
        self._patterns: dict[str, _Pattern] = {}

    def start(self) -> None:
        """Have every later commit of this process hand over its events."""
        on_commit(self.after_commit)

    def after_commit(self, session: Session) -> None:
        """Hand over what this session recorded; without Redis the sweeper does it later."""
        for event_id, name in events.recorded(session):
            if not self.push(event_id, name):
                return

    def push(self, event_id: uuid.UUID, name: str) -> bool:
        """Put one event on its queue; False when Redis is away."""
        queue = QUEUE_OF.get(name, "events")
        try:
            pattern = self._patterns.get(queue)
            if pattern is None:
                pattern = _Pattern(self.queues[queue], SLOW.get(queue, _SECONDS))
                self._patterns[queue] = pattern
            self._send(pattern.of(str(event_id)), pattern.answers)
        except (RedisError, OSError) as error:
            log.warning("event %s waits in the outbox: %s", event_id, error)
            return False
        return True

    def _send(self, commands: bytes, answers: int) -> None:
        """Send commands in one go; the last of them makes the others count."""
        pool = self.redis.connection_pool
        connection = pool.get_connection()

        def exchange() -> None:
            connection.send_packed_command([commands])
            for _ in range(answers):
                connection.read_response()

        try:
            connection.retry.call_with_retry(exchange, lambda _error: connection.disconnect())
        except BaseException:
            # Answers that were not read would be taken for those of the next command.
            connection.disconnect()
            raise
        finally:
            pool.release(connection)

    def sweep(self) -> int:
        """Hand over every waiting event again and return how many there were.

        A second hand-over of an event that is being dealt with is harmless: handlers claim it. What
        still stands in its queue is left there, or the queue of a worker that is away would grow
        with every sweep.
        """
        with reading() as session:
            waiting = [(row.id, row.name) for row in events.waiting(session, older_than=_GRACE)]
        if not waiting:
            return 0
        queued = self._queued()
        for event_id, name in waiting:
            if str(event_id) not in queued and not self.push(event_id, name):
                break
        return len(waiting)

    def _queued(self) -> set[str]:
        try:
            found = {job_id for queue in self.queues.values() for job_id in queue.get_job_ids()}
            for name in SLOW:
                found.update(self.queues[name].started_job_registry.get_job_ids())
        except (RedisError, OSError):
            return set()
        return found
