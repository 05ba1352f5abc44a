"""Which tests run one after another on the same worker process, and what is begun first.

Every file goes to one worker as a whole, so what its fixtures built is built once. The folders and
files of a group share something dearer. Groups are begun first, then the files that take longest,
so that no worker is left with one of them at the end; xdist by itself begins what has most tests.

pytest-xdist has `--dist loadgroup` for that. With pytest 9.2 it silently does not group
(pytest-xdist issue 1386): it writes a node's former private name, which nobody reads any more.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    # one whole demo, started once
    "live_shop": (
        "tests/browser/",
        "tests/local/test_mail_page.py",
        "tests/pos/test_docs.py",
    ),
    # whole demos of their own, as many processes as the machine bears at a time
    "demo": ("tests/local/test_demo.py", "tests/local/test_serve.py"),
    # long ones that stand alone
    "replay": ("tests/replay/",),
    "till": ("tests/pos/test_till_",),
    "roles": ("tests/web/test_roles.py",),
}

# Files that take ten seconds and more, begun before the others.
LONG = (
    "tests/fulfilment/test_stock_machine.py",
    "tests/demo/test_seed.py",
    "tests/catalog/test_search_judged.py",
    "tests/races/test_web_rush.py",
    "tests/pos/test_openapi_fuzz.py",
    "tests/workflows/test_never_twice.py",
    "tests/bank/",
    "tests/jobs/test_worker.py",
    "tests/pos/test_same_price_with_promotions.py",
    "tests/fulfilment/test_routing_exact.py",
    "tests/fulfilment/test_routing_judged.py",
)


def group_of(nodeid: str) -> str:
    """Return the group of a test: one of GROUPS, or its file."""
    for group, places in GROUPS.items():
        if nodeid.startswith(places):
            return group
    return nodeid.split("::", 1)[0]


def place(nodeid: str) -> int:
    """Return where a test stands in the order: groups, long files, the others."""
    names = list(GROUPS)
    group = group_of(nodeid)
    if group in names:
        return names.index(group)
    long = next((at for at, file in enumerate(LONG) if nodeid.startswith(file)), len(LONG))
    return len(names) + long


class Grouped(LoadScopeScheduling):
    """A scheduler that keeps a group on one worker, and begins them in the order of the tests."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        """Take over the run's options but for the order."""
        super().__init__(config, log)
        self.config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def shares_a_shop(item: pytest.Item) -> bool:
    """Tell whether a test may use the shop that the tests of a run share."""
    return group_of(item.nodeid) == "live_shop"
