"""Safety stock: what is kept back is decided by somebody, for a reason, and stays on record."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from fulfilment.claims import reservations
from fulfilment.proofs import Drift, drift
from fulfilment.stock import safety
from fulfilment.stock.safety import Setting
from kit import clock
from kit.errors import Invalid, NotFound
from tests.fulfilment.warehouse import HOOKS, LURES, WEDNESDAY, photograph, stock, want

BONN, KOELN = ("bonn", HOOKS), ("koeln", HOOKS)


def free(session, place=BONN):
    return availability.available(session, [place[1]])[place].available


def test_what_is_kept_back_is_not_promised_and_says_who_decided_it(shop):
    stock(shop, "bonn", {HOOKS: 5})

    assert safety.put(shop, {BONN: 2, KOELN: 1}, reason=" for the counter ", actor="Eva") == 2
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        assert safety.put(shop, {BONN: 3, KOELN: 1}, reason="a fair", actor="Ben") == 1

    assert free(shop) == 2
    assert safety.history(shop, HOOKS, "bonn") == [
        Setting(3, "a fair", "Ben", WEDNESDAY + timedelta(hours=1)),
        Setting(2, "for the counter", "Eva", WEDNESDAY),
    ]
    assert safety.history(shop, HOOKS, "koeln") == [Setting(1, "for the counter", "Eva", WEDNESDAY)]
    assert safety.history(shop, LURES, "bonn") == []


def test_the_same_again_changes_and_records_nothing(shop):
    stock(shop, "bonn", {HOOKS: 5})
    safety.put(shop, {BONN: 2}, reason="for the counter", actor="Eva")
    before = photograph(shop)
    assert safety.put(shop, {BONN: 2}, reason="once more", actor="Ben") == 0
    assert safety.put(shop, {}, reason="nothing", actor="Ben") == 0
    assert photograph(shop) == before


def test_more_than_is_there_may_be_kept_back_and_claims_stay(shop):
    stock(shop, "bonn", {HOOKS: 3})
    soon = WEDNESDAY + timedelta(minutes=30)
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=soon)

    safety.put(shop, {BONN: 9}, reason="a fair", actor="Eva")

    assert free(shop) == 0
    assert [row.state for row in reservations.of_order(shop, "K-1")] == ["held"]
    safety.put(shop, {BONN: 0}, reason="it is over", actor="Eva")
    assert free(shop) == 1


@pytest.mark.parametrize("units", [-1, safety.MOST + 1])
def test_a_safety_stock_that_makes_no_sense_changes_nothing(shop, units):
    stock(shop, "bonn", {HOOKS: 3})
    before = photograph(shop)
    with pytest.raises(Invalid, match="safety_stock") as refusal:
        safety.put(shop, {KOELN: 1, BONN: units}, reason="a fair", actor="Eva")
    assert refusal.value.facts == {"location": "bonn", "sku": HOOKS, "units": units}
    assert photograph(shop) == before


def test_nothing_is_kept_back_without_a_reason_or_nowhere(shop):
    before = photograph(shop)
    with pytest.raises(Invalid, match="reason"):
        safety.put(shop, {BONN: 1}, reason="  ", actor="Eva")
    with pytest.raises(NotFound, match="location"):
        safety.put(shop, {("mars", HOOKS): 1}, reason="a fair", actor="Eva")
    assert photograph(shop) == before


def test_a_safety_stock_that_nobody_set_breaks_the_proof(shop):
    stock(shop, "bonn", {HOOKS: 3})
    safety.put(shop, {BONN: 2}, reason="a fair", actor="Eva")
    shop.execute(text("UPDATE stock_balances SET safety_stock = 3"))
    assert drift(shop) == [Drift("bonn", HOOKS, "safety_stock", 3, 2)]
    shop.execute(text("UPDATE stock_balances SET safety_stock = 0"))
    assert drift(shop) == [Drift("bonn", HOOKS, "safety_stock", 0, 2)]
    shop.execute(text("UPDATE stock_balances SET safety_stock = 2"))
