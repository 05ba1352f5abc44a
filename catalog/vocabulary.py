"""What a typed word may mean: from words in normal form to the words that occur in the catalog.

1. A word that is known, or shares its stem with a known one, stands for itself.
2. Synonyms stand beside it.
3. Compounds: ``köder`` also means words that end in it (Gummiköder), less so words that begin with
   it (Köderbox) or hold it. Two words that are one in the catalog (``gummi köder``) count as one; a
   word that is two in the catalog (``hechtspinner``) counts as both.
4. A word that only opens a category stands for what lies on that shelf.
5. Only a word that means nothing so far is taken for a typing error: trigrams propose known words,
   the number of slips (Damerau-Levenshtein) decides.
6. Failing that, what the word ends in says what kind of thing it is.
One query asks all of it for all words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.compounds import LONGEST, cuts, fronts, has_to_do_with, is_kind_of, split, trunk
from catalog.slips import slips, slips_allowed, slips_within

MAX_WORDS = 8
PREFIX_FROM, SUFFIX_FROM = 3, 4
# An ending that says what a thing is; shorter ones are chance (a baitcaster is no toaster).
ENDS_FROM = 6
_QUESTION = text(
    """
    WITH typed AS (
        SELECT term, trunk, (ts_lexize('german_stem', term))[1] AS stem
        FROM unnest(CAST(:terms AS text[]), CAST(:trunks AS text[])) AS each(term, trunk)
    ), asked AS MATERIALIZED (
        SELECT typed.*, EXISTS (
            SELECT FROM search_words WHERE word = typed.term OR search_words.stem = typed.stem
        ) AS known
        FROM typed
    ), said_too AS (
        SELECT word, meaning, stem FROM synonyms
        UNION ALL
        SELECT word, meaning, coalesce((ts_lexize('german_stem', word))[1], word)
        FROM unnest(CAST(:trial_words AS text[]), CAST(:trial_meanings AS text[]))
            AS each(word, meaning)
    )
    SELECT asked.term, asked.stem, found.relation, found.word, found.entries, found.stems
    FROM asked
    LEFT JOIN LATERAL (
        (SELECT 'known' AS relation, word, entries, stem AS stems FROM search_words
         WHERE word = asked.term OR stem = asked.stem LIMIT 12)
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
         WHERE NOT asked.known AND length(asked.term) BETWEEN :suffix_from AND :longest
           AND (word % asked.term OR asked.term <% word)
         ORDER BY word_similarity(asked.term, word) DESC, entries DESC, word LIMIT 20)
        UNION ALL
        -- Swapped letters leave a short word few trigrams: look at words that begin alike too.
        (SELECT 'alike', word, entries, stem FROM search_words
         WHERE NOT asked.known AND length(asked.term) BETWEEN :suffix_from AND 9
           AND word >= left(asked.term, 2) AND word < left(asked.term, 2) || '~'
           AND length(word) BETWEEN length(asked.term) - 1 AND length(asked.term) + 1
         ORDER BY entries DESC, word LIMIT 100)
        UNION ALL
        (SELECT 'synonym', meaning, 0, (
            SELECT string_agg(coalesce((ts_lexize('german_stem', part))[1], part), ' '
                              ORDER BY place)
            FROM regexp_split_to_table(meaning, ' ') WITH ORDINALITY AS each(part, place))
         FROM said_too WHERE said_too.word = asked.term OR said_too.stem = asked.stem)
        UNION ALL
        (SELECT 'written', asked.term, 0, asked.term WHERE EXISTS (
            SELECT FROM search_entries
            WHERE words @@ plainto_tsquery('german', asked.term)))
    ) AS found ON true
    UNION ALL
    SELECT '', NULL, 'part', word, entries, stem FROM search_words WHERE word = ANY(:parts)
    UNION ALL
    SELECT '', NULL, 'tail', tail, 0, string_agg(DISTINCT word, ' ')
    FROM unnest(CAST(:tails AS text[]), CAST(:owners AS text[])) AS each(tail, owner)
    JOIN asked ON asked.term = owner AND NOT asked.known
    JOIN search_words ON word LIKE '%' || tail
    GROUP BY tail
    UNION ALL
    SELECT asked.term, NULL, 'shelf', entry.names[1], 0, landing_terms.term
    FROM asked
    JOIN landing_terms ON landing_terms.term = asked.term
        OR (NOT asked.known AND landing_terms.term % asked.term)
    JOIN search_entries AS entry ON entry.kind = 'category' AND entry.ref = category
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


