"""`make soak`: the tests under load at full size, one after the other, each on a new PostgreSQL.

    make soak                              all of them
    make soak ARGS="bank circles"          some of them
    KONTOR_SEED=2f9c41d7 make soak ARGS=bank    what a failed run has printed

Every test ends with the invariants. Source of the sizes: the "Load held" part of the targets.
"""

import os
import secrets
import subprocess
import sys
import time

from local.terminal import complain, say

STAGES = {
    "last-unit": ["tests/races/test_last_unit.py"],
    "flash-sale": ["tests/races/test_flash_sale.py"],
    "web-rush": ["tests/races/test_web_rush.py"],
    "circles": ["tests/races/test_circles.py"],
    "bank": ["tests/bank"],
    "machine": ["tests/fulfilment/test_stock_machine.py"],
    "till": ["tests/pos/test_till_proof_browser.py"],
}
SETTINGS = {"KONTOR_SOAK": "1"}


def run(name: str, environment: dict[str, str]) -> bool:
    """Run one stage in the foreground; tell whether it passed."""
    begun = time.monotonic()
    say(f"\n{name}, seed {environment['KONTOR_SEED']}")
    command = [sys.executable, "-m", "pytest", "-q", "-s", *STAGES[name]]
    passed = subprocess.run(command, env=environment, check=False).returncode == 0
    say(f"{name}: {'held' if passed else 'FAILED'}, {time.monotonic() - begun:.0f} s")
    return passed


def main(arguments: list[str]) -> int:
    """Run the stages that are named, or all; return an exit code."""
    unknown = set(arguments) - STAGES.keys()
    if unknown:
        complain(f"no such part: {', '.join(sorted(unknown))}. There are {', '.join(STAGES)}.")
        return 2
    environment = {**SETTINGS, **os.environ}
    environment.setdefault("KONTOR_SEED", secrets.token_hex(4))
    begun = time.monotonic()
    failed = [name for name in arguments or STAGES if not run(name, environment)]
    say(f"\n{(time.monotonic() - begun) / 60:.0f} minutes, {os.cpu_count()} cores")
    if failed:
        again = f"KONTOR_SEED={environment['KONTOR_SEED']} make soak ARGS='{' '.join(failed)}'"
        complain(f"{', '.join(failed)} failed; again: {again}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
