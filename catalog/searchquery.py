"""From meanings to a question that PostgreSQL's full text search answers, and the rank of a hit.

Everything is a lexeme in quotes; the words come in normal form (a-z, 0-9), so nothing of what was
typed can become an operator. The rank adds up, each step stronger than all below it together:
a number that was typed whole, the whole name, the name's beginning, all words in the title, all
words in title and keywords, then how often and where words, compounds and near words occur.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import REAL, TSQUERY

from catalog.models import SearchEntry
from catalog.vocabulary import Meaning, Understanding

# Weights of body (D), unused (C), keywords (B) and title (A) in ts_rank.
_WEIGHTS = [0.05, 0.1, 0.4, 1.0]
CODE, NAME, BEGINNING, TITLE, KEYWORDS = 1000.0, 400.0, 150.0, 80.0, 30.0
STRONG, HEAD, WEAK = 24.0, 12.0, 3.0


@dataclass(frozen=True)
class Question:
    """The parts of a search, as tsquery texts; an empty one matches nothing."""

    groups: tuple[str, ...]
    strong: str
    head: str
    weak: str
    in_title: str
    in_keywords: str
    names: tuple[str, ...]
    codes: tuple[str, ...]

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


def _strong(meaning: Meaning, label: str) -> str:
    single = _any(meaning.strong or meaning.head, label)
    return " | ".join(filter(None, [single, *_together(meaning, label)]))


def ask(understanding: Understanding, names: Sequence[str], codes: Sequence[str]) -> Question:
    """Build the question; words that mean nothing here are left out of it.

    Args:
        understanding: of the typed words.
        names: the whole text in normal form, as typed and as corrected.
        codes: what might be a SKU, GTIN or type number.
    """
    groups: list[str] = []
    titles: list[str] = []
    keywords: list[str] = []
    place = 0
    meanings = understanding.meanings
    while place < len(meanings):
        one = meanings[place]
        pair = understanding.pairs.get(place)
        if pair is not None:
            two = meanings[place + 1]
            apart = [f"({_alternatives(each)})" for each in (one, two)]
            whole = f"({_alternatives(pair)})"
            both = "" if one.empty or two.empty else f"({' & '.join(apart)}) | "
            groups.append(f"({both}{whole})")
            for label, wanted in (("A", titles), ("AB", keywords)):
                strong = [_strong(each, label) for each in (one, two)]
                split = f"({strong[0]}) & ({strong[1]})" if all(strong) else ""
                joined = " | ".join(filter(None, [split, _strong(pair, label)]))
                wanted.append(joined)
        elif not one.empty:
            groups.append(f"({_alternatives(one)})")
            titles.append(_strong(one, "A"))
            keywords.append(_strong(one, "AB"))
        place += 1 if pair is None else 2
    heard = [*meanings, *understanding.pairs.values()]
    several = [text for meaning in heard for text in _together(meaning)]
    return Question(
        groups=tuple(groups),
        strong=" | ".join(filter(None, [_any(w for m in heard for w in m.strong), *several])),
        head=_any(word for meaning in heard for word in meaning.head),
        weak=_any(word for meaning in heard for word in meaning.weak),
        in_title=_all(titles),
        in_keywords=_all(keywords),
        names=tuple(filter(None, names)),
        codes=tuple(filter(None, codes)),
    )


def _all(parts: Sequence[str]) -> str:
    return " & ".join(f"({part})" for part in parts) if parts and all(parts) else ""


def occurs(question: str) -> ColumnElement[bool]:
    """Return the condition that an entry matches a tsquery text."""
    matches: ColumnElement[bool] = SearchEntry.words.bool_op("@@")(cast(question, TSQUERY))
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


def score(question: Question, *, loosely: bool = False) -> ColumnElement[Any]:
    """Return the rank of an entry; with `loosely`, the number of groups it holds goes first."""
    name = func.unnest(SearchEntry.names).column_valued("name")
    # A whole word at the beginning: `köder` is not what a Köderbox begins with.
    begins = select(name).where(or_(*(name.startswith(f"{each} ") for each in question.names)))
    terms: list[ColumnElement[Any]] = [
        _if(_overlap(SearchEntry.names, question.names), NAME),
        _if(begins.exists(), BEGINNING),
    ]
    if question.codes:
        terms.append(_if(_has_code(question), CODE))
    if question.in_title:
        terms.append(_if(occurs(question.in_title), TITLE))
    if question.in_keywords:
        terms.append(_if(occurs(question.in_keywords), KEYWORDS))
    ranked = ((question.strong, STRONG), (question.head, HEAD), (question.weak, WEAK))
    weights = cast(_WEIGHTS, ARRAY(REAL))
    terms += [
        func.ts_rank(weights, SearchEntry.words, cast(text, TSQUERY)) * factor
        for text, factor in ranked
        if text
    ]
    if loosely:
        terms += [_if(occurs(group), CODE) for group in question.groups]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _if(condition: ColumnElement[bool], points: float) -> ColumnElement[Any]:
    return case((condition, points), else_=0.0)
