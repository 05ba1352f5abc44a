"""`make test-oldest`: the tests of stock on PostgreSQL 15, the oldest one that is supported.

Arguments go to pytest. KONTOR_POSTGRES names another folder of binaries, of any release.
`--where-possible` (for CI) installs what is missing where root may, and else leaves the tests out.
"""

import os
import subprocess
import sys
from pathlib import Path

from local import debian, postgres, testing
from local.terminal import complain, say

MAJOR = 15
PACKAGE = f"postgresql-{MAJOR}"
TESTED = ("tests/fulfilment", "tests/races", "tests/migrations", "tests/bank")
PLACES = (
    f"/usr/lib/postgresql/{MAJOR}/bin",  # Debian, Ubuntu
    f"/usr/pgsql-{MAJOR}/bin",  # Red Hat
    f"/opt/homebrew/opt/postgresql@{MAJOR}/bin",
    f"/usr/local/opt/postgresql@{MAJOR}/bin",
)
ADVICE = (
    f"no PostgreSQL {MAJOR} here. On Debian 12: sudo apt install {PACKAGE}; elsewhere name the"
    f" folder of its binaries: make test-oldest {postgres.BINARIES}=/path/to/bin"
)
WHERE_POSSIBLE = "--where-possible"


def find() -> Path | None:
    """Return the folder of the oldest PostgreSQL's programs, or of the one that is named."""
    named = os.environ.get(postgres.BINARIES)
    places = [named] if named else PLACES
    return next((Path(one) for one in places if postgres.holds_programs(Path(one))), None)


def version(binaries: Path) -> str:
    """Return what its server says that it is."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def main(arguments: list[str]) -> int:
    """Run the tests; return an exit code."""
    where_possible = WHERE_POSSIBLE in arguments
    rest = [one for one in arguments if one != WHERE_POSSIBLE]
    binaries = find()
    if binaries is None and where_possible and debian.may_install() and debian.install(PACKAGE):
        binaries = find()
    if binaries is None:
        complain(f"test-oldest was left out: {ADVICE}" if where_possible else ADVICE)
        return 0 if where_possible else 1
    say(f"  {version(binaries)}, {binaries}")
    os.environ[postgres.BINARIES] = str(binaries)
    return testing.run_pytest([*(rest or TESTED)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
