"""Fixtures of the tests of what stands in for the outside."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def open_folder():
    """Make a folder that an unprivileged PostgreSQL can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="kontor-family-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def short_folder():
    """A folder of one test, open to other users."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def module_folder():
    """A folder of one test module, open to other users."""
    with open_folder() as folder:
        yield folder
