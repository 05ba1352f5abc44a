"""Gift cards in checkout and at the till: in full, in part, put back, and never spent twice."""

import threading
from datetime import timedelta

import pytest

from app.payments import charges, paybacks
from app.sales import baskets, orders
from app.workflows import checkout, lapsing, return_order
from app.workflows.return_order import Returned
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from catalog import promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from loyalty import gift_card_codes, gift_cards
from tests import small_shop
from tests.small_shop import LURE, LURE_MINOR, TOKEN, WEDNESDAY, basket_with, buyer

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

TWO = 2 * LURE_MINOR + 490


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24, ("bonn", LURE): 12})


def card_of(minor, key="issue"):
    with transaction() as session:
        return gift_cards.issue(session, minor, kind="sold", document="R-1", actor="Kai", key=key)


def left_on(card):
    with reading() as session:
        return gift_cards.one(session, card.id).balance_minor


def filled(card):
    token = basket_with((LURE, 2))
    with transaction() as session:
        baskets.attach_gift_card(session, baskets.by_token(session, token), card.id)
    return token


def payments(ref):
    with reading() as session:
        return [
            (one.method, one.state, one.amount_minor, one.captured_minor, one.refunded_minor)
            for one in charges.all_of_order(session, ref)
        ]


def state_of(ref):
    with reading() as session:
        return orders.by_ref(session, ref).state


def rest_of(ref):
    with reading() as session:
        return str(charges.of_order(session, ref).id)


def test_a_card_that_covers_all_pays_and_confirms_at_once(shop):
    card, _ = card_of(5000)
    token = filled(card)
    placed = checkout.place(token, buyer(), TWO, TWO)
    assert checkout.place(token, buyer(), TWO, TWO) == placed
    assert state_of(placed.order_ref) == "confirmed"
    assert payments(placed.order_ref) == [("gift_card", "captured", TWO, TWO, 0)]
    assert left_on(card) == 5000 - TWO


def test_a_card_pays_a_part_and_the_rest_is_asked_for(shop):
    card, _ = card_of(1000)
    ref = checkout.place(filled(card), buyer(), TWO, 1000).order_ref
    assert (left_on(card), state_of(ref)) == (0, "placed")
    with transaction() as session, pytest.raises(Refused, match="amount_differs"):
        charges.capture(session, charges.of_order(session, ref), TWO, "pi")
    checkout.settle(rest_of(ref), TWO - 1000, "pi_1")
    checkout.settle(rest_of(ref), TWO - 1000, "pi_1")
    assert state_of(ref) == "confirmed"
    assert sorted(payments(ref)) == [
        ("gift_card", "captured", 1000, 1000, 0),
        ("stripe", "captured", TWO - 1000, TWO - 1000, 0),
    ]


def test_what_nobody_pays_is_on_the_card_again_and_can_be_taken_once_more(shop):
    card, _ = card_of(1000)
    ref = checkout.place(filled(card), buyer(), TWO, 1000).order_ref
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        assert lapsing.lapse_due() == 1
        assert lapsing.lapse_due() == 0
        assert (left_on(card), state_of(ref)) == (1000, "lapsed")
        checkout.settle(rest_of(ref), TWO - 1000, "pi_1")
    assert (left_on(card), state_of(ref)) == (0, "confirmed")


def test_a_late_payment_goes_back_where_the_card_was_spent_meanwhile(shop):
    card, _ = card_of(1000)
    ref = checkout.place(filled(card), buyer(), TWO, 1000).order_ref
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        lapsing.lapse_due()
        with transaction() as session:
            gift_cards.redeem(session, card.id, 1, document="x", actor="Kai", key="x")
        checkout.settle(rest_of(ref), TWO - 1000, "pi_1")
    rest = TWO - 1000
    assert sorted(payments(ref)) == [
        ("gift_card", "expired", 1000, 0, 0),
        ("stripe", "captured", rest, rest, rest),
    ]
    assert (left_on(card), state_of(ref)) == (999, "lapsed")


def test_a_card_that_shrank_is_asked_about_again_and_nothing_is_ordered(shop):
    card, _ = card_of(1000)
    token = filled(card)
    with transaction() as session:
        gift_cards.redeem(session, card.id, 400, document="x", actor="Kai", key="x")
    with pytest.raises(Refused, match="total_changed"):
        checkout.place(token, buyer(), TWO, 1000)
    assert left_on(card) == 600
    with reading() as session:
        assert baskets.by_token(session, token).order_ref is None


