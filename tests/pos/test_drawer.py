"""A drawer's day: float, sales, cash that people move, a blind count, the Z report."""

from sqlalchemy import select

from app.sales import orders
from app.tills import conflicts, reports, sessions
from app.tills.fiscal.models import FiscalRecord
from app.tills.models import CashEntry
from kit.database import reading
from tests.pos.register import photograph, problem, sale
from tests.small_shop import HOOK, LURE, PAN

DAY = {"session_id": "day-00001", "opening_minor": 10_000, "cashier": None}


def numbered(number, *lines, **changes):
    return sale(*lines, receipt_number=number, session_id="day-00001", **changes)


def test_a_day_is_opened_counted_and_closed_with_its_difference(register):
    opened = register.post("/sessions", DAY).get_json()
    assert (opened["state"], opened["cash_expected_minor"], opened["repeated"]) == (
        "open", 10_000, False,
    )  # fmt: skip
    assert register.post("/sessions", DAY).get_json()["repeated"] is True
    wrong = register.post("/sessions", {**DAY, "opening_minor": 1})
    assert problem(wrong) == (422, "session_id_reused")
    second = register.post("/sessions", {"session_id": "day-00002", "opening_minor": 0})
    assert problem(second) == (409, "session_open")
    register.post("/sales", numbered(1, (LURE, 2, 690)))
    card = [{"method": "card_terminal", "amount_minor": 490}]
    register.post("/sales", numbered(2, (HOOK, 1, 490), tenders=card))
    bank = {"movement_id": "bank-0001", "kind": "bank", "amount_minor": -5000,
            "reason": "Bank", "session_id": "day-00001"}  # fmt: skip
    assert register.post("/cash-movements", bank).get_json()["cash_expected_minor"] == 6380
    again = register.post("/cash-movements", bank).get_json()
    assert (again["cash_expected_minor"], again["repeated"]) == (6380, True)
    other = register.post("/cash-movements", {**bank, "amount_minor": -5001})
    assert problem(other) == (422, "movement_id_reused")
    assert problem(
        register.post("/cash-movements", {**bank, "movement_id": "bank-0002", "amount_minor": 5})
    ) == (422, "cash_amount")

    count = {"counted_minor": 6370, "last_receipt_number": 2, "counts": {"5000": 1, "10": 137}}
    closed = register.post("/sessions/day-00001/closing", count).get_json()

    assert (closed["state"], closed["z_number"], closed["difference_minor"]) == ("closed", 1, -10)
    assert closed["by_method"] == [
        {"method": "card_terminal", "in_minor": 490, "out_minor": 0, "amount_minor": 490},
        {"method": "cash", "in_minor": 1380, "out_minor": 0, "amount_minor": 1380},
    ]
    assert closed["vat"] == [
        {"rate_basis_points": 1900, "gross_minor": 1870, "net_minor": 1572, "vat_minor": 298}
    ]
    assert closed["receipts"] == {"first": 1, "last": 2, "count": 2, "missing": []}
    assert closed["fiscal"] == {"signed": 2, "outages": 0}
    assert register.post("/sessions/day-00001/closing", count).get_json()["repeated"] is True
    recount = register.post("/sessions/day-00001/closing", {**count, "counted_minor": 1})
    assert problem(recount) == (422, "closing_reused")
    with reading() as session:
        entries = session.scalars(select(CashEntry.amount_minor).order_by(CashEntry.id)).all()
        assert entries == [10_000, 1380, -5000, -10]
    assert register.get("/device").get_json()["last_receipt_number"] == 2


def test_a_counted_drawer_waits_for_its_last_receipt_and_takes_no_later_one(register):
    # Everything of a day without network, in any order: the opening comes last.
    late = {"offline": True, "sold_at": "2026-11-25T08:00:00Z"}
    register.post("/sales", numbered(3, (HOOK, 1, 490), **late))
    register.post("/sales", numbered(1, **late))
    count = {"counted_minor": 10_000 + 690 + 690 + 490, "last_receipt_number": 3}
    waiting = register.post("/sessions/day-00001/closing", count).get_json()
    assert (waiting["state"], waiting["receipts"]["missing"]) == ("waiting", [2])
    register.post("/sessions", {**DAY, "offline": True})

    register.post("/sales", numbered(2, **late))

    closed = register.get("/sessions/day-00001").get_json()
    assert (closed["state"], closed["difference_minor"], closed["total_minor"]) == (
        "closed", 0, 1870,
    )  # fmt: skip
    assert closed["fiscal"] == {"signed": 0, "outages": 3}
    stray = register.post("/sales", numbered(4)).get_json()
    assert [one["kind"] for one in stray["conflicts"]] == ["session_closed"]
    assert stray["session_id"] != "day-00001"
    assert register.get("/sessions/day-00001").get_json()["total_minor"] == 1870