def understand(
    session: Session, words: Sequence[str], trial: Sequence[tuple[str, str]] = ()
) -> Understanding:
    """Ask the catalog what typed words may mean, with one query.

    Args:
        session: any session.
        words: in normal form (`catalog.folding.words`); more than eight are cut off.
        trial: synonyms (word, meaning) to reckon with as if they were stored.
    """
    typed = list(words[:MAX_WORDS])
    joined = [first + second for first, second in pairwise(typed)]
    phrase = "".join(typed)
    terms = list(dict.fromkeys([*typed, *joined]))
    pieces = [(term[:cut], term[cut:]) for term in typed for cut in cuts(term)]
    answer = session.execute(
        _QUESTION,
        {
            "terms": terms,
            "trunks": [trunk(term) for term in terms],
            "parts": sorted({part for front, _ in pieces for part in fronts(front)}),
            "tails": [tail for _, tail in pieces],
            "owners": [front + tail for front, tail in pieces],
            "phrase": phrase,
            "trial_words": [word for word, _ in trial],
            "trial_meanings": [meaning for _, meaning in trial],
            "prefix_from": PREFIX_FROM,
            "suffix_from": SUFFIX_FROM,
            "longest": LONGEST,
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
        if _counts(
            meaning := _meaning(term, found.get(term, ()), {}, {}), meanings[place : place + 2]
        )
    }
    return Understanding(
        tuple(_settled(place, meaning, pairs) for place, meaning in enumerate(meanings)),
        pairs,
        _landing(phrase, found.get("landing", ())),
    )


def _counts(whole: Meaning, halves: Sequence[Meaning]) -> bool:
    """Tell whether two neighbours may be one word: not by correcting what is right apart."""
    apart = all(not half.empty and half.corrected is None for half in halves)
    return not (whole.empty or (whole.corrected and apart))


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
    """Weigh what the catalog answered about one word; the first rule that holds decides."""
    meaning = Meaning(term)
    said: dict[str, list[Any]] = {}
    for row in rows:
        said.setdefault(row.relation, []).append(row)
    for row in (*said.get("known", ()), *said.get("written", ())):
        meaning.strong |= {row.stem or term, row.word}
    for row in said.get("synonym", ()):
        forms = zip(row.word.split(), row.stems.split(), strict=True)
        meaning.together.append(tuple(frozenset(each) for each in forms))
    for row in said.get("holds", ()):
        _place_compound(meaning, row.word)
    meaning.weak |= {row.word for row in said.get("begins", ())}
    if not (meaning.strong or meaning.together):
        _take_apart(meaning, parts, tails)
    if meaning.empty:
        _correct(meaning, said.get("alike", ()), said.get("shelf", ()))
    if meaning.empty:
        ends = (term[cut:] for cut in cuts(term) if len(term) - cut >= ENDS_FROM)
        meaning.weak |= next((tails[end] for end in ends if end in tails), frozenset())
    return meaning


def _place_compound(meaning: Meaning, word: str) -> None:
    if is_kind_of(word, meaning.term):
        meaning.head.add(word)
    elif has_to_do_with(word, meaning.term):
        meaning.weak.add(word)


def _take_apart(
    meaning: Meaning, parts: Mapping[str, str], tails: Mapping[str, frozenset[str]]
) -> None:
    """Have an unknown compound mean both of its parts.

    Where nothing has both, the second one says what it is: a Barschrute is a rod.
    """
    both = split(meaning.term, parts, tails)
    if both:
        meaning.together.append(both)
        meaning.weak |= both[1]


def _correct(meaning: Meaning, alike: Sequence[Any], shelves: Sequence[Any]) -> None:
    """Take the known word, or the term of a shelf, that the fewest slips lead to."""
    term, allowed = meaning.term, slips_allowed(meaning.term)
    near = sorted((slips_within(term, row.word), -row.entries, row.word) for row in alike)
    terms = sorted((slips(term, row.stems), row.stems, row.word) for row in shelves)
    fewest = min([count for count, _, _ in (*near, *terms)], default=allowed + 1)
    if fewest > allowed:
        return
    words = [word for count, _, word in near if count == fewest]
    if words:
        meaning.corrected = words[0]
        meaning.head |= set(words)
        return
    _, meant, shelf = terms[0]
    meaning.corrected = None if meant == term else meant
    meaning.together.append(tuple(frozenset({word}) for word in shelf.split()))


def landing_of(session: Session, phrase: str) -> str | None:
    """Return the category whose term was typed, without blanks; slips are allowed."""
    near = (
        "SELECT term AS word, category AS stems FROM landing_terms WHERE term = :it OR term % :it"
    )
    return _landing(phrase, session.execute(text(near), {"it": phrase}))


def _landing(phrase: str, rows: Iterable[Any]) -> str | None:
    """Return the category of the term that was typed, allowing for slips."""
    near = sorted((slips(phrase, row.word), row.word, row.stems) for row in rows)
    if not near or near[0][0] > (slips_allowed(phrase) if near[0][0] else 0):
        return None
    return str(near[0][2])
