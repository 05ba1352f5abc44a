"""Learn from receipts which goods are bought beside which: a ridge regression per item.

1. Weigh receipts and sum, for every pair of items, the weight of the receipts that hold both: the
   matrix G. Blocks of rows, so that memory follows the pairs that occur.
2. For each item j take the items closest to it (cosine of G) and regress j on them:
   b = (G_NN + lambda I)^-1 G_Nj. What follows from another item of the basket is not counted twice.
3. Try a few lambdas: learn from the older seven eighths, predict the hidden items of the newest
   eighth, keep the best, and learn again from everything.
4. Keep at most 128 edges per item, the strongest.

Source: the closed form is EASE (Steck, "Embarrassingly shallow autoencoders", 2019), restricted to
neighbours as in SLIM (Ning, Karypis, 2011); the weights are ours. Pure arrays: no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.crosssell.weighing import DIRECT, HALF_LIFE_DAYS, LARGEST, POPULAR, SHRINK

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

SMALL_CATALOG = 1000
"""Up to so many items, each is regressed on 192 others; beyond, on its 24 closest."""
WIDE, NARROW = 192, 24
MOST_EDGES = 128
"""Edges that are kept per item: what is read for each item of a basket."""
RIDGES = (0.1, 0.3, 1.0)
"""Lambdas that are tried, as shares of the mean diagonal of G."""
_BLOCK = 2048
_ROW = 1024  # pairs that are kept of an item before its neighbours are looked for
_NEWEST = 0.125
_ASKED, _HIDDEN, _SEEN = 1000, 2, 5


def _sparse() -> Any:
    """Return SciPy's sparse matrices, which only a process that learns has to load."""
    import scipy.sparse  # type: ignore[import-untyped]

    return scipy.sparse


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipts as rows of item numbers: row r holds ``items[starts[r]:starts[r + 1]]``, distinct.

    `ages` are days before now; `count` is the number of items of the catalog.
    """

    starts: Numbers
    items: NDArray[np.int32]
    ages: Floats
    count: int

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[int]], count: int, ages: Sequence[float] | None = None
    ) -> "Receipts":
        """Return receipts from lists of item numbers."""
        sizes = np.fromiter((min(len(row), LARGEST) for row in rows), np.int64, len(rows))
        starts = np.concatenate(([0], np.cumsum(sizes)))
        flat = np.fromiter(
            (item for row in rows for item in row[:LARGEST]), np.int32, int(starts[-1])
        )
        days = np.zeros(len(rows)) if ages is None else np.asarray(ages)
        return cls(starts, flat, days.astype(np.float32), count)

    def part(self, rows: Numbers) -> "Receipts":
        """Return some of the receipts."""
        matrix = self.matrix(np.ones(len(self.ages), np.float32))[rows]
        return Receipts(matrix.indptr.astype(np.int64), matrix.indices, self.ages[rows], self.count)

    def weights(self) -> Floats:
        """Return the weight of each receipt; see `weighing`."""
        sizes = np.diff(self.starts)
        age = self.ages - (self.ages.min() if len(self.ages) else 0)
        weights = 0.5 ** (age / HALF_LIFE_DAYS) / np.sqrt(np.maximum(sizes - 1, 1))
        return np.where(sizes > 1, weights, 0).astype(np.float32)

    def matrix(self, values: Floats) -> Any:
        """Return the receipts as a sparse matrix whose rows hold one value each."""
        data = np.repeat(values, np.diff(self.starts))
        shape = (len(self.ages), self.count)
        return _sparse().csr_matrix((data, self.items, self.starts), shape=shape)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model: `weights` of the items' receipts, and edges with the parts of their weight.

    Edges are sorted by source; those of item i are ``starts[i]:starts[i + 1]``. `shrink` and
    `ridge` (lambda) are in units of receipts' weights, `total` is the weight of all receipts.
    `tried`: NDCG@5 by lambda on the newest eighth, by the share of the mean diagonal; empty where
    there was too little to try.
    """

    weights: Floats
    starts: Numbers
    targets: NDArray[np.int32]
    ridges: Floats
    together: Floats
    shrink: float
    ridge: float
    total: float
    tried: dict[float, float]
    pairs: int

    def edges(self) -> Floats:
        """Return the weight of each edge."""
        own = np.repeat(self.weights, np.diff(self.starts))
        share = self.together / (own + self.shrink)
        return (self.ridges + DIRECT * share**4).astype(np.float32)

    def prior(self) -> Floats:
        """Return what each item's place in all receipts adds to its score in any basket."""
        return (POPULAR * self.weights / max(self.total, 1e-9)).astype(np.float32)


