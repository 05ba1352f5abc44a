"""A setup: through JSON and back, refused by field and reason, compared, changed by path."""

import json
import random
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from fulfilment import rules
from fulfilment.rules import LocationSetup, RatesSetup, Rules, Setup, TariffSetup, ZoneSetup
from kit.errors import Invalid
from tests.fulfilment.setups import CLOSED, SETUP


def random_setup(draw: random.Random) -> Setup:
    """A setup without fault, anything else left to chance."""
    groups = draw.sample(("std", "bulky", "cool", "live-bait"), draw.randint(1, 4))
    tariffs = {f"tarif-{n}": _tariff(draw, groups) for n in range(draw.randint(1, 4))}
    carried = sorted({name for tariff in tariffs.values() for name in tariff.groups})
    return Setup(
        rules=Rules(
            split_minor=draw.randint(0, 900),
            late_minor=draw.randint(0, 900),
            need_by_late_minor=draw.choice((None, 0, 400)),
            max_parcels=draw.randint(1, 100),
            counter_percent=draw.randint(0, 200),
            carrier_holidays=draw.random() < 0.5,
        ),
        locations={
            f"ort-{n}": _location(draw, carried, sorted(tariffs)) for n in range(draw.randint(0, 5))
        },
        tariffs=tariffs,
    )


def _location(draw, groups, tariffs):
    hours = {
        day: (time(draw.randint(5, 10), draw.choice((0, 30))), time(draw.randint(14, 22), 0))
        for day in range(7)
        if draw.random() < 0.8
    }
    return LocationSetup(
        hours,
        time(12, draw.randint(0, 59)),
        draw.randint(0, 500),
        draw.randint(0, 200),
        draw.randint(0, 200),
        tuple(draw.sample(groups, draw.randint(0, len(groups)))),
        tuple(draw.sample(tariffs, draw.randint(0, len(tariffs)))),
        {CLOSED + timedelta(days=draw.randint(0, 900)): "Inventur, Umbau" for _ in range(3)},
    )


def _tariff(draw, groups):
    limits = sorted(draw.sample(range(1, 4000), draw.randint(1, 4)))
    zones = tuple(
        ZoneSetup(km + draw.choice((0, 0.5)), draw.randint(0, 9), draw.randint(0, 99))
        for km in limits
    )
    rates = {}
    for name in draw.sample(groups, draw.randint(1, len(groups))):
        steps = tuple(sorted(draw.sample(range(1, 40_000), draw.randint(1, 6))))
        prices = tuple(sorted(draw.randint(0, 3000) for _ in steps))
        rates[name] = RatesSetup(steps, prices, draw.randint(1, 9), draw.choice((None, 1200)))
    weekdays = tuple(sorted(draw.sample(range(7), draw.randint(1, 7))))
    return TariffSetup("Päckchen", "Rheinpost", weekdays, zones, rates)


@pytest.mark.parametrize("seed", range(40))
def test_any_setup_goes_through_json_and_is_the_same(seed):
    setup = random_setup(random.Random(seed))
    rules.check(setup, setup.locations)
    written = json.dumps(rules.to_json(setup))
    assert rules.from_json(json.loads(written)) == setup


@pytest.mark.parametrize("seed", range(40))
def test_two_setups_differ_where_and_only_where_they_are_different(seed):
    draw = random.Random(seed)
    one, other = random_setup(draw), random_setup(draw)
    assert rules.differences(one, rules.from_json(rules.to_json(one))) == []
    there = rules.differences(one, other)
    assert there
    back = {change.path: change for change in rules.differences(other, one)}
    assert {change.path for change in there} == set(back)
    for change in there:
        assert change.before != change.after
        assert (back[change.path].before, back[change.path].after) == (change.after, change.before)
        assert rules.Change.from_json(json.loads(json.dumps(change.to_json()))) == change


