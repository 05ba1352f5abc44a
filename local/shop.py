"""The processes of the shop itself: web server, one worker per queue, scheduler, and commands."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from local.processes import Program

ROOT = Path(__file__).resolve().parent.parent
# RQ takes a job so that no crash loses it only where a worker has exactly one queue.
QUEUES = ("events", "mail", "reports")


def web(
    environment: Mapping[str, str], host: str, port: int, workers: int, threads: int
) -> Program:
    """Return the web server: `workers` processes with `threads` blocking threads each."""
    arguments = [
        "--interface", "wsgi", "wsgi:app", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads),
        "--respawn-failed-workers", "--workers-kill-timeout", "3", "--no-ws",
        "--log-level", "warning",
    ]  # fmt: skip
    return Program("web", arguments, module="granian", environment=environment, folder=ROOT)


def flask(
    name: str, environment: Mapping[str, str], *arguments: str, talks: bool = False
) -> Program:
    """Return one of the shop's own commands as a program."""
    command = ["--app", "wsgi", *arguments]
    return Program(name, command, module="flask", environment=environment, folder=ROOT, talks=talks)


def background(environment: Mapping[str, str]) -> list[Program]:
    """Return the workers and the scheduler."""
    workers = [flask(f"worker-{queue}", environment, "worker", queue) for queue in QUEUES]
    return [*workers, flask("scheduler", environment, "scheduler")]


def kept_secret(file: Path) -> str:
    """Return the secret in `file`, made at the first call and readable by its owner only."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text()


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment with the shop's settings on top."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **settings}
