"""Commands that run a part of the shop: a worker, the scheduler."""

import os
import signal
import types

import click
from flask import current_app
from rq import Worker
from rq.serializers import JSONSerializer

from app.jobs import schedule
from app.jobs.relay import QUEUES, SLOW
from kit import database


def _forget_connections() -> None:
    # A forked work horse must not talk on its parent's database connections.
    database.engine().dispose(close=False)


@click.command("worker")
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Work on one QUEUE until stopped."""
    os.register_at_fork(after_in_child=_forget_connections)
    if queue in SLOW:
        os.nice(10)  # whoever waits for minutes lets customers go first
    relay = current_app.extensions["kontor_relay"]
    Worker([relay.queues[queue]], connection=relay.redis, serializer=JSONSerializer).work(
        logging_level="WARNING"
    )


@click.command("scheduler")
def scheduler() -> None:
    """Do what falls due by itself until stopped."""
    stopped = False

    def stop(_signal: int, _frame: types.FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    schedule.run(current_app.extensions["kontor_relay"], lambda: stopped)


commands: list[click.Command] = [worker, scheduler]