def test_a_new_step_in_the_middle_is_one_change():
    paket = SETUP.tariffs["paket"]
    rates = RatesSetup((1000, 2000, 5000), (345, 380, 430), 3)
    new = with_tariff(replace(paket, groups={"std": rates}))
    assert rules.differences(SETUP, new) == [
        rules.Change(("tariffs", "paket", "groups", "std", "prices_minor", "2000"), None, 380)
    ]


def test_changes_are_named_field_by_field_in_the_order_of_rules_locations_tariffs():
    new = rules.changed(
        SETUP,
        {
            "tariffs.paket.zones.0.transit_days": 2,
            "locations.bonn.hours.5": None,
            "locations.bonn.closed_on.2027-02-08": "Rosenmontag",
            "split_minor": 250,
        },
    )
    assert [
        (change.path, change.before, change.after) for change in rules.differences(SETUP, new)
    ] == [
        (("rules", "split_minor"), 190, 250),
        (("locations", "bonn", "hours", "5"), ["09:00", "16:00"], None),
        (("locations", "bonn", "closed_on", "2027-02-08"), None, "Rosenmontag"),
        (("tariffs", "paket", "zones", "150", "transit_days"), 1, 2),
    ]


def with_rules(**values):
    return replace(SETUP, rules=replace(SETUP.rules, **values))


def with_bonn(**values):
    bonn = replace(SETUP.locations["bonn"], **values)
    return replace(SETUP, locations={**SETUP.locations, "bonn": bonn})


def with_tariff(tariff, code="paket"):
    return replace(SETUP, tariffs={**SETUP.tariffs, code: tariff})


def with_paket(**values):
    return with_tariff(replace(SETUP.tariffs["paket"], **values))


def with_rates(*rates):
    return with_paket(groups={"std": RatesSetup(*rates)})


BAD = [
    (with_rules(split_minor=-1), "rules.split_minor", "out_of_range"),
    (with_rules(max_parcels=0), "rules.max_parcels", "out_of_range"),
    (with_rules(counter_percent=201), "rules.counter_percent", "out_of_range"),
    (with_rules(need_by_late_minor=-5), "rules.need_by_late_minor", "out_of_range"),
    (with_bonn(capacity_per_day=-1), "locations.bonn.capacity_per_day", "out_of_range"),
    (with_bonn(handling_unit_minor=-1), "locations.bonn.handling_unit_minor", "out_of_range"),
    (with_bonn(hours={0: (time(19), time(9)), 1: (time(9), time(19))}),
     "locations.bonn.hours.0", "opens_after_closing"),
    (with_bonn(cut_off=time(19, 1)), "locations.bonn.cut_off", "cut_off_outside_hours"),
    (with_bonn(cut_off=time(9)), "locations.bonn.cut_off", "cut_off_outside_hours"),
    (with_bonn(groups=("std", "cool")), "locations.bonn.groups", "unknown_group"),
    (with_bonn(groups=("std", "std")), "locations.bonn.groups", "named_twice"),
    (with_bonn(tariffs=("post",)), "locations.bonn.tariffs", "unknown_tariff"),
    (with_bonn(closed_on={CLOSED: " "}), "locations.bonn.closed_on.2026-12-24", "empty"),
    (with_bonn(closed_on={CLOSED: "x" * 201}), "locations.bonn.closed_on.2026-12-24", "too_long"),
    (with_tariff(SETUP.tariffs["paket"], "Groß!"), "tariffs.Groß!", "malformed_code"),
    (with_paket(name=""), "tariffs.paket.name", "empty"),
    (with_paket(carrier="x" * 81), "tariffs.paket.carrier", "too_long"),
    (with_paket(weekdays=()), "tariffs.paket.weekdays", "empty"),
    (with_paket(weekdays=(0, 7)), "tariffs.paket.weekdays", "unknown_weekday"),
    (with_paket(weekdays=(1, 1)), "tariffs.paket.weekdays", "unknown_weekday"),
    (with_paket(zones=()), "tariffs.paket.zones", "empty"),
    (with_paket(zones=(ZoneSetup(200, 1), ZoneSetup(200, 2))),
     "tariffs.paket.zones.1.up_to_km", "not_ascending"),
    (with_paket(zones=(ZoneSetup(float("nan"), 1),)),
     "tariffs.paket.zones.0.up_to_km", "out_of_range"),
    (with_paket(zones=(ZoneSetup(200, -1),)),
     "tariffs.paket.zones.0.transit_days", "out_of_range"),
    (with_rates((), ()), "tariffs.paket.groups.std.steps_grams", "empty"),
    (with_rates((1000, 5000), (345,)), "tariffs.paket.groups.std.prices_minor", "price_missing"),
    (with_rates((1000, 1000), (345, 400)),
     "tariffs.paket.groups.std.steps_grams.1", "not_ascending"),
    (with_rates((1000, 5000), (345, 344)),
     "tariffs.paket.groups.std.prices_minor.1", "not_ascending"),
    (with_rates((0,), (345,)), "tariffs.paket.groups.std.steps_grams.0", "out_of_range"),
    (with_rates((1000,), (345,), 0), "tariffs.paket.groups.std.max_parcels", "out_of_range"),
]  # fmt: skip