def test_two_baskets_at_once_spend_one_card_once(shop):
    card, _ = card_of(TWO)
    tokens = [filled(card) for _ in range(4)]
    start, done, refused = threading.Barrier(4), [], []

    def order(token):
        start.wait()
        try:
            done.append(checkout.place(token, buyer(), TWO, TWO))
        except Refused as refusal:
            refused.append(refusal.code)

    threads = [threading.Thread(target=order, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert set(refused) <= {"gift_card_short", "total_changed"}
    assert len(refused) == 3
    assert left_on(card) == 0


def sale(code, by_card, cash, sale_id="sale-0001"):
    tenders = [Tender("gift_card", by_card, code), Tender("cash", cash)]
    return Sale(sale_id, (SaleLine(LURE, 2, LURE_MINOR),), tuple(tenders))


def sell(posted):
    from app.identity import devices

    with reading() as session:
        device = devices.by_token(session, TOKEN)
    return sales.sell(device, posted)


def test_the_till_takes_a_card_once_and_a_return_puts_it_back(shop):
    card, code = card_of(1000)
    receipt = sell(sale(code, 1000, 380))
    assert sell(sale(code, 1000, 380)).repeated
    assert left_on(card) == 0
    [line] = receipt.lines
    back = [
        return_order.take_back(
            receipt.order.ref, [Returned(line.id, 1)], location="bonn", actor="Kai", key=str(unit)
        )
        for unit in range(2)
    ]
    assert back == [690, 690]
    assert left_on(card) == 1000
    assert sorted(payments(receipt.order.ref)) == [
        ("cash", "captured", 380, 380, 380),
        ("gift_card", "captured", 1000, 1000, 1000),
    ]


@pytest.mark.parametrize(
    ("minor", "wrong", "error"),
    [
        (999, None, Refused),
        (1000, gift_card_codes.shown(gift_card_codes.draw()), NotFound),
        (1000, "0000", Invalid),
    ],
    ids=["too little", "unknown", "no code"],  # the unknown one is drawn anew by every process
)
def test_the_till_books_nothing_where_the_card_does_not_pay(shop, minor, wrong, error):
    card, code = card_of(minor)
    with pytest.raises(error):
        sell(sale(wrong or code, 1000, 380))
    assert left_on(card) == minor
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE][0] == 12


def test_a_code_belongs_to_a_card_and_to_no_other_tender(shop):
    _, code = card_of(1380)
    for tender in (Tender("cash", 1380, code), Tender("gift_card", 1380)):
        with pytest.raises(Invalid, match="gift_card_code"):
            sell(Sale("sale-0002", (SaleLine(LURE, 2, LURE_MINOR),), (tender,)))


def test_no_more_goes_back_than_came(shop):
    card, code = card_of(1380)
    receipt = sell(
        Sale("sale-0003", (SaleLine(LURE, 2, LURE_MINOR),), (Tender("gift_card", 1380, code),))
    )
    with reading() as session:
        [payment] = charges.all_of_order(session, receipt.order.ref)
    with transaction() as session, pytest.raises(Refused, match="refund_too_large"):
        paybacks.intend(session, session.merge(payment), 1381, cause="x", key="x")
    assert left_on(card) == 0


def test_a_promotion_counts_again_when_a_lapsed_order_is_paid_after_all(shop):
    """Its price was promised: it stands beyond the limit, and whoever comes next finds it full."""
    rule = Rule("", name_de="Zehn", name_en="Ten", kind="percent", basis_points=1000)
    days = {"starts_at": WEDNESDAY - timedelta(days=1), "ends_at": WEDNESDAY + timedelta(days=9)}
    with transaction() as session:
        promotion = promotions.create(session, Offer(rule, **days, limit_total=1), actor="Kai")
    first = checkout.place(basket_with((LURE, 1)), buyer()).order_ref
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        lapsing.lapse_due()
        second = checkout.place(basket_with((LURE, 1)), buyer()).order_ref
        checkout.settle(rest_of(first), 621 + 490, "pi_1")
        checkout.settle(rest_of(first), 621 + 490, "pi_1")
        third = checkout.place(basket_with((LURE, 1)), buyer()).order_ref
    with reading() as session:
        (made,) = promotions.listed(session)
        noted = {entry.what: entry.facts for entry in orders.timeline(session, first)}
        totals = [orders.by_ref(session, ref).goods_minor for ref in (first, second, third)]
    assert (made.used, totals) == (2, [621, 621, 690])
    assert noted["promotion_over_limit"] == {"promotions": [promotion]}
