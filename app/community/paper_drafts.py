"""What cards and mailings have in common while somebody types them: name, days, cost, weight."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from app.community.models import Campaign, Mailing
from kit.errors import Invalid, NotFound

LONGEST_TITLE, MOST_COST_MINOR = 60, 10_000

_SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_Kept = TypeVar("_Kept", Campaign, Mailing)


@dataclass(frozen=True)
class PaperDraft:
    """A card or mailing as somebody has typed it; None stands for what could not be read."""

    code: str
    title_de: str
    title_en: str
    owner: str
    starts_on: date | None
    ends_on: date | None
    cost_minor: int | None
    paper_grams: int | None


def wrong_fields(draft: PaperDraft, texts: Mapping[str, int], most_grams: int) -> list[str]:
    """Return the names of the fields that cannot be kept as they are typed.

    Args:
        draft: what somebody typed.
        texts: the fields that need words, with the most characters of each.
        most_grams: what a piece may weigh.
    """
    wrong = [name for name, most in texts.items() if not 0 < len(getattr(draft, name)) <= most]
    if not _SLUG.match(draft.code) or len(draft.code) > LONGEST_TITLE:
        wrong.append("code")
    if draft.starts_on is None:
        wrong.append("starts_on")
    if draft.ends_on is None or (draft.starts_on and draft.ends_on < draft.starts_on):
        wrong.append("ends_on")
    if draft.cost_minor is None or not 0 <= draft.cost_minor <= MOST_COST_MINOR:
        wrong.append("cost_minor")
    if draft.paper_grams is None or not 0 < draft.paper_grams <= most_grams:
        wrong.append("paper_grams")
    return wrong


def known(session: Session, row: type[_Kept], code: str, what: str, *, new: bool) -> _Kept | None:
    """Return what has this code already, where it is to be changed; None where it is to be made.

    Raises:
        Invalid: `what` with `fields`: a new one has another's code.
        NotFound: `what`, where it should be there.
    """
    found = session.get(row, code)
    if new and found is not None:
        raise Invalid(what, fields=["code"])
    if not new and found is None:
        raise NotFound(what, **{what: code})
    return found


def keep(session: Session, row: _Kept, draft: PaperDraft) -> _Kept:
    """Write a draft, which is in order, into its row."""
    for field in fields(draft):
        setattr(row, field.name, getattr(draft, field.name))
    session.add(row)
    session.flush()
    return row