@pytest.mark.parametrize(("setup", "path", "code"), BAD, ids=[f"{row[1]}-{row[2]}" for row in BAD])
def test_what_makes_no_sense_is_refused_by_field_and_reason(setup, path, code):
    assert [(fault.path, fault.code) for fault in rules.faults(setup)] == [(path, code)]
    with pytest.raises(Invalid) as refused:
        rules.check(setup)
    assert refused.value.code == "setup_invalid"
    assert (refused.value.facts["path"], refused.value.facts["reason"]) == (path, code)


def test_all_faults_come_at_once_and_say_what_would_be_right():
    setup = replace(with_bonn(cut_off=time(20)), rules=Rules(split_minor=-1))
    with pytest.raises(Invalid) as refused:
        rules.check(setup)
    assert refused.value.facts["faults"] == [
        {
            "path": "rules.split_minor", "code": "out_of_range", "value": -1, "least": 0,
            "most": 100_000, "unit": "cents",
        },
        {"path": "locations.bonn.cut_off", "code": "cut_off_outside_hours"},
    ]  # fmt: skip


def test_locations_are_those_that_exist():
    assert [(f.path, f.code) for f in rules.faults(SETUP, ["lager", "bonn", "trier"])] == [
        ("locations.koeln", "unknown_location"),
        ("locations.trier", "location_missing"),
    ]


def test_the_ends_of_every_span_are_allowed():
    for name, span in rules.SPANS.items():
        if hasattr(SETUP.rules, name):
            for value in (int(span.least), int(span.most)):
                assert rules.faults(with_rules(**{name: value})) == []


def test_hints_point_at_what_is_allowed_and_odd():
    assert rules.hints(SETUP) == []
    odd = with_bonn(hours={}, capacity_per_day=0, tariffs=())
    assert [(h.path, h.code) for h in rules.hints(odd)] == [
        ("locations.bonn.capacity_per_day", "no_capacity"),
        ("locations.bonn.groups", "group_not_carried"),
        ("locations.bonn.hours", "never_open"),
        ("locations.bonn.tariffs", "no_tariff"),
    ]
    cheap = with_rules(broken_promise_minor=149)
    assert [h.code for h in rules.hints(cheap)] == ["promise_cheaper_than_late"]
    unused = with_tariff(SETUP.tariffs["paket"], "express")
    assert [(h.path, h.code) for h in rules.hints(unused)] == [("tariffs.express", "unused_tariff")]


