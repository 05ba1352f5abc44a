"""Units promised beyond what is on hand: limit, day, and what is refused."""

from datetime import date, timedelta

import pytest

from fulfilment.claims import backorder_policies, backorders
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.waiting import (
    DECEMBER,
    LATER,
    MONDAY,
    SOON,
    TUESDAY,
    allow,
    days,
    expect,
    keep_back,
    owe,
    owed,
    state_of,
)
from tests.fulfilment.warehouse import (
    HOOKS,
    LURES,
    WEDNESDAY,
    balance,
    photograph,
    stock,
    want,
)


def test_a_pre_order_is_owed_for_the_release_date_of_a_sku_the_place_never_held(shop):
    allow(shop, 5, ships_on=DECEMBER)

    [row] = owe(shop, "K-1", want(HOOKS, "lager", 3))

    assert (row.state, row.quantity, row.promised_on) == ("waiting", 3, DECEMBER)
    assert (row.expires_at, row.confirmed_at, row.ended_at) == (SOON, None, None)
    assert balance(shop, "lager", HOOKS) == {}
    assert owed(shop) == 3
    assert backorders.of_order(shop, "K-1") == [row]


def test_beyond_the_limit_nothing_is_owed_and_the_refusal_says_what_is_left(shop):
    allow(shop, 5, ships_on=DECEMBER)
    allow(shop, 9, sku=LURES, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3))
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        owe(
            shop,
            "K-2",
            want(LURES, "lager", 1),
            want(HOOKS, "lager", 2),
            want(HOOKS, "lager", 1),
        )

    assert refusal.value.code == "backorder_limit"
    assert refusal.value.facts == {
        "short": [{"sku": HOOKS, "location": "lager", "wanted": 3, "left": 2}]
    }
    assert photograph(shop) == before


def test_a_place_without_a_policy_owes_nothing(shop):
    stock(shop, "lager", {HOOKS: 5})
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-1", want(HOOKS, "lager", 1))
    assert refusal.value.code == "backorder_limit"
    assert refusal.value.facts["short"][0]["left"] == 0
    assert photograph(shop) == before


@pytest.mark.parametrize("quantity", [0, -1])
def test_what_is_no_quantity_is_refused(shop, quantity):
    allow(shop, 5, ships_on=DECEMBER)
    with pytest.raises(Invalid, match="quantity"):
        owe(shop, "K-1", want(HOOKS, "lager", quantity))


def test_a_place_that_is_not_ours_owes_nothing(shop):
    with pytest.raises(NotFound, match="location"):
        owe(shop, "K-1", want(HOOKS, "paris", 1))
    with pytest.raises(NotFound, match="location"):
        allow(shop, 5, location="paris")


def test_a_lower_limit_leaves_alone_what_waits_and_refuses_only_what_is_new(shop):
    allow(shop, 5, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 4))

    allow(shop, 2, ships_on=DECEMBER)

    assert state_of(shop, "K-1") == [("waiting", 4)]
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-2", want(HOOKS, "lager", 1))
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 1, "left": 0}
    ]


def test_policies_are_kept_and_the_same_again_adds_nothing(shop):
    allow(shop, 5, ships_on=DECEMBER)
    allow(shop, 5, ships_on=DECEMBER)
    with clock.frozen(LATER):
        allow(shop, 0)

    kept = backorder_policies.history(shop, HOOKS)

    assert [(one.units, one.ships_on, one.actor, one.set_at) for one in kept] == [
        (0, None, "office:ute", LATER),
        (5, DECEMBER, "office:ute", WEDNESDAY),
    ]
    assert backorder_policies.of(shop, [("lager", HOOKS), ("bonn", HOOKS)]) == {
        ("lager", HOOKS): kept[0]
    }


@pytest.mark.parametrize(
    ("units", "ships_on", "code"),
    [(-1, None, "quantity"), (100_001, None, "quantity"), (1, date(2026, 11, 17), "ships_on")],
)
def test_a_policy_that_makes_no_sense_is_refused(shop, units, ships_on, code):
    with pytest.raises(Invalid, match=code):
        allow(shop, units, ships_on=ships_on)
    assert backorder_policies.history(shop, HOOKS) == []


def test_the_day_is_the_first_on_which_what_comes_is_enough_for_all_who_came_before(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY), (5, DECEMBER))

    first = owe(shop, "K-1", want(HOOKS, "lager", 2))
    second = owe(shop, "K-2", want(HOOKS, "lager", 2))
    third = owe(shop, "K-3", want(HOOKS, "lager", 1))

    # One of Monday's three is left after the first, too few for the second, enough for the third.
    assert days([*first, *second, *third]) == [MONDAY, DECEMBER, MONDAY]
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-4", want(HOOKS, "lager", 4))
    assert refusal.value.code == "no_date"
    assert refusal.value.facts == {"short": [{"sku": HOOKS, "location": "lager", "wanted": 4}]}


def test_nobodys_day_moves_because_somebody_else_came(shop):
    # Three come on Monday, two in December. Five are promised for December: of Monday's three,
    # which would be free until then, nobody else may have one.
    allow(shop, 20)
    expect(shop, (3, MONDAY), (2, DECEMBER))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 5))) == [DECEMBER]
    with pytest.raises(Refused, match="no_date"):
        owe(shop, "K-2", want(HOOKS, "lager", 1))


def test_two_lines_of_one_order_do_not_share_the_same_units(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY), (3, DECEMBER))
    rows = owe(shop, "K-1", want(HOOKS, "lager", 2), want(HOOKS, "lager", 2))
    assert days(rows) == [MONDAY, DECEMBER]


def test_goods_that_come_before_the_release_date_do_not_make_it_earlier(shop):
    allow(shop, 20, ships_on=TUESDAY)
    expect(shop, (3, MONDAY), (5, DECEMBER))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 3))) == [TUESDAY]
    assert days(owe(shop, "K-2", want(HOOKS, "lager", 3))) == [DECEMBER]
    # Nothing more is known to come: after everybody else, for the last day that is known.
    assert days(owe(shop, "K-3", want(HOOKS, "lager", 3))) == [DECEMBER]


def test_nobody_overtakes_others_on_a_word_alone(shop):
    allow(shop, 20, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 1))
    allow(shop, 20, ships_on=TUESDAY)
    assert days(owe(shop, "K-2", want(HOOKS, "lager", 1))) == [DECEMBER]
    expect(shop, (9, TUESDAY))
    assert days(owe(shop, "K-3", want(HOOKS, "lager", 1))) == [TUESDAY]


def test_what_is_late_counts_as_nothing_until_it_has_a_new_day(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY))
    with clock.frozen(WEDNESDAY + timedelta(days=6)):
        with pytest.raises(Refused, match="no_date"):
            owe(shop, "K-1", want(HOOKS, "lager", 1), expires_at=None)


def test_safety_stock_has_to_be_filled_before_anything_is_promised(shop):
    allow(shop, 20)
    keep_back(shop, 2)
    expect(shop, (3, MONDAY))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 1))) == [MONDAY]
    with pytest.raises(Refused, match="no_date"):
        owe(shop, "K-2", want(HOOKS, "lager", 1))

    stock(shop, "lager", {HOOKS: 3})

    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "reserved": 1}
