"""The truth gate: what is not so is not said. A refusal is logged, kept, and shown.

`judge` is pure: it compares what is about to be said with what the books say. `refuse` keeps the
verdict in the transaction of the change: the change itself goes on, only its message does not.
"""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.messages.kinds import ALWAYS, KINDS, Kind
from app.messages.models import MessageRefusal
from app.messages.said import Said
from kit import clock
from kit.errors import NotFound
from kit.ids import new_id

log = logging.getLogger(__name__)

HELD_BACK = frozenset({"wanted", "no_problem_open"})
"""Truths whose breach is no lie: advertising that somebody does not want, or not now."""


def judge(said: Said, kind: Kind | None = None) -> list[dict[str, str]]:
    """Return which truths a message breaks: ``[{truth, said}]``, empty where all hold.

    Args:
        said: what it says, and what the books say.
        kind: what it is to be judged as; looked up by its name where left out.
    """
    kind = kind or KINDS.get(said.kind)
    if kind is None:
        return [{"truth": "known_kind", "said": f"nobody knows messages of kind {said.kind}"}]
    missing = [name for name in kind.facts if said.facts.get(name) is None]
    if missing:
        return [{"truth": "facts", "said": f"facts are missing: {', '.join(missing)}"}]
    found = []
    for truth in (*ALWAYS, *kind.truths):
        words = truth(said)
        if words is not None:
            found.append({"truth": truth.__name__, "said": words})
    return found


def refuse(
    session: Session,
    said: Said,
    reasons: list[dict[str, str]],
    *,
    key: str,
    recipient: str,
    order_ref: str | None,
    facts: Mapping[str, Any],
) -> None:
    """Keep that a message was not written, and why. The same one again is kept once."""
    kept = {name: value for name, value in facts.items() if name != "secret"}
    row = {
        "id": new_id(), "key": key, "kind": said.kind, "channel": said.channel,
        "order_ref": order_ref, "recipient": recipient, "reasons": reasons, "facts": kept,
        "refused_at": clock.now(), "note": "",
    }  # fmt: skip
    session.execute(insert(MessageRefusal).values(row).on_conflict_do_nothing())
    if not {one["truth"] for one in reasons} <= HELD_BACK:
        told = "; ".join(f"{one['truth']}: {one['said']}" for one in reasons)
        log.error("message %s (%s) was refused: %s", key, said.kind, told)


def refused(session: Session, *, seen: bool = False) -> list[MessageRefusal]:
    """Return refusals that somebody has to see to, the oldest first; or those that were seen."""
    row = MessageRefusal
    query = select(row).where(row.seen_at.is_not(None) if seen else row.seen_at.is_(None))
    return list(session.scalars(query.order_by(row.refused_at, row.id).limit(200)))


def see(session: Session, refusal_id: Any, *, by: str, note: str) -> MessageRefusal:
    """Note that somebody has seen to a refusal.

    Raises:
        NotFound: ``refusal``.
    """
    row = session.get(MessageRefusal, refusal_id, with_for_update=True)
    if row is None:
        raise NotFound("refusal")
    if row.seen_at is None:
        row.seen_at, row.seen_by, row.note = clock.now(), by, note
        session.flush()
    return row


def settle(session: Session, key: str) -> None:
    """Close the refusal of a message that could be written after all."""
    row = session.scalar(
        select(MessageRefusal).where(MessageRefusal.key == key, MessageRefusal.seen_at.is_(None))
    )
    if row is not None:
        row.seen_at, row.seen_by, row.note = clock.now(), "kontor", "written"
