"""Reserve in a store without paying: held, laid out, bought at the counter, or free again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.messages.models import Message
from app.sales import baskets, store_holds, terms
from app.sales.hold_models import StoreHold, StoreHoldLine
from app.sales.models import Order
from app.workflows import checkout, forgetting, reserve_in_store
from app.workflows.reserve_in_store import Reserver
from fulfilment.claims import reservations, shortages
from fulfilment.stock import counter_sales
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from tests import small_shop
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing

pytestmark = pytest.mark.usefixtures("wednesday", "sound", "app")

ANNA = Reserver("Anna Berg", "anna@example.org")
# Ready at 14:00; two open days later the store closes at 19:00.
READY = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
UNTIL = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


@pytest.fixture
def shop(app):
    small_shop.build({("bonn", HOOK): 2, ("bonn", LURE): 1, ("koeln", HOOK): 5})


def reserve(*lines, at="bonn", who=ANNA):
    return reserve_in_store.reserve(small_shop.basket_with(*lines), who, at)


def hold_of(held):
    with reading() as session:
        return store_holds.by_ref(session, held.ref)


def books(place, sku):
    with reading() as session:
        return small_shop.books(session)[place, sku]


def letters():
    with reading() as session:
        rows = session.scalars(select(Message).order_by(Message.created_at, Message.key))
        return [(row.key.split("/")[2], row) for row in rows]


def sale(document="bonn-1-000001", *lines, held=None):
    with transaction() as session:
        if held:
            reserve_in_store.collect_in(
                session, held.ref, location="bonn", actor="till bonn-1", document=document
            )
        return counter_sales.sell(
            session,
            location="bonn",
            lines=lines,
            document=document,
            actor="till bonn-1",
            key=f"sale/{document}",
        )


def test_it_is_held_laid_out_told_and_sold_at_the_counter(shop, settle_events):
    held = reserve((HOOK, 2), (LURE, 1))
    hold = hold_of(held)
    assert (hold.state, hold.ready_by_at, hold.expires_at) == ("held", READY, UNTIL)
    assert (books("bonn", HOOK), books("bonn", LURE)) == ((2, 0, 2, 0), (1, 0, 1, 0))
    with reading() as session:
        claims = reservations.of_order(session, held.ref)
        assert session.scalars(select(Order)).all() == []
    assert {claim.expires_at for claim in claims} == {UNTIL + timedelta(minutes=2)}
    assert reserve_in_store.lay_out(held.ref, location="bonn", actor="Frau Adler")
    assert not reserve_in_store.lay_out(held.ref, location="bonn", actor="Frau Adler")
    settle_events()
    # What was already laid out when the first letter is written is told as it was said.
    assert [what for what, _ in letters()] == ["held", "ready"]
    ready = letters()[1][1]
    assert ready.subject == f"Liegt bereit in Bonn: {held.ref}"
    assert "Zurückgelegt bis Fr 27.11., 19:00. Sie kaufen erst im Geschäft" in ready.body_text
    assert f"/reservierung/{held.ref}?t={held.token}" in ready.body_text
    assert "Vertrag" not in ready.body_text
    sold = sale("bonn-1-000001", (HOOK, 2), (LURE, 1), held=held)
    assert (sold.found, sold.lost) == ([], [])
    assert (books("bonn", HOOK), books("bonn", LURE)) == ((0, 0, 0, 0), (0, 0, 0, 0))
    hold = hold_of(held)
    assert (hold.state, hold.document) == ("collected", "bonn-1-000001")
    # The same receipt again is the same hand-over; another one is refused, and moves nothing.
    sale("bonn-1-000001", (HOOK, 2), (LURE, 1), held=held)
    before = standing()
    with pytest.raises(Refused, match="store_hold_state"):
        sale("bonn-1-000002", (HOOK, 1), held=held)
    assert moved(before) == set()


def test_nobody_comes_and_the_stock_is_free_again(shop, settle_events):
    held = reserve((HOOK, 2))
    with clock.frozen(UNTIL - timedelta(seconds=1)):
        assert reserve_in_store.expire_due() == 0
    with clock.frozen(UNTIL):
        assert (reserve_in_store.expire_due(), reserve_in_store.expire_due()) == (1, 0)
        settle_events()
        assert hold_of(held).state == "expired"
        assert books("bonn", HOOK) == (2, 0, 0, 0)
        # The first letter was late: nobody is told that something lies there which is free again.
        assert [what for what, _ in letters()] == ["expired"]
        with pytest.raises(Refused, match="store_hold_state"):
            reserve_in_store.collect(held.ref, location="bonn", actor="Frau Adler")
        assert not reserve_in_store.cancel(held.ref, actor="customer")


def test_the_customer_gives_it_up(shop):
    held = reserve((HOOK, 2))
    assert reserve_in_store.cancel(held.ref, actor="customer")
    assert not reserve_in_store.cancel(held.ref, actor="customer")
    assert books("bonn", HOOK) == (2, 0, 0, 0)


def test_goods_in_hand_win_and_the_customer_is_told_what_is_left(shop, settle_events):
    held = reserve((HOOK, 2))
    settle_events()
    sale("bonn-1-000001", (HOOK, 1))
    settle_events()
    hold = hold_of(held)
    with reading() as session:
        (line,) = session.scalars(select(StoreHoldLine))
        assert shortages.open_for(session, held.ref) == []
    assert (hold.state, line.lost, line.there) == ("held", 1, 1)
    assert books("bonn", HOOK) == (1, 0, 1, 0)
    assert "1 × Offset-Haken 3/0" in letters()[-1][1].body_text
    sale("bonn-1-000002", (HOOK, 1))
    settle_events()
    assert hold_of(held).state == "lost"
    assert [what for what, _ in letters()] == ["held", "short", "short"]
    assert "Sie müssen nichts tun" in letters()[-1][1].body_text


def test_what_is_held_is_not_sold_online(shop):
    reserve((HOOK, 2))
    with pytest.raises(Refused, match="stock_short"):
        checkout.place(small_shop.basket_with((LURE, 2)), small_shop.buyer())
    with pytest.raises(Refused, match="stock_short"):
        reserve((HOOK, 1))
    checkout.place(small_shop.basket_with((HOOK, 5)), small_shop.buyer())
    assert books("koeln", HOOK) == (5, 0, 5, 0)


def test_the_same_basket_is_reserved_once_and_not_ordered_too(shop):
    token = small_shop.basket_with((HOOK, 1))
    first = reserve_in_store.reserve(token, ANNA, "bonn")
    assert reserve_in_store.reserve(token, ANNA, "koeln") == first
    before = standing()
    with pytest.raises(NotFound, match="basket"):
        checkout.place(token, small_shop.buyer())
    assert moved(before) == set()


def test_what_cannot_be_held_moves_nothing(shop):
    token = small_shop.basket_with((LURE, 1), (HOOK, 3))
    empty = small_shop.basket_with()
    many = small_shop.basket_with((HOOK, 21))
    before = standing()
    for basket, who, at, error, code in (
        (token, ANNA, "bonn", Refused, "stock_short"),
        (token, ANNA, "lager", Refused, "stock_short"),
        (empty, ANNA, "bonn", Refused, "basket_empty"),
        (many, ANNA, "bonn", Refused, "hold_too_much"),
        (token, Reserver("A", "anna"), "bonn", Invalid, "buyer"),
    ):
        with pytest.raises(error, match=code):
            reserve_in_store.reserve(basket, who, at)
    assert moved(before) == set()


def test_one_person_keeps_three_holds_at_most(shop):
    for _ in range(3):
        reserve((HOOK, 1), at="koeln")
    with pytest.raises(Refused, match="hold_too_much"):
        reserve((HOOK, 1), at="koeln", who=Reserver("Anna", "ANNA@example.org"))


def test_another_store_knows_nothing_of_it(shop):
    held = reserve((HOOK, 1))
    for act in (reserve_in_store.lay_out, reserve_in_store.collect):
        with pytest.raises(NotFound, match="store_hold"):
            act(held.ref, location="koeln", actor="Herr Jansen")
    with reading() as session:
        hold, lines = reserve_in_store.for_till(session, held.ref.lower(), "bonn")
        assert (hold.ref, [(x.sku, x.quantity, x.unit_minor) for x in lines]) == (
            held.ref,
            [(HOOK, 1, 490)],
        )
        with pytest.raises(NotFound, match="store_hold"):
            reserve_in_store.for_till(session, held.ref, "koeln")
        assert session.scalars(select(StoreHold.state)).all() == ["held"]


def test_a_basket_that_is_gone_cannot_be_reserved(shop):
    with pytest.raises(NotFound, match="basket"):
        reserve_in_store.reserve("nothing", ANNA, "bonn")
    with transaction() as session:
        assert baskets.lines(session, baskets.open_(session, "web")) == []
    assert clock.now() == WEDNESDAY


def test_whose_a_hold_was_is_forgotten_after_a_while_with_what_was_written(shop, settle_events):
    held, kept = reserve((HOOK, 1)), reserve((HOOK, 1))
    settle_events()
    reserve_in_store.cancel(held.ref, actor="customer")

    def written():
        with reading() as session:
            return set(session.scalars(select(Message.order_ref)))

    with clock.frozen(WEDNESDAY + terms.ENDED_KNOWN_FOR):
        forgetting.long_ended()
        assert hold_of(held).name == "Anna Berg"
        assert written() == {held.ref, kept.ref}
    with clock.frozen(WEDNESDAY + timedelta(days=91)):
        forgetting.long_ended()
        forgetting.long_ended()
    assert (hold_of(held).name, hold_of(held).email, hold_of(held).state) == ("", "", "cancelled")
    assert hold_of(kept).name == "Anna Berg"
    assert written() == {kept.ref}
