"""The router on cases that can be reckoned by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from fulfilment.places.calendars import BERLIN
from fulfilment.routing import Cost, Decision, Line, Rates, Tariff, Zone, decide
from fulfilment.routing.worth import poisson_tails
from tests.fulfilment.routing_world import (
    FRIDAY,
    HOOKS,
    LURES,
    SATURDAY,
    TARIFFS,
    THURSDAY,
    WEDNESDAY,
    bonn,
    koeln,
    lager,
    plan_of,
    problem,
    store,
)


def test_one_location_with_everything_sends_one_parcel():
    decision = decide(problem(lager(hooks=3, lures=9), bonn(hooks=5, lures=2)))
    assert plan_of(decision) == [("lager", "hooks", 2), ("lager", "lures", 1)]
    # 345 + 20 zone; two lines at 35, three units at 12; a day later than express would be.
    assert decision.cost == Cost(parcels=365, handling=106, late=150)
    assert decision.promise_on == {"hooks": FRIDAY, "lures": FRIDAY}
    assert decision.proved
    assert decision.gap == 0
    [parcel] = decision.parcels
    assert (parcel.tariff, parcel.weight_grams, parcel.cost_minor) == ("paket", 100, 365)
    assert parcel.cut_off_at == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert (parcel.ships_on, parcel.arrives_on) == (date(2026, 11, 25), FRIDAY)


def test_herr_muellers_hooks_come_from_bonn_after_the_short_pick():
    gone = replace(HOOKS, refused_by=frozenset({"lager"}))
    decision = decide(
        problem(lager(hooks=1), koeln(hooks=2), bonn(hooks=5), lines=[gone], promise_on=FRIDAY)
    )
    assert plan_of(decision) == [("bonn", "hooks", 2)]
    assert decision.promise_on == {"hooks": FRIDAY}
    assert decision.cost == Cost(parcels=480, handling=120)
    assert [(e.location, e.rule) for e in decision.exclusions] == [("lager", "refused")]
    assert decision.stock["koeln"] == {"hooks": 2}
    # Köln's cut-off at noon has passed: a day later, and its hands cost more.
    other = next(a for a in decision.alternatives if a.locations == ("koeln",))
    assert (other.days_later, other.because, other.lost_by_minor) == (1, "late", 170)


def test_a_need_by_date_excludes_the_store_whose_cut_off_has_passed():
    decision = decide(
        problem(lager(), koeln(hooks=9), bonn(hooks=5), lines=[HOOKS], need_by_on=FRIDAY)
    )
    assert plan_of(decision) == [("bonn", "hooks", 2)]
    rules = {e.location: e for e in decision.exclusions}
    assert rules["lager"].rule == "no_stock"
    assert rules["koeln"].rule == "cut_off_passed"
    assert rules["koeln"].cut_off_at == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert rules["koeln"].arrives_on == SATURDAY


def test_missing_hooks_split_the_order_and_the_split_has_its_price():
    decision = decide(problem(lager(lures=9), bonn(hooks=5)))
    assert plan_of(decision) == [("bonn", "hooks", 2), ("lager", "lures", 1)]
    assert decision.cost == Cost(parcels=365 + 480, handling=120 + 47, split=190, late=300)
    assert len(decision.parcels) == 2


def test_a_quantity_is_split_where_no_place_has_enough():
    five = replace(HOOKS, quantity=5)
    decision = decide(problem(lager(hooks=3), bonn(hooks=2), koeln(hooks=1), lines=[five]))
    assert plan_of(decision) == [("lager", "hooks", 3), ("bonn", "hooks", 2)]
    assert decision.complete


def test_what_nobody_has_is_unfilled_and_promised_nothing():
    decision = decide(problem(lager(hooks=1, lures=1)))
    assert plan_of(decision) == [("lager", "hooks", 1), ("lager", "lures", 1)]
    assert decision.unfilled == {"hooks": 1}
    assert decision.promise_on == {"hooks": None, "lures": FRIDAY}
    assert decision.cost.short == 100_000


def test_ship_complete_sends_all_or_nothing():
    some = problem(lager(hooks=1, lures=1), ship_complete=True)
    decision = decide(some)
    assert plan_of(decision) == []
    assert decision.unfilled == {"hooks": 2, "lures": 1}
    assert decision.cost == Cost(short=300_000)
    assert decision.proved
    whole = decide(problem(lager(hooks=2, lures=1), ship_complete=True))
    assert whole.complete


def test_express_when_only_express_keeps_the_date_and_nothing_when_nothing_does():
    parcels = problem(lager(hooks=2, lures=1), need_by_on=THURSDAY)
    decision = decide(parcels)
    assert [p.tariff for p in decision.parcels] == ["express"]
    assert decision.arrives_on == THURSDAY
    today = decide(replace(parcels, need_by_on=date(2026, 11, 25)))
    assert plan_of(today) == []
    assert [(e.location, e.rule) for e in today.exclusions] == [("lager", "too_late")]


def test_without_a_date_a_day_later_must_save_more_than_it_costs():
    parcels = problem(lager(hooks=2), lines=[HOOKS])
    # Express is 430 dearer than the parcel that takes a day more.
    assert decide(replace(parcels, late_minor=429)).arrives_on == FRIDAY
    assert decide(replace(parcels, late_minor=431)).arrives_on == THURSDAY
    slow = decide(parcels)
    assert (slow.cost.late, slow.reference_on) == (150, THURSDAY)


def test_a_promise_already_told_is_kept_by_the_dearer_service():
    told = problem(lager(hooks=2), lines=[HOOKS], promise_on=THURSDAY, late_minor=2500)
    assert [p.tariff for p in decide(told).parcels] == ["express"]


def test_counter_sales_make_a_stores_last_units_dear():
    rate = {HOOKS.sku: 3.0}
    busy = store("a", 50.73, 7.1, 16, {HOOKS.sku: 2}, counter_rate=rate)
    calm = store("b", 50.73, 7.1, 16, {HOOKS.sku: 2}, line_minor=200)
    decision = decide(problem(busy, calm, lines=[HOOKS]))
    assert plan_of(decision) == [("b", "hooks", 2)]
    other = next(a for a in decision.alternatives if a.locations == ("a",))
    # 2 x round(220 x P(Poisson(3) >= 2)) = 2 x 176
    assert other.cost.counter == 352
    assert other.because == "counter"


def test_a_unit_worth_more_to_orders_to_come_stays_where_it_lies():
    sought = replace(bonn(hooks=5), shadow={HOOKS.sku: 500})
    decision = decide(problem(sought, koeln(hooks=5), lines=[HOOKS], promise_on=SATURDAY))
    # Köln costs 20 more by hand; two units in Bonn would cost later orders 2 x 500.
    assert plan_of(decision) == [("koeln", "hooks", 2)]
    [other] = decision.alternatives
    assert (other.cost.counter, other.because, other.lost_by_minor) == (1000, "counter", 980)
    # The warehouse's units have a shadow price, too, and it is not paid twice at a counter:
    # 220 x P(Poisson(3) >= 2) = 176 is less than 500 and more than 100.
    stocked = replace(lager(hooks=2), shadow={HOOKS.sku: 90})
    assert decide(problem(stocked, lines=[HOOKS])).cost.counter == 180
    busy = replace(bonn(hooks=2), counter_rate={HOOKS.sku: 3.0}, shadow={HOOKS.sku: 500})
    assert decide(problem(busy, lines=[HOOKS])).cost.counter == 1000
    calm = replace(busy, shadow={HOOKS.sku: 100, "OTHER": 9_000})
    assert decide(problem(calm, lines=[HOOKS])).cost.counter == 352


@pytest.mark.parametrize(("percent", "counter"), [(0, 0), (50, 176), (100, 352), (200, 704)])
def test_the_retailer_weighs_what_units_are_worth_where_they_lie(percent, counter):
    busy = replace(bonn(hooks=2), counter_rate={HOOKS.sku: 3.0})
    decision = decide(problem(busy, lines=[HOOKS], counter_percent=percent))
    assert decision.cost == Cost(parcels=480, handling=120, counter=counter)


def test_a_need_by_date_with_a_price_is_missed_where_that_is_cheaper():
    # Thursday by express costs 795, Friday by parcel 345 + 20 and a day late.
    given = problem(lager(hooks=2), lines=[HOOKS], need_by_on=THURSDAY, need_by_late_minor=429)
    late = decide(given)
    assert (late.arrives_on, late.cost.late, late.cost.parcels) == (FRIDAY, 429, 365)
    kept = decide(replace(given, need_by_late_minor=431))
    assert (kept.arrives_on, kept.cost.late, kept.cost.parcels) == (THURSDAY, 0, 795)
    # What no service reaches in time comes late; a hard date leaves it out.
    slow = replace(given, sources=(bonn(hooks=2),))
    assert decide(slow).cost == Cost(parcels=480, handling=120, late=429)
    assert decide(replace(slow, need_by_late_minor=None)).unfilled == {"hooks": 2}
    # Told Thursday, wanted by Friday: a day late costs the told date's price only.
    told = replace(given, promise_on=THURSDAY, need_by_on=FRIDAY, late_minor=100)
    assert decide(told).cost.late == 100


def test_poisson_tails_against_their_definition():
    tails = poisson_tails(np.array([0, 3, 1, 4, 500, -1]), np.array([5.0, 0.0, 1.0, 2.5, 2.0, 0.0]))
    assert tails == pytest.approx([1.0, 0.0, 0.6321205588, 0.2424238668, 0.0, 1.0])


@pytest.mark.parametrize(
    ("grams", "cost"), [(1000, 480), (1001, 520), (2000, 520), (31_500, 1390), (31_501, 1870)]
)
def test_weight_steps_hold_exactly_what_they_say(grams, cost):
    decision = decide(problem(bonn(X=1), lines=[Line("x", "X", 1, grams)]))
    assert decision.cost.parcels == cost
    assert sum(p.weight_grams for p in decision.parcels) == grams
    assert sum(p.cost_minor for p in decision.parcels) == cost
    assert len(decision.parcels) == (2 if grams > 31_500 else 1)


def test_max_parcels_one_takes_the_dearer_single_parcel_or_leaves_the_cheaper_line():
    single = problem(lager(lures=1), bonn(hooks=2, lures=1), max_parcels=1)
    assert plan_of(decide(single)) == [("bonn", "hooks", 2), ("bonn", "lures", 1)]
    apart = problem(lager(lures=1), bonn(hooks=2), max_parcels=1)
    assert decide(apart).unfilled == {"lures": 1}


def test_a_cheap_shortage_is_left_and_a_dear_one_is_not():
    cheap = replace(HOOKS, short_minor=100)
    assert decide(problem(bonn(hooks=2), lines=[cheap])).unfilled == {"hooks": 2}
    dear = replace(HOOKS, short_minor=301)
    assert decide(problem(bonn(hooks=2), lines=[dear])).unfilled == {}


def test_capacity_left_today_moves_the_day_and_is_named_when_that_is_too_late():
    full = store("bonn", 50.7362, 7.1002, 16, {HOOKS.sku: 9}, capacity=(0, 5, 5))
    assert decide(problem(full, lines=[HOOKS])).arrives_on == SATURDAY
    late = decide(problem(full, lines=[HOOKS], need_by_on=FRIDAY))
    assert [e.rule for e in late.exclusions] == ["capacity"]
    never = store("bonn", 50.7362, 7.1002, 16, {HOOKS.sku: 9}, capacity=(0,))
    assert [e.rule for e in decide(problem(never, lines=[HOOKS])).exclusions] == ["capacity"]


def test_groups_travel_apart_and_on_their_own_carriers_days():
    rod = Line("rod", "ROD", 1, 4000, "bulky")
    saturday = datetime(2026, 11, 28, 9, tzinfo=BERLIN)
    decision = decide(problem(lager(hooks=2, ROD=1), lines=[HOOKS, rod], now=saturday))
    days = {p.group: (p.tariff, p.ships_on) for p in decision.parcels}
    assert days == {"std": ("paket", SATURDAY), "bulky": ("spedition", date(2026, 11, 30))}
    store_only = decide(problem(bonn(ROD=1), lines=[rod]))
    assert [(e.location, e.rule) for e in store_only.exclusions] == [("bonn", "group")]


LETTER = {
    **TARIFFS,
    "brief": Tariff((Zone(2000, 2),), {"std": Rates((1000,), (160,), longest_mm=350)}),
}
ROD = Line("rod", "ROD-150", 1, 300, longest_mm=1500)


def test_a_rod_does_not_go_by_letter_and_takes_the_hooks_along():
    sender = replace(bonn(hooks=5, **{ROD.sku: 3}), tariffs=("filiale", "brief"))
    given = replace(problem(sender, lines=[HOOKS, ROD]), tariffs=LETTER)
    decision = decide(given)
    # One parcel of 480; a letter for the hooks beside it would be a second load.
    assert [(p.tariff, p.weight_grams, p.cost_minor) for p in decision.parcels] == [
        ("filiale", 340, 480)
    ]
    assert decision.cost == Cost(parcels=480, handling=2 * 70 + 3 * 25)
    alone = decide(replace(given, lines=(HOOKS,)))
    assert [(p.tariff, p.cost_minor) for p in alone.parcels] == [("brief", 160)]


def test_what_no_service_of_a_location_takes_is_oversize_there():
    letters = replace(bonn(**{ROD.sku: 3}), tariffs=("brief",))
    given = replace(problem(letters, koeln(hooks=9), lines=[ROD]), tariffs=LETTER)
    decision = decide(given)
    assert decision.unfilled == {"rod": 1}
    assert [(e.location, e.rule, e.keys) for e in decision.exclusions] == [
        ("bonn", "oversize", ("rod",)),
        ("koeln", "no_stock", ("rod",)),
    ]
    heavy = Line("rod", ROD.sku, 1, 32_000)
    tariffs = {"brief": replace(TARIFFS["filiale"], groups={"std": Rates((31_500,), (1390,), 3)})}
    fluid = decide(replace(given, lines=(heavy,), tariffs=tariffs))
    assert [p.weight_grams for p in fluid.parcels] == [31_500, 500]
    rates = {"std": Rates((31_500,), (1390,), 3, heaviest_grams=31_500)}
    tariffs = {"brief": replace(TARIFFS["filiale"], groups=rates)}
    barred = decide(replace(given, lines=(heavy,), tariffs=tariffs))
    assert [(e.location, e.rule) for e in barred.exclusions][:1] == [("bonn", "oversize")]
    assert barred.cost == Cost(short=100_000)


def test_the_earliest_day_is_that_of_services_that_take_the_goods():
    # Express would be there on Thursday, but not with a rod: Friday is no day late.
    tariffs = {
        **TARIFFS,
        "express": Tariff((Zone(2000, 1),), {"std": Rates((1000,), (795,), longest_mm=600)}),
    }
    given = replace(problem(lager(**{ROD.sku: 1}), lines=[ROD]), tariffs=tariffs)
    decision = decide(given)
    assert (decision.reference_on, decision.cost.late) == (FRIDAY, 0)


def test_no_carrier_and_closed_have_their_names():
    far = replace(bonn(hooks=9), latitude=10.0)
    assert [e.rule for e in decide(problem(far, lines=[HOOKS])).exclusions] == ["carrier"]
    shut = bonn(hooks=9)
    shut = replace(shut, calendar=replace(shut.calendar, hours={}))
    assert [e.rule for e in decide(problem(shut, lines=[HOOKS])).exclusions] == ["closed"]


def test_click_and_collect_takes_the_stores_own_units_without_a_parcel():
    decision = decide(problem(lager(lures=9), bonn(hooks=5), collect_at="bonn"))
    assert plan_of(decision) == [("bonn", "hooks", 2), ("lager", "lures", 1)]
    assert [p.location for p in decision.parcels] == ["lager"]
    assert decision.promise_on["hooks"] == WEDNESDAY.date()
    assert decision.ready_at == datetime(2026, 11, 25, 13, tzinfo=UTC)
    whole = decide(problem(lager(lures=9, hooks=9), bonn(hooks=5, lures=1), collect_at="bonn"))
    assert whole.locations == ("bonn",)
    assert whole.cost == Cost(handling=2 * 70 + 3 * 25)


def test_two_lines_of_one_sku_share_its_stock():
    lines = [HOOKS, replace(HOOKS, key="more", quantity=3)]
    decision = decide(problem(lager(hooks=4), bonn(hooks=3), lines=lines))
    assert sum(a.quantity for a in decision.assignments if a.location == "lager") <= 4
    by_key = {}
    for part in decision.assignments:
        by_key[part.key] = by_key.get(part.key, 0) + part.quantity
    assert by_key == {"hooks": 2, "more": 3}


def test_the_decision_survives_its_storage():
    decision = decide(problem(lager(lures=9), koeln(hooks=9), bonn(hooks=5), need_by_on=FRIDAY))
    assert decision.exclusions
    assert Decision.from_json(decision.to_json()) == decision
    soft = decide(problem(lager(lures=9), koeln(hooks=9), bonn(hooks=5), collect_at="bonn"))
    assert soft.alternatives
    assert Decision.from_json(soft.to_json()) == soft
    assert soft.to_json()["cost"]["total_minor"] == soft.cost.total


def test_the_same_problem_gives_the_same_decision():
    given = problem(lager(lures=9, hooks=1), koeln(hooks=2), bonn(hooks=2))
    assert decide(given) == decide(given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lines": ()}, "without lines"),
        ({"lines": (HOOKS, HOOKS)}, "share a key"),
        ({"lines": (replace(HOOKS, quantity=0),)}, "quantity"),
        ({"lines": (replace(HOOKS, quantity=-1),)}, "quantity"),
        ({"max_parcels": 0}, "parcel"),
        ({"now": datetime(2026, 11, 25)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        decide(replace(problem(lager(hooks=2)), **change))


def test_many_locations_are_proved():
    stores = [store(f"s{n}", 50 + n / 40, 7.0, 16, {HOOKS.sku: n % 4}) for n in range(60)]
    decision = decide(problem(lager(lures=3), *stores))
    assert decision.complete
    assert len(decision.parcels) == 2
    assert decision.proved
    tariffs = {"cheap": Tariff((Zone(9000, 2),), {"std": Rates((2000,), (300,), 9)})}
    same = [replace(s, tariffs=("cheap",)) for s in stores]
    twin = replace(problem(*same, lines=[replace(HOOKS, quantity=20)]), tariffs=tariffs)
    rest = decide(replace(twin, max_parcels=9))
    # Seven stores hold three units each: 7 x 300, 6 x 190, 7 x 70, 20 x 25.
    assert rest.proved
    assert rest.cost == Cost(parcels=2100, handling=990, split=1140)


def test_lures_alone_stay_in_the_warehouse_although_the_store_is_nearer():
    assert plan_of(decide(problem(lager(lures=1), bonn(lures=1), lines=[LURES]))) == [
        ("lager", "lures", 1)
    ]


def test_without_any_location_everything_is_left_and_refusals_are_no_matter():
    refused = replace(HOOKS, refused_by=frozenset({"bonn"}))
    decision = decide(problem(lines=(refused,)))
    assert decision.assignments == ()
    assert decision.unfilled == {"hooks": 2}
    assert decision.exclusions == ()
