"""Which tests run one after another on the same worker process, and what is begun first.

Every file goes to one worker as a whole, so what its fixtures built is built once. The folders and
files of a group share something dearer, and are begun first, the longest before the others, so that
no worker is left with one of them at the end.

pytest-xdist has `--dist loadgroup` for that. With pytest 9.2 it silently does not group
(pytest-xdist issue 1386): it writes a node's former private name, which nobody reads any more.
"""

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


def group_of(nodeid: str) -> str:
    """Return the group of a test: one of GROUPS, or its file."""
    for group, places in GROUPS.items():
        if nodeid.startswith(places):
            return group
    return nodeid.split("::", 1)[0]


def place(nodeid: str) -> int:
    """Return where a test stands in the order of groups; the files come after all of them."""
    names = list(GROUPS)
    group = group_of(nodeid)
    return names.index(group) if group in names else len(names)


class Grouped(LoadScopeScheduling):
    """A scheduler that keeps a group on one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def shares_a_shop(item: pytest.Item) -> bool:
    """Tell whether a test may use the shop that the tests of a run share."""
    return group_of(item.nodeid) == "live_shop"
