"""The day of a promise as arithmetic: whoever asks for how many, every promise can be kept."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fulfilment.claims.backorder_dates import Outlook

TODAY = date(2026, 11, 18)
DAYS = st.integers(0, 20).map(lambda days: TODAY + timedelta(days=days))
COMING = st.dictionaries(DAYS, st.integers(1, 8), max_size=5)
WANTED = st.lists(st.integers(1, 6), min_size=1, max_size=12)


def promise_all(outlook, wanted):
    """Promise one after the other; return (day, turn, units) of each, with None for no day."""
    given_ = []
    for turn, units in enumerate(wanted):
        day = outlook.promise(units)
        if day is not None:
            outlook.owe(units, day)
        given_.append((day, turn, units))
    return given_


@given(base=st.integers(-5, 5), coming=COMING, wanted=WANTED)
def test_every_promise_is_kept_when_goods_come_as_expected(base, coming, wanted):
    outlook = Outlook(99, None, TODAY, base, dict(coming))
    kept = sorted(one for one in promise_all(outlook, wanted) if one[0] is not None)

    served = outlook.expected(units for _day, _turn, units in kept)

    assert all(
        on is not None and on <= day for (day, _turn, _units), on in zip(kept, served, strict=True)
    )
    assert all(day >= TODAY for day, _turn, _units in kept)


@given(base=st.integers(-5, 5), coming=COMING, wanted=WANTED)
def test_nobody_is_refused_while_units_are_left(base, coming, wanted):
    outlook = Outlook(99, None, TODAY, base, dict(coming))
    left = base + sum(coming.values())
    for day, _turn, units in promise_all(outlook, wanted):
        assert (day is None) == (units > left)
        left -= units if day is not None else 0


@given(base=st.integers(-5, 5), coming=COMING, wanted=WANTED, release=DAYS)
def test_a_release_date_is_never_undercut_and_always_a_day(base, coming, wanted, release):
    outlook = Outlook(99, release, TODAY, base, dict(coming))
    for day, _turn, _units in promise_all(outlook, wanted):
        assert day is not None
        assert day >= release


@given(base=st.integers(-5, 5), coming=COMING, wanted=WANTED)
def test_what_is_late_today_is_no_reason_for_an_earlier_day_of_another(base, coming, wanted):
    free = Outlook(99, None, TODAY, base, dict(coming))
    owing = Outlook(99, None, TODAY, base, dict(coming), {TODAY: 3})
    for units in wanted:
        alone, behind = free.promise(units), owing.promise(units)
        assert behind is None or (alone is not None and alone <= behind)
