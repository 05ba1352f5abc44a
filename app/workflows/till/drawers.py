"""Till sessions as tills ask for them: opened, counted, reported; cash moved by people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills import cash, conflicts, reports, sessions
from app.tills.cash import Entry
from app.tills.conflicts import Found
from app.tills.reports import Report
from app.tills.sessions import Closing, Opening
from app.workflows.till import signing


@dataclass(frozen=True)
class Movement:
    """Cash that somebody puts in (above 0) or takes out, as the till posted it."""

    movement_id: str
    kind: str
    amount_minor: int
    reason: str
    session_id: str | None = None
    cashier: str | None = None
    moved_at: datetime | None = None


def open_(device: Device, opening: Opening) -> tuple[Report, bool]:
    """Open a session; say whether it had been opened before. Raises as `sessions.open_`."""

    def opened(session: Session) -> tuple[Report, bool]:
        row, repeated = sessions.open_(session, device, opening)
        return _reported(session, row), repeated

    return signing.booked(opened, opening.session_id)


def close(device: Device, session_id: str, closing: Closing) -> tuple[Report, bool]:
    """Take the count of a session; say whether it had been taken before.

    Raises as `sessions.count`.
    """

    def closed(session: Session) -> tuple[Report, bool]:
        before = sessions.by_id(session, session_id, device.code, lock=True).state
        row = sessions.count(session, device, session_id, closing)
        return _reported(session, row), before != "open"

    return signing.booked(closed, f"{session_id}/closing")


def report(session: Session, device: Device, session_id: str) -> Report:
    """Return the report of a session of a till.

    Raises:
        NotFound: ``session``.
    """
    return _reported(session, sessions.by_id(session, session_id, device.code))


def _reported(session: Session, row: Any) -> Report:
    found = reports.of(session, row)
    found.receipts["missing"] = list(sessions.missing(session, row))
    return found


def move_cash(device: Device, moved: Movement) -> dict[str, Any]:
    """Book cash that somebody moved, once per id; one for a closed session opens a task.

    Raises:
        Invalid: ``cash_kind``, ``cash_amount`` or ``movement_id_reused``.
    """
    entry = Entry(
        moved.kind,
        moved.amount_minor,
        moved.movement_id,
        f"cash/{device.code}/{moved.movement_id}",
        reason=moved.reason,
        cashier=moved.cashier,
        happened_at=moved.moved_at,
    )

    def posted(session: Session) -> dict[str, Any]:
        row, repeated, late = sessions.move_cash(session, device, moved.session_id, entry)
        found = Found()
        if late:
            found.add("session_closed", session_id=moved.session_id, booked_to=row.session_id)
        conflicts.open_all(
            session,
            found,
            device=device.code,
            location=device.location,
            document=moved.movement_id,
        )
        return {
            "movement_id": moved.movement_id,
            "session_id": row.session_id,
            "cash_expected_minor": cash.expected(session, row.id),
            "repeated": repeated,
        }

    return signing.booked(posted, moved.movement_id)
