"""How much a receipt, an edge and a link count: the formulas, once, for learning and for serving.

A receipt of s different items, a days old, weighs 0.5^(a / 180) / sqrt(s - 1): a trader's receipt
of two hundred items says little about any two of them, and last year's Christmas little about May.

An edge from i to j, both summed over receipts with these weights:

    weight(i, j) = ridge(i, j) + 0.3 * (together(i, j) / (weight(i) + shrink)) ^ 4

`ridge` is what i adds to the other goods in explaining j (learning.py). The second term is the
shrunken share of i's receipts that hold j. Its fourth power keeps one strong neighbour from being
drowned by the many weak ones of a large basket: sums of fourth powers go by their largest term.

The score of j is the sum over the basket, and 0.1 times j's share of all receipts: where the basket
says little, what sells says something.

Knowledge fades: with evidence e(i) = weight(i) / (weight(i) + 20), what i says of j is

    score(i, j) = (1 - e(i)) * prior(i, j) + e(i) * max(weight(i, j), 0)

so that an item nobody has bought yet is spoken for by links and rules alone, one that was bought
with others twenty times half by them. What is *needed* never fades: it stands before all else.
"""

HALF_LIFE_DAYS = 180.0
"""After so many days a receipt counts half."""
DIRECT = 0.3
"""Weight of the shrunken share, to the fourth power, beside the ridge."""
POPULAR = 0.1
"""What an item that is on every receipt would get in any basket; others by their share."""
SHRINK = 0.1
"""Share of the mean weight of an item that is added to each item's own before dividing by it."""
EVIDENCE = 20.0
"""Weight of receipts at which learnt edges and knowledge count the same."""
FITS_PRIOR = 0.5
"""What the first curated link counts before anything is learnt; the next ones count less."""
RULE_PRIOR = 0.4
"""The same for an attribute rule."""
RANK_STEP = 0.1
"""A link of rank r counts FITS_PRIOR / (1 + RANK_STEP * r)."""
LARGEST = 500
"""Different items on a receipt that are looked at: what is longer is a trader's stock list."""


def receipt_weight(items: int, age_days: float) -> float:
    """Return what a receipt of so many different items counts; 0 for one that joins nothing."""
    if items < 2:  # noqa: PLR2004 - two make a pair
        return 0.0
    return float(0.5 ** (age_days / HALF_LIFE_DAYS) / (items - 1) ** 0.5)
