"""Fixtures of the tests of what stands in for the outside."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def short_folder():
    """A folder that an unprivileged PostgreSQL can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="kontor-family-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
