"""Trust: a shelf that surprises promises less, until somebody counts it."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from fulfilment.outbound import picking
from fulfilment.proofs import Drift, drift
from fulfilment.stock import counter_sales, counts, trust
from fulfilment.stock.trust import Surprise, Trust
from kit import clock
from kit.errors import Invalid, NotFound
from tests.fulfilment.warehouse import HOOKS, LURES, WEDNESDAY, photograph, stock


def sell(session, units, key):
    counter_sales.sell(
        session,
        location="bonn",
        lines=[(HOOKS, units)],
        document=f"bonn-1-{key}",
        actor="till:bonn-1",
        key=key,
    )


def doubt(session, location="bonn", sku=HOOKS):
    return session.execute(
        text("SELECT doubt FROM stock_balances WHERE location = :location AND sku = :sku"),
        {"location": location, "sku": sku},
    ).scalar_one()


def count(session, location, units, **reason):
    [task] = counts.open_tasks(session, location)
    return counts.post(session, task.id, units, actor="Ben", **reason)


def test_what_a_till_found_widens_the_safety_stock_until_the_next_count(shop):
    stock(shop, "bonn", {HOOKS: 1})
    sell(shop, 3, "7")  # the books lacked two
    assert doubt(shop) == 2
    sell(shop, 1, "8")  # and one more
    assert doubt(shop) == 3

    stock(shop, "bonn", {HOOKS: 10})
    there = availability.available(shop, [HOOKS])["bonn", HOOKS]
    assert (there.on_hand, there.safety, there.available) == (10, 3, 7)

    assert count(shop, "bonn", 10).difference == 0
    assert doubt(shop) == 0
    assert availability.available(shop, [HOOKS])["bonn", HOOKS].available == 10
    count_, *before = trust.surprises(shop, HOOKS, "bonn")
    assert (count_.cause, count_.difference, count_.reason, count_.actor) == (
        "count",
        0,
        None,
        "Ben",
    )
    assert before == [
        Surprise("found", 1, None, "bonn-1-8", "till:bonn-1", WEDNESDAY),
        Surprise("found", 2, None, "bonn-1-7", "till:bonn-1", WEDNESDAY),
    ]


def test_a_sale_posted_twice_surprises_once(shop):
    sell(shop, 2, "7")
    before = photograph(shop)
    sell(shop, 2, "7")
    assert photograph(shop) == before
    assert doubt(shop) == 2


def test_a_short_pick_widens_by_the_units_that_were_missing(shop, job):
    picking.scan(shop, job, HOOKS, 1)
    picking.short_pick(shop, job, HOOKS, "Anna")

    assert doubt(shop, "lager") == 2
    [seen] = trust.since_count(shop, HOOKS, "lager")
    assert (seen.cause, seen.difference, seen.document, seen.actor) == (
        "short_pick",
        -2,
        "K-1",
        "Anna",
    )
    # What arrives at a shelf in doubt is held back first.
    stock(shop, "lager", {HOOKS: 5})
    assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 3
    count(shop, "lager", 5)
    assert doubt(shop, "lager") == 0
    assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 5


def test_a_surprise_of_unknown_size_counts_as_one_unit(shop):
    stock(shop, "bonn", {HOOKS: 4, LURES: 4})
    places = {("bonn", HOOKS): 0, ("bonn", LURES): -3}
    counts.surprised(shop, places, cause="rejection", document="K-9", actor="floor:lukas")
    assert (doubt(shop), doubt(shop, sku=LURES)) == (1, 3)
    assert {task.sku for task in counts.open_tasks(shop, "bonn")} == {HOOKS, LURES}
    assert counts.surprised(shop, {}, cause="rejection", document="K-9", actor="x") is None


def test_a_surprise_after_the_count_starts_a_new_doubt(shop):
    sell(shop, 2, "7")
    count(shop, "bonn", 0)
    sell(shop, 1, "8")
    assert doubt(shop) == 1
    assert [seen.document for seen in trust.since_count(shop, HOOKS, "bonn")] == ["bonn-1-8"]


def test_doubt_that_no_surprise_explains_breaks_the_proof(shop):
    sell(shop, 2, "7")
    assert drift(shop) == []
    shop.execute(text("UPDATE stock_balances SET doubt = 0"))
    assert drift(shop) == [Drift("bonn", HOOKS, "doubt", 0, 2)]
    shop.execute(text("UPDATE stock_balances SET doubt = 5"))
    assert drift(shop) == [Drift("bonn", HOOKS, "doubt", 5, 2)]
    shop.execute(text("UPDATE stock_balances SET doubt = 2"))


def test_trust_is_laplaces_share_of_counts_without_difference(shop):
    stock(shop, "bonn", {HOOKS: 5, LURES: 5})
    assert trust.of_locations(shop) == {}
    assert Trust().share == Fraction(1, 2)
    counts.plan(shop, [("bonn", HOOKS)], document="week 47")
    count(shop, "bonn", 5)
    assert trust.of_locations(shop) == {"bonn": Trust(1, 1)}
    assert Trust(1, 1).share == Fraction(2, 3)
    counts.plan(shop, [("bonn", LURES)], document="week 47")
    count(shop, "bonn", 4, reason="theft")
    assert trust.of_locations(shop) == {"bonn": Trust(2, 1)}
    assert Trust(2, 1).share == Fraction(1, 2)
    sell(shop, 9, "7")  # a surprise is no count
    assert trust.of_locations(shop) == {"bonn": Trust(2, 1)}
    with clock.frozen(WEDNESDAY + trust.WINDOW):
        assert trust.of_locations(shop) == {}
    with clock.frozen(WEDNESDAY + trust.WINDOW - timedelta(seconds=1)):
        assert trust.of_locations(shop) == {"bonn": Trust(2, 1)}


def test_a_difference_is_posted_with_its_reason(shop):
    stock(shop, "bonn", {HOOKS: 5})
    for reason, units, kept in (("theft", 3, "theft"), (None, 2, "unknown"), ("damage", 2, None)):
        counts.plan(shop, [("bonn", HOOKS)], document="week 47")
        count(shop, "bonn", units, reason=reason)
        assert trust.surprises(shop, HOOKS, "bonn", limit=1)[0].reason == kept
    counts.plan(shop, [("bonn", HOOKS)], document="week 48")
    before = photograph(shop)
    with pytest.raises(Invalid, match="count_reason"):
        count(shop, "bonn", 1, reason="boredom")
    assert photograph(shop) == before


def test_counts_are_planned_once_per_place(shop):
    places = [("bonn", HOOKS), ("koeln", HOOKS), ("bonn", HOOKS)]
    assert counts.plan(shop, places, document="week 47") == 2
    assert counts.plan(shop, [*places, ("bonn", LURES)], document="week 47") == 1
    tasks = counts.open_tasks(shop, "bonn")
    assert [(task.sku, task.cause, task.document) for task in tasks] == [
        (LURES, "planned", "week 47"),
        (HOOKS, "planned", "week 47"),
    ]
    before = photograph(shop)
    with pytest.raises(NotFound, match="location"):
        counts.plan(shop, [("koblenz", HOOKS), ("mars", HOOKS)], document="week 47")
    assert photograph(shop) == before
