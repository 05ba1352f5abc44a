"""Returns, exchanges and voids at the counter, of any channel and store, money to what had paid."""

import uuid
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.aftersales import returns
from app.aftersales.returns import Part
from app.identity import devices
from app.payments import charges
from app.payments.models import Refund
from app.sales import orders
from app.sales.models import Order
from app.workflows import bring_back, checkout, floor
from app.workflows.floor import Worker
from kit.database import reading, transaction
from loyalty import gift_cards, points
from tests import small_shop
from tests.pos.register import Register, photograph, problem, sale
from tests.pos.test_races import _web_order
from tests.small_shop import HOOK, LURE, MUELLER, PAN


def back(ref, line_id, amount, quantity=1, **changes):
    return {"order_ref": ref, "line_id": line_id, "quantity": quantity, "amount_minor": amount,
            **changes}  # fmt: skip


def returned(*parts, lines=(), tenders, **changes):
    return {
        "sale_id": changes.pop("sale_id", "return-001"),
        "lines": [
            {"sku": sku, "quantity": quantity, "unit_minor": unit} for sku, quantity, unit in lines
        ],
        "returns": list(parts),
        "tenders": [{"method": method, "amount_minor": amount} for method, amount in tenders],
        **changes,
    }


def test_an_exchange_is_one_receipt_and_only_the_difference_is_paid(register):
    first = register.post("/sales", sale((LURE, 2, 655), customer_number=MUELLER)).get_json()
    found = register.get(f"/receipts?code={first['receipt_number']}").get_json()
    for read in (first["receipt_url"], first["fiscal"]["qr"]):
        assert register.get(f"/receipts?code={quote(read)}").get_json() == found
    (line,) = found["lines"]
    assert (line["returnable"], line["refund_minor"]) == (2, [655, 1310])
    posted = returned(
        back(found["order_ref"], line["line_id"], 655),
        lines=[(PAN, 1, 8455)], tenders=[("cash", 7800)], customer_number=MUELLER,
    )  # fmt: skip

    exchanged = register.post("/sales", posted).get_json()

    assert (exchanged["kind"], exchanged["total_minor"]) == ("exchange", 7800)
    assert exchanged["receipt_number"] == "bonn-1-000002"
    assert exchanged["returns"][0]["title"] == "Rheinshad 9 cm"
    assert exchanged["vat"] == [{"rate_basis_points": 1900, "gross_minor": 7800, "vat_minor": 1245}]
    assert register.post("/sales", posted).get_json() == {**exchanged, "repeated": True}
    assert problem(register.get("/receipts?code=nobody-1")) == (404, "receipt")
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (11, 0, 0, 0)
        paid = charges.all_of_order(session, exchanged["order_ref"])
        assert [(one.method, one.captured_minor) for one in paid] == [
            ("exchange", 655), ("cash", 7800),
        ]  # fmt: skip
        (old,) = charges.all_of_order(session, first["order_ref"])
        assert old.refunded_minor == 655
        # 13 for the first, 84 for the second, 6 taken back.
        assert points.balance(session, MUELLER) == 13 + 84 - 6


def test_points_that_are_no_longer_there_stop_no_return_and_open_a_task(register):
    first = register.post("/sales", sale((LURE, 2, 655), customer_number=MUELLER)).get_json()
    with transaction() as session:
        gone = {"cause": "gift", "document": "photo", "key": "gone"}
        points.take_back(session, number=MUELLER, points=10, **gone)
    ref = first["receipt_number"]
    posted = returned(back(ref, "1", 1310, quantity=2), tenders=[("cash", -1310)])

    answer = register.post("/sales", posted).get_json()

    assert [(one["kind"], one["facts"]) for one in answer["conflicts"]] == [
        ("points_short", {"customer_number": MUELLER, "points": 10})
    ]
    with reading() as session:
        assert points.balance(session, MUELLER) == -10
        assert small_shop.books(session)["bonn", LURE] == (12, 0, 0, 0)


