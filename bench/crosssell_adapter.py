"""The shop's cross-sell engine behind the judge's interface: `evaluate.py --adapter` takes it.

`fit(baskets, times)` learns as the nightly job does, from the training part alone.
"""

from collections.abc import Sequence
from pathlib import Path
from sys import path

path.insert(0, str(Path(__file__).resolve().parent.parent))

from catalog.crosssell.engine import Engine
from catalog.crosssell.learning import Receipts, learn

_DAY = 86_400


def fit(baskets: Sequence[Sequence[str]], times: Sequence[float] | None = None) -> Engine:
    """Learn from baskets; `times` are their seconds, None where nobody knows them."""
    names = sorted({name for basket in baskets for name in basket})
    at = {name: number for number, name in enumerate(names)}
    rows = [[at[name] for name in basket] for basket in baskets]
    newest = max(times, default=0.0) if times else 0.0
    ages = None if times is None else [(newest - one) / _DAY for one in times]
    return Engine(learn(Receipts.of(rows, len(names), ages)), names)