def learn(receipts: Receipts, *, tune: bool = True, share: float = RIDGES[0]) -> Learnt:
    """Return what the receipts teach.

    Args:
        receipts: at least one with two items.
        tune: whether lambda is chosen on the newest receipts; else it is `share` of the mean.
        share: lambda as a share of the mean diagonal, where it is not chosen.
    """
    tried: dict[float, float] = {}
    order = np.argsort(-receipts.ages, kind="stable")
    cut = int(len(order) * (1 - _NEWEST))
    if tune and cut > _ASKED:
        older = receipts.part(order[:cut])
        questions = _questions(receipts.part(order[cut:]))
        pairs, near = _prepared(older)
        for one in RIDGES:
            tried[one] = _ndcg(_solved(older, pairs, near, one), questions)
        share = max(tried, key=lambda one: tried[one])
        del pairs, near
    pairs, near = _prepared(receipts)
    return replace(_solved(receipts, pairs, near, share), tried=tried)


def _prepared(receipts: Receipts) -> tuple[Any, NDArray[np.int32]]:
    pairs = _together(receipts)
    width = WIDE if receipts.count <= SMALL_CATALOG else NARROW
    return pairs, _neighbours(pairs, min(width, max(1, receipts.count - 1)))


def _together(receipts: Receipts) -> Any:
    """Return G: for each pair the weight of the receipts with both; the diagonal is each item's.

    Of an item that met more than 1,024 others, those it met most are kept.
    """
    rows = receipts.matrix(np.sqrt(receipts.weights()))
    columns = rows.T.tocsr()
    blocks = []
    for at in range(0, receipts.count, _BLOCK):
        block = (columns[at : at + _BLOCK] @ rows).tocsr()
        blocks.append(_strongest(block, _ROW))
    return _sparse().vstack(blocks, format="csr")


def _strongest(block: Any, most: int) -> Any:
    """Return a sparse block with the `most` largest entries of each row, columns ascending."""
    sizes = np.diff(block.indptr)
    if sizes.max(initial=0) > most:
        keep = np.ones(block.nnz, bool)
        for row in np.flatnonzero(sizes > most):
            begin, end = block.indptr[row], block.indptr[row + 1]
            weakest = np.argpartition(block.data[begin:end], end - begin - most)
            keep[begin + weakest[: end - begin - most]] = False
        starts = np.concatenate(([0], np.cumsum(np.minimum(sizes, most))))
        block = _sparse().csr_matrix(
            (block.data[keep], block.indices[keep], starts), shape=block.shape
        )
    block.sort_indices()
    return block


def _neighbours(pairs: Any, width: int) -> NDArray[np.int32]:
    """Return for each item the numbers of the closest others, -1 where it has fewer."""
    own = np.sqrt(np.maximum(pairs.diagonal(), 1e-12)).astype(np.float32)
    near = np.full((pairs.shape[0], width), -1, np.int32)
    starts = pairs.indptr
    for row in range(pairs.shape[0]):
        there = pairs.indices[starts[row] : starts[row + 1]]
        cosine = pairs.data[starts[row] : starts[row + 1]] / own[there]
        cosine[there == row] = -1  # itself comes last, and is left out
        best = np.arange(len(there))
        if len(there) > width:
            best = np.sort(np.argpartition(-cosine, width)[:width])
        best = best[np.argsort(-cosine[best], kind="stable")]
        best = best[cosine[best] > 0]
        near[row, : len(best)] = there[best]
    return near


def _solved(receipts: Receipts, pairs: Any, near: NDArray[np.int32], share: float) -> Learnt:
    own = pairs.diagonal().astype(np.float32)
    mean = float(own[own > 0].mean()) if (own > 0).any() else 1.0
    parts = list(_regressed(pairs, near, share * mean))
    sources = np.concatenate([part[0] for part in parts])
    targets = np.concatenate([part[1] for part in parts])
    ridges = np.concatenate([part[2] for part in parts])
    together = np.concatenate([part[3] for part in parts])
    strength = np.abs(ridges + DIRECT * (together / (own[sources] + SHRINK * mean)) ** 4)
    keep = _kept(sources, strength)
    sources, targets = sources[keep], targets[keep]
    starts = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=len(own)))))
    return Learnt(
        own, starts.astype(np.int64), targets, ridges[keep], together[keep],
        SHRINK * mean, share * mean, float(receipts.weights().sum()), {}, int(pairs.nnz),
    )  # fmt: skip


