"""A question kept and asked again: small, whole, and the same question under the same setup."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest

from fulfilment.routing import decide, given
from fulfilment.routing.kept import Kept
from fulfilment.routing.network import Network
from fulfilment.routing.problem import Problem
from fulfilment.rules import Rules, Setup
from tests.fulfilment.routing_world import (
    HOOKS,
    LURES,
    SATURDAY,
    THURSDAY,
    bonn,
    koeln,
    lager,
    problem,
    random_problem,
)

PLENTY = 10**6
FRIDAY = date(2026, 11, 27)


def setup_of(asked: Problem, **more) -> Kept:
    """The setup that a problem was made under."""
    told = asked.promise_on is not None
    prices = {"broken_promise_minor" if told else "late_minor": asked.late_minor}
    rules = Rules(
        split_minor=asked.split_minor,
        need_by_late_minor=asked.need_by_late_minor,
        short_minor=asked.short_minor,
        max_parcels=asked.max_parcels,
        counter_percent=asked.counter_percent,
        carrier_holidays=asked.carrier_holidays,
        **prices,
    )
    bare = [
        replace(one, available={}, capacity=None, counter_rate={}, shadow={})
        for one in asked.sources
    ]
    return Kept(
        setup=Setup(replace(rules, **more), {}, {}),
        sources=bare,
        per_day={s.location: s.capacity[-1] if s.capacity else PLENTY for s in asked.sources},
        tariffs=asked.tariffs,
        arrays=Network(bare, asked.tariffs),
    )


def again(asked: Problem, **more) -> Problem:
    written = json.dumps(given.of(asked).to_json())
    return given.problem(given.Given.from_json(json.loads(written)), setup_of(asked, **more))


@pytest.mark.parametrize("seed", range(150))
def test_any_question_asked_again_has_the_same_answer(seed):
    draw = random.Random(seed)
    asked = random_problem(draw)
    asked = replace(
        asked,
        sources=tuple(
            replace(one, shadow={line.sku: draw.choice((0, 40, 700)) for line in asked.lines})
            for one in asked.sources
        ),
        lines=tuple(
            replace(
                line,
                refused_by=draw.choice((frozenset(), {"lager"}, {"store1", "lager"})),
                longest_mm=draw.choice((0, 900)),
            )
            for line in asked.lines
        ),
        ship_complete=draw.random() < 0.2,
        counter_percent=draw.choice((0, 50, 100)),
        need_by_late_minor=draw.choice((None, 300)),
        collect_at=draw.choice((None, None, asked.sources[-1].location)),
        stock=draw.choice(("open", "chosen", "claimed")),
    )
    first, second = decide(asked), decide(again(asked))
    # Where a place has nothing to send, what it cannot do is no part of the question.
    assert replace(second, exclusions=first.exclusions) == first
    assert given.of(second.problem) == given.of(asked)


def test_only_what_there_is_to_send_is_kept():
    asked = problem(
        lager(hooks=3, other=9),
        bonn(),
        replace(koeln(lures=1), capacity=(38, 40, 40), shadow={LURES.sku: 70, "other": 5}),
        promise_on=FRIDAY,
    )
    plain = given.of(asked).to_json()
    assert plain == {
        "now": "2026-11-25T12:30:00+01:00",
        "to": ["53113", 50.7274, 7.1069, "NW"],
        "lines": [
            {"key": "hooks", "sku": HOOKS.sku, "quantity": 2, "weight_grams": 20,
             "margin_minor": 220},
            {"key": "lures", "sku": LURES.sku, "quantity": 1, "weight_grams": 60,
             "margin_minor": 600},
        ],
        "skus": [HOOKS.sku, LURES.sku],
        "free": {"lager": [3, 0], "koeln": [0, 1]},
        "used": {"koeln": [2, 0]},
        "promise_on": "2026-11-27",
        "shadow": {"koeln": [0, 70]},
    }  # fmt: skip


def test_the_rules_of_another_setup_take_the_place_of_those_of_then():
    asked = problem(lager(hooks=2), bonn(lures=1), promise_on=FRIDAY, split_minor=190)
    other = again(
        asked, split_minor=7, broken_promise_minor=8, short_minor=9, max_parcels=3,
        counter_percent=50, need_by_late_minor=11, carrier_holidays=False,
    )  # fmt: skip
    assert (other.split_minor, other.late_minor, other.short_minor) == (7, 8, 9)
    assert (other.max_parcels, other.counter_percent) == (3, 50)
    assert (other.need_by_late_minor, other.carrier_holidays) == (11, False)
    open_date = again(replace(asked, promise_on=None), late_minor=5)
    assert open_date.late_minor == 5


def test_a_day_that_a_customer_calls_hard_has_no_price():
    asked = problem(koeln(hooks=9), lines=[HOOKS], need_by_on=THURSDAY, need_by_hard=True)
    assert given.of(asked).to_json()["need_by_hard"] is True
    hard = again(asked, need_by_late_minor=300)
    assert (hard.need_by_hard, hard.need_by_late_minor) == (True, None)
    assert decide(hard).unfilled == {"hooks": 2}
    # What was asked before customers could say so has no such word: the rules decide.
    soft = again(replace(asked, need_by_hard=False), need_by_late_minor=300)
    assert "need_by_hard" not in given.of(soft).to_json()
    assert (soft.need_by_late_minor, decide(soft).arrives_on) == (300, SATURDAY)
    assert decide(soft).cost.late == 600
    assert decide(again(replace(asked, need_by_hard=False))).unfilled == {"hooks": 2}


def test_a_larger_capacity_leaves_the_parcels_of_the_day_where_they_are():
    asked = problem(replace(bonn(hooks=2), capacity=(1, 0, 40)))
    kept = setup_of(asked)
    question = given.of(asked)
    assert question.used == {"bonn": (39, 40)}
    for usual, left in ((40, (1, 0, 40)), (45, (6, 5, 45)), (39, (0, 0, 39)), (0, (0, 0, 0))):
        wider = replace(kept, per_day={"bonn": usual})
        assert given.problem(question, wider).sources[0].capacity == left
