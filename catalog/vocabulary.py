"""What a typed word may mean: from words in normal form to the words that occur in the catalog.

1. A word that is known, or shares its stem with a known one, stands for itself.
2. Synonyms stand beside it.
3. Compounds: ``köder`` also means words that end in it (Gummiköder), less so words that begin with
   it (Köderbox) or hold it. Two words that are one in the catalog (``gummi köder``) count as one; a
   word that is two in the catalog (``hechtspinner``) counts as both.
4. Only a word that means nothing so far is taken for a typing error: trigrams propose known words,
   the number of slips (Damerau-Levenshtein) decides.
One query asks all of it for all words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_WORDS = 8
PREFIX_FROM, SUFFIX_FROM, INSIDE_FROM = 3, 4, 5
PART_FROM = 4
# Letters that stand between the parts of a German compound: Forelle-n-teich, Fang-s-aison.
LINKING = ("", "s", "n", "en", "es", "er", "e")
ENDINGS = ("", "s", "n", "e", "en", "er")
_QUESTION = text(
    """
    SELECT asked.term, (ts_lexize('german_stem', asked.term))[1] AS stem,
        found.relation, found.word, found.entries, found.stems
    FROM unnest(CAST(:terms AS text[])) AS asked(term)
    LEFT JOIN LATERAL (
        (SELECT 'known' AS relation, word, entries, stem AS stems FROM search_words
         WHERE word = asked.term
            OR stem = (ts_lexize('german_stem', asked.term))[1] LIMIT 12)
        UNION ALL
        (SELECT 'holds', word, entries, stem FROM search_words
         WHERE length(asked.term) >= :suffix_from
           AND word LIKE '%' || asked.term || '%' AND word <> asked.term
         ORDER BY entries DESC, word LIMIT 40)
        UNION ALL
        (SELECT 'begins', word, entries, stem FROM search_words
         WHERE length(asked.term) BETWEEN :prefix_from AND :suffix_from - 1
           AND word LIKE asked.term || '%' AND word <> asked.term
         ORDER BY entries DESC, word LIMIT 20)
        UNION ALL
        (SELECT 'alike', word, entries, stem FROM search_words
         WHERE length(asked.term) >= :suffix_from AND word % asked.term
         ORDER BY similarity(word, asked.term) DESC, entries DESC, word LIMIT 12)
        UNION ALL
        (SELECT 'synonym', meaning, 0, (
            SELECT string_agg(coalesce((ts_lexize('german_stem', part))[1], part), ' '
                              ORDER BY place)
            FROM regexp_split_to_table(meaning, ' ') WITH ORDINALITY AS each(part, place))
         FROM synonyms WHERE synonyms.word = asked.term)
        UNION ALL
        (SELECT 'written', asked.term, 0, asked.term WHERE EXISTS (
            SELECT FROM search_entries
            WHERE words @@ plainto_tsquery('german', asked.term)))
    ) AS found ON true
    UNION ALL
    SELECT '', NULL, 'part', word, entries, stem FROM search_words WHERE word = ANY(:parts)
    UNION ALL
    SELECT '', NULL, 'landing', term, 0, category FROM landing_terms
    WHERE term = :phrase OR term % :phrase
    """
)


@dataclass
class Meaning:
    """What one typed word stands for, best first: itself, words that end in it, what is near.

    `together` holds alternatives of several words that have to occur together, each with its stem.
    """

    term: str
    strong: set[str] = field(default_factory=set)
    head: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    together: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    corrected: str | None = None

    @property
    def empty(self) -> bool:
        """Nothing in the catalog has to do with the word."""
        return not (self.strong or self.head or self.weak or self.together)


@dataclass(frozen=True)
class Understanding:
    """What was typed and what it may mean; `pairs` are neighbours that are one word here."""

    meanings: tuple[Meaning, ...]
    pairs: dict[int, Meaning]
    landing: str | None

    @property
    def corrected(self) -> str | None:
        """The words without their typing errors, or None where there were none."""
        if not any(meaning.corrected for meaning in self.meanings):
            return None
        return " ".join(meaning.corrected or meaning.term for meaning in self.meanings)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The typed words that mean nothing here."""
        return tuple(
            meaning.term
            for place, meaning in enumerate(self.meanings)
            if meaning.empty and not {place, place - 1} & self.pairs.keys()
        )


