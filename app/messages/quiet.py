"""Quiet hours: nobody's telephone rings or beeps for us at night.

A mail lies still until somebody looks; it waits only where it is advertising. What a customer waits
for (a sign-in link, goods that lie ready) and a recall never wait.
"""

from datetime import datetime, time, timedelta

from kit import clock

BEGINS, ENDS = time(21, 0), time(8, 0)


def until(at: datetime) -> datetime | None:
    """Return when the quiet hours end that `at` lies in; None where it lies in none."""
    local = clock.berlin(at)
    if ENDS <= local.time() < BEGINS:
        return None
    day = local.date() if local.time() < ENDS else local.date() + timedelta(days=1)
    return datetime.combine(day, ENDS, clock.BERLIN)


def reachable(at: datetime) -> datetime:
    """Return the first moment from `at` on at which somebody may be called."""
    return until(at) or at
