"""Why is it 3? The number as a sum of terms, and what each location has to promise."""

from datetime import timedelta

from fulfilment import answers
from fulfilment.answers import availability
from fulfilment.answers.availability import Availability
from fulfilment.claims import allocations, reservations
from fulfilment.inbound import purchases
from fulfilment.stock import counter_sales, ledger, safety
from kit import clock
from tests.fulfilment.warehouse import (
    FRIDAY,
    HOOKS,
    LURES,
    WEDNESDAY,
    photograph,
    promise,
    stock,
    want,
)

SOON = WEDNESDAY + timedelta(minutes=30)


def test_the_terms_of_a_number_and_their_documents(shop):
    stock(shop, "bonn", {HOOKS: 10})
    counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 2)], document="bonn-1-7", actor="till", key="s1"
    )
    with clock.frozen(WEDNESDAY + timedelta(minutes=1)):
        ledger.quarantine(shop, "bonn", [(HOOKS, 1)], document="recall 3", actor="kai", key="q")
        ledger.take_back(shop, "bonn", [(HOOKS, 1)], document="K-0", actor="kai", key="b")
    safety.put(shop, {("bonn", HOOKS): 1}, reason="for the counter", actor="Eva")
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=SOON)
    wants = [want(HOOKS, "bonn", 1)]
    allocations.allocate(shop, order_ref="K-2", wants=wants, promised=promise(wants))

    terms = answers.why(shop, HOOKS, "bonn")

    assert (terms.on_hand, terms.reserved, terms.allocated) == (9, 2, 1)
    assert (terms.quarantined, terms.safety, terms.available) == (1, 1, 4)
    assert [(one.cause, one.quantity, one.count) for one in terms.causes] == [
        ("receipt", 10, 1),
        ("till_sale", -2, 1),
        ("return", 1, 1),
    ]
    assert sum(one.quantity for one in terms.causes) == terms.on_hand
    assert [
        (one.kind, one.order_ref, one.quantity, one.state, one.promised_on) for one in terms.claims
    ] == [
        ("reservation", "K-1", 2, "held", None),
        ("allocation", "K-2", 1, "open", FRIDAY),
    ]
    assert terms.causes[0].documents == ("delivery note 4711",)
    assert [(one.cause, one.quantity, one.documents) for one in terms.quarantine] == [
        ("quarantine", 1, ("recall 3",))
    ]
    assert (terms.setting.units, terms.setting.reason) == (1, "for the counter")
    assert (terms.opening, terms.opened_on, terms.doubt, terms.surprises) == (0, None, 0, [])
    assert (terms.taken, terms.beyond) == (5, 0)
    assert [(row.cause, row.document) for row in terms.documents] == [
        ("return", "K-0"),
        ("quarantine", "recall 3"),
        ("till_sale", "bonn-1-7"),
        ("receipt", "delivery note 4711"),
    ]


def test_an_expired_claim_is_shown_and_does_not_count(shop):
    stock(shop, "bonn", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=SOON)

    with clock.frozen(SOON):
        terms = answers.why(shop, HOOKS, "bonn")

    assert (terms.on_hand, terms.reserved, terms.available) == (3, 0, 3)
    assert [(one.order_ref, one.state, one.expires_at) for one in terms.claims] == [
        ("K-1", "expired", SOON)
    ]


def test_doubt_is_a_term_with_its_surprises_and_available_stops_at_zero(shop):
    counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 3)], document="bonn-1-7", actor="till", key="s1"
    )
    stock(shop, "bonn", {HOOKS: 2})

    terms = answers.why(shop, HOOKS, "bonn")

    assert (terms.on_hand, terms.safety, terms.doubt, terms.available) == (2, 0, 3, 0)
    assert (terms.taken, terms.beyond) == (3, 1)
    assert [(one.cause, one.difference, one.document) for one in terms.surprises] == [
        ("found", 3, "bonn-1-7")
    ]
    assert terms.on_hand - terms.taken + terms.beyond == terms.available


def test_what_is_coming_is_named_with_its_day_and_does_not_count(shop):
    stock(shop, "lager", {HOOKS: 4})
    purchases.place(
        shop,
        number="PO-7",
        supplier="Haken & Co",
        location="bonn",
        lines=[purchases.Wanted(HOOKS, 6, FRIDAY)],
        actor="Eva",
    )
    [due] = answers.why(shop, HOOKS, "bonn").incoming
    assert (due.document, due.quantity, due.expected_on, due.late) == ("PO-7", 6, FRIDAY, False)
    assert answers.why(shop, HOOKS, "bonn").available == 0


def test_a_place_that_never_held_it_has_no_terms(shop):
    terms = answers.why(shop, HOOKS, "koeln")
    assert (terms.on_hand, terms.available, terms.causes, terms.claims) == (0, 0, [], [])
    assert terms.documents == []


def test_availability_of_many_goods_over_all_places_reads_and_changes_nothing(shop):
    stock(shop, "lager", {HOOKS: 5, LURES: 1})
    stock(shop, "bonn", {HOOKS: 2})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=SOON)
    before = photograph(shop)

    found = availability.available(shop, [HOOKS, LURES, "NO-SUCH", HOOKS])

    assert found == {
        ("lager", HOOKS): Availability(5, 2, 0, 0, 0),
        ("lager", LURES): Availability(1, 0, 0, 0, 0),
        ("bonn", HOOKS): Availability(2, 0, 0, 0, 0),
    }
    assert found["lager", HOOKS].available == 3
    # Seen from after the deadline the held units are free.
    assert availability.available(shop, [HOOKS], SOON)["lager", HOOKS].available == 5
    assert availability.available(shop, []) == {}
    assert photograph(shop) == before


def test_a_sale_of_an_offline_till_is_booked_later_than_it_happened(shop):
    stock(shop, "bonn", {HOOKS: 3})
    sold_at = WEDNESDAY - timedelta(hours=3)
    counter_sales.sell(
        shop,
        location="bonn",
        lines=[(HOOKS, 1)],
        document="bonn-1-8",
        actor="till",
        key="s1",
        sold_at=sold_at,
    )
    [movement] = ledger.movements(shop, HOOKS, limit=1)
    assert (movement.moved_at, movement.booked_at) == (sold_at, WEDNESDAY)
