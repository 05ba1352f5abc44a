"""Baskets of accounts: joined at sign-in, the same everywhere, at the till with consent."""

import threading
from datetime import timedelta

import pytest

from app.identity import customers as accounts
from app.sales import baskets
from app.workflows import checkout, saved_baskets
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound
from loyalty import customers
from tests import small_shop
from tests.small_shop import HOOK, LURE, MUELLER, PAN, WEDNESDAY

pytestmark = pytest.mark.usefixtures("wednesday", "sound", "app")


@pytest.fixture
def account(app):
    small_shop.build({("lager", LURE): 9, ("lager", HOOK): 9})
    with transaction() as session:
        return accounts.open_account(session, "mueller@example.org", MUELLER).id


def held(token):
    with reading() as session:
        found = baskets.by_token(session, token)
        return {line.sku: line.quantity for line in baskets.lines(session, found)}


def saved(account):
    with reading() as session:
        found = baskets.of_account(session, account)
        return found and (found.token, found.customer_number)


def test_a_guests_basket_is_saved_and_found_on_the_next_device(account):
    guest = small_shop.basket_with((LURE, 2))
    assert saved_baskets.adopt(MUELLER, guest) == guest
    assert saved_baskets.adopt(MUELLER, None) == guest
    assert saved(account) == (guest, MUELLER)
    # The prices of the account are what the customer is told from now on.
    with reading() as session:
        (line,) = baskets.lines(session, baskets.by_token(session, guest))
    assert line.seen_minor == 655


def test_two_baskets_become_one_that_has_every_line_once(account):
    saved_baskets.adopt(MUELLER, small_shop.basket_with((LURE, 2), (HOOK, 5)))
    second = small_shop.basket_with((LURE, 3), (HOOK, 1), (PAN, 1))
    token = saved_baskets.adopt(MUELLER, second)
    assert held(token) == {LURE: 3, HOOK: 5, PAN: 1}
    assert held(second) == {}
    # Once more changes nothing: nothing is doubled by a second sign-in.
    assert saved_baskets.adopt(MUELLER, second) == token
    assert saved_baskets.adopt(MUELLER, token) == token
    assert held(token) == {LURE: 3, HOOK: 5, PAN: 1}


def test_somebody_elses_saved_basket_and_an_order_stay_what_they_are(account):
    with transaction() as session:
        number = customers.enrol(session, name="Ute", email="ute@example.org").number
        accounts.open_account(session, "ute@example.org", number)
    hers = saved_baskets.adopt(number, small_shop.basket_with((PAN, 1)))
    assert saved_baskets.adopt(MUELLER, hers) is None
    ordered = small_shop.basket_with((LURE, 1))
    checkout.place(ordered, small_shop.buyer())
    assert saved_baskets.adopt(MUELLER, ordered) is None
    assert (held(hers), saved(account)) == ({PAN: 1}, None)
    assert saved_baskets.adopt("nobody", ordered) == ordered


def test_an_ordered_basket_makes_room_for_the_next(account):
    first = saved_baskets.adopt(MUELLER, small_shop.basket_with((LURE, 1)))
    checkout.place(first, small_shop.buyer())
    with transaction() as session:
        second = saved_baskets.opened_for(session, account, MUELLER)
        again = saved_baskets.opened_for(session, account, MUELLER)
        assert (second.id == again.id, second.token == first) == (True, False)


def test_two_devices_at_once_end_in_one_basket(account):
    tokens = [small_shop.basket_with((LURE, 1)), small_shop.basket_with((HOOK, 2))]
    start, found = threading.Barrier(2), []

    def device(token):
        start.wait()
        found.append(saved_baskets.adopt(MUELLER, token))

    threads = [threading.Thread(target=device, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert held(found[0]) == {LURE: 1, HOOK: 2}


def test_the_till_reads_a_basket_by_its_code_as_long_as_its_customer_wants(account):
    token = small_shop.basket_with((LURE, 2), number=MUELLER)
    with transaction() as session:
        basket = baskets.by_token(session, token)
        code = baskets.give_code(session, basket).code
        assert baskets.give_code(session, basket).code == code
    with reading() as session:
        shown = saved_baskets.for_till(session, f" {code.lower()} ")
        assert [(line.sku, line.quantity) for line in shown.lines] == [(LURE, 2)]
        assert shown.customer_number == MUELLER
    with clock.frozen(WEDNESDAY + timedelta(hours=24)), reading() as session:
        with pytest.raises(NotFound, match="basket"):
            saved_baskets.for_till(session, code)
    with transaction() as session:
        baskets.withdraw_code(session, baskets.by_token(session, token))
        with pytest.raises(NotFound, match="basket"):
            saved_baskets.for_till(session, code)
        fresh = baskets.give_code(session, baskets.by_token(session, token)).code
        assert fresh != code
        saved_baskets.sold_in(session, fresh, "K-SOLD01")
        saved_baskets.sold_in(session, fresh, "K-SOLD02")
        with pytest.raises(NotFound, match="basket"):
            saved_baskets.for_till(session, fresh)
        assert baskets.by_token(session, token).order_ref == "K-SOLD01"
