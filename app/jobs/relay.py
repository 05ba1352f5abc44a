"""From the outbox to the queue: after each commit at once, and by a sweeper for what got lost.

Redis holds nothing that PostgreSQL does not know: it may be flushed at any time.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
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
            # A pipeline of ours: RQ's own way is two, and the buyer waits for both.
            pipeline = self.redis.pipeline()
            self.queues[queue].enqueue(
                "app.jobs.deliver.deliver",
                str(event_id),
                job_id=str(event_id),
                job_timeout=SLOW.get(queue, _SECONDS),
                result_ttl=0,
                failure_ttl=3600,
                pipeline=pipeline,
            )
            pipeline.execute()
        except (RedisError, OSError) as error:
            log.warning("event %s waits in the outbox: %s", event_id, error)
            return False
        return True

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