def understand(session: Session, words: Sequence[str]) -> Understanding:
    """Ask the catalog what typed words may mean, with one query.

    Args:
        session: any session.
        words: in normal form (`catalog.folding.words`); more than eight are cut off.
    """
    typed = list(words[:MAX_WORDS])
    joined = [first + second for first, second in pairwise(typed)]
    phrase = "".join(typed)
    answer = session.execute(
        _QUESTION,
        {
            "terms": list(dict.fromkeys([*typed, *joined])),
            "parts": sorted({part for term in typed for part in _ends(term)}),
            "phrase": phrase,
            "prefix_from": PREFIX_FROM,
            "suffix_from": SUFFIX_FROM,
        },
    ).all()
    found: dict[str, list[Any]] = {}
    for row in answer:
        found.setdefault(row.relation if row.term == "" else row.term, []).append(row)
    parts = {row.word: row.stems for row in found.get("part", ())}
    meanings = tuple(_meaning(term, found.get(term, ()), parts) for term in typed)
    pairs = {
        place: meaning
        for place, term in enumerate(joined)
        if not (meaning := _meaning(term, found.get(term, ()), {})).empty
    }
    return Understanding(
        tuple(_settled(place, meaning, pairs) for place, meaning in enumerate(meanings)),
        pairs,
        _landing(phrase, found.get("landing", ())),
    )


def _settled(place: int, meaning: Meaning, pairs: dict[int, Meaning]) -> Meaning:
    """Take no correction for half of a word that is known when written as one."""
    whole = [pairs[near] for near in (place - 1, place) if near in pairs]
    if meaning.corrected and any(pair.strong or pair.head for pair in whole):
        return Meaning(meaning.term)
    return meaning


def _meaning(term: str, rows: Iterable[Any], parts: dict[str, str]) -> Meaning:
    meaning = Meaning(term)
    alike: list[Any] = []
    for row in rows:
        stem = row.stem or term
        if row.relation in {"known", "written"}:
            meaning.strong |= {stem, row.word}
        elif row.relation == "synonym":
            pairs = zip(row.word.split(), row.stems.split(), strict=True)
            meaning.together.append(tuple(pairs))
        elif row.relation == "holds":
            _compound(meaning, row.word, term)
        elif row.relation == "begins":
            meaning.weak.add(row.word)
        elif row.relation == "alike":
            alike.append(row)
    if not (meaning.strong or meaning.together):
        split = _split(term, parts)
        if split:
            meaning.together.append(split)
    if meaning.empty:
        _correct(meaning, alike)
    return meaning


def _compound(meaning: Meaning, word: str, term: str) -> None:
    if word.endswith(tuple(term + ending for ending in ENDINGS)):
        meaning.head.add(word)
    elif word.startswith(term) or len(term) >= INSIDE_FROM:
        meaning.weak.add(word)


def _ends(term: str) -> Iterable[str]:
    for cut in range(PART_FROM, len(term) - PART_FROM + 1):
        yield term[:cut]
        yield term[cut:]


def _split(term: str, parts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the two known words that a compound consists of; the longest head wins."""
    for cut in range(PART_FROM, len(term) - PART_FROM + 1):
        tail = term[cut:]
        if tail not in parts:
            continue
        for link in LINKING:
            front = term[: cut - len(link)] if link else term[:cut]
            if term[:cut].endswith(link) and front in parts:
                return (front, parts[front]), (tail, parts[tail])
    return ()


def _correct(meaning: Meaning, alike: Sequence[Any]) -> None:
    allowed = slips_allowed(meaning.term)
    near = [(slips(meaning.term, row.word), -row.entries, row.word) for row in alike]
    near = sorted(entry for entry in near if entry[0] <= allowed)
    if not near:
        return
    fewest = near[0][0]
    meaning.corrected = near[0][2]
    meaning.head |= {word for count, _, word in near if count == fewest}


def _landing(phrase: str, rows: Iterable[Any]) -> str | None:
    """Return the category of the term that was typed, allowing for slips."""
    near = sorted((slips(phrase, row.word), row.word, row.stems) for row in rows)
    if not near or near[0][0] > (slips_allowed(phrase) if near[0][0] else 0):
        return None
    return str(near[0][2])


def slips_allowed(word: str) -> int:
    """Return how many slips still make the same word: none below 4 letters, then 1, from 8 on 2."""
    if len(word) < SUFFIX_FROM or word.isdigit():
        return 0
    return 1 if len(word) < 2 * SUFFIX_FROM else 2


def slips(typed: str, meant: str) -> int:
    """Count inserted, dropped, wrong and swapped letters between two words.

    Source: optimal string alignment distance (Damerau 1964; restricted edit distance).
    """
    before: list[int] = []
    above = list(range(len(meant) + 1))
    for row, letter in enumerate(typed, start=1):
        here = [row]
        for column, other in enumerate(meant, start=1):
            cost = min(
                above[column] + 1, here[column - 1] + 1, above[column - 1] + (letter != other)
            )
            swapped = (
                row > 1 and column > 1 and letter == meant[column - 2] and typed[row - 2] == other
            )
            here.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, above = above, here
    return above[-1]