def test_a_basket_waits_and_one_till_takes_it_up(register):
    document = {"parked_id": "parked-01", "name": "Herr M.", "document": {"lines": [{"a": 1}]}}
    assert register.post("/parked", document).get_json()["repeated"] is False
    assert register.post("/parked", document).get_json()["repeated"] is True
    changed = register.post("/parked", {**document, "document": {}})
    assert problem(changed) == (422, "parked_id_reused")
    (found,) = register.get("/parked").get_json()["parked"]
    assert (found["name"], found["document"]) == ("Herr M.", {"lines": [{"a": 1}]})
    before = photograph()

    path = "/api/pos/v1/parked/parked-01"
    taken = [register.client.delete(path, headers=register.headers) for _ in range(2)]

    assert [one.get_json()["document"] for one in taken] == [{"lines": [{"a": 1}]}] * 2
    assert register.get("/parked").get_json() == {"parked": []}
    gone = register.client.delete("/api/pos/v1/parked/parked-99", headers=register.headers)
    assert problem(gone) == (404, "parked")
    assert photograph() == before
    with reading() as session:
        assert session.scalar(conflicts.open_count()) == 0


def test_moved_cash_is_signed_in_the_same_chain_as_receipts(register):
    register.post("/sessions", DAY)
    register.post("/sales", numbered(1, (LURE, 1, 690)))
    bank = {"movement_id": "bank-0001", "kind": "bank", "amount_minor": -5000,
            "reason": "Bank", "session_id": "day-00001"}  # fmt: skip
    register.post("/cash-movements", bank)
    register.post("/cash-movements", bank)
    with reading() as session:
        chain = session.scalars(select(FiscalRecord).order_by(FiscalRecord.id)).all()
    assert [(one.transaction_number, one.process_data) for one in chain] == [
        (1, "Beleg^0.00_0.00_0.00_0.00_100.00^100.00:Bar"),
        (2, "Beleg^6.90_0.00_0.00_0.00_0.00^6.90:Bar"),
        (3, "Beleg^0.00_0.00_0.00_0.00_-50.00^-50.00:Bar"),
    ]


def test_a_sale_that_was_given_up_is_signed_as_such_and_moves_nothing(register):
    before = photograph()
    posted = numbered(None, (LURE, 2, 690), tenders=[], aborted=True)
    answer = register.post("/sales", posted).get_json()
    assert (answer["kind"], answer["receipt_number"]) == ("aborted", "bonn-1-A000001")
    signed = answer["fiscal"]["process_data"]
    assert signed == "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^0.00:Bar"
    assert register.post("/sales", posted).get_json() == {**answer, "repeated": True}
    after = photograph()
    assert (after.pop("numbers"), before.pop("numbers")) == ([("aborted/bonn-1", 1)], [])
    assert after == before
    with_money = {
        **posted,
        "sale_id": "aborted-2",
        "tenders": [{"method": "cash", "amount_minor": 1}],
    }
    assert problem(register.post("/sales", with_money)) == (422, "tenders_differ")
    report = register.get("/sessions/day-00001").get_json()
    assert (report["receipts"]["count"], report["aborted"], report["total_minor"]) == (0, 1, 0)


def test_what_nobody_was_old_enough_for_is_kept_with_the_sale_or_alone(register):
    beside = numbered(1, (HOOK, 1, 490), age_refused=[LURE])
    order = register.post("/sales", beside).get_json()
    with reading() as session:
        (told,) = [
            row.facts
            for row in orders.timeline(session, order["order_ref"])
            if row.what == "sold_at_till"
        ]
    assert told["age_refused"] == [LURE]
    before = photograph()
    alone = numbered(None, tenders=[], aborted=True, age_refused=[LURE, PAN])
    alone["lines"] = []
    answer = register.post("/sales", alone).get_json()
    assert (answer["kind"], answer["total_minor"]) == ("aborted", 0)
    assert register.post("/sales", alone).get_json() == {**answer, "repeated": True}
    after = photograph()
    assert after.pop("numbers")[0] == ("aborted/bonn-1", 1)
    assert after == {name: rows for name, rows in before.items() if name != "numbers"}
    # Nothing was wanted: there is nothing to give up either.
    nothing = {**alone, "sale_id": "aborted-9", "age_refused": []}
    assert problem(register.post("/sales", nothing)) == (422, "lines_missing")
    assert register.get("/sessions/day-00001").get_json()["age_refused"] == 3
    with reading() as session:
        row = sessions.by_id(session, "day-00001", "bonn-1")
        refused = reports.age_refusals(session, row)
    assert [(one.sku, one.receipt_number) for one in refused] == [
        (LURE, "bonn-1-000001"),
        (LURE, "bonn-1-A000001"),
        (PAN, "bonn-1-A000001"),
    ]
