"""Ports on the loopback address: the usual ones where they are free, the same ones next time."""

import errno
import json
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 15_000, 32_000
TRIES = 4
TAKEN = "Address already in use"
"""What a server's log says when somebody else was quicker."""

Started = TypeVar("Started")


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a loopback port, and a server may bind it now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def any_free() -> int:
    """Return a free port below those that the system hands out to outgoing connections.

    One of those could be taken by any connection between this look and the server's start.
    """
    while True:
        port = secrets.randbelow(LAST_PORT - FIRST_PORT) + FIRST_PORT
        if is_free(port):
            return port


def choose(usual: dict[str, int], memory: Path) -> dict[str, int]:
    """Choose a free port per name and remember the choice.

    In this order: the port of the last start, the usual one, the next 20 after it, any free one.

    Args:
        usual: name → the port one would expect.
        memory: JSON file with the choice of the last start; rewritten.
    """
    last: dict[str, int] = json.loads(memory.read_text()) if memory.exists() else {}
    chosen: dict[str, int] = {}
    for name, port in usual.items():
        candidates = [last[name]] if name in last else []
        candidates += range(port, port + 21)
        taken = set(chosen.values())
        free = (each for each in candidates if each not in taken and is_free(each))
        chosen[name] = next(free, 0) or any_free()
    memory.write_text(json.dumps(chosen, indent=2) + "\n")
    return chosen


def on_a_free_one(start: Callable[[int], Started], port: int) -> Started:
    """Start a server on a port, or on another where that one was taken since it was looked at.

    Args:
        start: starts it on the port that it is given.
        port: the first one to try.

    Raises:
        RuntimeError: of `start`, for another reason, or when every port was taken.
    """
    for _ in range(TRIES - 1):
        try:
            return start(port)
        except RuntimeError as error:
            if TAKEN not in str(error):
                raise
        port = any_free()
    return start(port)
