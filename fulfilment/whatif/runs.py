"""Questions that people ask ("what if?"), from asking to the answer that stays to be looked up.

waiting → running → done, failed or cancelled. A worker takes a question, says now and then how far
it is, and stops when the row says cancelled. One that has said nothing for a minute has died, and
the next worker may take its question.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from fulfilment import rules
from fulfilment.events import WhatIfAsked
from fulfilment.models import WhatIfRun
from fulfilment.rules import Change, Setup
from fulfilment.whatif import replaying
from fulfilment.whatif.results import Result
from kit import clock, events
from kit.errors import Invalid, NotFound, Refused

SILENT = timedelta(seconds=60)
MOST_DECISIONS = 200_000
LONGEST_TITLE = 120
_UNFINISHED = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Run:
    """A question without its setup and answer.

    `changes`: what its setup changes in the one that was in force when it was asked. `done` of
    `total` decisions are replayed.
    """

    id: uuid.UUID
    title: str
    since: datetime
    until: datetime
    changes: tuple[Change, ...]
    state: str
    done: int
    total: int
    actor: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in _UNFINISHED


def ask(
    session: Session,
    actor: str,
    *,
    title: str,
    since: datetime,
    until: datetime,
    setup: Setup,
) -> Run:
    """Put a question; a worker answers it after the commit.

    Args:
        session: an open transaction.
        actor: who asks.
        title: what they call it; up to 120 characters, may be empty.
        since, until: which decisions are replayed, by when they were made; `until` is excluded.
        setup: the whole setup asked about, e.g. of `rules.draft_of` or `rules.changed`.

    Raises:
        Invalid: ``whatif_period`` where it is empty; ``whatif_title``; ``setup_invalid``.
        Refused: ``whatif_nothing`` where no order was decided then; ``whatif_too_much`` with
            ``most`` decisions.
    """
    if since >= until:
        raise Invalid("whatif_period", since=since.isoformat(), until=until.isoformat())
    if len(title) > LONGEST_TITLE:
        raise Invalid("whatif_title", most=LONGEST_TITLE)
    in_force = rules.read(session)
    rules.check(setup, in_force.locations)
    total = replaying.count(session, since, until)
    if total == 0:
        raise Refused("whatif_nothing", since=since.isoformat(), until=until.isoformat())
    if total > MOST_DECISIONS:
        raise Refused("whatif_too_much", decisions=total, most=MOST_DECISIONS)
    row = WhatIfRun(
        title=title.strip(),
        since=since,
        until=until,
        changes=[change.to_json() for change in rules.differences(in_force, setup)],
        setup=rules.to_json(setup),
        state="waiting",
        done=0,
        total=total,
        actor=actor,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    events.record(session, WhatIfAsked(run_id=str(row.id)))
    return _view(row)


def one(session: Session, run_id: uuid.UUID) -> Run:
    """Return a question as it stands. Raises: NotFound ``whatif_run``."""
    return _view(_row(session, run_id))


def newest(session: Session, limit: int = 50) -> Sequence[Run]:
    """Return questions, the newest first."""
    rows = select(WhatIfRun).order_by(WhatIfRun.asked_at.desc(), WhatIfRun.id.desc()).limit(limit)
    return [_view(row) for row in session.scalars(rows)]


def setup_of(session: Session, run_id: uuid.UUID) -> Setup:
    """Return the setup that was asked about. Raises: NotFound ``whatif_run``."""
    return rules.from_json(_row(session, run_id, WhatIfRun.setup).setup)


def result(session: Session, run_id: uuid.UUID) -> Result | None:
    """Return the answer; None while there is none. Raises: NotFound ``whatif_run``."""
    row = _row(session, run_id, WhatIfRun.result, WhatIfRun.orders)
    return None if row.result is None else Result.from_json(row.result, row.orders or ())


def cancel(session: Session, run_id: uuid.UUID) -> Run:
    """Stop a question that is not answered yet; its worker notices within a second.

    Raises:
        NotFound: ``whatif_run``.
        Refused: ``whatif_state`` with ``state``: it is over already.
    """
    if not _move(session, run_id, _UNFINISHED, state="cancelled", ended_at=clock.now()):
        raise Refused("whatif_state", state=one(session, run_id).state)
    return one(session, run_id)


def begin(session: Session, run_id: uuid.UUID) -> Run | None:
    """Take a question to answer it; None where another worker has it, or it is over."""
    silent = (WhatIfRun.state == "running") & (WhatIfRun.seen_at < _real_now() - SILENT)
    taken = session.execute(
        update(WhatIfRun)
        .where(WhatIfRun.id == run_id, (WhatIfRun.state == "waiting") | silent)
        .values(state="running", started_at=clock.now(), seen_at=_real_now(), done=0)
        .returning(WhatIfRun.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return None if taken is None else one(session, run_id)


def advance(session: Session, run_id: uuid.UUID, done: int) -> bool:
    """Note how far it is; False where it was cancelled and the worker is to stop."""
    return _move(session, run_id, ("running",), done=done, seen_at=_real_now())


def finish(session: Session, run_id: uuid.UUID, found: Result) -> bool:
    """Store the answer; False where the question was cancelled in the last moment."""
    return _move(
        session,
        run_id,
        ("running",),
        state="done",
        done=WhatIfRun.total,
        ended_at=clock.now(),
        result=found.to_json(),
        orders=[change.to_json() for change in found.changes],
    )


def fail(session: Session, run_id: uuid.UUID, error: str) -> bool:
    """Note that no answer came and why."""
    return _move(
        session, run_id, _UNFINISHED, state="failed", ended_at=clock.now(), error=error[:2000]
    )


def ask_again(session: Session) -> int:
    """Have questions whose worker has died answered by another; return how many. A duty."""
    silent = (
        select(WhatIfRun.id)
        .where(WhatIfRun.state == "running", WhatIfRun.seen_at < _real_now() - 2 * SILENT)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(silent).all()
    for run_id in found:
        _move(session, run_id, ("running",), state="waiting", done=0)
        events.record(session, WhatIfAsked(run_id=str(run_id)))
    return len(found)


def _move(session: Session, run_id: uuid.UUID, states: tuple[str, ...], **values: Any) -> bool:
    moved = session.execute(
        update(WhatIfRun)
        .where(WhatIfRun.id == run_id, WhatIfRun.state.in_(states))
        .values(**values)
        .returning(WhatIfRun.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return moved is not None


def _real_now() -> datetime:
    # Whether a worker lives has nothing to do with the shop's clock.
    return datetime.now(UTC)


def _row(session: Session, run_id: uuid.UUID, *also: Any) -> WhatIfRun:
    options = [undefer(column) for column in also]
    row = session.get(WhatIfRun, run_id, options=options, populate_existing=True)
    if row is None:
        raise NotFound("whatif_run", id=str(run_id))
    return row


def _view(row: WhatIfRun) -> Run:
    return Run(
        id=row.id,
        title=row.title,
        since=row.since,
        until=row.until,
        changes=tuple(Change.from_json(change) for change in row.changes),
        state=row.state,
        done=row.done,
        total=row.total,
        actor=row.actor,
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        error=row.error,
    )
