"""`make test`: all tests, on real PostgreSQL, Valkey and Chromium.

Arguments go to pytest. Without a Chromium the other tests run, and the command fails at the end
with what to do; KONTOR_WITHOUT_BROWSER=1 leaves the browser tests out on purpose.
"""

import os
import subprocess
import sys

from local import browser
from local.terminal import complain, say

MOST_WORKERS = 4


def run_pytest(arguments: list[str]) -> int:
    """Run the tests on the cores that there are; return pytest's exit code.

    One worker process more than cores: who drives a browser or a demo waits half of the time.
    """
    workers = min((os.cpu_count() or 2) + 1, MOST_WORKERS)
    command = [sys.executable, "-m", "pytest", "-n", str(workers)]
    return subprocess.run([*command, *arguments], check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the tests; return an exit code."""
    without = os.environ.get("KONTOR_WITHOUT_BROWSER") == "1"
    chromium = None if without else browser.obtain()
    if chromium is not None:
        os.environ["KONTOR_CHROMIUM"] = str(chromium)
        say(f"  Chromium: {chromium}")
    code = run_pytest(arguments)
    if chromium is None and not without:
        complain(f"the browser tests were left out. {browser.ADVICE}")
        return code or 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
