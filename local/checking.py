"""`make check`: what has to hold before a commit, in under a minute.

Format, lint, types, import contracts and the tests that need no server. All of them run, also
after one has failed, so that one look shows everything.
"""

import subprocess
import sys
import time

from local.terminal import say

FAST = "not db and not redis and not browser and not slow"
PYTHON = sys.executable
CHECKS: dict[str, list[str]] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "types": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "import contracts": [
        PYTHON,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
    ],
    "fast tests": [PYTHON, "-m", "pytest", "-q", "-m", FAST],
}


def main() -> int:
    """Run every check, two at a time; print what fails; return an exit code."""
    begun = time.monotonic()
    failed = []
    for title, command in CHECKS.items():
        started = time.monotonic()
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        good = outcome.returncode == 0
        say(f"  {title:<18}{'ok' if good else 'FAILED':<8}{time.monotonic() - started:5.1f} s")
        if not good:
            failed.append(title)
            say(outcome.stdout + outcome.stderr)
    say(f"  {'together':<26}{time.monotonic() - begun:5.1f} s")
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
