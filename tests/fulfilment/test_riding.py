"""What is said to ride along does so: the router itself adds no parcel and no day."""

import random
from dataclasses import replace

from fulfilment.routing import Line, decide
from fulfilment.routing.riding import rides_along
from tests.fulfilment.routing_world import HOOKS, LURES, bonn, koeln, lager, problem

FLOAT = Line("float", "POSE", 1, 15, margin_minor=200)


def asked(base, line):
    """Return whether it rides, and what the router makes of the longer order."""
    decision = decide(base)
    longer = decide(replace(base, lines=(*base.lines, line)), alternatives=0)
    return rides_along(decision, line), decision, longer


def test_a_light_thing_from_the_same_shelf_rides_along():
    world = problem(lager(hooks=5, lures=5, POSE=3), bonn(POSE=3))
    rides, base, longer = asked(world, FLOAT)
    assert rides is True
    assert len(longer.parcels) == len(base.parcels) == 1
    assert longer.arrives_on == base.arrives_on


def test_nothing_is_said_of_what_lies_elsewhere_or_is_too_heavy_or_of_another_group():
    elsewhere = problem(lager(hooks=5, lures=5), bonn(POSE=3))
    assert asked(elsewhere, FLOAT)[0] is False
    world = problem(lager(hooks=5, lures=5, POSE=3))
    assert asked(world, replace(FLOAT, weight_grams=31_490))[0] is False
    assert asked(world, replace(FLOAT, group="bulky"))[0] is False
    assert asked(world, replace(FLOAT, quantity=4))[0] is False
    assert asked(replace(world, lines=(replace(HOOKS, quantity=9), LURES)), FLOAT)[0] is False


def test_a_unit_that_is_worth_more_than_a_parcel_is_left_to_the_router():
    shelf = replace(lager(hooks=5, lures=5, POSE=3), shadow={"POSE": 900})
    assert asked(problem(shelf, bonn(POSE=3)), FLOAT)[0] is False


def random_shop(draw):
    """The story's three places with whatever lies there, at whatever it is worth."""

    def units():
        return {sku: draw.choice((0, 1, 4)) for sku in ("hooks", "lures", "POSE")}

    places = [
        replace(place, shadow={"POSE": draw.choice((0, 0, 30, 600))})
        for place in (lager(**units()), bonn(**units()), koeln(**units()))
    ]
    lines = (replace(HOOKS, quantity=draw.randint(1, 3)), LURES)
    return problem(*places, lines=lines, split_minor=draw.choice((0, 190, 300)))


def test_whatever_rides_along_adds_no_parcel_no_day_and_no_gap():
    draw, said = random.Random(8), 0
    for _ in range(150):
        rides, decision, longer = asked(random_shop(draw), FLOAT)
        if rides:
            said += 1
            assert len(longer.parcels) == len(decision.parcels)
            assert longer.arrives_on <= decision.arrives_on
            assert longer.complete
    assert said > 20
