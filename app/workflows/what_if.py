"""Answer "what if?": replay a period's orders under another setup, touching nothing.

1. Take the question; another worker may have it already.
2. Leave out orders that never came about: nobody paid, or all of it was cancelled.
3. Replay, saying now and then how far it is; stop where somebody cancelled.
4. Keep the answer, or why there is none.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales.models import Order
from fulfilment.events import WhatIfAsked
from fulfilment.rules import Setup
from fulfilment.whatif import runs
from fulfilment.whatif.replaying import Cancelled, Progress, replay
from fulfilment.whatif.results import Result
from kit.database import reading, transaction

log = logging.getLogger(__name__)

_SAY_EVERY_SECONDS = 0.5
_NEVER_CAME_ABOUT = ("lapsed", "cancelled")


def carry_out(event: WhatIfAsked) -> None:
    """Answer a question (handler of `WhatIfAsked`). Harmless when repeated."""
    run_id = uuid.UUID(event.run_id)
    with transaction() as session:
        run = runs.begin(session, run_id)
    if run is None:
        return
    try:
        with reading() as session:
            setup = runs.setup_of(session, run_id)
            found = answer(session, run.since, run.until, setup, _saying(run_id))
    except Cancelled:
        return
    except Exception as error:
        log.exception("what-if run %s failed", run_id)
        with transaction() as session:
            runs.fail(session, run_id, repr(error))
        return
    with transaction() as session:
        runs.finish(session, run_id, found)


def answer(
    session: Session, since: datetime, until: datetime, setup: Setup, progress: Progress
) -> Result:
    """Replay the orders of a period that came about; see `fulfilment.whatif.replaying.replay`."""
    never = select(Order.ref).where(Order.state.in_(_NEVER_CAME_ABOUT), Order.placed_at < until)
    return replay(session, since, until, setup, progress, leave_out=set(session.scalars(never)))


def _saying(run_id: uuid.UUID) -> Callable[[int, int], bool]:
    """Return what notes the progress twice a second and says whether to go on."""
    said_at = time.monotonic()

    def say(done: int, _total: int) -> bool:
        nonlocal said_at
        if time.monotonic() - said_at < _SAY_EVERY_SECONDS:
            return True
        said_at = time.monotonic()
        with transaction() as session:
            return runs.advance(session, run_id, done)

    return say
