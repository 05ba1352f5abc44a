"""The stage: a running demo, who works there, and what lies in its mail sink."""

import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNTS = ROOT / "demo" / "accounts.toml"
_MAIL_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.1


class NotRunningError(Exception):
    """There is no demo to play in; the message says what to do."""


@dataclass(frozen=True)
class Person:
    """Somebody who works at Angelhaus Rhein."""

    name: str
    email: str
    password: str


@dataclass(frozen=True)
class Stage:
    """A running demo. Addresses end with a slash."""

    shop: str
    floor: str
    office: str
    till: str
    mail: str
    environment: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> "Stage":
        """Return the demo that runs on a data folder.

        Raises:
            NotRunningError: none does.
        """
        try:
            note = json.loads((folder / "running.json").read_text())
            os.kill(int(note["pid"]), 0)
        except (OSError, ValueError, KeyError) as error:
            raise NotRunningError("no demo is running: start `make demo` first") from error
        if not {"shop", "mail", "environment"} <= note.keys():
            raise NotRunningError("the demo is not ready yet, or its mails go elsewhere")
        return cls(**{name: note[name] for name in cls.__dataclass_fields__})

    def person(self, role: str, location: str | None = None) -> Person:
        """Return the first of the demo's staff with a role, at a location."""
        known = tomllib.loads(ACCOUNTS.read_text("utf-8"))
        found = next(
            each
            for each in known["staff"]
            if each["role"] == role and location in {None, each.get("location")}
        )
        return Person(found["name"], found["email"], known["password"])

    def till_token(self, location: str) -> str:
        """Return the token of a store's till."""
        devices = tomllib.loads(ACCOUNTS.read_text("utf-8"))["device"]
        return str(next(each["token"] for each in devices if each["location"] == location))

    def till_pin(self, location: str) -> str:
        """Return the PIN of somebody who serves in a store."""
        people = tomllib.loads(ACCOUNTS.read_text("utf-8"))["staff"]
        there = (each for each in people if each.get("location") == location)
        return str(next(each["pin"] for each in there if each["role"] == "cashier"))

    def flask(self, *arguments: str) -> str:
        """Run one of the shop's commands and return what it printed.

        Raises:
            NotRunningError: it failed; with what it said.
        """
        outcome = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode:
            raise NotRunningError(f"flask {' '.join(arguments)}: {outcome.stderr[-500:]}")
        return outcome.stdout

    def now(self) -> datetime:
        """Return the shop's time."""
        with urllib.request.urlopen(f"{self.shop}healthz", timeout=10) as answer:  # noqa: S310
            return datetime.fromisoformat(json.load(answer)["time"])

    def till_asks(self, location: str, path: str, body: object | None = None) -> dict[str, Any]:
        """Ask the POS endpoint as a store's till does; with a body it is a POST."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.shop}api/pos/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.till_token(location)}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return dict(json.load(answer))

    def mails(self, about: str) -> list[dict[str, str]]:
        """Return the mails that name an order, the oldest first."""
        with urllib.request.urlopen(f"{self.mail}messages.json", timeout=10) as answer:  # noqa: S310
            found = [mail for mail in json.load(answer) if about in mail["subject"] + mail["text"]]
        return found[::-1]

    def wait_for_mails(self, about: str, subject: str, count: int = 1) -> list[dict[str, str]]:
        """Return `count` mails about an order whose subject holds a word, once they are there.

        What is not there in half a minute is missing in what is returned.
        """
        deadline = time.monotonic() + _MAIL_SECONDS
        while True:
            found = [mail for mail in self.mails(about) if subject in mail["subject"]]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(_LOOK_AGAIN_SECONDS)
