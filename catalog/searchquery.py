"""From meanings to a question that PostgreSQL's full text search answers, and the rank of a hit.

Everything is a lexeme in quotes; the words come in normal form (a-z, 0-9), so nothing of what was
typed can become an operator. The rank adds up, each step stronger than all below it together:
a number that was typed whole, the whole name, the name's beginning, all words in the title, all
words in title and keywords, the shelf it lies on, then how often and where words, compounds and
near words occur.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import REAL, TSQUERY

from catalog.models import SearchEntry
from catalog.vocabulary import Meaning, Understanding

# Weights of text (D), shelves above (C), keywords (B) and title (A) in ts_rank.
_WEIGHTS = [0.05, 0.1, 0.4, 1.0]
CODE, NAME, BEGINNING, TITLE, KEYWORDS, SHELF = 1000.0, 400.0, 165.0, 80.0, 40.0, 20.0
# ts_rank stays below 1: together less than a shelf.
STRONG, HEAD, WEAK = 12.0, 6.0, 1.5


@dataclass(frozen=True)
class Question:
    """The parts of a search, as tsquery texts; an empty one matches nothing.

    `known` are the catalog's own words for what was typed, to choose the variant that is shown.
    """

    groups: tuple[str, ...]
    strong: str
    head: str
    weak: str
    in_title: str
    in_keywords: str
    on_shelf: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def match(self) -> str:
        """All groups must occur."""
        return " & ".join(self.groups)

    @property
    def loose_match(self) -> str:
        """At least one group must occur."""
        return " | ".join(self.groups)


def _any(lexemes: Iterable[str], label: str = "") -> str:
    mark = f":{label}" if label else ""
    return " | ".join(f"'{lexeme}'{mark}" for lexeme in sorted(set(lexemes)))


def _together(meaning: Meaning, label: str = "") -> list[str]:
    return [
        "(" + " & ".join(f"({_any(forms, label)})" for forms in several) + ")"
        for several in meaning.together
    ]


def _alternatives(meaning: Meaning) -> str:
    single = _any(meaning.strong | meaning.head | meaning.weak)
    return " | ".join(filter(None, [single, *_together(meaning)]))


def _prominent(meaning: Meaning, label: str) -> str:
    single = _any(meaning.strong | meaning.head, label)
    return " | ".join(filter(None, [single, *_together(meaning, label)]))


@dataclass(frozen=True)
class _Group:
    """A typed word, or two neighbours that may be one: how it occurs at all, and prominently."""

    match: str
    in_title: str
    in_keywords: str
    on_shelf: str


def _single(meaning: Meaning) -> _Group:
    return _Group(
        f"({_alternatives(meaning)})",
        _prominent(meaning, "A"),
        _prominent(meaning, "AB"),
        _any(meaning.strong, "B"),
    )


def _double(first: Meaning, second: Meaning, whole: Meaning) -> _Group:
    """Two neighbours: both of them, or the one word that they are when written together."""
    one, two, both = (_single(meaning) for meaning in (first, second, whole))

    def joined(apart: tuple[str, str], together: str) -> str:
        split = f"(({apart[0]}) & ({apart[1]}))" if all(apart) else ""
        return " | ".join(filter(None, [split, together]))

    known = not (first.empty or second.empty)
    return _Group(
        f"({joined((one.match, two.match), both.match)})" if known else both.match,
        joined((one.in_title, two.in_title), both.in_title),
        joined((one.in_keywords, two.in_keywords), both.in_keywords),
        joined((one.on_shelf, two.on_shelf), both.on_shelf),
    )


def _groups(understanding: Understanding) -> list[_Group]:
    groups: list[_Group] = []
    place = 0
    meanings = understanding.meanings
    while place < len(meanings):
        pair = understanding.pairs.get(place)
        if pair is not None:
            groups.append(_double(meanings[place], meanings[place + 1], pair))
        elif not meanings[place].empty:
            groups.append(_single(meanings[place]))
        place += 1 if pair is None else 2
    return groups


def ask(understanding: Understanding, names: Sequence[str], codes: Sequence[str]) -> Question:
    """Build the question; words that mean nothing here are left out of it.

    Args:
        understanding: of the typed words.
        names: the whole text in normal form, as typed and as corrected.
        codes: what might be a SKU, GTIN or type number.
    """
    groups = _groups(understanding)
    heard = [*understanding.meanings, *understanding.pairs.values()]
    several = [text for meaning in heard for text in _together(meaning)]
    strong = _any(word for meaning in heard for word in meaning.strong)
    return Question(
        groups=tuple(group.match for group in groups),
        strong=" | ".join(filter(None, [strong, *several])),
        head=_any(word for meaning in heard for word in meaning.head),
        weak=_any(word for meaning in heard for word in meaning.weak),
        in_title=_all([group.in_title for group in groups]),
        in_keywords=_all([group.in_keywords for group in groups]),
        on_shelf=_all([group.on_shelf for group in groups]),
        names=tuple(filter(None, names)),
        codes=tuple(filter(None, codes)),
        known=tuple(sorted({word for meaning in heard for word in meaning.strong | meaning.head})),
    )


def _all(parts: Sequence[str]) -> str:
    return " & ".join(f"({part})" for part in parts) if parts and all(parts) else ""


def occurs(question: str) -> ColumnElement[bool]:
    """Return the condition that an entry matches a tsquery text."""
    matches: ColumnElement[bool] = SearchEntry.words.bool_op("@@")(cast(question, TSQUERY))
    return matches


def prominent(question: str) -> ColumnElement[bool]:
    """Return the condition that the words an entry is ranked by match a tsquery text."""
    matches: ColumnElement[bool] = SearchEntry.near.bool_op("@@")(cast(question, TSQUERY))
    return matches


def found(question: Question, *, loosely: bool = False) -> ColumnElement[bool]:
    """Return the condition that an entry belongs to the results."""
    conditions: list[ColumnElement[bool]] = []
    if question.groups:
        conditions.append(occurs(question.loose_match if loosely else question.match))
    if question.codes:
        conditions.append(_has_code(question))
    return or_(*conditions) if conditions else literal(value=False)


def _has_code(question: Question) -> ColumnElement[bool]:
    return _overlap(SearchEntry.codes, question.codes)


def _overlap(stored: Any, asked: Sequence[str]) -> ColumnElement[bool]:
    overlap: ColumnElement[bool] = stored.overlap(cast(list(asked), ARRAY(Text)))
    return overlap


def held(question: Question, *, needed: bool = True) -> ColumnElement[Any]:
    """Return how many of the groups occur in an entry; all of them where that is known before."""
    if not needed:
        return literal(len(question.groups))
    return sum((_if(occurs(group), 1) for group in question.groups), literal(0))


def score(question: Question) -> ColumnElement[Any]:
    """Return the points of an entry that was found, without how often the words occur in it."""
    name = func.unnest(SearchEntry.names).column_valued("name")
    # A whole word at the beginning: `köder` is not what a Köderbox begins with.
    begins = select(name).where(or_(*(name.startswith(f"{each} ") for each in question.names)))
    terms: list[ColumnElement[Any]] = [
        _if(_overlap(SearchEntry.names, question.names), NAME),
        _if(begins.exists(), BEGINNING),
    ]
    if question.codes:
        terms.append(_if(_has_code(question), CODE))
    for text, points in (
        (question.in_title, TITLE),
        (question.in_keywords, KEYWORDS),
        (question.on_shelf, SHELF),
    ):
        if text:
            terms.append(_if(prominent(text), points))
    return sum(terms, literal(0.0))


def often(question: Question, vector: Any) -> ColumnElement[Any]:
    """Return how often and where words, compounds and near words occur: less than any step."""
    ranked = ((question.strong, STRONG), (question.head, HEAD), (question.weak, WEAK))
    weights = cast(_WEIGHTS, ARRAY(REAL))
    terms = [
        func.ts_rank(weights, vector, cast(text, TSQUERY)) * factor
        for text, factor in ranked
        if text
    ]
    return sum(terms, literal(0.0))


def _if(condition: ColumnElement[bool], points: float) -> ColumnElement[Any]:
    return case((condition, points), else_=0)
