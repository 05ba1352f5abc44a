"""A mistake is corrected by an entry the other way, once, and only where the units still are."""

from datetime import timedelta

import pytest

from fulfilment.claims import reservations
from fulfilment.stock import counter_sales, ledger
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.warehouse import (
    HOOKS,
    WEDNESDAY,
    balance,
    photograph,
    stock,
    want,
)


def latest(session):
    return ledger.movements(session, HOOKS, limit=1)[0]


def correct(session, movement, key="c1", reason="wrong box"):
    return ledger.correct(session, movement, reason=reason, actor="Eva", key=key)


def test_a_receipt_of_the_wrong_goods_goes_back_and_says_what_it_corrects(shop):
    stock(shop, "bonn", {HOOKS: 5})
    mistake = latest(shop)
    with clock.frozen(WEDNESDAY + timedelta(minutes=5)):
        number = correct(shop, mistake.id, reason=" wrong box ")

    row = latest(shop)
    assert (row.id, row.cause, row.quantity) == (number, "correction", 5)
    assert (row.from_account, row.from_location, row.to_account, row.to_location) == (
        "shelf",
        "bonn",
        "supplier",
        None,
    )
    assert (row.document, row.actor) == (f"movement {mistake.id}: wrong box", "Eva")
    assert balance(shop, "bonn", HOOKS) == {}


def test_the_same_correction_again_moves_nothing_and_a_second_one_is_refused(shop):
    stock(shop, "bonn", {HOOKS: 5})
    stock(shop, "bonn", {HOOKS: 5})
    mistake = latest(shop)
    number = correct(shop, mistake.id)
    before = photograph(shop)

    assert correct(shop, mistake.id) == number
    with pytest.raises(Refused) as refusal:
        correct(shop, mistake.id, key="c2")

    assert refusal.value.code == "movement_corrected"
    assert refusal.value.facts == {"movement": mistake.id, "by": number}
    assert photograph(shop) == before


def test_a_correction_may_be_a_mistake_too(shop):
    stock(shop, "bonn", {HOOKS: 5})
    number = correct(shop, latest(shop).id)
    correct(shop, number, key="c2")
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 5}


def test_units_that_are_gone_or_promised_are_not_taken_back(shop):
    stock(shop, "bonn", {HOOKS: 5})
    mistake = latest(shop)
    reservations.place(
        shop,
        order_ref="K-1",
        wants=[want(HOOKS, "bonn", 2)],
        expires_at=WEDNESDAY + timedelta(minutes=30),
    )
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        correct(shop, mistake.id)
    assert refusal.value.code == "stock_short"
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "bonn", "wanted": 5, "available": 3}
    ]
    assert photograph(shop) == before


@pytest.mark.parametrize(
    ("cause", "way"),
    [("till_sale", "return"), ("return", "till_sale"), ("transfer_out", "transfer")],
)
def test_what_other_records_count_too_is_undone_there(shop, cause, way):
    stock(shop, "bonn", {HOOKS: 5})
    facts = {"document": "bonn-1-7", "actor": "till", "key": "s1"}
    if cause == "till_sale":
        counter_sales.sell(shop, location="bonn", lines=[(HOOKS, 1)], **facts)
    elif cause == "return":
        ledger.take_back(shop, "bonn", [(HOOKS, 1)], **facts)
    else:
        ledger.transfer_out(shop, "bonn", "koeln", [(HOOKS, 1)], **facts)
    sale = latest(shop)
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        correct(shop, sale.id)
    assert refusal.value.code == "undone_elsewhere"
    assert refusal.value.facts == {"movement": sale.id, "cause": cause, "way": way}
    assert photograph(shop) == before


def test_a_correction_has_a_reason_and_something_to_correct(shop):
    stock(shop, "bonn", {HOOKS: 5})
    before = photograph(shop)
    with pytest.raises(Invalid, match="reason"):
        correct(shop, latest(shop).id, reason="  ")
    with pytest.raises(NotFound, match="movement"):
        correct(shop, 2**62)
    assert photograph(shop) == before
