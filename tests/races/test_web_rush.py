"""The same by HTTP: whole checkouts at several web processes, payment page included."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text

from app import invariants
from app.payments import charges
from app.sales.models import Order
from app.workflows import lapsing
from fulfilment.stock import ledger
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.races.web import WebBuyer, doors
from tests.small_shop import LURE, LURE_MINOR, PAN
from tests.soak import sized

pytestmark = [
    pytest.mark.race,
    pytest.mark.slow,
    pytest.mark.usefixtures("app", "sound_but_for_events"),
]

EVENTS = 12
ORDERS = text("SELECT state, count(*) FROM orders GROUP BY state")
HELD = text(
    "SELECT coalesce(sum(quantity), 0) FROM stock_reservations"
    " WHERE state = 'held' AND expires_at > :now"
)


@pytest.fixture
def sound_but_for_events(database) -> Iterator[None]:
    """Check every invariant afterwards; no worker runs here, so events (12) are still waiting."""
    yield
    with reading() as session:
        found = [one for one in invariants.check(session) if one.number != EVENTS]
    assert [one for one in found if one.state == "broken"] == []
    assert sum(one.state == "holds" for one in found) > 8


@pytest.fixture
def shop_clock() -> Iterator[None]:
    """Put the clock of this process right after a test that moved the shop's."""
    yield
    clock._clock.offset = timedelta()


def test_a_crowd_at_the_order_button_and_one_unit(database_url, redis_url, stripe_double):
    """Everybody stands before the button with the last unit in the basket and presses at once."""
    rivals, rounds = sized(8, 100), sized(2, 5)
    small_shop.build({("koeln", PAN): 2})
    with doors(database_url, redis_url, stripe_double) as address:
        _paid(WebBuyer(address, 9_001), PAN)
        for number in range(rounds):
            # One is allocated, one is held by somebody who is about to pay, one is left.
            holder = WebBuyer(address, 9_100 + number)
            holding = _ordered(holder, PAN)
            assert holding is not None
            with transaction() as session:
                ledger.receive(
                    session, "koeln", [(PAN, 1)], document="D", actor="kai", key=f"r/{number}"
                )
            pages, buyers = _press_at_once(address, rivals, number)

            won = [who for who, page in enumerate(pages) if page is not None]
            assert len(won) == 1
            losers = [buyer.words() for buyer, page in zip(buyers, pages, strict=True) if not page]
            assert len(losers) == rivals - 1
            # Losers stand before their basket, which says what is the matter.
            assert all("Schmiedepfanne 28 cm" in words for words in losers)
            assert all("So viel ist nicht da." in words for words in losers), losers[0][:600]
            buyers[won[0]].pay(pages[won[0]])
            holder.pay(holding)
            with transaction() as session:
                ledger.receive(
                    session, "koeln", [(PAN, 1)], document="D", actor="kai", key=f"n/{number}"
                )
            orders = 1 + 2 * (number + 1)
            with reading() as session:
                assert dict(session.execute(ORDERS).all()) == {"confirmed": orders}
                assert small_shop.books(session)["koeln", PAN] == (orders + 1, 0, 0, orders)


def _press_at_once(address, rivals, number):
    start = Barrier(rivals)

    def press(who):
        buyer = WebBuyer(address, number * 1_000 + who)
        buyer.fill(PAN)
        assert buyer.review()
        start.wait(300)
        return buyer.order(), buyer

    with ThreadPoolExecutor(rivals) as crowd:
        came = list(crowd.map(press, range(rivals)))
    return [page for page, _ in came], [buyer for _, buyer in came]


def _ordered(buyer, sku):
    buyer.fill(sku)
    return buyer.order() if buyer.review() else None


def _paid(buyer, sku):
    return buyer.pay(_ordered(buyer, sku))


def test_a_flash_sale_by_http_sells_everything_once(
    database_url, redis_url, stripe_double, shop_clock
):
    """Targets: 1,000 buyers, 100 units over 3 locations, a fifth never pay; the late come back."""
    people, units, at_once = sized(20, 1_000), sized(10, 100), sized(8, 24)
    split = {"lager": units // 2, "bonn": units * 3 // 10, "koeln": units // 5}
    small_shop.build({(place, LURE): stock for place, stock in split.items()})
    paid, waiting = [], list(range(people))
    with doors(database_url, redis_url, stripe_double) as address:

        def come(who):
            buyer = WebBuyer(address, who)
            page = _ordered(buyer, LURE)
            if page is None:
                return who, "sold_out", ""
            return who, *(("abandoned", "") if who % 5 == 0 else ("paid", buyer.pay(page)))

        for _wave in range(12):
            with ThreadPoolExecutor(at_once) as crowd:
                came = list(crowd.map(come, waiting))
            gone = [who for who, outcome, _ in came if outcome == "abandoned"]
            paid += [ref for _, outcome, ref in came if outcome == "paid"]
            waiting = [who for who, outcome, _ in came if outcome == "sold_out"]
            with reading() as session:
                held = session.scalar(HELD, {"now": clock.now()})
            # Nothing is left that nobody has, and nobody has what is not there.
            assert len(paid) + len(gone) == units
            assert held == len(gone)
            if not gone:
                break
            with transaction() as session:
                clock.move_to(session, clock.now() + timedelta(minutes=20))
            # The payment pages are closed at the provider before the goods are free.
            assert lapsing.lapse_due() == len(gone)

    assert len(set(paid)) == len(paid) == units
    with reading() as session:
        states = dict(session.execute(ORDERS).all())
        assert states == {"confirmed": units, "lapsed": states.get("lapsed", 0)}
        assert len(waiting) + units + states["lapsed"] == people
        books = small_shop.books(session)
        assert {place: books[place, LURE] for place in split} == {
            place: (stock, 0, 0, stock) for place, stock in split.items()
        }
        for ref in paid:
            payment = charges.of_order(session, ref)
            assert (payment.state, payment.captured_minor) == ("captured", LURE_MINOR + 490)
        refs = session.scalars(select(Order.ref).where(Order.state == "confirmed")).all()
        assert sorted(refs) == sorted(paid)
