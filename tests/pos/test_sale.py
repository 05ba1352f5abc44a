"""A sale at the counter: booked once, whole, and told back exactly."""

import uuid

import pytest
from sqlalchemy import select

from app.sales import orders
from app.sales.models import Order
from app.tills.fiscal import qr
from catalog import publishing
from fulfilment.stock import counts, ledger
from kit.database import reading, transaction
from loyalty import points
from tests import small_shop
from tests.pos.register import STOCK, photograph, problem, sale
from tests.small_shop import HOOK, LURE, MUELLER, PAN

PLAIN_LINE = {
    "discount_minor": 0, "promotions": [], "vat_basis_points": 1900, "lot": None, "home": False,
}  # fmt: skip


def test_a_sale_moves_stock_money_points_and_one_receipt_number(register):
    posted = sale(
        (LURE, 2, 655), (HOOK, 1, 465),
        customer_number="2 104 881",
        tenders=[
            {"method": "cash", "amount_minor": 775},
            {"method": "card_terminal", "amount_minor": 1000},
        ],
        sold_at="2026-11-25T12:29:41+01:00",
    )  # fmt: skip

    answer = register.post("/sales", posted)

    assert answer.status_code == 200
    receipt = answer.get_json()
    ref = receipt.pop("order_ref")
    assert [line.pop("line_id") is not None for line in receipt["lines"]] == [True, True]
    assert receipt.pop("session_id").startswith("auto:")
    assert receipt.pop("receipt_url").startswith("http")
    fiscal = receipt.pop("fiscal")
    assert (fiscal["signed"], fiscal["certified"], fiscal["outage"]) == (True, False, None)
    read = qr.read(fiscal["qr"])
    assert read.genuine
    assert read.process_data == "Beleg^17.75_0.00_0.00_0.00_0.00^7.75:Bar_10.00:Unbar"
    assert receipt == {
        "sale_id": posted["sale_id"],
        "kind": "sale",
        "receipt_number": "bonn-1-000001",
        "number": 1,
        "cashier": None,
        "started_at": "2026-11-25T11:29:41+00:00",
        "sold_at": "2026-11-25T11:29:41+00:00",
        "offline": False,
        "returns": [],
        "home": None,
        "collected": None,
        "conflicts": [],
        "booked_at": "2026-11-25T11:30:00+00:00",
        "location": "bonn",
        "lines": [
            {"sku": LURE, "title": "Rheinshad 9 cm", "quantity": 2, "unit_minor": 655,
             "line_minor": 1310, **PLAIN_LINE},
            {"sku": HOOK, "title": "Offset-Haken 3/0", "quantity": 1, "unit_minor": 465,
             "line_minor": 465, **PLAIN_LINE},
        ],
        "vat": [{"rate_basis_points": 1900, "gross_minor": 1775, "vat_minor": 283}],
        "tenders": [
            {"method": "cash", "amount_minor": 775, "given_minor": None, "ending": None},
            {"method": "card_terminal", "amount_minor": 1000, "given_minor": None, "ending": None},
        ],
        "total_minor": 1775, "customer_number": MUELLER, "points": 17, "repeated": False,
    }  # fmt: skip
    with reading() as session:
        order = orders.by_ref(session, ref)
        assert (order.channel, order.state, order.device) == ("till", "completed", "bonn-1")
        assert (order.customer_number, order.price_group) == (MUELLER, "stamm")
        assert [line.shipped for line in orders.lines_of(session, order)] == [2, 1]
        held = small_shop.books(session)
        assert held["bonn", LURE] == (10, 0, 0, 0)
        assert held["bonn", HOOK] == (4, 0, 0, 0)
        assert held["lager", LURE] == (24, 0, 0, 0)
        assert points.balance(session, MUELLER) == 17
        sold = ledger.movements(session, LURE, limit=1)[0]
        assert (sold.cause, sold.quantity, sold.document) == ("till_sale", 2, "bonn-1-000001")
    assert photograph()["payments"] == [
        (ref, "cash", 775, "captured"),
        (ref, "card_terminal", 1000, "captured"),
    ]


