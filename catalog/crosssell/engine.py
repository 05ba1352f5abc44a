"""A learnt model in memory: the sums that the shop makes in SQL, to measure and compare them."""

from collections.abc import Collection, Sequence

import numpy as np

from catalog.crosssell.learning import Learnt


class Engine:
    """Ranks items beside a basket by the sum of its items' edges.

    Args:
        model: what was learnt.
        names: of the items, by number.
    """

    def __init__(self, model: Learnt, names: Sequence[str]) -> None:
        self.names = list(names)
        self._at = {name: number for number, name in enumerate(names)}
        self._starts, self._targets = model.starts, model.targets
        self._edges, self._prior = model.edges(), model.prior()

    def suggest(
        self, basket: Sequence[str], k: int, exclude: Collection[str] = frozenset()
    ) -> list[str]:
        """Return the `k` best items that are neither in the basket nor excluded, best first."""
        rows = [self._at[name] for name in basket if name in self._at]
        scores = self._prior.copy()
        for row in rows:
            span = slice(self._starts[row], self._starts[row + 1])
            scores[self._targets[span]] += self._edges[span]
        scores[rows] = -np.inf
        scores[[self._at[name] for name in exclude if name in self._at]] = -np.inf
        most = min(k, len(scores))
        best = np.argpartition(-scores, most - 1)[:most]
        best = best[np.lexsort((best, -scores[best]))]
        return [self.names[number] for number in best if scores[number] > -np.inf]
