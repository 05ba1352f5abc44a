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

from collections.abc import Iterable, Mapping, Sequence
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
    FROM unnest(CAST(:terms AS text[]), CAST(:trunks AS text[])) AS asked(term, trunk)
    LEFT JOIN LATERAL (
        (SELECT 'known' AS relation, word, entries, stem AS stems FROM search_words
         WHERE word = asked.term
            OR stem = (ts_lexize('german_stem', asked.term))[1] LIMIT 12)
        UNION ALL
        (SELECT 'holds', word, entries, stem FROM search_words
         WHERE length(asked.term) >= :suffix_from
           AND word LIKE '%' || asked.trunk || '%' AND word <> asked.term
         ORDER BY entries DESC, word LIMIT 40)
        UNION ALL
        (SELECT 'begins', word, entries, stem FROM search_words
         WHERE length(asked.term) BETWEEN :prefix_from AND :suffix_from - 1
           AND word LIKE asked.term || '%' AND word <> asked.term
         ORDER BY entries DESC, word LIMIT 20)
        UNION ALL
        (SELECT 'alike', word, entries, stem FROM search_words
         WHERE length(asked.term) >= :suffix_from
           AND (word % asked.term OR asked.term <% word)
         ORDER BY word_similarity(asked.term, word) DESC, entries DESC, word LIMIT 20)
        UNION ALL
        (SELECT 'synonym', meaning, 0, (
            SELECT string_agg(coalesce((ts_lexize('german_stem', part))[1], part), ' '
                              ORDER BY place)
            FROM regexp_split_to_table(meaning, ' ') WITH ORDINALITY AS each(part, place))
         FROM synonyms WHERE synonyms.word = asked.term
            OR ts_lexize('german_stem', synonyms.word) = ts_lexize('german_stem', asked.term))
        UNION ALL
        (SELECT 'written', asked.term, 0, asked.term WHERE EXISTS (
            SELECT FROM search_entries
            WHERE words @@ plainto_tsquery('german', asked.term)))
    ) AS found ON true
    UNION ALL
    SELECT '', NULL, 'part', word, entries, stem FROM search_words WHERE word = ANY(:parts)
    UNION ALL
    SELECT '', NULL, 'tail', tail, 0, string_agg(word, ' ')
    FROM unnest(CAST(:tails AS text[])) AS asked(tail)
    JOIN search_words ON word LIKE '%' || tail
    GROUP BY tail
    UNION ALL
    SELECT '', NULL, 'landing', term, 0, category FROM landing_terms
    WHERE term = :phrase OR term % :phrase
    """
)


@dataclass
class Meaning:
    """What one typed word stands for, best first: itself, words that end in it, what is near.

    `together` holds alternatives: several words that have to occur together, each in its forms.
    """

    term: str
    strong: set[str] = field(default_factory=set)
    head: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    together: list[tuple[frozenset[str], ...]] = field(default_factory=list)
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
    terms = list(dict.fromkeys([*typed, *joined]))
    cuts = [(term[:cut], term[cut:]) for term in typed for cut in _cuts(term)]
    answer = session.execute(
        _QUESTION,
        {
            "terms": terms,
            "trunks": [_trunk(term) for term in terms],
            "parts": sorted({part for front, _ in cuts for part in _fronts(front)}),
            "tails": sorted({tail for _, tail in cuts}),
            "phrase": phrase,
            "prefix_from": PREFIX_FROM,
            "suffix_from": SUFFIX_FROM,
        },
    ).all()
    found: dict[str, list[Any]] = {}
    for row in answer:
        found.setdefault(row.relation if row.term == "" else row.term, []).append(row)
    parts = {row.word: row.stems for row in found.get("part", ())}
    tails = {row.word: frozenset(row.stems.split()) for row in found.get("tail", ())}
    meanings = tuple(_meaning(term, found.get(term, ()), parts, tails) for term in typed)
    pairs = {
        place: meaning
        for place, term in enumerate(joined)
        if not (meaning := _meaning(term, found.get(term, ()), {}, {})).empty
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


def _meaning(
    term: str,
    rows: Iterable[Any],
    parts: Mapping[str, str],
    tails: Mapping[str, frozenset[str]],
) -> Meaning:
    meaning = Meaning(term)
    alike: list[Any] = []
    for row in rows:
        stem = row.stem or term
        if row.relation in {"known", "written"}:
            meaning.strong |= {stem, row.word}
        elif row.relation == "synonym":
            forms = zip(row.word.split(), row.stems.split(), strict=True)
            meaning.together.append(tuple(frozenset(each) for each in forms))
        elif row.relation == "holds":
            _compound(meaning, row.word, term)
        elif row.relation == "begins":
            meaning.weak.add(row.word)
        elif row.relation == "alike":
            alike.append(row)
    if not (meaning.strong or meaning.together):
        split = _split(term, parts, tails)
        if split:
            meaning.together.append(split)
            # Where nothing has both parts, the second one says what it is: a Barschrute is a rod.
            meaning.weak |= split[1]
    if meaning.empty:
        _correct(meaning, alike)
    return meaning


def _compound(meaning: Meaning, word: str, term: str) -> None:
    trunk = _trunk(term)
    if word.endswith(tuple(trunk + ending for ending in ENDINGS)):
        meaning.head.add(word)
    elif word.startswith(trunk) or len(trunk) >= INSIDE_FROM:
        meaning.weak.add(word)


def _trunk(term: str) -> str:
    """Return what compounds keep of a word: `räuchern` is `räucher` in Räucherofen."""
    for ending in ("en", "n", "e"):
        if term.endswith(ending) and len(term) - len(ending) >= INSIDE_FROM:
            return term.removesuffix(ending)
    return term


def _cuts(term: str) -> range:
    return range(PART_FROM, len(term) - PART_FROM + 1)


def _fronts(front: str) -> Iterable[str]:
    for link in LINKING:
        if front.endswith(link) and len(front) - len(link) >= PART_FROM:
            yield front.removesuffix(link)


def _split(
    term: str, parts: Mapping[str, str], tails: Mapping[str, frozenset[str]]
) -> tuple[frozenset[str], ...]:
    """Return the forms of the two parts of a compound; the longest second part wins.

    The first part is a known word, with or without linking letters; the second one is what known
    words end in: Pfanne-n-deckel, because there are Pfannen, and lids that end in -deckel.
    """
    for cut in _cuts(term):
        if term[cut:] in tails:
            for front in _fronts(term[:cut]):
                if front in parts:
                    return frozenset({front, parts[front]}), tails[term[cut:]]
    return ()


def _correct(meaning: Meaning, alike: Sequence[Any]) -> None:
    allowed = slips_allowed(meaning.term)
    near = [(_slips_within(meaning.term, row.word), -row.entries, row.word) for row in alike]
    near = sorted(entry for entry in near if entry[0] <= allowed)
    if not near:
        return
    fewest = near[0][0]
    meaning.corrected = near[0][2]
    meaning.head |= {word for count, _, word in near if count == fewest}


def _slips_within(typed: str, word: str) -> int:
    """Count the slips between a typed word and a known one, or what the known one ends in."""
    lengths = range(max(len(typed) - 2, SUFFIX_FROM), min(len(typed) + 2, len(word)) + 1)
    return min(slips(typed, word), *(slips(typed, word[-length:]) for length in lengths), 99)


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