def test_the_same_sale_again_is_the_same_receipt_and_moves_nothing(register):
    posted = sale((LURE, 1, 655), customer_number=MUELLER)
    first = register.post("/sales", posted).get_json()
    before = photograph()

    again = [register.post("/sales", posted).get_json() for _ in range(3)]

    assert first["repeated"] is False
    assert again == [{**first, "repeated": True}] * 3
    assert photograph() == before
    assert len(before["orders"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [{"sku": LURE, "quantity": 1, "unit_minor": 691}],
         "tenders": [{"method": "cash", "amount_minor": 691}]},
        {"lines": [{"sku": PAN, "quantity": 1, "unit_minor": 690}]},
        {"tenders": [{"method": "card_terminal", "amount_minor": 690}]},
        {"customer_number": MUELLER},
        {"sold_at": "2026-11-25T11:00:00Z"},
    ],
)  # fmt: skip
def test_the_same_id_for_another_sale_is_refused_and_nothing_moves(register, changes):
    posted = sale()
    assert register.post("/sales", posted).status_code == 200
    before = photograph()

    answer = register.post("/sales", {**posted, **changes})

    assert problem(answer) == (422, "sale_id_reused")
    assert answer.get_json()["receipt"] == "bonn-1-000001"
    assert photograph() == before


def test_receipt_numbers_run_without_a_gap_past_refusals(register):
    numbers = [register.sell().get_json()["receipt_number"]]
    assert register.sell(customer_number="1000009").status_code == 404
    assert register.sell(tenders=[{"method": "cash", "amount_minor": 1}]).status_code == 422
    numbers.append(register.sell().get_json()["receipt_number"])

    assert numbers == ["bonn-1-000001", "bonn-1-000002"]


def test_goods_in_hand_are_sold_even_where_the_books_have_none(register):
    answer = register.post("/sales", sale((PAN, 2, 8900)))

    assert answer.status_code == 200
    with reading() as session:
        assert small_shop.books(session)["bonn", PAN] == (0, 0, 0, 0)
        assert small_shop.books(session)["lager", PAN] == (7, 0, 0, 0)
        causes = [(row.cause, row.quantity) for row in ledger.movements(session, PAN, "bonn")]
        assert sorted(causes) == [("found", 2), ("till_sale", 2)]
        assert [task.sku for task in counts.open_tasks(session, "bonn")] == [PAN]


def test_an_item_taken_off_sale_is_not_quoted_but_a_sale_of_it_stands(register):
    with transaction() as session:
        publishing.put_item(session, PAN, product=PAN.lower(), gtin="9520000000035",
                            weight_grams=1900, sellable=False)  # fmt: skip

    quoted = register.post("/quotes", {"lines": [{"sku": PAN, "quantity": 1}]})
    sold = register.post("/sales", sale((PAN, 1, 8900)))

    assert problem(quoted) == (409, "not_sellable")
    assert sold.status_code == 200


def test_a_price_that_the_books_would_not_have_asked_is_noted(register):
    posted = sale((LURE, 1, 500))
    ref = register.post("/sales", posted).get_json()["order_ref"]

    with reading() as session:
        (noted,) = orders.timeline(session, ref)[:1]
    assert (noted.what, noted.actor) == ("sold_at_till", "till bonn-1")
    assert noted.facts["differing_prices"] == [{"sku": LURE, "charged": 500, "price": 690}]


