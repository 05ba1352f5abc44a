"""German compounds: what words keep of themselves inside of longer ones, and where those part."""

from collections.abc import Iterable, Mapping

INSIDE_FROM, PART_FROM = 5, 4
# Longer than any word of the shop: not worth taking apart.
LONGEST = 32
# Letters that stand between the parts of a compound: Forelle-n-teich, Fang-s-aison.
LINKING = ("", "s", "n", "en", "es", "er", "e")
ENDINGS = ("", "s", "n", "e", "en", "er")


def is_kind_of(word: str, term: str) -> bool:
    """Tell whether a longer word names a kind of what `term` names: it ends in it."""
    return word.endswith(tuple(trunk(term) + ending for ending in ENDINGS))


def has_to_do_with(word: str, term: str) -> bool:
    """Tell whether a longer word begins with `term`, or holds it where that says enough."""
    kept = trunk(term)
    return word.startswith(kept) or (len(kept) >= INSIDE_FROM and kept in word)


def trunk(term: str) -> str:
    """Return what compounds keep of a word: `räuchern` is `räucher` in Räucherofen."""
    for ending in ("en", "n", "e"):
        if term.endswith(ending) and len(term) - len(ending) >= INSIDE_FROM:
            return term.removesuffix(ending)
    return term


def cuts(term: str) -> range:
    """Return where a word may fall into two parts."""
    return range(PART_FROM, len(term) - PART_FROM + 1) if len(term) <= LONGEST else range(0)


def fronts(front: str) -> Iterable[str]:
    """Return what a first part may be without its linking letters."""
    for link in LINKING:
        if front.endswith(link) and len(front) - len(link) >= PART_FROM:
            yield front.removesuffix(link)


def split(
    term: str, parts: Mapping[str, str], tails: Mapping[str, frozenset[str]]
) -> tuple[frozenset[str], ...]:
    """Return the forms of the two parts of a compound; the longest second part wins.

    The first part is a known word, with or without linking letters; the second one is what known
    words end in: Pfanne-n-deckel, because there are Pfannen, and lids that end in -deckel.
    """
    for cut in cuts(term):
        if term[cut:] in tails:
            for front in fronts(term[:cut]):
                if front in parts:
                    return frozenset({front, parts[front]}), tails[term[cut:]]
    return ()
