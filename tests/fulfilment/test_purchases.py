"""Purchase orders: what is ordered, what comes of it, and on which day it is expected."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from fulfilment.inbound import incoming, purchases
from fulfilment.inbound.purchases import Delivery, Wanted
from fulfilment.proofs import PROOFS
from fulfilment.stock import ledger
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.warehouse import (
    FRIDAY,
    HOOKS,
    LURES,
    SATURDAY,
    WEDNESDAY,
    balance,
    broken,
    events_of,
    open_places,
    photograph,
)

BY = {"actor": "office:ute"}
MONDAY = date(2026, 11, 23)


def bought(session, *lines, number="EK-1", location="lager"):
    wanted = lines or (Wanted(HOOKS, 10, FRIDAY), Wanted(LURES, 5, SATURDAY))
    return purchases.place(
        session, supplier="Angel-Groß", location=location, lines=wanted, number=number, **BY
    )


def lines_of(session, number="EK-1"):
    return [
        (line.sku, line.ordered, line.received, line.cancelled, line.outstanding, line.expected_on)
        for line in purchases.view(session, number).lines
    ]


def test_an_order_waits_for_its_goods_and_moves_nothing(shop):
    assert bought(shop, number=None) == "EK-00001"
    assert bought(shop, number=None) == "EK-00002"

    order = purchases.view(shop, "EK-00001")
    assert (order.supplier, order.location, order.state) == ("Angel-Groß", "lager", "open")
    assert (order.placed_at, order.placed_by, order.ended_at) == (WEDNESDAY, "office:ute", None)
    assert lines_of(shop, "EK-00001") == [
        (HOOKS, 10, 0, 0, 10, FRIDAY),
        (LURES, 5, 0, 0, 5, SATURDAY),
    ]
    assert balance(shop, "lager", HOOKS) == {}
    assert ledger.movements(shop, HOOKS) == []


def test_a_delivery_in_parts_ends_the_order_with_the_last_unit(shop):
    bought(shop)
    assert purchases.receive(shop, "EK-1", [(HOOKS, 4), (LURES, 5)], key="a", **BY) == Delivery([])
    assert purchases.view(shop, "EK-1").state == "open"
    assert lines_of(shop) == [(HOOKS, 10, 4, 0, 6, FRIDAY), (LURES, 5, 5, 0, 0, SATURDAY)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4}

    with clock.frozen(WEDNESDAY + timedelta(days=1)):
        purchases.receive(shop, "EK-1", [(HOOKS, 6)], key="b", note="LS 77", **BY)
    order = purchases.view(shop, "EK-1")
    assert (order.state, order.ended_at) == ("received", WEDNESDAY + timedelta(days=1))
    assert balance(shop, "lager", HOOKS) == {"on_hand": 10}
    [second, first] = ledger.movements(shop, HOOKS)
    assert (first.cause, first.document, first.quantity) == ("receipt", "EK-1", 4)
    assert (second.cause, second.document, second.actor) == ("receipt", "EK-1", "office:ute")
    [entry, *_] = incoming.history(shop, "EK-1")
    assert (entry.what, entry.quantity, entry.reason, entry.key) == ("received", 6, "LS 77", "b")
    assert entry.at == second.booked_at


def test_the_same_delivery_again_books_nothing_even_after_the_order_has_ended(shop):
    bought(shop)
    purchases.receive(shop, "EK-1", [(HOOKS, 10), (LURES, 5)], key="a", **BY)
    assert purchases.view(shop, "EK-1").state == "received"
    before = photograph(shop)

    again = purchases.receive(shop, "EK-1", [(HOOKS, 10), (LURES, 5)], key="a", **BY)

    assert again == Delivery([], repeated=True)
    assert photograph(shop) == before


def test_what_is_delivered_beyond_the_order_is_here_and_is_said(shop):
    bought(shop)
    delivery = purchases.receive(shop, "EK-1", [(HOOKS, 12)], key="a", **BY)

    assert delivery == Delivery([(HOOKS, 2)])
    assert lines_of(shop)[0] == (HOOKS, 10, 12, 0, 0, FRIDAY)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 12}


def test_what_nobody_ordered_is_refused_until_somebody_adds_it(shop):
    bought(shop, Wanted(HOOKS, 10, FRIDAY))
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        purchases.receive(shop, "EK-1", [(HOOKS, 10), (LURES, 1)], key="a", **BY)
    assert (refusal.value.code, refusal.value.facts) == ("not_ordered", {"skus": [LURES]})
    assert photograph(shop) == before

    purchases.add(shop, "EK-1", [Wanted(LURES, 1)], **BY)
    purchases.receive(shop, "EK-1", [(HOOKS, 10), (LURES, 1)], key="a", **BY)
    assert balance(shop, "lager", LURES) == {"on_hand": 1}
    assert purchases.view(shop, "EK-1").state == "received"


def test_a_sku_on_two_days_is_filled_by_day_and_the_surplus_goes_to_the_last(shop):
    bought(shop, Wanted(HOOKS, 5, SATURDAY), Wanted(HOOKS, 3, FRIDAY), Wanted(HOOKS, 2))
    purchases.receive(shop, "EK-1", [(HOOKS, 4)], key="a", **BY)
    assert [line[2] for line in lines_of(shop)] == [1, 3, 0]
    assert purchases.receive(shop, "EK-1", [(HOOKS, 7)], key="b", **BY).over == [(HOOKS, 1)]
    assert [line[2] for line in lines_of(shop)] == [5, 3, 3]
    assert purchases.view(shop, "EK-1").state == "received"


def test_cancelling_the_rest_keeps_what_has_come(shop):
    bought(shop)
    purchases.receive(shop, "EK-1", [(HOOKS, 4)], key="a", **BY)

    assert purchases.cancel_rest(shop, "EK-1", positions=[2], reason="sold out", **BY) == 5
    assert purchases.view(shop, "EK-1").state == "open"
    assert purchases.cancel_rest(shop, "EK-1", **BY) == 6

    assert purchases.view(shop, "EK-1").state == "received"
    assert lines_of(shop) == [(HOOKS, 10, 4, 6, 0, FRIDAY), (LURES, 5, 0, 5, 0, SATURDAY)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4}
    told = [(name, facts["lines"]) for name, facts in events_of(shop)]
    lost = {"was_on": "2026-11-21", "expected_on": None, "sku": LURES, "quantity": 5}
    assert told[0] == ("IncomingDelayed", [lost])
    assert len(told) == 2


def test_an_order_of_which_nothing_came_is_cancelled(shop):
    bought(shop)
    assert purchases.cancel_rest(shop, "EK-1", **BY) == 15
    assert purchases.view(shop, "EK-1").state == "cancelled"


@pytest.mark.parametrize("ending", ["received", "cancelled"])
def test_an_ended_order_takes_nothing_more(shop, ending):
    bought(shop)
    if ending == "received":
        purchases.receive(shop, "EK-1", [(HOOKS, 10), (LURES, 5)], key="a", **BY)
    else:
        purchases.cancel_rest(shop, "EK-1", **BY)
    before = photograph(shop)
    for late in (
        lambda: purchases.receive(shop, "EK-1", [(HOOKS, 1)], key="b", **BY),
        lambda: purchases.cancel_rest(shop, "EK-1", **BY),
        lambda: purchases.add(shop, "EK-1", [Wanted(HOOKS, 1)], **BY),
        lambda: purchases.reschedule(shop, "EK-1", {1: SATURDAY}, **BY),
    ):
        with pytest.raises(Refused) as refusal:
            late()
        assert refusal.value.code == "purchase_order_state"
        assert refusal.value.facts["state"] == ending
    assert photograph(shop) == before


def test_a_new_day_is_kept_with_who_and_why_and_a_slip_is_told(shop):
    bought(shop, Wanted(HOOKS, 10, FRIDAY), Wanted(LURES, 5, SATURDAY), Wanted("X", 1))
    purchases.receive(shop, "EK-1", [(HOOKS, 4)], key="a", **BY)

    days = {1: MONDAY, 2: FRIDAY, 3: FRIDAY}
    purchases.reschedule(shop, "EK-1", days, reason="storm", actor="office:jana")

    assert [line[5] for line in lines_of(shop)] == [MONDAY, FRIDAY, FRIDAY]
    entries = [entry for entry in incoming.history(shop, "EK-1") if entry.what == "date"]
    assert [(e.sku, e.was_on, e.expected_on, e.actor, e.reason) for e in reversed(entries)] == [
        (HOOKS, FRIDAY, MONDAY, "office:jana", "storm"),
        (LURES, SATURDAY, FRIDAY, "office:jana", "storm"),
        ("X", None, FRIDAY, "office:jana", "storm"),
    ]
    slipped = {"sku": HOOKS, "quantity": 6, "was_on": "2026-11-20", "expected_on": "2026-11-23"}
    assert events_of(shop) == [
        ("IncomingDelayed", {"document": "EK-1", "location": "lager", "lines": [slipped]})
    ]
    before = photograph(shop)
    purchases.reschedule(shop, "EK-1", days, **BY)
    assert photograph(shop) == before


def test_a_day_that_passes_without_goods_is_told_once(shop):
    bought(shop)
    purchases.receive(shop, "EK-1", [(LURES, 5)], key="a", **BY)
    assert incoming.tell_late(shop) == 0
    with clock.frozen(WEDNESDAY + timedelta(days=3)):
        assert incoming.tell_late(shop) == 1
        assert incoming.tell_late(shop) == 0
        late = {"sku": HOOKS, "quantity": 10, "was_on": "2026-11-20", "expected_on": None}
        assert events_of(shop) == [
            ("IncomingDelayed", {"document": "EK-1", "location": "lager", "lines": [late]})
        ]
        assert [line.late for line in purchases.view(shop, "EK-1").lines] == [True, False]
        purchases.reschedule(shop, "EK-1", {1: SATURDAY}, **BY)
        assert incoming.tell_late(shop) == 0
    with clock.frozen(WEDNESDAY + timedelta(days=4)):
        assert incoming.tell_late(shop) == 1


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"lines": []}, Invalid, "document_empty"),
        ({"lines": [Wanted(HOOKS, 0)]}, Invalid, "quantity"),
        ({"supplier": "  "}, Invalid, "supplier"),
        ({"location": "mond"}, NotFound, "location"),
        ({"number": " "}, Invalid, "document_number"),
        ({"number": "x" * 33}, Invalid, "document_number"),
        ({"number": "a/b"}, Invalid, "document_number"),
        ({"number": ".."}, Invalid, "document_number"),
        ({"number": "EK-1"}, Refused, "document_taken"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(shop, change, error, code):
    bought(shop)
    before = photograph(shop)
    order = {"supplier": "A", "location": "lager", "lines": [Wanted(HOOKS, 1)], **BY, **change}
    with pytest.raises(error) as refusal, shop.begin_nested():
        purchases.place(shop, **order)
    assert refusal.value.code == code
    assert photograph(shop) == before


@pytest.mark.parametrize(
    ("lines", "code"),
    [([], "document_empty"), ([(HOOKS, 0)], "quantity"), ([(HOOKS, -1)], "quantity")],
)
def test_a_delivery_that_makes_no_sense_is_refused(shop, lines, code):
    bought(shop)
    before = photograph(shop)
    with pytest.raises(Invalid) as refusal:
        purchases.receive(shop, "EK-1", lines, key="a", **BY)
    assert refusal.value.code == code
    assert photograph(shop) == before


def test_an_order_or_line_that_is_not_there_is_not_found(shop):
    bought(shop)
    for asked in (
        lambda: purchases.view(shop, "EK-9"),
        lambda: purchases.receive(shop, "EK-9", [(HOOKS, 1)], key="a", **BY),
        lambda: purchases.reschedule(shop, "EK-1", {7: FRIDAY}, **BY),
        lambda: purchases.cancel_rest(shop, "EK-1", positions=[7], **BY),
    ):
        with pytest.raises(NotFound):
            asked()


TAMPERED = [
    (
        "UPDATE purchase_order_lines SET received = received + 1",
        ("received of EK-1 is not what the rows sum up to", "lager", HOOKS, 5, 4),
    ),
    (
        "UPDATE purchase_order_lines SET ordered = 99",
        ("ordered of EK-1 is not what the rows sum up to", "lager", HOOKS, 99, 10),
    ),
    (
        "UPDATE purchase_order_lines SET cancelled = 6",
        ("cancelled of EK-1 is not what the rows sum up to", "lager", HOOKS, 6, 0),
    ),
]


@pytest.mark.parametrize(("statement", "offence"), TAMPERED)
def test_the_proof_finds_a_line_that_its_history_does_not_explain(session, statement, offence):
    with clock.frozen(WEDNESDAY):
        _small_order(session)
        session.execute(text(statement))
        assert [tuple(row) for row in session.execute(text(PROOFS[1]))] == [offence]


def test_the_proof_finds_a_receipt_that_went_past_the_order(session):
    with clock.frozen(WEDNESDAY):
        _small_order(session)
        ledger.receive(session, "lager", [(HOOKS, 2)], document="EK-1", key="x", actor="kai")
        assert [tuple(row) for row in session.execute(text(PROOFS[1]))] == [
            ("booked as received of EK-1 is not what the rows sum up to", "lager", HOOKS, 4, 6)
        ]


def _small_order(session):
    open_places(session)
    bought(session, Wanted(HOOKS, 10, FRIDAY))
    purchases.receive(session, "EK-1", [(HOOKS, 4)], key="a", **BY)
    assert broken(session) == []


@pytest.mark.race
def test_a_delivery_that_two_people_book_at_once_is_booked_once(database):
    with clock.frozen(WEDNESDAY):
        with transaction() as session:
            open_places(session)
            bought(session, Wanted(HOOKS, 10, FRIDAY), Wanted(LURES, 10, FRIDAY))

        def take_in(key, *lines):
            with transaction() as session:
                return purchases.receive(session, "EK-1", lines, key=key, **BY)

        with ThreadPoolExecutor(4) as people:
            same = [people.submit(take_in, "a", (HOOKS, 3), (LURES, 1)) for _ in range(3)]
            other = people.submit(take_in, "b", (LURES, 2), (HOOKS, 1))
            repeated = sorted(one.result(20).repeated for one in same)
            assert not other.result(20).repeated

        assert repeated == [False, True, True]
        with reading() as session:
            assert [line[:3] for line in lines_of(session)] == [(HOOKS, 10, 4), (LURES, 10, 3)]
            assert balance(session, "lager", HOOKS) == {"on_hand": 4}
            assert broken(session) == []
