"""Calendars: Berlin's clock, holidays by state, cut-offs, ship days, pick-up times."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from fulfilment.places import geography
from fulfilment.places.calendars import (
    BERLIN,
    Calendar,
    Carrier,
    instant,
    is_holiday,
    local,
    next_pick_up,
    ready_for_collection,
    ship_day,
)

STORE_HOURS = {day: (time(9, 30), time(19, 0)) for day in range(6)}
BONN = Calendar(STORE_HOURS, time(16, 0), "NW")
KOELN = Calendar(STORE_HOURS, time(12, 0), "NW")
KASSEL = Calendar({day: (time(6), time(20)) for day in range(5)}, time(16, 0), "HE")
RHEINPOST = Carrier(state="NW")


def berlin(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


WEDNESDAY = berlin(2026, 11, 25, 12, 30)


def test_before_the_cut_off_it_ships_today_and_at_the_cut_off_no_more():
    assert ship_day(BONN, RHEINPOST, berlin(2026, 11, 25, 15, 59)) == date(2026, 11, 25)
    assert ship_day(BONN, RHEINPOST, berlin(2026, 11, 25, 16, 0)) == date(2026, 11, 26)
    assert ship_day(KOELN, RHEINPOST, WEDNESDAY) == date(2026, 11, 26)
    assert KOELN.cut_off_passed(WEDNESDAY)
    assert not BONN.cut_off_passed(WEDNESDAY)


def test_nothing_leaves_after_closing_time_though_the_cut_off_is_later():
    hours = {**STORE_HOURS, 5: (time(9), time(13))}
    short = Calendar(hours, time(16, 0), "NW")
    assert ship_day(short, RHEINPOST, berlin(2026, 11, 28, 12, 59)) == date(2026, 11, 28)
    assert ship_day(short, RHEINPOST, berlin(2026, 11, 28, 13)) == date(2026, 11, 30)
    assert short.cut_off_passed(berlin(2026, 11, 28, 13))
    assert short.cut_off_at(date(2026, 11, 28)) == berlin(2026, 11, 28, 13)
    assert short.cut_off_at(date(2026, 11, 30)) == berlin(2026, 11, 30, 16)


def test_a_closed_day_has_no_cut_off_that_could_have_passed():
    sunday = berlin(2026, 11, 29, 18)
    assert not BONN.cut_off_passed(sunday)
    assert ship_day(BONN, RHEINPOST, sunday) == date(2026, 11, 30)


def test_the_warehouse_rests_at_the_weekend():
    assert ship_day(KASSEL, RHEINPOST, berlin(2026, 11, 27, 17)) == date(2026, 11, 30)


def test_holidays_are_those_of_the_state():
    corpus_christi, reformation = date(2026, 6, 4), date(2025, 10, 31)
    assert [is_holiday(corpus_christi, state) for state in ("NW", "HE", "BE", None)] == [
        True,
        True,
        False,
        False,
    ]
    assert is_holiday(reformation, "HH")
    assert not is_holiday(reformation, "NW")
    assert is_holiday(date(2026, 12, 25), None)
    with pytest.raises(ValueError, match="XX"):
        is_holiday(corpus_christi, "XX")


def test_a_store_closed_for_a_holiday_of_its_state_ships_on_the_next_open_day():
    eve = berlin(2026, 6, 3, 17)
    assert ship_day(BONN, RHEINPOST, eve) == date(2026, 6, 5)
    hamburg = Calendar(STORE_HOURS, time(16, 0), "HH")
    assert ship_day(hamburg, RHEINPOST, eve) == date(2026, 6, 4)


def test_closed_days_of_the_location_count():
    closed = Calendar(STORE_HOURS, time(16), "NW", frozenset({date(2026, 11, 25)}))
    assert ship_day(closed, RHEINPOST, WEDNESDAY) == date(2026, 11, 26)


def test_used_up_capacity_moves_the_ship_day_and_the_last_figure_holds_on():
    assert ship_day(BONN, RHEINPOST, WEDNESDAY, (0, 3, 9)) == date(2026, 11, 26)
    assert ship_day(BONN, RHEINPOST, WEDNESDAY, (0, 0, 9)) == date(2026, 11, 27)
    assert ship_day(BONN, RHEINPOST, WEDNESDAY, (0,)) is None
    assert ship_day(BONN, RHEINPOST, WEDNESDAY, ()) is None


def test_delivery_counts_delivery_days_and_skips_sundays_and_holidays_at_the_destination():
    assert RHEINPOST.arrival(date(2026, 11, 25), 1) == date(2026, 11, 26)
    assert RHEINPOST.arrival(date(2026, 11, 28), 1) == date(2026, 11, 30)
    assert RHEINPOST.arrival(date(2026, 11, 25), 0) == date(2026, 11, 25)
    # Thursday 4 June 2026 is a holiday in Bonn, not in Berlin.
    assert Carrier(state="NW").arrival(date(2026, 6, 3), 1) == date(2026, 6, 5)
    assert Carrier(state="BE").arrival(date(2026, 6, 3), 1) == date(2026, 6, 4)
    with pytest.raises(ValueError, match="weekday"):
        Carrier(weekdays=()).arrival(date(2026, 6, 3), 1)


def test_a_carrier_that_rests_on_saturday_collects_on_monday():
    forwarder = Carrier(weekdays=range(5), state="NW")
    saturday = berlin(2026, 11, 28, 10)
    assert ship_day(BONN, RHEINPOST, saturday) == date(2026, 11, 28)
    assert ship_day(BONN, forwarder, saturday) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("on", "utc_hour"), [(date(2026, 3, 28), 15), (date(2026, 3, 29), 14), (date(2026, 10, 25), 15)]
)
def test_a_cut_off_stays_at_four_on_the_wall_clock_across_summer_time(on, utc_hour):
    assert BONN.cut_off_at(on) == datetime(on.year, on.month, on.day, utc_hour, tzinfo=UTC)


def test_the_day_is_berlins_not_londons():
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert local(late).date() == date(2026, 7, 2)
    assert ship_day(BONN, RHEINPOST, late) == date(2026, 7, 2)


def test_times_that_spring_skips_and_autumn_repeats():
    assert instant(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert instant(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local(datetime(2026, 11, 25, 12, 30))  # noqa: DTZ001


def test_next_pick_up_is_the_cut_off_of_the_ship_day_in_utc():
    assert next_pick_up(BONN, RHEINPOST, WEDNESDAY) == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert next_pick_up(KOELN, RHEINPOST, WEDNESDAY) == datetime(2026, 11, 26, 11, tzinfo=UTC)
    assert next_pick_up(Calendar({}, time(12)), RHEINPOST, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("ordered", "ready"),
    [
        (berlin(2026, 11, 25, 12, 30), berlin(2026, 11, 25, 14, 0)),
        (berlin(2026, 11, 25, 12, 31), berlin(2026, 11, 25, 15, 0)),
        (berlin(2026, 11, 25, 6, 0), berlin(2026, 11, 25, 11, 0)),
        (berlin(2026, 11, 25, 16, 30), berlin(2026, 11, 25, 18, 0)),
        # Ready at closing time is ready too late: the next day, from opening on.
        (berlin(2026, 11, 25, 17, 30), berlin(2026, 11, 26, 11, 0)),
        (berlin(2026, 11, 28, 20, 0), berlin(2026, 11, 30, 11, 0)),
    ],
)
def test_click_and_collect_is_ready_after_ninety_minutes_of_opening_hours(ordered, ready):
    found = ready_for_collection(BONN, ordered)
    assert found == ready
    assert found.tzinfo is UTC


def test_a_store_that_never_opens_is_never_ready():
    assert ready_for_collection(Calendar({}, time(12)), WEDNESDAY) is None
    assert ready_for_collection(BONN, WEDNESDAY, timedelta(hours=12)) is None


def test_postal_codes_have_a_place_a_state_and_a_neighbour():
    bonn = geography.locate("53111")
    assert (bonn.name, bonn.state) == ("Bonn", "NW")
    assert geography.distance_km(bonn.latitude, bonn.longitude, 51.2988, 9.5297) == pytest.approx(
        181.7, abs=3
    )
    # Not in the table: the nearest number of its region stands in.
    assert geography.locate("53112").state == "NW"
    assert geography.locate(" 01067 ").state == "SN"
    for wrong in ("", "5311", "531111", "ABCDE", "00000", "٥٣١١١"):
        assert geography.locate(wrong) is None


def test_every_postal_code_of_the_table_lies_where_germany_is_and_has_a_state():
    table = geography._table()
    assert len(table) > 10_000
    # Jungholz is an Austrian village with a German postal code.
    assert [p.name for p in table.values() if p.state is None] == ["Jungholz"]
    assert all(47 < p.latitude < 55.2 and 5.8 < p.longitude < 15.1 for p in table.values())
