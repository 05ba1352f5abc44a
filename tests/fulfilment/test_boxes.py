"""Which carton: smallest that holds it, several where none does, and never more than it carries."""

from hypothesis import given
from hypothesis import strategies as st

from fulfilment.outbound.boxes import FILL_PERCENT, Carton, Good, smallest, suggest
from fulfilment.outbound.shelving import step

S = Carton("s", (220, 160, 80), 80, 5_000)
M = Carton("m", (330, 240, 120), 190, 10_000)
TUBE = Carton("tube", (1650, 110, 110), 620, 5_000)
ALL = [S, M, TUBE]


def test_the_smallest_carton_that_holds_it_is_suggested():
    assert smallest([Good("lure", 40, (120, 60, 20))], ALL) == S
    assert smallest([Good("reel", 700, (180, 150, 100))], ALL) == M
    assert smallest([Good("rod", 300, (1200, 40, 40))], ALL) == TUBE
    assert smallest([Good("boat", 9_000, (2500, 300, 300))], ALL) is None


def test_weight_counts_with_the_cartons_own():
    assert smallest([Good("lead", 4_920, (100, 50, 50))], ALL) == S
    assert smallest([Good("lead", 4_921, (100, 50, 50))], ALL) == M


def test_what_nobody_measured_takes_room_by_its_weight():
    assert Good("unknown", 250).room == 1_000_000
    assert smallest([Good("unknown", 500)], ALL) == S
    assert smallest([Good("unknown", 1_000)], ALL) == M


def test_rod_and_reel_get_a_parcel_each():
    rod, reel = Good("rod", 300, (1200, 40, 40)), Good("reel", 700, (180, 150, 100))
    found = suggest([reel, rod], ALL)
    assert {(packed.goods, packed.carton) for packed in found} == {((rod,), TUBE), ((reel,), M)}
    assert suggest([], ALL) == []


sides = st.tuples(*[st.integers(5, 400)] * 3)
goods = st.lists(
    st.builds(Good, st.just("x"), st.integers(1, 6_000), st.none() | sides), max_size=20
)


@given(goods)
def test_every_unit_is_in_exactly_one_parcel_and_every_carton_holds_its_own(units):
    found = suggest(units, ALL)
    assert sorted(map(id, units)) == sorted(id(good) for packed in found for good in packed.goods)
    for packed in found:
        if packed.carton is None:
            assert len(packed.goods) == 1
            assert smallest(packed.goods, ALL) is None
            continue
        weight = packed.carton.tare_grams + sum(good.grams for good in packed.goods)
        assert weight <= packed.carton.most_grams
        assert sum(good.room for good in packed.goods) * 100 <= packed.carton.room * FILL_PERCENT


def test_shelves_stand_as_one_walks():
    places = ["A-10-1", None, "B-1", "A-2-3", "A-2-1", "a-1"]
    assert sorted(places, key=step) == ["a-1", "A-2-1", "A-2-3", "A-10-1", "B-1", None]
