"""Against the judge of `fulfil-order/1`: its MILP, its story, its format and the command line."""

import json
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fulfilment.routing import decide
from fulfilment.routing.referee import read

REFEREE = Path(os.environ.get("SHARED", Path(__file__).parents[3] / "shared")) / "referee"
SEEDS = 30


def judge():
    """The judge's modules, or a skip that says what is missing."""
    if not (REFEREE / "milp.py").exists():
        pytest.skip("no referee: set SHARED to the folder that holds referee/")
    sys.path.insert(0, str(REFEREE))
    try:
        import instance
        import milp
    finally:
        sys.path.remove(str(REFEREE))
    return instance, milp


def judged(instance, milp, order):
    """Cost of the router's plan as the judge reckons it, and the judge's optimum."""
    core = instance.derive(order)
    decision = decide(read(order))
    place = {location["id"]: n for n, location in enumerate(order["locations"])}
    plan = [(place[a.location], int(a.key), a.quantity) for a in decision.assignments]
    cost, parcels, faults = instance.evaluate(order, plan, core)
    assert faults == []
    assert cost == decision.cost.total
    assert parcels == len(decision.parcels)
    optimum = round(milp.solve(core)["cost"])
    assert decision.lower_bound_minor <= optimum
    return decision, cost, optimum


@pytest.mark.slow
@pytest.mark.parametrize("in_stock", [0.85, 0.4])
def test_the_judges_optimum_on_seeded_orders(in_stock):
    instance, milp = judge()
    for seed in range(SEEDS // 2):
        order = instance.generate(seed, 1, 3 + seed % 3, 1 + seed % 5, 0.6, in_stock)
        decision, cost, optimum = judged(instance, milp, order)
        assert decision.proved
        assert cost == optimum


@pytest.mark.slow
@pytest.mark.parametrize("lines", [4, 9, 14, 20])
def test_the_judges_optimum_in_a_chain_of_fifty(lines):
    instance, milp = judge()
    for seed in range(4):
        order = instance.generate(seed + 100 * lines, 2, 50, lines, 0.3)
        decision, cost, optimum = judged(instance, milp, order)
        assert decision.proved or lines > 10
        if decision.proved:
            assert cost == optimum


@pytest.mark.slow
@pytest.mark.parametrize("lines", [3, 8])
def test_the_judges_optimum_at_a_thousand_locations(lines):
    instance, milp = judge()
    order = instance.generate(lines, 3, 1000, lines, 0.3)
    decision, cost, optimum = judged(instance, milp, order)
    assert decision.proved
    assert cost == optimum


@pytest.mark.slow
def test_the_judges_optimum_on_adversarial_orders():
    instance, milp = judge()
    for seed in range(SEEDS):
        draw = random.Random(seed)
        order = instance.generate(seed, 1, 3, 4, 0.6, 0.6)
        order["order"]["max_parcels"] = draw.choice((1, 2, 6))
        for line in order["order"]["lines"]:
            line["weight_g"] = draw.choice((1, 999, 1000, 1001, 2500, 5000, 15_750))
            line["group"] = draw.choice(("std", "std", "haz"))
            line["qty"] = draw.choice((1, 2, 4))
            line["short_cents"] = draw.choice((0, 100, 500, 2000))
        for location in order["locations"]:
            location["carriers"] = location["carriers"][draw.choice((0, 0, 1)) :]
            location["capacity_left"] = [draw.choice((0, 1, 3))] * 3
        decision, cost, optimum = judged(instance, milp, order)
        assert decision.proved
        assert cost == optimum


def test_the_published_story_in_the_judges_format():
    instance, milp = judge()
    order = json.loads((REFEREE / "seed_story.json").read_text())
    decision, cost, optimum = judged(instance, milp, order)
    assert decision.proved
    assert cost == optimum


def test_anybody_can_ask_from_the_command_line():
    judge()
    root = Path(__file__).parents[2]
    with (REFEREE / "seed_story.json").open() as order:
        done = subprocess.run(
            [sys.executable, "-m", "fulfilment.routing"],
            stdin=order,
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    answer = json.loads(done.stdout)
    decision = decide(read(json.loads((REFEREE / "seed_story.json").read_text())))
    assert answer["cost_minor"] == decision.cost.total == answer["why"]["cost"]["total_minor"]
    assert (answer["proved"], answer["lower_bound_minor"]) == (True, decision.cost.total)
    assert len(answer["plan"]) == len(decision.assignments)


def test_the_format_is_checked_before_it_is_read():
    with pytest.raises(ValueError, match="fulfil-order/1"):
        read({"format": "fulfil-order/2"})


def test_days_of_the_format_are_laid_on_a_week_without_holidays():
    order = {
        "format": "fulfil-order/1",
        "now": {"weekday": 2, "minute": 750},
        "carrier_days": [0, 1, 2, 3, 4, 5],
        "tariffs": {},
        "locations": [],
        "order": {
            "dest": {"plz": "53111", "lat": 50.7, "lon": 7.1},
            "promise_day": 3,
            "late_cents_per_day": None,
            "max_parcels": 2,
            "ship_complete": False,
            "split_cents": 100,
            "collect_at": None,
            "lines": [],
        },
    }
    found = read(order)
    assert found.now.isoformat() == "2027-06-09T12:30:00+02:00"
    assert (found.need_by_on, found.promise_on) == (date(2027, 6, 12), None)