def test_a_web_order_comes_back_to_a_store_and_the_money_to_the_card(register, settle_events):
    ref = _web_order(settle_events, (HOOK, 2))
    with reading() as session:
        place = checkout.orders.by_ref(session, ref)
        jobs = {job: small_shop.job_at(session, ref, job) for job in ("bonn",)}
        assert place.state == "confirmed"
    worker = Worker("Test", "bonn")
    with transaction() as session:
        floor.pick_all_in(session, jobs["bonn"], worker)
        floor.pack_in(session, jobs["bonn"], worker)
        floor.hand_over_in(session, jobs["bonn"], worker, carrier="DHL")
    with transaction() as session:
        devices.enrol(session, code="koeln-1", name="Kasse", location="koeln", token="koeln")
    koeln = Register(register.client, "koeln")
    page = f"http://shop.test/bestellung/{ref}?t=x"
    found = koeln.get(f"/receipts?code={page}").get_json()
    assert (found["order_ref"], found["channel"]) == (ref, "web")
    assert [one["method"] for one in found["tenders"]] == ["original"]
    (line,) = found["lines"]
    part = back(ref, line["line_id"], 490)
    assert line["announced"] == 0
    slip = bring_back.announce(ref, [Part(uuid.UUID(line["line_id"]), 1)], how="store").ref
    by_slip = koeln.get(f"/receipts?code={slip.lower()}").get_json()
    assert (by_slip["order_ref"], by_slip["lines"][0]["announced"]) == (ref, 1)
    before = photograph()
    less = returned({**part, "amount_minor": 489}, tenders=[("original", -489)])
    wrong = koeln.post("/sales", less)
    assert (problem(wrong), wrong.get_json()["owed"]) == ((422, "return_amount"), 490)
    assert photograph() == before

    answer = koeln.post("/sales", returned(part, tenders=[("original", -490)])).get_json()
    settle_events()

    assert (answer["kind"], answer["total_minor"], answer["conflicts"]) == ("return", -490, [])
    with reading() as session:
        assert small_shop.books(session)["koeln", HOOK] == (1, 0, 0, 0)
        told = returns.by_ref(session, slip)
        assert (told.state, told.ended_by) == ("received", "till koeln-1")
        (refund,) = session.scalars(select(Refund)).all()
        assert (refund.amount_minor, refund.state) == (490, "succeeded")
        assert refund.provider_refund.startswith("re_")
    two = returned(
        back(ref, line["line_id"], 980, 2), tenders=[("original", -980)], sale_id="return-002"
    )
    late = koeln.post("/sales", two)
    assert (problem(late), late.get_json()["left"]) == ((409, "return_too_large"), 1)


def test_a_void_takes_everything_back_once(register):
    with transaction() as session:
        card, code = gift_cards.issue(
            session, 500, kind="sold", document="R-1", actor="test", key="card"
        )
    tenders = [
        {"method": "voucher", "amount_minor": 500, "code": code},
        {"method": "cash", "amount_minor": 155},
    ]
    sold = sale((LURE, 1, 655), customer_number=MUELLER, tenders=tenders)
    register.post("/sales", sold)
    void = {"sale_id": "void-0001", "voids": sold["sale_id"], "reason": "Falscher Kunde"}

    answer = register.post("/voids", void).get_json()

    assert (answer["kind"], answer["total_minor"]) == ("void", -655)
    signed = answer["fiscal"]["process_data"]
    assert signed == "Beleg^-6.55_0.00_0.00_0.00_0.00^-1.55:Bar_-5.00:Unbar"
    assert register.post("/voids", void).get_json() == {**answer, "repeated": True}
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (12, 0, 0, 0)
        assert gift_cards.usable_minor(gift_cards.one(session, card.id)) == 500
        assert points.balance(session, MUELLER) == 0
    second = register.post("/voids", {**void, "sale_id": "void-0002"})
    assert problem(second) == (409, "void_too_late")
    unknown = register.post("/voids", {**void, "sale_id": "void-0003", "voids": "nobody-01"})
    assert problem(unknown) == (404, "sale")


@pytest.mark.parametrize("offline", [False, True])
def test_what_cannot_come_back_is_refused_online_and_stands_with_a_task_offline(register, offline):
    before = photograph()
    posted = returned(
        back("bonn-1-000099", "1", 690, sku=LURE, title="Rheinshad"),
        tenders=[("cash", -690)], offline=offline,
    )  # fmt: skip

    answer = register.post("/sales", posted)

    if not offline:
        assert problem(answer) == (404, "order")
        assert photograph() == before
        return
    assert [one["kind"] for one in answer.get_json()["conflicts"]] == ["return_unmatched"]
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (13, 1, 0, 0)
        assert session.scalars(select(Order)).all() == []


def test_cash_for_what_a_card_paid_stands_and_is_looked_at(register):
    card = [{"method": "card_terminal", "amount_minor": 690}]
    sold = register.sell(tenders=card).get_json()
    part = back(sold["sale_id"], "1", 690)

    answer = register.post("/sales", returned(part, tenders=[("cash", -690)])).get_json()

    (conflict,) = answer["conflicts"]
    assert (conflict["kind"], conflict["facts"]["paid_by"]) == ("refund_tender", "card_terminal")
    original = returned(part, tenders=[("original", -690)], sale_id="return-003")
    assert problem(register.post("/sales", original)) == (409, "return_too_large")
    with reading() as session:
        assert orders.by_ref(session, sold["order_ref"]).state == "completed"
