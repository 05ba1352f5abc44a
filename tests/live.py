"""A whole shop for the browser tests: the very demo, in a folder and on ports of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local import addresses, postgres

ROOT = Path(__file__).parent.parent
START_SECONDS = 180
# What the developer's own environment may say must not reach the shop under test.
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "SMTP_URL",
    "DHL_API_KEY",
    "SMS_URL",
    "KONTOR_PARENT",
)


@dataclass(frozen=True)
class LiveShop:
    """Addresses (with a slash at their end) and commands of a running shop."""

    shop: str
    till: str
    floor: str
    office: str
    mail: str
    stripe: str
    folder: Path
    environment: dict[str, str]

    def account(self, role: str, location: str | None = None) -> dict[str, str]:
        """Return the first demo account of a role (and location), with its `password`."""
        known = addresses.accounts()
        people = [each for each in known.staff if each["role"] == role]
        person = next(p for p in people if location in {None, p.get("location")})
        return {**person, "password": known.password}

    def device(self, location: str) -> dict[str, str]:
        """Return the demo till of a store, with its `token`."""
        return next(d for d in addresses.accounts().devices if d["location"] == location)

    def mails(self, to: str = "") -> list[dict[str, str]]:
        """Return the mails that were sent, the newest first."""
        with urllib.request.urlopen(f"{self.mail}messages.json?to={to}", timeout=5) as answer:
            return list(json.load(answer))

    def wait_for_mail(self, to: str, subject: str, seconds: float = 10.0) -> dict[str, str]:
        """Return the newest mail to `to` whose subject contains `subject`, once it is there.

        Raises:
            AssertionError: it did not come in time; with what came instead.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in self.mails(to):
                if subject in mail["subject"]:
                    return mail
            time.sleep(0.1)
        came = [mail["subject"] for mail in self.mails(to)]
        raise AssertionError(f"no mail {subject!r} to {to} in {seconds} s, only {came}")

    def flask(self, *arguments: str) -> str:
        """Run a command of the shop, e.g. `flask("clock", "set", "2026-11-25T12:30")`."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        environment = {**os.environ, **self.environment}
        outcome = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        return outcome.stdout


@contextmanager
def running_demo() -> Iterator[LiveShop]:
    """Run `make demo`'s program until the end of the block.

    Raises:
        RuntimeError: it did not get ready; with what it said.
    """
    folder = Path(tempfile.mkdtemp(prefix="kontor-live-"))
    folder.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    environment["KONTOR_PARENT"] = str(os.getpid())
    output = folder / "output"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.demo", "--data", folder, "--free-ports"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )  # fmt: skip
    try:
        _wait_until_ready(process, output)
        facts = json.loads((folder / "running.json").read_text())
        del facts["pid"]
        yield LiveShop(folder=folder, **facts)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()
        postgres.remove(folder)


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not output.read_text().endswith("\nready\n"):
        if process.poll() is not None or time.monotonic() > deadline:
            logs = sorted((output.parent / "logs").glob("*.log"))
            ends = [f"--- {log.name}\n{log.read_text()[-1500:]}" for log in logs]
            raise RuntimeError("\n".join(["no live shop:", output.read_text(), *ends]))
        time.sleep(0.1)
