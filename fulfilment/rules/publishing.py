"""Put a draft in force, keep every version, and go back to an old one.

1. A version is the whole setup, with who published it, when and why; none is ever changed.
2. The first publishing writes two: what was there before, and the new one.
3. What was changed in the tables past the drafts (an import, a new location) is found and written
   as a version of its own before the next one.
4. The way back is a new draft from an old version, published like any other.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from fulfilment.events import SetupPublished
from fulfilment.models import RoutingSetup
from fulfilment.rules import checking, drafts, live
from fulfilment.rules.differing import Change, differences
from fulfilment.rules.documents import from_json, to_json
from fulfilment.rules.drafts import Draft
from fulfilment.rules.setup import Setup
from kit import clock, events
from kit.errors import Invalid, NotFound, Refused

LONGEST_REASON = 500
_BY_ITSELF = "kontor"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version without its document; see `RoutingSetup` for `cause`."""

    number: int
    cause: str
    published_at: datetime
    actor: str
    reason: str
    restored_from: int | None
    changes: tuple[Change, ...]


def publish(session: Session, actor: str, reason: str, expected_version: int) -> Version:
    """Put the draft in force as a new version and end the draft.

    Args:
        session: an open transaction; either all of it happens or nothing.
        actor: who.
        reason: why, in words; required, up to 500 characters.
        expected_version: `Draft.version` of what they had before them.

    Returns:
        The new version. The event `SetupPublished` is recorded.

    Raises:
        Invalid: ``reason_missing``, ``reason_too_long``; ``setup_invalid`` where the shop has
            changed so that the draft makes no sense any more.
        Refused: ``draft_changed``; ``draft_missing`` where there is none; ``nothing_changed``;
            ``tariff_in_use``.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("reason_missing")
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason_too_long", most=LONGEST_REASON)
    live.lock(session)
    draft = drafts.draft_of(session)
    if draft.version == expected_version and not draft.is_open:
        raise Refused("draft_missing")
    drafts.close(session, actor, expected_version)
    before = live.read(session)
    changes = differences(before, draft.setup)
    if not changes:
        raise Refused("nothing_changed")
    checking.check(draft.setup, before.locations)
    number = _catch_up(session, before) + 1
    live.write(session, draft.setup, before, number)
    row = _append(session, number, "published", draft.setup, (actor, reason), changes)
    row.restored_from = draft.restored_from
    session.flush()
    events.record(session, SetupPublished(number=number, actor=actor))
    return _view(row)


def _catch_up(session: Session, in_force: Setup) -> int:
    """Write what is in force as a version if the newest one says something else; its number."""
    last = session.scalar(
        select(RoutingSetup)
        .options(undefer(RoutingSetup.document))
        .order_by(RoutingSetup.number.desc())
        .limit(1)
    )
    if last is None:
        _append(session, 1, "first", in_force, (_BY_ITSELF, ""), [])
        return 1
    changes = differences(from_json(last.document), in_force)
    if not changes:
        return last.number
    _append(session, last.number + 1, "found", in_force, (_BY_ITSELF, ""), changes)
    return last.number + 1


def _append(
    session: Session,
    number: int,
    cause: str,
    setup: Setup,
    said: tuple[str, str],
    changes: list[Change],
) -> RoutingSetup:
    row = RoutingSetup(
        number=number,
        cause=cause,
        published_at=clock.now(),
        actor=said[0],
        reason=said[1],
        restored_from=None,
        changes=[change.to_json() for change in changes],
        document=to_json(setup),
    )
    session.add(row)
    return row


def versions(session: Session) -> list[Version]:
    """Return every version, newest first; none before anybody has published."""
    rows = session.scalars(select(RoutingSetup).order_by(RoutingSetup.number.desc()))
    return [_view(row) for row in rows]


def newest(session: Session) -> int:
    """Return the number of the newest version; 0 before the first."""
    return session.scalar(select(func.max(RoutingSetup.number))) or 0


def version(session: Session, number: int) -> tuple[Version, Setup]:
    """Return a version and its setup.

    Raises:
        NotFound: ``setup_version``.
    """
    row = session.get(RoutingSetup, number, options=[undefer(RoutingSetup.document)])
    if row is None:
        raise NotFound("setup_version", number=number)
    return _view(row), from_json(row.document)


@dataclass(frozen=True, slots=True)
class SplitPrices:
    """What a parcel beyond an order's first cost, in cents, by when: oldest first, never empty."""

    steps: tuple[tuple[datetime, int], ...]

    def at(self, instant: datetime) -> int:
        """Return the price that was in force; the oldest one known for anything earlier."""
        known = [minor for since, minor in self.steps if since <= instant]
        return known[-1] if known else self.steps[0][1]


def split_prices(session: Session) -> SplitPrices:
    """Return `Rules.split_minor` of every version; of what is in force before the first one."""
    minor = RoutingSetup.document["rules"]["split_minor"].as_integer()
    rows = session.execute(
        select(RoutingSetup.published_at, minor).order_by(RoutingSetup.number)
    ).all()
    if not rows:
        return SplitPrices(((clock.now(), live.read(session).rules.split_minor),))
    return SplitPrices(tuple((since, price) for since, price in rows))


def restore(session: Session, actor: str, number: int, expected_version: int) -> Draft:
    """Make an old version the draft; nothing is in force before it is published.

    Locations that the version does not know stay as they are in force, and those that are gone
    are left out.

    Raises:
        NotFound: ``setup_version``.
        Invalid, Refused: as `drafts.save_draft`.
    """
    _, old = version(session, number)
    in_force = live.read(session)
    locations = {code: old.locations.get(code, place) for code, place in in_force.locations.items()}
    # A location that came later keeps its tariffs, though the old version did not know them.
    later = {
        name for code in locations.keys() - old.locations.keys() for name in locations[code].tariffs
    }
    tariffs = {**{name: in_force.tariffs[name] for name in sorted(later)}, **old.tariffs}
    setup = Setup(old.rules, locations, tariffs)
    return drafts.save_draft(session, actor, setup, expected_version, restored_from=number)


def _view(row: RoutingSetup) -> Version:
    return Version(
        number=row.number,
        cause=row.cause,
        published_at=row.published_at,
        actor=row.actor,
        reason=row.reason,
        restored_from=row.restored_from,
        changes=tuple(Change.from_json(change) for change in row.changes),
    )
