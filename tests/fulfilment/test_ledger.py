"""Movements and balances: everything that comes, goes and changes its place."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from fulfilment.claims import allocations, reservations
from fulfilment.stock import ledger
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
    photograph,
    promise,
    stock,
    want,
)

BY = {"document": "LS 7", "actor": "floor:kai"}
LATER = WEDNESDAY.replace(hour=12)


def test_a_receipt_comes_from_the_supplier_onto_the_shelf(shop):
    ids = ledger.receive(shop, "lager", [(HOOKS, 3), (LURES, 5), (HOOKS, 1)], key="r1", **BY)

    assert len(ids) == 2
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4}
    assert balance(shop, "lager", LURES) == {"on_hand": 5}
    [movement] = ledger.movements(shop, HOOKS)
    assert (movement.from_account, movement.from_location) == ("supplier", None)
    assert (movement.to_account, movement.to_location) == ("shelf", "lager")
    assert (movement.quantity, movement.cause, movement.document) == (4, "receipt", "LS 7")
    assert (movement.actor, movement.channel) == ("floor:kai", "floor")
    assert movement.moved_at == WEDNESDAY


def test_the_same_key_again_moves_nothing_and_names_the_first_movement(shop):
    first = ledger.receive(shop, "lager", [(HOOKS, 3), (LURES, 5)], key="r1", **BY)
    before = photograph(shop)

    assert ledger.receive(shop, "lager", [(HOOKS, 3), (LURES, 5)], key="r1", **BY) == first
    assert photograph(shop) == before


def test_a_repeat_is_harmless_even_when_the_units_have_gone_since(shop):
    stock(shop, "lager", {HOOKS: 3})
    first = ledger.transfer_out(shop, "lager", "bonn", [(HOOKS, 3)], key="t1", **BY)
    before = photograph(shop)

    assert ledger.transfer_out(shop, "lager", "bonn", [(HOOKS, 3)], key="t1", **BY) == first
    assert photograph(shop) == before


def test_of_new_and_seen_keys_in_one_call_only_the_new_ones_move(shop):
    def receipt(sku, key):
        return ledger.Move(sku, 2, "supplier", None, "shelf", "lager", "receipt", "LS 7", key)

    [first] = ledger.move(shop, [receipt(HOOKS, "a")], actor="kai", channel="floor")
    both = ledger.move(
        shop, [receipt(LURES, "b"), receipt(HOOKS, "a")], actor="kai", channel="floor"
    )

    assert both[1] == first
    assert both[0] > first
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2}
    assert balance(shop, "lager", LURES) == {"on_hand": 2}


def test_what_is_not_there_does_not_leave(shop):
    stock(shop, "lager", {HOOKS: 2, LURES: 9})
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        ledger.transfer_out(shop, "lager", "bonn", [(LURES, 1), (HOOKS, 3)], key="t", **BY)

    assert refusal.value.code == "stock_short"
    assert refusal.value.facts == {
        "short": [{"sku": HOOKS, "location": "lager", "wanted": 3, "available": 2}]
    }
    assert photograph(shop) == before


def test_what_is_promised_does_not_leave(shop):
    stock(shop, "lager", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 1)], expires_at=LATER)
    wants = [want(HOOKS, "lager", 1)]
    allocations.allocate(shop, order_ref="K-2", wants=wants, promised=promise(wants))
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        ledger.transfer_out(shop, "lager", "bonn", [(HOOKS, 2)], key="t", **BY)

    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 2, "available": 1}
    ]
    assert photograph(shop) == before


def test_a_transfer_is_on_the_way_until_it_arrives(shop):
    stock(shop, "lager", {HOOKS: 5})

    ledger.transfer_out(shop, "lager", "bonn", [(HOOKS, 3)], key="out", **BY)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2}
    assert balance(shop, "bonn", HOOKS) == {"in_transit": 3}

    ledger.transfer_in(shop, "bonn", [(HOOKS, 2)], key="in", **BY)
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 2, "in_transit": 1}

    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        ledger.transfer_in(shop, "bonn", [(HOOKS, 2)], key="in again", **BY)
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "bonn", "wanted": 2, "available": 1}
    ]
    assert photograph(shop) == before


def test_a_return_is_booked_where_it_is_received_as_spree_4324_did_not(shop):
    ledger.take_back(shop, "koeln", [(HOOKS, 1)], key="a", **BY)
    ledger.take_back(shop, "koeln", [(HOOKS, 2)], to="quarantine", key="b", **BY)

    assert balance(shop, "koeln", HOOKS) == {"on_hand": 3, "quarantined": 2}
    before = photograph(shop)
    with pytest.raises(Invalid, match="disposition"):
        ledger.take_back(shop, "koeln", [(HOOKS, 1)], to="customer", key="c", **BY)
    assert photograph(shop) == before


def test_quarantine_ends_only_for_what_is_in_it(shop):
    stock(shop, "bonn", {HOOKS: 5})
    assert ledger.quarantine(shop, "bonn", [(HOOKS, 4)], key="q", **BY) == []
    ledger.release(shop, "bonn", [(HOOKS, 1)], key="r", **BY)
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 5, "quarantined": 3}

    before = photograph(shop)
    with pytest.raises(Refused, match="stock_short"):
        ledger.release(shop, "bonn", [(HOOKS, 4)], key="r again", **BY)
    assert photograph(shop) == before


def test_a_write_off_takes_the_latest_promise_and_says_so(shop):
    stock(shop, "bonn", {HOOKS: 3})
    sooner, later = [want(HOOKS, "bonn", 1)], [want(HOOKS, "bonn", 2)]
    allocations.allocate(shop, order_ref="K-1", wants=sooner, promised=promise(sooner, FRIDAY))
    allocations.allocate(shop, order_ref="K-2", wants=later, promised=promise(later, SATURDAY))

    lost = ledger.write_off(shop, "bonn", [(HOOKS, 1)], key="w", **BY)

    assert [(loss.order_ref, loss.quantity) for loss in lost] == [("K-2", 1)]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 2, "allocated": 2}
    assert events_of(shop) == [("ShortageOpened", {"order_ref": "K-2", "cause": "write_off"})]
    states = [(row.order_ref, row.state, row.quantity) for row in _allocations(shop)]
    assert states == [("K-1", "open", 1), ("K-2", "lost", 1), ("K-2", "open", 1)]


def test_a_write_off_posted_twice_takes_once(shop):
    stock(shop, "bonn", {HOOKS: 3})
    ledger.write_off(shop, "bonn", [(HOOKS, 2)], key="w", **BY)
    before = photograph(shop)

    assert ledger.write_off(shop, "bonn", [(HOOKS, 2)], key="w", **BY) == []
    assert photograph(shop) == before


def test_more_than_the_shelf_holds_cannot_be_written_off(shop):
    stock(shop, "bonn", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=LATER)
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        ledger.write_off(shop, "bonn", [(HOOKS, 4)], key="w", **BY)

    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "bonn", "wanted": 4, "available": 3}
    ]
    assert photograph(shop) == before


@pytest.mark.parametrize("quantity", [0, -1, True, 1.5, "3", None])
def test_only_whole_units_move(shop, quantity):
    before = photograph(shop)
    with pytest.raises(Invalid) as refusal:
        ledger.receive(shop, "lager", [(HOOKS, quantity)], key="r", **BY)
    assert (refusal.value.code, refusal.value.facts) == ("quantity", {"quantity": quantity})
    assert photograph(shop) == before


def test_an_unknown_location_is_not_found(shop):
    before = photograph(shop)
    with pytest.raises(NotFound) as refusal:
        ledger.receive(shop, "mond", [(HOOKS, 1)], key="r", **BY)
    assert (refusal.value.code, refusal.value.facts) == ("location", {"location": "mond"})
    assert photograph(shop) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_movements SET quantity = 99",
        "DELETE FROM stock_movements",
        "TRUNCATE stock_movements",
    ],
)
def test_the_application_cannot_change_the_past(shop, statement):
    stock(shop, "lager", {HOOKS: 3})
    with pytest.raises(ProgrammingError, match="permission denied"), shop.begin_nested():
        shop.execute(text(statement))
    assert [row.quantity for row in ledger.movements(shop, HOOKS)] == [3]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("on_hand = on_hand - 4", "claims_covered"),
        ("reserved = reserved + 1", "claims_covered"),
        ("quarantined = 1", "claims_covered"),
        ("picked = 3", "not_negative"),
        ("in_transit = -1", "not_negative"),
    ],
)
def test_constraints_stand_behind_the_code(shop, change, constraint):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 2)]
    allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    reservations.place(shop, order_ref="K-2", wants=[want(HOOKS, "lager", 1)], expires_at=LATER)

    with pytest.raises(IntegrityError, match=constraint), shop.begin_nested():
        shop.execute(text(f"UPDATE stock_balances SET {change}"))
    assert broken(shop) == []


def test_movements_of_one_place_are_the_latest_first(shop):
    stock(shop, "lager", {HOOKS: 5})
    stock(shop, "koeln", {HOOKS: 1})
    ledger.transfer_out(shop, "lager", "bonn", [(HOOKS, 3)], key="out", **BY)
    ledger.transfer_in(shop, "bonn", [(HOOKS, 3)], key="in", **BY)

    causes = [row.cause for row in ledger.movements(shop, HOOKS, "bonn")]
    assert causes == ["transfer_in", "transfer_out"]
    assert [row.cause for row in ledger.movements(shop, HOOKS, limit=2)] == causes
    assert len(ledger.movements(shop, HOOKS)) == 4


def _allocations(session):
    return session.execute(
        text("SELECT * FROM stock_allocations ORDER BY order_ref, state, quantity")
    ).all()
