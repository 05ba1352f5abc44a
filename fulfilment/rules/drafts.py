"""The one shared draft of the setup: what people prepare before it is put in force.

Everybody edits the same draft. Who saves says which version of it they had before them; if somebody
else has saved since, nothing is changed and the second one is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.models import RoutingDraft
from fulfilment.rules import checking, live
from fulfilment.rules.documents import from_json, to_json
from fulfilment.rules.setup import Setup
from kit import clock
from kit.errors import Refused


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft, or where there is none what is in force.

    `version` goes up with every save, discard and publishing; `save`, `discard` and `publish` want
    to hear it. `actor` and `changed_at`: who saved last; None where there is no draft.
    `restored_from`: the old version that it started from.
    """

    version: int
    setup: Setup
    is_open: bool
    actor: str | None = None
    changed_at: datetime | None = None
    restored_from: int | None = None


def draft_of(session: Session) -> Draft:
    """Return the shared draft; where there is none, what is in force, `is_open` False.

    Locations that were opened after the draft was saved are in it as they are in force, in display
    order; those that are gone have left it.
    """
    row = session.get(RoutingDraft, 1, populate_existing=True)
    in_force = live.read(session)
    if row is None or row.document is None:
        return Draft(row.version if row else 0, in_force, is_open=False)
    kept = from_json(row.document)
    locations = {
        code: kept.locations.get(code, place) for code, place in in_force.locations.items()
    }
    tariffs = {code: kept.tariffs[code] for code in sorted(kept.tariffs)}
    return Draft(
        row.version,
        replace(kept, locations=locations, tariffs=tariffs),
        is_open=True,
        actor=row.actor,
        changed_at=row.changed_at,
        restored_from=row.restored_from,
    )


def save_draft(
    session: Session,
    actor: str,
    setup: Setup,
    expected_version: int,
    *,
    restored_from: int | None = None,
) -> Draft:
    """Store the draft and return it.

    Args:
        session: an open transaction.
        actor: who, e.g. ``"staff:…"``.
        setup: the whole draft; it is checked.
        expected_version: `Draft.version` of what the editor had before them.
        restored_from: number of the old version that it was taken from; kept by later saves.

    Raises:
        Invalid: ``setup_invalid``, see `checking.check`.
        Refused: ``draft_changed`` with ``version`` and ``actor``: somebody else was quicker.
    """
    checking.check(setup, live.read(session).locations)
    values: dict[str, object] = {
        "document": to_json(setup),
        "actor": actor,
        "changed_at": clock.now(),
    }
    if restored_from is not None:
        values["restored_from"] = restored_from
    advance(session, expected_version, actor=actor, values=values)
    return draft_of(session)


def discard_draft(session: Session, actor: str, expected_version: int) -> None:
    """Throw the draft away; what is in force stays as it is.

    Raises:
        Refused: ``draft_changed``, as `save_draft`.
    """
    close(session, actor, expected_version)


def close(session: Session, actor: str, expected_version: int) -> None:
    """End the draft. Raises: Refused, as `save_draft`."""
    values: dict[str, object] = {
        "document": null(),
        "restored_from": None,
        "actor": actor,
        "changed_at": clock.now(),
    }
    advance(session, expected_version, actor=actor, values=values)


def advance(
    session: Session, expected_version: int, *, actor: str, values: dict[str, object]
) -> None:
    """Change the draft's row if it still has the expected version. Raises: as `save_draft`."""
    session.execute(
        insert(RoutingDraft)
        .values(id=1, version=0, actor=actor, changed_at=clock.now())
        .on_conflict_do_nothing()
    )
    moved = session.execute(
        update(RoutingDraft)
        .where(RoutingDraft.id == 1, RoutingDraft.version == expected_version)
        .values(version=RoutingDraft.version + 1, **values)
        .returning(RoutingDraft.version)
    ).scalar()
    if moved is None:
        version, other = session.execute(select(RoutingDraft.version, RoutingDraft.actor)).one()
        raise Refused("draft_changed", expected=expected_version, version=version, actor=other)
