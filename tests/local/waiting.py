"""Waiting for other processes."""

import time


def wait_for(condition, seconds=12.0):
    """Wait until `condition()` is true; tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False
