"""Typing errors: how many slips lie between two words, and how many still make the same word."""

SHORT, LONG = 4, 7


def slips_allowed(word: str) -> int:
    """Return how many slips still make the same word: none below 4 letters, then 1, from 7 on 2."""
    if len(word) < SHORT or word.isdigit():
        return 0
    return 1 if len(word) < LONG else 2


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


def slips_within(typed: str, word: str) -> int:
    """Count the slips between a typed word and a known one, or its beginning, or its end."""
    lengths = range(max(len(typed) - 2, SHORT), min(len(typed) + 2, len(word)) + 1)
    pieces = {word, *(word[-length:] for length in lengths), *(word[:length] for length in lengths)}
    return min(slips(typed, piece) for piece in pieces)
