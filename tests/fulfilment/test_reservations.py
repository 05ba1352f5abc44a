"""Reservations: held until a deadline, ended exactly once."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from fulfilment.claims import reservations
from fulfilment.stock import safety
from kit import clock
from kit.errors import Invalid, Refused
from tests.fulfilment.warehouse import (
    HOOKS,
    LURES,
    WEDNESDAY,
    balance,
    photograph,
    stock,
    want,
)

SOON = WEDNESDAY + timedelta(minutes=30)
AFTER = SOON + timedelta(seconds=1)


def states(session):
    rows = session.execute(
        text("SELECT order_ref, state, quantity FROM stock_reservations ORDER BY 1, 2, 3")
    )
    return [tuple(row) for row in rows]


def test_a_placed_order_holds_its_units(shop):
    stock(shop, "lager", {HOOKS: 3, LURES: 9})
    line = uuid.uuid4()
    wants = [want(HOOKS, "lager", 2, line), want(LURES, "lager", 4)]

    placed = reservations.place(shop, order_ref="K-1", wants=wants, expires_at=SOON)

    assert [(row.sku, row.quantity, row.state) for row in placed] == [
        (HOOKS, 2, "held"),
        (LURES, 4, "held"),
    ]
    assert placed[0].line_id == line
    assert (placed[0].placed_at, placed[0].expires_at) == (WEDNESDAY, SOON)
    assert sorted(reservations.of_order(shop, "K-1"), key=lambda row: row.sku) == sorted(
        placed, key=lambda row: row.sku
    )
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "reserved": 2}


def test_an_order_that_one_place_cannot_fill_holds_nothing_at_all(shop):
    stock(shop, "lager", {HOOKS: 3, LURES: 9})
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        reservations.place(
            shop,
            order_ref="K-1",
            wants=[want(LURES, "lager", 9), want(HOOKS, "lager", 4), want(HOOKS, "bonn", 1)],
            expires_at=SOON,
        )

    assert refusal.value.code == "stock_short"
    assert refusal.value.facts == {
        "short": [
            {"sku": HOOKS, "location": "bonn", "wanted": 1, "available": 0},
            {"sku": HOOKS, "location": "lager", "wanted": 4, "available": 3},
        ]
    }
    assert photograph(shop) == before


def test_two_lines_that_share_one_sku_are_added_up_as_medusa_16502_did_not(shop):
    stock(shop, "lager", {HOOKS: 3})
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        reservations.place(
            shop,
            order_ref="K-1",
            wants=[want(HOOKS, "lager", 2), want(HOOKS, "lager", 2)],
            expires_at=SOON,
        )

    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 4, "available": 3}
    ]
    assert photograph(shop) == before


def test_safety_stock_and_quarantine_are_not_for_sale(shop):
    stock(shop, "bonn", {HOOKS: 5})
    safety.put(shop, {("bonn", HOOKS): 2}, reason="for the counter", actor="Eva")
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 3)], expires_at=SOON)

    with pytest.raises(Refused) as refusal:
        reservations.place(shop, order_ref="K-2", wants=[want(HOOKS, "bonn", 1)], expires_at=SOON)

    assert refusal.value.facts["short"][0]["available"] == 0
    found = availability.available(shop, [HOOKS])["bonn", HOOKS]
    assert (found.on_hand, found.reserved, found.safety, found.available) == (5, 3, 2, 0)


@pytest.mark.parametrize("quantity", [0, -2, 2.0, True])
def test_only_whole_units_are_held(shop, quantity):
    stock(shop, "lager", {HOOKS: 3})
    before = photograph(shop)
    with pytest.raises(Invalid, match="quantity"):
        reservations.place(
            shop, order_ref="K-1", wants=[want(HOOKS, "lager", quantity)], expires_at=SOON
        )
    assert photograph(shop) == before


def test_an_expired_reservation_is_free_at_once_before_any_sweeper(shop):
    stock(shop, "lager", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=SOON)

    with clock.frozen(SOON - timedelta(microseconds=1)):
        assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 1
    with clock.frozen(SOON):
        assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 3
        reservations.place(
            shop,
            order_ref="K-2",
            wants=[want(HOOKS, "lager", 3)],
            expires_at=SOON + timedelta(minutes=30),
        )

    assert states(shop) == [("K-1", "expired", 2), ("K-2", "held", 3)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "reserved": 3}


def test_a_deadline_is_moved_to_later_never_to_earlier(shop):
    stock(shop, "lager", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=SOON)

    assert reservations.extend(shop, "K-1", SOON - timedelta(minutes=5)) == 1
    assert reservations.of_order(shop, "K-1")[0].expires_at == SOON
    assert reservations.extend(shop, "K-1", SOON + timedelta(minutes=5)) == 1
    assert reservations.of_order(shop, "K-1")[0].expires_at == SOON + timedelta(minutes=5)
    assert reservations.extend(shop, "K-unknown", SOON) == 0


def test_what_has_ended_is_not_extended(shop):
    stock(shop, "lager", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=SOON)
    reservations.release(shop, "K-1")
    before = photograph(shop)

    assert reservations.extend(shop, "K-1", AFTER) == 0
    assert photograph(shop) == before


def test_released_units_are_free_and_a_second_release_does_nothing(shop):
    stock(shop, "lager", {HOOKS: 3})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=SOON)

    [released] = reservations.release(shop, "K-1")
    assert (released.state, released.ended_at, released.quantity) == ("released", WEDNESDAY, 2)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3}
    before = photograph(shop)
    assert reservations.release(shop, "K-1") == []
    assert photograph(shop) == before


def test_the_sweeper_ends_what_is_due_and_nothing_else(shop):
    stock(shop, "lager", {HOOKS: 9})
    for number in range(3):
        reservations.place(
            shop,
            order_ref=f"K-{number}",
            wants=[want(HOOKS, "lager", 2)],
            expires_at=SOON + timedelta(minutes=number),
        )

    assert reservations.expire_due(shop, SOON - timedelta(seconds=1)) == 0
    assert reservations.expire_due(shop, SOON + timedelta(minutes=1)) == 2
    assert reservations.expire_due(shop, SOON + timedelta(minutes=1)) == 0
    assert states(shop) == [("K-0", "expired", 2), ("K-1", "expired", 2), ("K-2", "held", 2)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "reserved": 2}


def test_the_sweeper_looks_at_so_many_reservations_at_once(shop):
    stock(shop, "lager", {f"S-{number}": 1 for number in range(5)})
    wants = [want(f"S-{number}", "lager", 1) for number in range(5)]
    reservations.place(shop, order_ref="K-1", wants=wants, expires_at=SOON)

    assert [reservations.expire_due(shop, AFTER, limit=2) for _ in range(4)] == [2, 2, 1, 0]
