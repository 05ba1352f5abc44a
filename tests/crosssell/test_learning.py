"""What a model learns from receipts, without a database."""

import numpy as np
import pytest

from catalog.crosssell.engine import Engine
from catalog.crosssell.learning import Receipts, learn
from catalog.crosssell.weighing import DIRECT, SHRINK, receipt_weight

NAMES = ["lure", "hook", "line", "bag", "pan", "lid"]


def receipts_of(baskets, ages=None):
    at = {name: number for number, name in enumerate(NAMES)}
    return Receipts.of([[at[name] for name in one] for one in baskets], len(NAMES), ages)


@pytest.fixture(scope="module")
def model():
    """Hooks go with lures, lids with pans; the bag goes with everything and explains nothing."""
    baskets = (
        [["lure", "hook", "bag"]] * 30 + [["lure", "bag"]] * 10 + [["line", "bag"]] * 20
        + [["pan", "lid"]] * 15 + [["pan", "bag"]] * 5 + [["hook"]] * 40
    )  # fmt: skip
    return learn(receipts_of(baskets), tune=False)


def test_what_is_bought_together_is_suggested_and_never_what_is_there_or_barred(model):
    engine = Engine(model, NAMES)
    assert engine.suggest(["lure"], 1) == ["hook"] or engine.suggest(["lure"], 1) == ["bag"]
    assert engine.suggest(["pan"], 1) == ["lid"]
    assert engine.suggest(["lure", "bag"], 1) == ["hook"]
    assert engine.suggest(["pan"], 1, exclude={"lid"}) == ["bag"]
    assert set(engine.suggest(["lure", "unknown"], 9)) == set(NAMES) - {"lure"}


def test_the_regression_counts_once_what_two_goods_of_the_basket_say(model):
    """The bag comes with the lure; what it says of hooks is mostly what the lure says already."""
    lure, hook, bag = (NAMES.index(name) for name in ("lure", "hook", "bag"))
    edges = {
        (source, int(model.targets[at])): float(model.ridges[at])
        for source in range(len(NAMES))
        for at in range(model.starts[source], model.starts[source + 1])
    }
    together = 30 / np.sqrt(2)
    alone = together / (model.weights[bag] + model.ridge)
    assert edges[lure, hook] > 0.5
    assert edges[bag, hook] < alone / 2


def test_a_receipt_of_one_item_joins_nothing_and_long_or_old_ones_weigh_less(model):
    assert model.total == pytest.approx(30 / np.sqrt(2) + 50)
    assert receipt_weight(1, 0) == 0.0
    assert receipt_weight(2, 0) == 1.0
    assert receipt_weight(5, 0) == 0.5
    assert receipt_weight(2, 180) == 0.5


def test_an_edge_weighs_what_the_formula_says(model):
    lid, pan = NAMES.index("lid"), NAMES.index("pan")
    span = slice(model.starts[lid], model.starts[lid + 1])
    at = list(model.targets[span]).index(pan) + model.starts[lid]
    assert model.weights[lid] == pytest.approx(15)
    assert model.together[at] == pytest.approx(15)
    share = 15 / (15 + model.shrink)
    assert model.edges()[at] == pytest.approx(model.ridges[at] + DIRECT * share**4)
    assert model.shrink == pytest.approx(SHRINK * model.weights.mean())


def test_the_same_receipts_teach_the_same_and_another_order_the_same_ranking():
    baskets = [["lure", "hook"], ["pan", "lid"], ["lure", "line", "bag"], ["hook", "lure"]] * 5
    one, again = (learn(receipts_of(baskets), tune=False) for _ in range(2))
    other = learn(receipts_of(baskets[::-1]), tune=False)
    assert one.edges().tobytes() == again.edges().tobytes()
    for name in NAMES:
        assert Engine(one, NAMES).suggest([name], 3) == Engine(other, NAMES).suggest([name], 3)


def test_lambda_is_chosen_on_the_newest_receipts_and_never_on_what_is_to_be_predicted():
    """A world that turned around at last is judged by its newest eighth, not by a later one."""
    chance = np.random.default_rng(3)
    baskets = [
        [NAMES[number] for number in chance.choice(6, size=3, replace=False)] for _ in range(1600)
    ]
    ages = list(np.linspace(100, 0, len(baskets)))
    found = learn(receipts_of(baskets, ages))
    assert set(found.tried) == {0.1, 0.3, 1.0}
    assert all(0 <= one <= 1 for one in found.tried.values())
    best = max(found.tried, key=found.tried.get)
    mean = float(found.weights.mean())
    assert found.ridge == pytest.approx(best * mean, rel=1e-5)
