"""`make check`: what has to hold before a commit, in under a minute.

Format, lint, types, import contracts and the tests that need no server. All of them run, also
when one has failed, so that one look shows everything.
"""

import subprocess
import sys
import tempfile
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
    """Run all checks at the same time, print what fails; return an exit code."""
    begun = time.monotonic()
    running = {}
    for title, command in CHECKS.items():
        output = tempfile.TemporaryFile()  # noqa: SIM115 - read and closed below
        running[title] = (subprocess.Popen(command, stdout=output, stderr=output), output)
    failed = []
    for title, (process, output) in running.items():
        good = process.wait() == 0
        say(f"  {title:<18}{'ok' if good else 'FAILED'}")
        if not good:
            failed.append(title)
            output.seek(0)
            say(output.read().decode(errors="replace"))
        output.close()
    say(f"  {time.monotonic() - begun:.0f} s{', failed: ' + ', '.join(failed) if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
