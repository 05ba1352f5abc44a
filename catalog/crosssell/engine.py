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
        self._edges = model.edges()
        popular = np.argsort(-model.weights, kind="stable")
        self._popular = popular[: 200 + len(popular) // 100]

    def suggest(
        self, basket: Sequence[str], k: int, exclude: Collection[str] = frozenset()
    ) -> list[str]:
        """Return the `k` best items that are neither in the basket nor excluded, best first.

        Where the basket's edges lead to fewer, what sells most follows.
        """
        rows = [self._at[name] for name in basket if name in self._at]
        barred = set(rows) | {self._at[name] for name in exclude if name in self._at}
        best = [number for number in self._ranked(rows, k + len(barred)) if number not in barred]
        for number in self._popular if len(best) < k else ():
            if number not in barred and number not in best:
                best.append(int(number))
                if len(best) == k:
                    break
        return [self.names[number] for number in best[:k]]

    def _ranked(self, rows: Sequence[int], most: int) -> list[int]:
        spans = [slice(self._starts[row], self._starts[row + 1]) for row in rows]
        if not spans:
            return []
        targets = np.concatenate([self._targets[span] for span in spans])
        scores = np.bincount(targets, np.concatenate([self._edges[span] for span in spans]))
        found = np.flatnonzero(scores > 0)
        if len(found) > most:
            found = found[np.argpartition(-scores[found], most - 1)[:most]]
        ordered: list[int] = found[np.lexsort((found, -scores[found]))].tolist()
        return ordered
