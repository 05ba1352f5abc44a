"""What a person sees of long work: that it began, that it goes on, how long it took."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SIGN_OF_LIFE_SECONDS = 5.0


class MissingError(Exception):
    """Something that only the person at the keyboard can provide; the message says what to do."""


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line about what is missing to standard error."""
    print(f"kontor: {text}", file=sys.stderr, flush=True)


def last_lines(text: str, count: int = 12) -> str:
    """Return the end of what a command said, indented."""
    return "\n".join(f"      {line}" for line in text.strip().splitlines()[-count:])


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print what begins, and how long it took once it is done."""
    say(f"  {title} …")
    begun = time.monotonic()
    yield
    say(f"    {time.monotonic() - begun:.1f} s")


def works(command: Sequence[str | Path]) -> bool:
    """Tell whether a command can be run and exits with 0."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(
    title: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command that may take long, with a sign of life every few seconds.

    Returns:
        Its exit code, and everything it said.
    """
    say(f"  {title} …")
    begun = shown = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
        )
        while process.poll() is None:
            time.sleep(0.05)
            if time.monotonic() - shown > SIGN_OF_LIFE_SECONDS:
                shown = time.monotonic()
                say(f"    … {shown - begun:.0f} s")
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode == 0:
        say(f"    {time.monotonic() - begun:.1f} s")
    return process.returncode, said
