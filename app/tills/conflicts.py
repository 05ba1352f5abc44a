"""What somebody has to look at: the document is booked, and something about it does not fit."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.tills.models import TillConflict
from kit import clock
from kit.errors import NotFound
from kit.ids import new_id

KINDS = (
    "price", "discount", "item_gone", "not_sellable", "no_price", "customer", "cashier",
    "gift_card_short", "promotion_code", "recalled", "return_unmatched", "return_amount",
    "refund_tender", "session_closed", "number_taken", "clock", "points_short", "right",
    "card_payment", "card_unused", "age", "void_unmatched",
    "store_hold", "collection", "basket", "rounding",
)  # fmt: skip


@dataclass
class Found:
    """Conflicts of a document while it is being booked."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, kind: str, **facts: object) -> None:
        """Note one; `kind` is one of `KINDS`."""
        if kind not in KINDS:
            raise ValueError(kind)
        self.rows.append((kind, facts))


def open_all(
    session: Session, found: Found, *, device: str, location: str, document: str, number: str = ""
) -> None:
    """Open a task for each conflict of a document.

    Args:
        document: the till's id of it.
        number: of the receipt, as it is printed.
    """
    if not found.rows:
        return
    # Ids of one millisecond have no order; these have that in which they were found.
    keys = sorted(new_id() for _ in found.rows)
    session.add_all(
        TillConflict(
            id=key,
            device=device,
            location=location,
            document=document,
            receipt_number=number,
            kind=kind,
            facts=facts,
            opened_at=clock.now(),
            closed_at=None,
            closed_by=None,
            note="",
        )
        for key, (kind, facts) in zip(keys, found.rows, strict=True)
    )
    session.flush()


def of_document(session: Session, document: str) -> list[Mapping[str, Any]]:
    """Return the conflicts of a document as tills show them."""
    query = select(TillConflict).where(TillConflict.document == document)
    rows = session.scalars(query.order_by(TillConflict.opened_at, TillConflict.id))
    return [{"kind": row.kind, "facts": row.facts} for row in rows]


def waiting(session: Session, location: str | None = None) -> Sequence[TillConflict]:
    """Return what waits for somebody, oldest first; of one location where one is named."""
    query = select(TillConflict).where(TillConflict.closed_at.is_(None))
    if location is not None:
        query = query.where(TillConflict.location == location)
    return session.scalars(query.order_by(TillConflict.opened_at, TillConflict.id)).all()


def open_count(location: str | None = None) -> Select[tuple[int]]:
    """Return the query for how many wait."""
    query = select(func.count()).where(TillConflict.closed_at.is_(None))
    return query if location is None else query.where(TillConflict.location == location)


def close(session: Session, conflict_id: uuid.UUID, *, by: str, note: str) -> TillConflict:
    """Note that somebody has looked at it, and what came of it. A second time changes nothing.

    Raises:
        NotFound: ``conflict``.
    """
    row = session.get(TillConflict, conflict_id, with_for_update=True)
    if row is None:
        raise NotFound("conflict")
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.note = clock.now(), by, note.strip()
        session.flush()
    return row
