"""Campaigns as the back office makes them: owner, dates, goods, cost, paper, consent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.community.models import Campaign, Photo
from catalog import categories, documents
from fulfilment.models import ParcelInsert
from kit import clock
from kit.errors import Invalid, NotFound
from loyalty import consents

LONGEST_TITLE, LONGEST_TEXT = 60, 400
MOST_PAPER_GRAMS, MOST_COST_MINOR = 50, 10_000
"""A card: what is heavier or dearer is a catalogue, and goes only to those who asked for one."""

SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")


@dataclass(frozen=True)
class Draft:
    """A campaign as somebody has typed it; the fields are those of `Campaign`."""

    code: str
    title_de: str
    title_en: str
    text_de: str
    text_en: str
    owner: str
    starts_on: date | None
    ends_on: date | None
    cost_minor: int | None
    paper_grams: int | None
    category: str | None = None
    next_document: str | None = None
    consent: str | None = None

    def row(self) -> Campaign:
        """Return it as a row that no session knows."""
        return Campaign(**{field.name: getattr(self, field.name) for field in fields(self)})


@dataclass(frozen=True)
class Made:
    """A campaign with what it has used up: cards, those somebody looked at, photographs."""

    campaign: Campaign
    cards: int
    looked_at: int
    photos: int

    @property
    def cost_minor(self) -> int:
        """What its cards cost so far."""
        return self.cards * self.campaign.cost_minor

    @property
    def paper_grams(self) -> int:
        """What its cards weigh so far."""
        return self.cards * self.campaign.paper_grams

    @property
    def stage(self) -> str:
        """``coming``, ``running`` or ``over``."""
        if self.campaign.starts_on > clock.today():
            return "coming"
        return "over" if self.campaign.ends_on < clock.today() else "running"


def check(session: Session, draft: Draft) -> None:
    """See whether a campaign can be made as it is typed.

    Raises:
        Invalid: ``campaign`` with the names of the `fields` that are wrong.
    """
    wrong = [
        name
        for name, most in (
            ("title_de", LONGEST_TITLE), ("title_en", LONGEST_TITLE), ("text_de", LONGEST_TEXT),
            ("text_en", LONGEST_TEXT), ("owner", LONGEST_TITLE),
        )
        if not 0 < len(getattr(draft, name)) <= most
    ]  # fmt: skip
    if not SLUG.match(draft.code) or len(draft.code) > LONGEST_TITLE:
        wrong.append("code")
    if draft.starts_on is None:
        wrong.append("starts_on")
    if draft.ends_on is None or (draft.starts_on and draft.ends_on < draft.starts_on):
        wrong.append("ends_on")
    if draft.cost_minor is None or not 0 <= draft.cost_minor <= MOST_COST_MINOR:
        wrong.append("cost_minor")
    if draft.paper_grams is None or not 0 < draft.paper_grams <= MOST_PAPER_GRAMS:
        wrong.append("paper_grams")
    if draft.consent is not None and draft.consent not in consents.PURPOSES:
        wrong.append("consent")
    if draft.category is not None and draft.category not in categories.tree(session).all:
        wrong.append("category")
    if draft.next_document is not None and not _document(session, draft.next_document):
        wrong.append("next_document")
    if wrong:
        raise Invalid("campaign", fields=wrong)


def _document(session: Session, slug: str) -> bool:
    try:
        documents.by_slug(session, slug)
    except NotFound:
        return False
    return True


def put(session: Session, draft: Draft, *, new: bool) -> Campaign:
    """Make a campaign or change it; cards that lie in parcels lead to what it says now.

    Raises:
        Invalid: ``campaign`` with `fields`; ``code`` where a new one has another's.
        NotFound: ``campaign``, where it should be there.
    """
    check(session, draft)
    row = session.get(Campaign, draft.code)
    if new and row is not None:
        raise Invalid("campaign", fields=["code"])
    if not new and row is None:
        raise NotFound("campaign", campaign=draft.code)
    row = row or Campaign(code=draft.code)
    for field in fields(draft):
        setattr(row, field.name, getattr(draft, field.name))
    session.add(row)
    session.flush()
    return row


def end(session: Session, code: str) -> None:
    """End a campaign: no further parcel gets its card; cards that were sent keep their page.

    Raises:
        NotFound: ``campaign``.
    """
    row = session.get(Campaign, code, with_for_update=True)
    if row is None:
        raise NotFound("campaign", campaign=code)
    yesterday = date.fromordinal(clock.today().toordinal() - 1)
    row.ends_on = min(row.ends_on, yesterday)
    row.starts_on = min(row.starts_on, row.ends_on)


def listed(session: Session) -> Sequence[Made]:
    """Return every campaign with what it has used up, the last one to end first."""
    insert = ParcelInsert
    cards = {
        code: (count, looked)
        for code, count, looked in session.execute(
            select(insert.campaign, func.count(), func.count(insert.opened_at)).group_by(
                insert.campaign
            )
        )
    }
    counted = select(Photo.campaign, func.count()).group_by(Photo.campaign)
    photos: dict[str, int] = dict(session.execute(counted).all())
    query = select(Campaign).order_by(Campaign.ends_on.desc(), Campaign.code)
    return [
        Made(row, *cards.get(row.code, (0, 0)), photos.get(row.code, 0))
        for row in session.scalars(query)
    ]
