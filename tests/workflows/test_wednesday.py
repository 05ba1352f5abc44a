"""Herr Müller's Wednesday below the pages: from basket to two parcels, with every figure."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.messages.models import CallTask, Message
from app.payments import charges
from app.sales import orders
from app.web.retailer import RETAILER
from app.workflows import checkout, floor
from app.workflows.floor import Worker
from fulfilment.models import CountTask, ParcelInsert
from fulfilment.outbound import parcels, shipments
from fulfilment.routing import snapshot
from kit.database import reading, transaction
from kit.errors import Refused
from loyalty import points
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, LURE, MUELLER

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("koeln", HOOK): 2}
TOTAL = 2 * 655 + 465 + 490  # 5 % off each unit, cents cut in the customer's favour; delivery


def _pay(order_ref: str) -> None:
    with reading() as session:
        payment = charges.of_order(session, order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")


def _ordered(settle_events: Callable[[], int]) -> str:
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 2), (HOOK, 1), number=MUELLER)
    placed = checkout.place(token, small_shop.buyer(), expected_total_minor=TOTAL)
    _pay(placed.order_ref)
    settle_events()
    return placed.order_ref


def test_an_order_reserves_then_allocates_where_the_plan_says(
    settle_events: Callable[[], int],
) -> None:
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 2), (HOOK, 1), number=MUELLER)
    placed = checkout.place(token, small_shop.buyer())
    again = checkout.place(token, small_shop.buyer())
    assert again == placed
    with reading() as session:
        order = orders.by_ref(session, placed.order_ref)
        assert (order.state, order.total_minor, order.promised_on) == ("placed", TOTAL, FRIDAY)
        held = small_shop.books(session)
        assert held["lager", LURE] == (24, 0, 2, 0)
        assert held["lager", HOOK] == (3, 0, 1, 0)
    _pay(placed.order_ref)
    _pay(placed.order_ref)
    settle_events()
    with reading() as session:
        assert orders.by_ref(session, placed.order_ref).state == "confirmed"
        held = small_shop.books(session)
        assert held["lager", LURE] == (24, 0, 0, 2)
        assert held["lager", HOOK] == (3, 0, 0, 1)
        assert [view.location for view in shipments.for_order(session, placed.order_ref)] == [
            "lager"
        ]


def test_a_short_pick_comes_from_bonn_and_the_customer_is_told_once(
    settle_events: Callable[[], int],
) -> None:
    ref = _ordered(settle_events)
    picker = Worker("Frau Yilmaz", "lager")
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, picker)
    floor.scan(job, small_shop.LURE_GTIN, picker)
    floor.scan(job, small_shop.LURE_GTIN, picker)
    assert floor.short_pick(job, HOOK, picker) == 1
    settle_events()
    settle_events()
    with reading() as session:
        parts = {
            view.location: [(part.sku, part.quantity) for part in view.lines]
            for view in shipments.for_order(session, ref)
        }
        assert parts == {"lager": [(LURE, 2)], "bonn": [(HOOK, 1)]}
        held = small_shop.books(session)
        assert held["lager", HOOK] == (3, 3, 0, 0)
        assert held["bonn", HOOK] == (5, 0, 0, 1)
        order = orders.by_ref(session, ref)
        assert order.promised_on == FRIDAY
        decision = snapshot.latest(session, ref)
        assert decision.locations == ("bonn",)
        excluded = {found.location: found.rule for found in decision.exclusions}
        assert excluded["lager"] == "no_stock"
        (task,) = session.scalars(select(CallTask)).all()
        assert (task.location, task.phone) == ("bonn", "+4926114710777")
        told = [(p["origin"], p["lines"][0]["title"]) for p in task.facts["parcels"]]
        assert sorted(told) == [("Bonn", "Offset-Haken 3/0"), ("Lager Kassel", "Rheinshad 9 cm")]
        (count,) = session.scalars(select(CountTask)).all()
        assert (count.location, count.sku) == ("lager", HOOK)


def test_both_parcels_leave_are_told_of_and_earn_points(
    settle_events: Callable[[], int],
) -> None:
    ref = _ordered(settle_events)
    warehouse, store = Worker("Frau Yilmaz", "lager"), Worker("Frau Adler", "bonn")
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, warehouse)
    floor.scan(job, LURE, warehouse)
    floor.scan(job, LURE, warehouse)
    floor.short_pick(job, HOOK, warehouse)
    settle_events()
    assert floor.finish(job, warehouse) == "picked"
    with transaction() as session:
        session.add(_campaign())
    floor.pack(job, warehouse)
    floor.hand_over(job, warehouse)
    floor.hand_over(job, warehouse)
    settle_events()
    with reading() as session:
        second = small_shop.job_at(session, ref, "bonn")
        assert orders.by_ref(session, ref).state == "confirmed"
        assert points.balance(session, MUELLER) == 0
    floor.start(second, store)
    floor.pick_all(second, store)
    floor.pack(second, store)
    floor.pack(second, store)
    floor.hand_over(second, store)
    settle_events()
    with reading() as session:
        order = orders.by_ref(session, ref)
        assert order.state == "completed"
        assert points.balance(session, MUELLER) == 17  # 17.75 EUR of goods
        letters = session.scalars(select(Message).where(Message.kind == "shipped")).all()
        first, last = sorted(letters, key=lambda row: row.created_at)
        both = [[len(m.facts["parcels"]), len(m.facts["still_to_come"])] for m in (first, last)]
        assert sorted(both) == [[1, 0], [1, 1]]
        assert RETAILER.address in first.body_text
        assert RETAILER.address in first.body_html
        assert len(session.scalars(select(ParcelInsert)).all()) == 1
        assert small_shop.books(session)["bonn", HOOK] == (4, 0, 0, 0)
        assert small_shop.books(session)["lager", LURE] == (22, 0, 0, 0)


def test_the_last_units_gone_means_money_back_and_the_customer_told(
    settle_events: Callable[[], int],
) -> None:
    small_shop.build({("lager", HOOK): 2})
    token = small_shop.basket_with((HOOK, 2))
    ref = checkout.place(token, small_shop.buyer(contact_by="mail", phone=None)).order_ref
    _pay(ref)
    settle_events()
    picker = Worker("Frau Yilmaz", "lager")
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, picker)
    floor.scan(job, HOOK, picker)
    floor.short_pick(job, HOOK, picker)
    with reading() as session:
        from kit import events as outbox

        names = [row.name for row in outbox.waiting(session)]
    assert "ShortageOpened" in names
    from app import subscribers
    from fulfilment.events import ShortageOpened

    handler = subscribers.HANDLERS[ShortageOpened][-1]
    with transaction() as session:
        assert handler.inside is not None
        handler.inside(session, ShortageOpened(order_ref=ref, cause="short_pick"))
    with reading() as session:
        (line,) = orders.lines_of(session, orders.by_ref(session, ref))
        assert (line.quantity, line.cancelled, line.shipped) == (2, 1, 0)
        assert charges.of_order(session, ref).refunded_minor == small_shop.HOOK_MINOR


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"postal_code": "00000"}, "postal_code"),
        ({"email": "nobody"}, "email"),
        ({"street": ""}, "street"),
        ({"phone": None}, "phone"),
    ],
)
def test_a_wrong_address_is_named_and_nothing_is_ordered(
    changes: dict[str, object], field: str
) -> None:
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 1))
    with pytest.raises(Exception, match="buyer") as caught:
        checkout.place(token, small_shop.buyer(**changes))
    assert caught.value.facts["fields"] == [field]  # type: ignore[attr-defined]
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (24, 0, 0, 0)


def test_a_changed_total_is_refused_and_nothing_moves() -> None:
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 1))
    with pytest.raises(Refused, match="total_changed"):
        checkout.place(token, small_shop.buyer(), expected_total_minor=1)
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (24, 0, 0, 0)


def test_more_than_there_is_is_refused_with_what_is_missing() -> None:
    small_shop.build(STOCK)
    token = small_shop.basket_with((HOOK, 11))
    with pytest.raises(Refused, match="stock_short") as caught:
        checkout.place(token, small_shop.buyer())
    assert caught.value.facts["short"] == [{"sku": HOOK, "missing": 1}]
    with reading() as session:
        assert {held[2] for held in small_shop.books(session).values()} == {0}


def _campaign() -> object:
    from app.community.models import Campaign

    return Campaign(
        code="fang",
        title_de="Zeig deinen Fang",
        title_en="Show your catch",
        text_de="…",
        text_en="…",
        category=None,
        next_document=None,
        owner="Adler",
        starts_on=FRIDAY.replace(day=1),
        ends_on=FRIDAY,
        cost_minor=4,
        paper_grams=3,
    )


_ = parcels