def _kept(sources: NDArray[np.int32], strength: Floats) -> Numbers:
    """Return the numbers of each source's strongest edges, sorted by source."""
    best = np.lexsort((-strength, sources))
    counts = np.bincount(sources)
    starts = np.concatenate(([0], np.cumsum(counts)))[:-1]
    place = np.arange(len(best)) - starts[sources[best]]
    kept: Numbers = best[place < MOST_EDGES]
    return kept


def _regressed(
    pairs: Any, near: NDArray[np.int32], ridge: float
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], Floats, Floats]]:
    """Yield sources, targets, ridge weights and common weights of blocks of targets."""
    width = near.shape[1]
    step = max(16, 2_000_000 // (width * width))
    every, (upper, lower) = np.arange(width), np.triu_indices(width, 1)
    own = pairs.diagonal().astype(np.float32)
    for at in range(0, len(near), step):
        block = near[at : at + step]
        there = block >= 0
        numbers = np.where(there, block, 0)
        target = np.broadcast_to(
            np.arange(at, at + len(block), dtype=np.int32)[:, None], block.shape
        )
        common = _looked_up(pairs, numbers, target)
        common[~there] = 0
        inner = np.zeros((len(block), width, width), np.float32)
        inner[:, upper, lower] = _looked_up(pairs, numbers[:, upper], numbers[:, lower])
        inner[:, lower, upper] = inner[:, upper, lower]
        inner[:, every, every] = own[numbers]
        inner *= there[:, :, None] & there[:, None, :]
        # What no neighbour stands for must not make the system singular, nor change its answer.
        inner[:, every, every] += ridge + ~there
        weights = np.linalg.solve(inner, common[..., None])[..., 0]
        used = there & (common > 0)
        yield numbers[used], target[used], weights[used], common[used]


def _looked_up(pairs: Any, one: NDArray[np.int32], other: NDArray[np.int32]) -> Floats:
    """Return the weights of pairs, asked for at the item that has met fewer others.

    That row is shorter, and it is whole where the other's weakest pairs were left out.
    """
    if not one.size:
        return np.zeros(one.shape, np.float32)
    sizes = np.diff(pairs.indptr)
    swap = sizes[one] > sizes[other]
    rows, columns = np.where(swap, other, one), np.where(swap, one, other)
    found = np.asarray(pairs[rows.ravel(), columns.ravel()], np.float32)
    return found.reshape(rows.shape)


@dataclass(frozen=True, slots=True)
class _Questions:
    """Receipts of which one item each is hidden."""

    visible: Any
    hidden: Numbers


def _questions(newest: Receipts) -> _Questions:
    """Hide items of the newest receipts that have three or more; the same ones every time."""
    chance = np.random.default_rng(1)
    sizes = np.diff(newest.starts)
    rows = np.flatnonzero(sizes > 2)  # noqa: PLR2004 - two are left to ask with
    rows = chance.permutation(rows)[:_ASKED]
    shown: list[NDArray[np.int32]] = []
    hidden: list[int] = []
    for row in rows:
        items = newest.items[newest.starts[row] : newest.starts[row + 1]]
        for place in chance.permutation(len(items))[:_HIDDEN]:
            hidden.append(int(items[place]))
            shown.append(np.delete(items, place))
    visible = Receipts.of(shown, newest.count)  # type: ignore[arg-type]
    return _Questions(visible.matrix(np.ones(len(shown), np.float32)), np.array(hidden))


def _ndcg(model: Learnt, questions: _Questions) -> float:
    """Return NDCG@5 of a model: 1 / log2(1 + rank) of the hidden item, 0 beyond the fifth."""
    count = len(model.weights)
    edges = _sparse().csr_matrix((model.edges(), model.targets, model.starts), shape=(count, count))
    prior, gain = model.prior(), 0.0
    for at in range(0, len(questions.hidden), 256):
        scores = (questions.visible[at : at + 256] @ edges).toarray() + prior
        shown = questions.visible[at : at + 256].nonzero()
        scores[shown] = -np.inf
        hidden = questions.hidden[at : at + 256]
        own = scores[np.arange(len(hidden)), hidden]
        ranks = 1 + (scores > own[:, None]).sum(1)
        gain += float(np.where((ranks <= _SEEN) & (own > 0), 1 / np.log2(ranks + 1), 0).sum())
    return gain / max(1, len(questions.hidden))
