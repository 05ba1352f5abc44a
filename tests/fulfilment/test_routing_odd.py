"""Odd questions get clear answers: nothing is raised, nothing is sent that cannot be."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from fulfilment.places.calendars import Calendar
from fulfilment.routing import Destination, decide
from fulfilment.routing.problem import SHORT_MINOR
from tests.fulfilment.routing_world import (
    HOOKS,
    LURES,
    WEDNESDAY,
    bonn,
    koeln,
    lager,
    plan_of,
    problem,
)

ALL_LEFT = {"hooks": 2, "lures": 1}
NEVER_OPEN = Calendar({}, time(16), "NW")
THOUSAND = replace(HOOKS, quantity=1000)
CALIFORNIA, VIENNA = Destination("90210", 34.09, -118.41), Destination("1010", 48.21, 16.37)
ENOUGH = {"hooks": 5, "lures": 5}


def rules_of(decision):
    return [(one.location, one.rule) for one in decision.exclusions]


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (problem(lager(), koeln(), bonn()), "no_stock"),
        (problem(lager(**ENOUGH), bonn(**ENOUGH), need_by_on=date(2026, 11, 24)), "too_late"),
        (
            problem(
                replace(lager(**ENOUGH), calendar=NEVER_OPEN),
                replace(bonn(**ENOUGH), calendar=NEVER_OPEN),
            ),
            "closed",
        ),
        (replace(problem(lager(**ENOUGH), bonn(**ENOUGH)), destination=CALIFORNIA), "carrier"),
        (
            problem(replace(lager(**ENOUGH), capacity=(0, 0, 0)), replace(bonn(**ENOUGH),
                    capacity=(0, 0, 0))),
            "capacity",
        ),
        (
            problem(lager(**ENOUGH), lines=[
                replace(line, refused_by=frozenset({"lager"})) for line in (HOOKS, LURES)]),
            "refused",
        ),
        (problem(replace(lager(**ENOUGH), groups=frozenset())), "group"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_left_whole_and_its_rule_is_named(given, rules):
    decision = decide(given)
    assert decision.assignments == decision.parcels == ()
    assert decision.unfilled == ALL_LEFT
    assert decision.promise_on == {"hooks": None, "lures": None}
    assert decision.cost.total == decision.cost.short == 3 * SHORT_MINOR
    assert (decision.proved, decision.arrives_on) == (True, None)
    assert rules_of(decision) == [(source.location, rules) for source in given.sources]


def test_a_thousand_units_take_all_that_there_is_and_say_what_is_missing():
    decision = decide(problem(lager(hooks=600), koeln(hooks=300), bonn(hooks=90), lines=[THOUSAND]))
    assert plan_of(decision) == [
        ("lager", "hooks", 600),
        ("bonn", "hooks", 90),
        ("koeln", "hooks", 300),
    ]
    assert (decision.unfilled, decision.proved) == ({"hooks": 10}, True)
    enough = decide(problem(lager(hooks=2600), koeln(hooks=300), bonn(hooks=90), lines=[THOUSAND]))
    assert plan_of(enough) == [("lager", "hooks", 1000)]
    assert [parcel.weight_grams for parcel in enough.parcels] == [20_000]


def test_the_only_location_sends_what_it_has():
    decision = decide(problem(bonn(hooks=1)))
    assert plan_of(decision) == [("bonn", "hooks", 1)]
    assert decision.unfilled == {"hooks": 1, "lures": 1}


def test_an_address_abroad_within_a_tariffs_zones_is_a_longer_way():
    given = problem(lager(**ENOUGH), bonn(**ENOUGH))
    home, away = decide(given), decide(replace(given, destination=VIENNA))
    assert plan_of(home) == plan_of(away) == [("lager", "hooks", 2), ("lager", "lures", 1)]
    # The second zone costs 20 cents more, the third 45.
    assert (home.cost.parcels, away.cost.parcels) == (365, 390)


def test_a_year_of_closed_days_and_a_leap_in_time_are_no_matter():
    days = frozenset((WEDNESDAY + timedelta(days=n)).date() for n in range(400))
    shut = replace(lager(**ENOUGH), calendar=replace(lager().calendar, closed_on=days))
    assert rules_of(decide(problem(shut))) == [("lager", "closed")]
    later = decide(problem(lager(**ENOUGH), now=WEDNESDAY + timedelta(days=3650)))
    assert plan_of(later) == [("lager", "hooks", 2), ("lager", "lures", 1)]
