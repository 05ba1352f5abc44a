"""Promotions in the books: for whom they hold, their codes, and limits that hold under a rush."""

import threading
from datetime import timedelta

import pytest

from catalog import promotion_uses, promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Asking, Offer
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from tests.small_shop import MUELLER, WEDNESDAY

pytestmark = pytest.mark.usefixtures("wednesday")

TEN = Rule("", "percent", "Zehn", "Ten", basis_points=1000)
DAY = timedelta(days=1)


def make(rule=TEN, **facts):
    offer = Offer(rule, **{"starts_at": WEDNESDAY - DAY, "ends_at": WEDNESDAY + DAY, **facts})
    with transaction() as session:
        return promotions.create(session, offer, actor="Frau Adler")


def holds(at=WEDNESDAY, **asking):
    with reading() as session:
        found = promotions.in_force(session, Asking(**{"price_group": "standard", **asking}), at)
    return [rule.ref for rule in found]


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (WEDNESDAY - DAY - timedelta(microseconds=1), False),
        (WEDNESDAY - DAY, True),
        (WEDNESDAY + DAY - timedelta(microseconds=1), True),
        (WEDNESDAY + DAY, False),
    ],
)
def test_it_holds_from_its_first_instant_until_its_last(database, at, held):
    ref = make()
    assert holds(at) == ([ref] if held else [])


@pytest.mark.parametrize(
    ("facts", "with_it", "without"),
    [
        ({"channels": frozenset({"till"})}, {"channel": "till"}, {"channel": "web"}),
        ({"channels": frozenset({"till"})}, {"channel": "till"}, {}),
        ({"price_groups": frozenset({"stamm"})}, {"price_group": "stamm"}, {}),
        ({"code": " herbst "}, {"code": "HERBST"}, {"code": "WINTER"}),
        ({"code": "HERBST"}, {"code": "HERBST"}, {}),
        ({"limit_per_customer": 1}, {"customer_number": MUELLER}, {}),
    ],
)
def test_it_holds_for_those_that_it_names(database, facts, with_it, without):
    ref = make(**facts)
    assert holds(**with_it) == [ref]
    assert holds(**without) == []


def test_a_code_is_found_told_apart_and_never_given_twice(database):
    ref = make(code="herbst")
    make(code="BALD", starts_at=WEDNESDAY + DAY, ends_at=None)
    make(code="VORBEI", ends_at=WEDNESDAY)
    with reading() as session:
        assert promotions.by_code(session, " her bst", WEDNESDAY).ref == ref
        for code, error in (
            ("??", Invalid),
            ("NIX", NotFound),
            ("BALD", Refused),
            ("VORBEI", Refused),
        ):
            with pytest.raises(error):
                promotions.by_code(session, code, WEDNESDAY)
    with pytest.raises(Refused, match="promotion_code_taken"):
        make(code="HERBST")


def test_an_ended_promotion_is_over_at_once_and_keeps_who_ended_it(database):
    ref = make()
    with transaction() as session:
        promotions.end(session, ref, actor="Herr Kranz")
    with clock.frozen(WEDNESDAY + timedelta(hours=1)), transaction() as session:
        promotions.end(session, ref, actor="somebody else")
    assert holds() == []
    with reading() as session:
        [made] = promotions.listed(session)
    assert (made.offer.ends_at, made.ended_by, made.used) == (WEDNESDAY, "Herr Kranz", 0)
    with transaction() as session, pytest.raises(NotFound):
        promotions.end(session, "A-NONE", actor="x")


def use(ref, order, number=None):
    with transaction() as session:
        promotion_uses.use(session, {ref: 69}, order_ref=order, customer_number=number)


def test_a_use_counts_once_is_given_back_once_and_limits_each_customer(database):
    ref = make(limit_total=3, limit_per_customer=1)
    use(ref, "K-1", MUELLER)
    assert holds(customer_number=MUELLER) == []
    assert holds(customer_number="1234565") == [ref]
    with pytest.raises(Refused, match="promotion_used_up"):
        use(ref, "K-2", MUELLER)
    for _ in range(2):
        with transaction() as session:
            promotion_uses.give_back(session, "K-1")
    assert holds(customer_number=MUELLER) == [ref]
    with reading() as session:
        assert [made.used for made in promotions.listed(session)] == [0]


def test_twelve_at_once_get_the_five_there_are(database):
    ref = make(limit_total=5)
    start, got, late = threading.Barrier(12), [], []

    def order(number):
        start.wait()
        try:
            use(ref, f"K-{number}")
            got.append(number)
        except Refused as refusal:
            late.append(refusal.code)

    threads = [threading.Thread(target=order, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), late) == (5, ["promotion_used_up"] * 7)
    assert holds() == []
    with reading() as session:
        assert [made.used for made in promotions.listed(session)] == [5]
