"""Campaigns as the back office makes them: owner, dates, goods, cost, paper, consent."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.community import paper_drafts
from app.community.models import Campaign, Photo
from app.community.paper_drafts import LONGEST_TITLE, PaperDraft
from catalog import categories, documents
from fulfilment.models import ParcelInsert
from kit import clock
from kit.errors import Invalid, NotFound
from loyalty import consents

LONGEST_TEXT = 400
MOST_PAPER_GRAMS = 50
"""A card: what is heavier or dearer is a catalogue, and goes only to those who asked for one."""

_TEXTS = {
    "title_de": LONGEST_TITLE, "title_en": LONGEST_TITLE, "text_de": LONGEST_TEXT,
    "text_en": LONGEST_TEXT, "owner": LONGEST_TITLE,
}  # fmt: skip


@dataclass(frozen=True)
class Draft(PaperDraft):
    """A campaign as somebody has typed it; the fields are those of `Campaign`."""

    text_de: str
    text_en: str
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
    wrong = paper_drafts.wrong_fields(draft, _TEXTS, MOST_PAPER_GRAMS)
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
    row = paper_drafts.known(session, Campaign, draft.code, "campaign", new=new)
    return paper_drafts.keep(session, row or Campaign(), draft)


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