WRONG = [
    (lambda d: d.pop("rules"), "setup_field_missing", "rules"),
    (lambda d: d.update(more=1), "setup_field_unknown", "more"),
    (lambda d: d["rules"].update(split=1), "setup_field_unknown", "rules.split"),
    (lambda d: d["rules"].update(split_minor="1"), "setup_field_type", "rules.split_minor"),
    (lambda d: d["rules"].update(split_minor=1.5), "setup_field_type", "rules.split_minor"),
    (lambda d: d["rules"].update(split_minor=True), "setup_field_type", "rules.split_minor"),
    (lambda d: d["rules"].update(carrier_holidays=1), "setup_field_type", "rules.carrier_holidays"),
    (lambda d: d["locations"]["bonn"].pop("cut_off"), "setup_field_missing",
     "locations.bonn.cut_off"),
    (lambda d: d["locations"]["bonn"].update(cut_off="25:00"), "setup_field_type",
     "locations.bonn.cut_off"),
    (lambda d: d["locations"]["bonn"].update(cut_off="16:00:30"), "setup_field_type",
     "locations.bonn.cut_off"),
    (lambda d: d["locations"]["bonn"]["hours"].update({"7": None}), "setup_field_unknown",
     "locations.bonn.hours.7"),
    (lambda d: d["locations"]["bonn"]["hours"].update({"1": ["09:00"]}), "setup_field_type",
     "locations.bonn.hours.1"),
    (lambda d: d["locations"]["bonn"].update(groups="std"), "setup_field_type",
     "locations.bonn.groups"),
    (lambda d: d["locations"]["bonn"]["closed_on"].update({"24.12.": "Fest"}), "setup_field_type",
     "locations.bonn.closed_on.24.12."),
    (lambda d: d["tariffs"]["paket"]["zones"][1].update(up_to_km=None), "setup_field_type",
     "tariffs.paket.zones.1.up_to_km"),
    (lambda d: d["tariffs"].update(paket=[]), "setup_field_type", "tariffs.paket"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "code", "path"), WRONG, ids=[row[2] for row in WRONG])
def test_a_document_that_is_none_is_refused_by_its_path(spoil, code, path):
    document = rules.to_json(SETUP)
    spoil(document)
    with pytest.raises(Invalid) as refused:
        rules.from_json(document)
    assert (refused.value.code, refused.value.facts["path"]) == (code, path)


def test_a_document_of_before_a_rule_was_invented_still_reads():
    document = rules.to_json(SETUP)
    del document["rules"]["need_by_late_minor"], document["rules"]["counter_percent"]
    for tariff in document["tariffs"].values():
        for rates in tariff["groups"].values():
            del rates["longest_mm"]
    assert rules.from_json(document) == SETUP


def test_fields_are_changed_by_path_and_the_given_setup_stays():
    before = rules.to_json(SETUP)
    new = rules.changed(SETUP, dict(map(rules.assignment, WRITTEN)))
    assert new.rules == Rules(split_minor=250, need_by_late_minor=400)
    assert new.locations["bonn"].cut_off == time(15, 30)
    assert new.locations["bonn"].closed_on == {CLOSED: "Fest", date(2027, 2, 8): "Rosenmontag"}
    assert new.locations["koeln"].groups == ("std", "bulky")
    assert new.tariffs["paket"].groups["std"].prices_minor == (345, 450)
    assert rules.to_json(SETUP) == before


WRITTEN = [
    "split_minor=250",
    "rules.need_by_late_minor=400",
    "locations.bonn.cut_off=15:30",
    "locations.bonn.closed_on.2027-02-08=Rosenmontag",
    'locations.koeln.groups=["std", "bulky"]',
    "tariffs.paket.groups.std.prices_minor.1=450",
]


@pytest.mark.parametrize(
    "path",
    ["split", "locations.trier.cut_off", "locations.bonn.cutoff", "tariffs.paket.zones.2",
     "tariffs.paket.zones.x.transit_days", "rules.split_minor.more"],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused(path):
    with pytest.raises(Invalid) as refused:
        rules.changed(SETUP, {path: 1})
    assert (refused.value.code, refused.value.facts["path"]) == ("setup_field_unknown", path)


def test_an_assignment_needs_both_sides():
    for written in ("split_minor", "=3"):
        with pytest.raises(Invalid) as refused:
            rules.assignment(written)
        assert refused.value.code == "assignment_malformed"
