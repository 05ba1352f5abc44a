"""A day without network: three tills, documents in any order and several times over."""

import random
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.identity import devices
from app.sales.models import Order
from app.tills import conflicts
from app.tills.models import TillReceipt
from catalog.models import Item, Product
from kit import clock
from kit.database import reading, transaction
from loyalty import gift_cards, points
from tests import small_shop
from tests.pos.register import STOCK, Register, photograph, problem, sale
from tests.small_shop import HOOK, LURE, MUELLER

SEED = 20261125


def a_day(till, rng):
    """Return what a till wrote down while the network was away, and what its drawer holds."""
    session_id, at = f"day-of-{till}", clock.now() - timedelta(hours=6)
    posts = [("/sessions", {"session_id": session_id, "opening_minor": 5000, "offline": True,
                            "opened_at": at.isoformat()})]  # fmt: skip
    cash = 5000
    for number in range(1, 13):
        lines = rng.sample([(LURE, 1, 655), (HOOK, 2, 465)], rng.randint(1, 2))
        at += timedelta(minutes=7)
        sold = sale(
            *lines, sale_id=f"{till}:{uuid.UUID(int=rng.getrandbits(128))}",
            receipt_number=number, session_id=session_id, offline=True,
            customer_number=MUELLER, sold_at=at.isoformat(),
        )  # fmt: skip
        cash += sold["tenders"][0]["amount_minor"]
        posts.append(("/sales", sold))
    posts.append((f"/sessions/{session_id}/closing",
                  {"counted_minor": cash, "last_receipt_number": 12}))  # fmt: skip
    return posts, cash - 5000


def test_three_tills_in_any_order_and_three_times_lose_and_double_nothing(register):
    rng = random.Random(SEED)
    registers = {"bonn-1": register}
    for code in ("bonn-2", "bonn-3"):
        with transaction() as session:
            devices.enrol(session, code=code, name=code, location="bonn", token=f"token-{code}")
        registers[code] = Register(register.client, f"token-{code}")
    taken, posts = {}, []
    for code in registers:
        day, taken[code] = a_day(code, rng)
        posts += [(code, *post) for post in day]
    for _ in range(3):
        rng.shuffle(posts)
        for code, path, body in posts:
            answer = registers[code].post(path, body)
            # A count before anything of its session is known waits for that, and is posted again.
            if answer.status_code != 200:
                assert problem(answer) == (404, "session")
                assert path.endswith("/closing")

    with reading() as session:
        rows = session.scalars(select(TillReceipt)).all()
        sums = {code: sum(row.total_minor for row in rows if row.device == code) for code in taken}
        assert sums == taken
        for code in taken:
            numbers = sorted(row.number for row in rows if row.device == code)
            assert numbers == list(range(1, 13))
        sold = sum(line["quantity"] for row in rows for line in row.lines if line["sku"] == LURE)
        on_hand = small_shop.books(session)["bonn", LURE][0]
        assert on_hand == max(0, STOCK["bonn", LURE] - sold)
        earned = sum(row.total_minor // 100 for row in rows)
        assert points.balance(session, MUELLER) == earned
        assert session.scalar(conflicts.open_count()) == 0
    for code, register_ in registers.items():
        report = register_.get(f"/sessions/day-of-{code}").get_json()
        assert (report["state"], report["difference_minor"]) == ("closed", 0)
        assert (report["total_minor"], report["receipts"]["count"]) == (taken[code], 12)


def test_what_the_books_know_no_more_is_booked_and_waits_for_somebody(register):
    with transaction() as session:
        _, code = gift_cards.issue(
            session, 300, kind="sold", document="R-1", actor="test", key="card"
        )
        session.scalars(select(Item).where(Item.sku == HOOK)).one().sellable = False
    posted = sale(
        (LURE, 1, 600), (HOOK, 1, 490), ("GONE-1", 1, 100),
        offline=True, customer_number="1000009", cashier="99", receipt_number=1,
        sold_at="2026-11-25T09:00:00Z",
        tenders=[
            {"method": "gift_card", "amount_minor": 1000, "code": code},
            {"method": "cash", "amount_minor": 190},
        ],
    )  # fmt: skip
    posted["lines"][2]["title"] = "Restposten"

    answer = register.post("/sales", posted)

    assert answer.status_code == 200
    kinds = sorted(one["kind"] for one in answer.get_json()["conflicts"])
    assert kinds == ["cashier", "customer", "gift_card_short", "item_gone", "not_sellable", "price"]
    assert answer.get_json()["customer_number"] is None
    with reading() as session:
        assert len(conflicts.waiting(session, "bonn")) == len(kinds)
        assert conflicts.waiting(session, "koeln") == []
        assert small_shop.books(session)["bonn", "GONE-1"] == (0, 0, 0, 0)
    # The same document without `offline` is the same sale: nothing is booked again.
    before = photograph()
    assert register.post("/sales", {**posted, "offline": False}).get_json()["repeated"] is True
    assert photograph() == before


def test_what_was_refused_is_booked_when_the_customer_has_the_receipt_already(register):
    with transaction() as session:
        _, code = gift_cards.issue(
            session, 300, kind="sold", document="R-1", actor="test", key="card"
        )
    posted = sale(
        receipt_number=1, tenders=[{"method": "gift_card", "amount_minor": 690, "code": code}]
    )
    before = photograph()
    assert problem(register.post("/sales", posted)) == (409, "gift_card_short")
    assert photograph() == before

    booked = register.post("/sales", {**posted, "offline": True}).get_json()

    assert (booked["number"], booked["fiscal"]["signed"]) == (1, False)
    assert [one["kind"] for one in booked["conflicts"]] == ["gift_card_short"]


@pytest.mark.parametrize(
    ("minutes", "kinds"), [(9, []), (-9, []), (11, ["clock"]), (-11, ["clock"])]
)
def test_a_clock_may_be_ten_minutes_off(register, minutes, kinds):
    at = clock.now() + timedelta(minutes=minutes)
    answer = register.sell(sold_at=at.isoformat()).get_json()
    assert [one["kind"] for one in answer["conflicts"]] == kinds
    with reading() as session:
        assert session.scalars(select(Order)).one().state == "completed"


def test_a_number_twice_is_no_reason_to_lose_a_sale(register):
    register.sell(receipt_number=7)
    second = register.sell(receipt_number=7).get_json()
    assert (second["receipt_number"], second["number"]) == ("bonn-1-000007/2", None)
    assert [one["kind"] for one in second["conflicts"]] == ["number_taken"]
    assert register.sell().get_json()["receipt_number"] == "bonn-1-000008"
    drill = register.sell(training=True).get_json()
    assert (drill["receipt_number"], drill["fiscal"]["signed"]) == ("bonn-1-T000001", True)
    assert drill["fiscal"]["process_data"].startswith("AVTraining^")


@pytest.mark.parametrize(
    ("answered", "kinds"),
    [({"age_checked": True}, []), ({"age_checked": False}, ["age"]), ({}, ["age"])],
)
def test_goods_for_adults_open_a_task_unless_somebody_has_looked_at_the_age(
    register, answered, kinds
):
    with transaction() as session:
        session.get_one(Product, session.get_one(Item, LURE).product).age_min = 18
    posted = sale((LURE, 1, 690))
    posted["lines"][0] |= answered
    booked = register.post("/sales", posted).get_json()
    assert [one["kind"] for one in booked["conflicts"]] == kinds
    with reading() as session:
        row = session.scalars(select(TillReceipt)).one()
        assert row.lines[0]["age_checked"] is answered.get("age_checked")
        assert session.scalar(conflicts.open_count()) == len(kinds)
