"""Synonyms as people edit them: listed, tried out, added, removed, with who did what and when.

A synonym leads one way: who types its word finds its meaning too. Both are kept in normal form, so
that case, umlauts and blanks do not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog import search
from catalog.folding import compact, fold
from catalog.models import Synonym, SynonymEdit
from catalog.search import Results
from catalog.views import GERMAN
from kit import clock
from kit.errors import Invalid, NotFound, Refused

LANGUAGES = (GERMAN, "en")
MAX_LENGTH = 96
ADDED, REMOVED = "added", "removed"


@dataclass(frozen=True)
class SynonymView:
    """A word, what it also finds, and for which language people type it."""

    word: str
    meaning: str
    language: str


@dataclass(frozen=True)
class Edit:
    """One line of the history."""

    action: str
    word: str
    meaning: str
    language: str
    actor: str
    edited_at: datetime


@dataclass(frozen=True)
class Preview:
    """What a word finds now, and what it would find with the synonym."""

    word: str
    meaning: str
    before: Results
    after: Results

    @property
    def new(self) -> Sequence[str]:
        """The first products that are found only with the synonym, by slug."""
        known = {card.slug for card in self.before.products}
        return [card.slug for card in self.after.products if card.slug not in known]


def normal(word: str, meaning: str) -> tuple[str, str]:
    """Return a synonym as it is stored.

    Raises:
        Invalid: ``synonym``: one side says nothing, both say the same, or one is too long.
    """
    pair = (compact(word), fold(meaning))
    if not all(pair) or pair[0] == compact(meaning) or max(map(len, pair)) > MAX_LENGTH:
        raise Invalid("synonym", word=word, meaning=meaning)
    return pair


def listed(session: Session, *, containing: str = "") -> list[SynonymView]:
    """Return the synonyms by word; `containing` narrows them to those with these letters."""
    query = select(Synonym.word, Synonym.meaning, Synonym.language)
    if part := compact(containing):
        query = query.where(Synonym.word.contains(part) | Synonym.meaning.contains(part))
    rows = session.execute(query.order_by(Synonym.word, Synonym.meaning))
    return [SynonymView(*row) for row in rows]


def history(session: Session, *, limit: int = 50) -> list[Edit]:
    """Return what was edited, the latest first."""
    row = SynonymEdit
    query = select(
        row.action, row.word, row.meaning, row.language, row.actor, row.edited_at
    ).order_by(row.id.desc())
    return [Edit(*found) for found in session.execute(query.limit(limit))]


def preview(session: Session, word: str, meaning: str, *, limit: int = 6) -> Preview:
    """Say what a word finds now and what it would find; nothing is stored.

    Raises:
        Invalid: ``synonym``.
    """
    pair = normal(word, meaning)
    return Preview(
        *pair,
        before=search.search(session, word, limit=limit),
        after=search.search(session, word, limit=limit, trial=[pair]),
    )


def add(session: Session, word: str, meaning: str, *, language: str, actor: str) -> SynonymView:
    """Have a word find what another word, or several together, find.

    Raises:
        Invalid: ``synonym`` or ``language``.
        Refused: ``synonym_known``.
    """
    if language not in LANGUAGES:
        raise Invalid("language", language=language)
    view = SynonymView(*normal(word, meaning), language)
    put = insert(Synonym).values(**vars(view)).on_conflict_do_nothing()
    if session.execute(put.returning(Synonym.word)).first() is None:
        raise Refused("synonym_known", word=view.word, meaning=view.meaning)
    _note(session, ADDED, view, actor)
    return view


def remove(session: Session, word: str, meaning: str, *, actor: str) -> SynonymView:
    """Take a synonym away; the history keeps it, and `add` brings it back.

    Raises:
        NotFound: ``synonym``.
    """
    gone = session.execute(
        delete(Synonym)
        .where(Synonym.word == word, Synonym.meaning == meaning)
        .returning(Synonym.word, Synonym.meaning, Synonym.language)
    ).first()
    if gone is None:
        raise NotFound("synonym", word=word, meaning=meaning)
    view = SynonymView(*gone)
    _note(session, REMOVED, view, actor)
    return view


def _note(session: Session, action: str, view: SynonymView, actor: str) -> None:
    session.add(SynonymEdit(action=action, actor=actor, edited_at=clock.now(), **vars(view)))
    session.flush()