_LINE = {"sku": LURE, "quantity": 1, "unit_minor": 690}
_CASH = {"method": "cash", "amount_minor": 690}


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"lines": []}, "lines_missing", None),
        ({"lines": [{**_LINE, "quantity": 0}]}, "malformed", "lines.0.quantity"),
        ({"lines": [{**_LINE, "quantity": -1}]}, "malformed", "lines.0.quantity"),
        ({"lines": [{**_LINE, "quantity": 1000}]}, "malformed", "lines.0.quantity"),
        ({"lines": [{**_LINE, "quantity": 1.5}]}, "malformed", "lines.0.quantity"),
        ({"lines": [{**_LINE, "quantity": "1"}]}, "malformed", "lines.0.quantity"),
        ({"lines": [_LINE, {**_LINE, "unit_minor": -1}]}, "malformed", "lines.1.unit_minor"),
        ({"lines": [{**_LINE, "unit_minor": 10**12}]}, "malformed", "lines.0.unit_minor"),
        ({"lines": [{**_LINE, "sku": "a\0b"}]}, "malformed", "lines.0.sku"),
        ({"lines": [{**_LINE, "colour": "red"}]}, "malformed", "lines.0.colour"),
        ({"lines": "all"}, "malformed", "lines"),
        ({"tenders": []}, "tenders_differ", None),
        ({"tenders": [{**_CASH, "method": "imported"}]}, "malformed", "tenders.0.method"),
        ({"tenders": [{**_CASH, "amount_minor": -690}]}, "tenders_differ", None),
        ({"sale_id": "short"}, "malformed", "sale_id"),
        ({"sale_id": "x" * 65}, "malformed", "sale_id"),
        ({"sale_id": None}, "malformed", "sale_id"),
        ({"sold_at": "2026-11-25T12:00:00"}, "malformed", "sold_at"),
        ({"tip": 5}, "malformed", "tip"),
        ({"tenders": [{**_CASH, "amount_minor": 689}]}, "tenders_differ", None),
        ({"tenders": [_CASH, _CASH]}, "tenders_differ", None),
        ({"customer_number": "2104882"}, "customer_number", None),
    ],
)
def test_a_malformed_sale_is_refused_where_it_is_wrong_and_nothing_moves(
    register, changes, code, place
):
    assert register.sell().status_code == 200
    before = photograph()

    answer = register.sell(**changes)

    assert problem(answer) == (422, code)
    if place:
        assert list(answer.get_json()["fields"]) == [place]
    assert photograph() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": [{**_LINE, "sku": "NOBODY-SELLS-THIS"}]}, "item"),
        ({"lines": [{**_LINE, "unit_minor": 0}, {**_LINE, "sku": "NO"}]}, "item"),
        ({"customer_number": "1000009"}, "customer"),
    ],
)
def test_what_does_not_exist_is_not_sold_and_nothing_moves(register, changes, code):
    before = photograph()

    assert problem(register.sell(**changes)) == (404, code)
    assert photograph() == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"sale"', b"\xff\xfe"])
def test_what_is_no_document_is_refused(register, body):
    before = photograph()

    answer = register.client.post(
        "/api/pos/v1/sales",
        data=body,
        headers={**register.headers, "Content-Type": "application/json"},
    )

    assert problem(answer) == (422, "malformed")
    assert photograph() == before


def test_a_sale_too_large_for_the_books_is_refused(register):
    lines = [{"sku": LURE, "quantity": 999, "unit_minor": 10_000_000}] * 2
    total = 2 * 999 * 10_000_000
    tenders = [{"method": "cash", "amount_minor": total // 10}] * 10
    before = photograph()

    answer = register.sell(lines=lines, tenders=tenders)

    assert problem(answer) == (422, "total_minor")
    assert photograph() == before


def test_an_address_that_does_not_exist_and_a_wrong_method_are_problems_too(register):
    assert problem(register.get("/nothing")) == (404, "page")
    wrong = register.get("/sales")
    assert problem(wrong) == (405, "method")
    assert set(wrong.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_every_sale_of_a_day_is_one_order(register):
    for _ in range(5):
        assert register.sell(sale_id=f"till-7:{uuid.uuid4()}").status_code == 200
    with reading() as session:
        sales = session.scalars(select(Order).where(Order.channel == "till")).all()
    assert len({order.receipt_number for order in sales}) == 5
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (STOCK["bonn", LURE] - 5, 0, 0, 0)
