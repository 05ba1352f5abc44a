"""Catalogues and samples: things that nobody has ordered, sent to those who asked for such things.

They are no parcels. No order, no promise and no message of an order knows them, so nothing that
is said of an order can be said because of one. What they cost in paper is counted.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.community import paper_drafts
from app.community.models import Campaign, Mailing, Mailpiece
from app.community.paper_drafts import LONGEST_TITLE, PaperDraft
from fulfilment.models import ParcelInsert
from fulfilment.places import locations
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.states import States
from loyalty import consents

KINDS = {"catalogue": consents.CATALOGUES, "sample": consents.SAMPLES}
"""What may be sent, and the consent that it needs."""

STATES = States(
    "mailpiece", {"open": {"sent", "cancelled"}, "sent": {"came_back"}, "cancelled": {"open"}}
)
HEAVIEST_GRAMS = 2_000
_TEXTS = dict.fromkeys(("title_de", "title_en", "owner"), LONGEST_TITLE)
UNSEEN_AFTER = timedelta(days=14)
"""A card that nobody has looked at for so long is waste."""


@dataclass(frozen=True)
class Draft(PaperDraft):
    """A mailing as somebody has typed it; the fields are those of `Mailing`."""

    kind: str
    location: str


@dataclass(frozen=True)
class Made:
    """A mailing with how many of its pieces are in which state."""

    mailing: Mailing
    states: dict[str, int]

    @property
    def sent(self) -> int:
        """Pieces that have left, those that came back included."""
        return self.states.get("sent", 0) + self.states.get("came_back", 0)


@dataclass(frozen=True)
class Paper:
    """Paper of one sort in a period: what was sent, and what of it was for nothing, in grams."""

    pieces: int
    grams: int
    cost_minor: int
    wasted: int
    wasted_grams: int

    @property
    def wasted_percent(self) -> int | None:
        """The share of the weight that was for nothing, None where nothing was sent."""
        return round(self.wasted_grams * 100 / self.grams) if self.grams else None


def check(session: Session, draft: Draft) -> None:
    """See whether a mailing can be made as it is typed.

    Raises:
        Invalid: ``mailing`` with the names of the `fields` that are wrong.
    """
    wrong = paper_drafts.wrong_fields(draft, _TEXTS, HEAVIEST_GRAMS)
    if draft.kind not in KINDS:
        wrong.append("kind")
    if draft.location not in locations.by_code(session):
        wrong.append("location")
    if wrong:
        raise Invalid("mailing", fields=wrong)


def put(session: Session, draft: Draft, *, new: bool) -> Mailing:
    """Make a mailing, which is released to nobody, or change it as long as it is not released.

    Raises:
        Invalid: ``mailing`` with `fields`; ``code`` where a new one has another's.
        NotFound: ``mailing``, where it should be there.
        Refused: ``mailing_released``.
    """
    check(session, draft)
    row = paper_drafts.known(session, Mailing, draft.code, "mailing", new=new)
    if row is not None and row.released_at is not None:
        raise Refused("mailing_released", mailing=draft.code)
    return paper_drafts.keep(session, row or Mailing(), draft)


def one(session: Session, code: str, *, lock: bool = False) -> Mailing:
    """Return a mailing.

    Raises:
        NotFound: ``mailing``.
    """
    row = session.get(Mailing, code, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound("mailing", mailing=code)
    return row


def listed(session: Session) -> Sequence[Made]:
    """Return every mailing with the states of its pieces, the last one to end first."""
    piece = Mailpiece
    states: dict[str, dict[str, int]] = {}
    counted = select(piece.mailing, piece.state, func.count()).group_by(piece.mailing, piece.state)
    for code, state, count in session.execute(counted):
        states.setdefault(code, {})[state] = count
    query = select(Mailing).order_by(Mailing.ends_on.desc(), Mailing.code)
    return [Made(row, states.get(row.code, {})) for row in session.scalars(query)]


def pieces_at(
    session: Session, location: str, state: str = "open", *, limit: int = 200
) -> list[tuple[Mailpiece, Mailing]]:
    """Return pieces of a location in one state, the oldest first; sent ones the newest first."""
    piece = Mailpiece
    order = piece.sent_at.desc() if state == "sent" else piece.opened_at
    query = (
        select(piece, Mailing)
        .join(Mailing, Mailing.code == piece.mailing)
        .where(Mailing.location == location, piece.state == state)
        .order_by(order, piece.sscc)
        .limit(limit)
    )
    return [(row, mailing) for row, mailing in session.execute(query)]


def of_customer(session: Session, number: str, email: str) -> list[Mailpiece]:
    """Return what was opened for a customer, the first piece first."""
    query = select(Mailpiece).where(
        (Mailpiece.customer_number == number) | (Mailpiece.email == email)
    )
    return list(session.scalars(query.order_by(Mailpiece.opened_at, Mailpiece.id)))


def erase(session: Session, number: str, email: str) -> None:
    """Forget a person: nothing more is sent, and what was sent is only counted."""
    for row in of_customer(session, number, email):
        if row.state == "open":
            row.state, row.ended_at = "cancelled", clock.now()
        row.email, row.customer_number, row.address = f"erased/{row.id}", "", {}


def open_at(session: Session, location: str) -> int:
    """Return how many pieces wait at a location."""
    query = (
        select(func.count()).select_from(Mailpiece).join(Mailing, Mailing.code == Mailpiece.mailing)
    )
    query = query.where(Mailing.location == location, Mailpiece.state == "open")
    return int(session.scalar(query) or 0)


def piece(
    session: Session, piece_id: uuid.UUID, location: str, *, lock: bool = False
) -> tuple[Mailpiece, Mailing]:
    """Return one piece of a location.

    Raises:
        NotFound: ``mailpiece``, also where it is another place's.
    """
    row = session.get(Mailpiece, piece_id, with_for_update=lock or None, populate_existing=lock)
    if row is None or (mailing := one(session, row.mailing)).location != location:
        raise NotFound("mailpiece", id=str(piece_id))
    return row, mailing


def waste(session: Session, since: datetime) -> dict[str, Paper]:
    """Return the paper that nobody ordered, by sort: ``card``, ``catalogue``, ``sample``.

    A card is for nothing when nobody has looked at its page for 14 days, a piece when it came back.

    Args:
        session: any session.
        since: what was put into a parcel or sent before does not count (UTC).
    """
    unseen = (ParcelInsert.opened_at.is_(None)) & (
        ParcelInsert.added_at < clock.now() - UNSEEN_AFTER
    )
    cards = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Campaign.paper_grams), 0),
            func.coalesce(func.sum(Campaign.cost_minor), 0),
            func.count().filter(unseen),
            func.coalesce(func.sum(Campaign.paper_grams).filter(unseen), 0),
        )
        .select_from(ParcelInsert)
        .join(Campaign, Campaign.code == ParcelInsert.campaign)
        .where(ParcelInsert.added_at >= since)
    ).one()
    found = {"card": Paper(*cards)}
    back = Mailpiece.state == "came_back"
    rows = session.execute(
        select(
            Mailing.kind,
            func.count(),
            func.sum(Mailing.paper_grams),
            func.sum(Mailing.cost_minor),
            func.count().filter(back),
            func.coalesce(func.sum(Mailing.paper_grams).filter(back), 0),
        )
        .select_from(Mailpiece)
        .join(Mailing, Mailing.code == Mailpiece.mailing)
        .where(Mailpiece.sent_at >= since)
        .group_by(Mailing.kind)
    )
    nothing = Paper(0, 0, 0, 0, 0)
    return found | dict.fromkeys(KINDS, nothing) | {row[0]: Paper(*row[1:]) for row in rows}
