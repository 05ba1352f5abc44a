"""An order from the web that is paid when it is collected: one document pays and hands it over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.invoicing.models import Invoice
from app.messages.models import Message
from app.payments import charges
from app.payments.models import Payment, Refund
from app.sales import collect_terms, orders
from app.sales.collect_terms import Limits
from app.sales.models import CollectQuestion, Order
from app.tills.models import TillReceipt
from app.workflows import cancel_order, checkout, collect_answers, figures, floor, pickups
from app.workflows.pickups import Proof
from fulfilment.models import FulfilmentOrder, Pickup
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from loyalty import gift_cards, points
from tests import small_shop
from tests.pos.register import Register, photograph, problem, sale
from tests.small_shop import HOOK, LURE, LURE_MINOR, MUELLER
from tests.workflows.rerouting import BONN, job_at, noted, order_of, rows

DUE = 2 * 655


def ordered(*lines, **buyer):
    """Order to be paid in Bonn; Herr Müller's price of a lure is 6,55 there as on the web."""
    token = small_shop.basket_with(*lines or ((LURE, 2),), number=MUELLER)
    facts = {"collect_at": "bonn", "pay_on_collection": True, "contact_by": "mail", **buyer}
    return checkout.place(token, small_shop.buyer(**facts)).order_ref


def laid_out(ref):
    """Pick and lay out; return the pickup code."""
    job = job_at(ref, "bonn")
    floor.pick_all(job, BONN)
    pickups.lay_out(job, "Fach A3", BONN)
    with reading() as session:
        return session.get_one(FulfilmentOrder, job).pickup_code


def paying(ref, code, *tenders, **changes):
    """Return the document that pays for two lures of an order."""
    given = tenders or (("cash", DUE),)
    return sale(
        (LURE, 2, 655),
        tenders=[{"method": method, "amount_minor": amount} for method, amount in given],
        collection={"ref": ref, "code": code},
        **changes,
    )


def kinds(ref):
    return [message.kind for message in rows(Message, order_ref=ref)]


def test_it_is_ordered_unpaid_and_nobody_gets_it_unpaid(register, settle_events):
    ref = ordered()
    settle_events()
    order = order_of(ref)
    assert (order.state, order.channel, order.total_minor) == ("confirmed", "web", DUE)
    assert (order.pay_on_collection, rows(Payment, order_ref=ref)) == (True, [])
    (receipt,) = rows(Message, order_ref=ref)
    assert receipt.kind == "order_placed"
    assert "Bezahlt wird bei der Abholung: 13,10" in receipt.body_text
    code = laid_out(ref)
    settle_events()
    assert kinds(ref) == ["order_placed", "ready"]
    assert "Zu zahlen an der Kasse: 13,10" in rows(Message, kind="ready")[0].body_text
    found = register.get(f"/collections?code={ref}").get_json()
    assert (found["state"], found["paid"], found["to_pay_minor"]) == ("ready", False, DUE)
    (waiting,) = found["lines"]
    assert (waiting["quantity"], waiting["unit_minor"], waiting["line_minor"]) == (2, 655, DUE)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    before = photograph()
    # Nobody gets it unpaid, for another code, or at another sum; nothing moves.
    with pytest.raises(Refused, match="collection_unpaid"):
        pickups.hand_out(job_at(ref, "bonn"), BONN, Proof(code))
    given = {"code": code}
    assert problem(register.post(f"/collections/{ref}/hand-over", given)) == (
        409, "collection_unpaid",
    )  # fmt: skip
    assert problem(register.post(f"/collections/{ref}/proof", {"code": wrong})) == (
        403, "pickup_code",
    )  # fmt: skip
    assert problem(register.post("/sales", paying(ref, wrong))) == (403, "pickup_code")
    dearer = {**paying(ref, code), **sale((LURE, 2, LURE_MINOR))}
    assert problem(register.post("/sales", dearer)) == (409, "collection_changed")
    among = paying(ref, code, hold_ref="R-123")
    assert problem(register.post("/sales", among)) == (422, "collection")
    assert register.post(f"/collections/{ref}/proof", given).get_json() == found
    assert photograph() == before


def test_it_is_paid_and_handed_over_with_one_receipt_and_stays_a_sale_of_the_web(
    register, settle_events
):
    ref = ordered()
    code = laid_out(ref)
    settle_events()
    posted = paying(ref, code, ("cash", 1000), ("card_terminal", 310))
    sold = register.post("/sales", posted).get_json()
    settle_events()

    assert (sold["total_minor"], sold["conflicts"], sold["order_ref"]) == (DUE, [], None)
    assert (sold["collected"], sold["points"]) == ({"order_ref": ref}, 13)
    assert register.post("/sales", posted).get_json() == {**sold, "repeated": True}
    paid = [(one.method, one.captured_minor) for one in rows(Payment, order_ref=ref)]
    assert paid == [("cash", 1000), ("card_terminal", 310)]
    assert (order_of(ref).state, noted(ref).count("points_earned")) == ("completed", 1)
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (10, 0, 0, 0)
        assert points.balance(session, MUELLER) == 13
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        since = clock.now() - timedelta(days=1)
        counted = figures.of(session, since, since + timedelta(days=2), clock.today())
        assert counted.by_channel == {"web": DUE, "till": 0}
    (pickup,) = rows(Pickup)
    assert (pickup.proof, pickup.actor) == ("code", "till bonn-1")
    (invoice,) = rows(Invoice, order_ref=ref)
    assert invoice.total_minor == DUE
    assert [one["method"] for one in invoice.facts["paid"]] == ["cash", "card_terminal"]
    assert invoice.facts["receipts"] == [sold["receipt_number"]]
    assert kinds(ref) == ["order_placed", "ready"]
    shown = register.get(f"/receipts?code={sold['receipt_number']}").get_json()
    assert (shown["order_ref"], shown["channel"], shown["voidable"]) == (ref, "web", False)
    assert shown["tenders"] == [
        {"method": "card_terminal", "refundable_minor": 310},
        {"method": "cash", "refundable_minor": 1000},
    ]


def test_the_z_report_and_what_is_brought_back_count_it_once(register):
    ref = ordered()
    code = laid_out(ref)
    with transaction() as session:
        card, gift_code = gift_cards.issue(
            session, 500, kind="sold", document="test", actor="test", key="gift/1"
        )
    opening = {"session_id": "day-00001", "opening_minor": 10_000, "cashier": None}
    register.post("/sessions", opening)
    posted = paying(ref, code, ("cash", 810), session_id="day-00001")
    posted["tenders"].append({"method": "gift_card", "amount_minor": 500, "code": gift_code})
    sold = register.post("/sales", posted).get_json()
    assert sold["total_minor"] == DUE
    assert gift_cards_left(card) == 0

    (line,) = register.get(f"/receipts?code={ref}").get_json()["lines"]
    back = sale(
        lines=[], tenders=[{"method": "cash", "amount_minor": -655}], session_id="day-00001",
        returns=[{"order_ref": sold["receipt_number"], "line_id": line["line_id"],
                  "quantity": 1, "amount_minor": 655}],
    )  # fmt: skip
    returned = register.post("/sales", back).get_json()

    assert (returned["total_minor"], returned["conflicts"]) == (-655, [])
    closed = register.post("/sessions/day-00001/closing", {"counted_minor": 10_155}).get_json()
    assert (closed["sales_minor"], closed["returns_minor"], closed["total_minor"]) == (
        DUE, 655, DUE - 655,
    )  # fmt: skip
    assert (closed["cash_expected_minor"], closed["receipts"]["count"]) == (10_155, 2)
    assert order_of(ref).state == "completed"
    assert [(one.cause, one.amount_minor) for one in rows(Refund)] == [("return", 655)]


def gift_cards_left(card):
    with reading() as session:
        return gift_cards.one(session, card.id).balance_minor


def test_what_nobody_fetches_or_wants_is_free_again_and_costs_nothing(register, settle_events):
    left, given_up = ordered(), ordered()
    laid_out(left)
    laid_out(given_up)
    with pytest.raises(Refused, match="collect_unpaid") as refused:
        ordered()
    assert (refused.value.facts["open"], refused.value.facts["most_open"]) == (2, 2)
    assert pickups.give_up(given_up, by="customer")
    with pytest.raises(Refused, match="order_state"):
        pickups.give_up(given_up, by="customer")
    early = ordered()
    with reading() as session:
        can = cancel_order.cancellable(session, orders.by_ref(session, early))
    assert cancel_order.cancel(early, can, key="k", by="customer").refund_minor == 0
    with clock.frozen(clock.now() + timedelta(days=9)):
        assert pickups.expire_due() == 1
        settle_events()

    assert [order_of(ref).state for ref in (left, given_up, early)] == ["cancelled"] * 3
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (12, 0, 0, 0)
        assert session.scalar(select(func.count()).select_from(Payment)) == 0
    texts = [message.body_text for message in rows(Message, kind="cancelled")]
    assert len(texts) == 3
    assert all("Bezahlt haben Sie dafür nichts" in text for text in texts)
    assert sum("wurde nicht abgeholt" in text for text in texts) == 1
    gone = register.post("/sales", paying(left, "0000"))
    assert (problem(gone), gone.get_json()["state"]) == ((409, "collection_state"), "not_ready")


def test_a_store_decides_what_it_takes_unpaid(register):
    with transaction() as session:
        collect_terms.put(session, "bonn", Limits(True, DUE - 1, 5), by="test")
        with pytest.raises(Invalid, match="collect_terms"):
            collect_terms.put(session, "bonn", Limits(True, 0, 5), by="test")
    before = photograph()
    with pytest.raises(Refused, match="collect_unpaid"):
        ordered()
    with pytest.raises(Invalid, match="buyer"):
        ordered(collect_at=None)
    assert photograph() == before
    with transaction() as session:
        collect_terms.put(session, "bonn", Limits(True, DUE, 5), by="test")
    assert order_of(ordered()).state == "confirmed"
    with transaction() as session:
        collect_terms.put(session, "bonn", Limits(False, DUE, 5), by="test")
    with pytest.raises(Refused, match="collect_unpaid"):
        ordered((HOOK, 1))


@pytest.mark.race
def test_one_person_with_two_addresses_has_no_more_open_than_one_may_have(register, app):
    with transaction() as session:
        collect_terms.put(session, "bonn", Limits(True, 30000, 1), by="test")
    start = Barrier(2)

    def order(email):
        with app.app_context():
            start.wait(30)
            try:
                return ordered((LURE, 1), email=email)
            except Refused as refused:
                return refused.code

    for round_ in range(4):
        with ThreadPoolExecutor(2) as threads:
            emails = (f"a{round_}@example.org", f"b{round_}@example.org")
            made = list(threads.map(order, emails))
        placed = [ref for ref in made if ref != "collect_unpaid"]
        assert len(placed) == 1
        with reading() as session:
            can = cancel_order.cancellable(session, orders.by_ref(session, placed[0]))
        cancel_order.cancel(placed[0], can, key="k", by="customer")


def test_a_missing_part_is_not_sent_unpaid_and_the_rest_is_paid_alone(register, settle_events):
    ref = ordered((LURE, 2), (HOOK, 1))
    job = job_at(ref, "bonn")
    floor.start(job, BONN)
    floor.scan(job, LURE, BONN)
    floor.scan(job, LURE, BONN)
    floor.short_pick(job, HOOK, BONN)
    settle_events()
    (asked,) = rows(CollectQuestion, order_ref=ref)
    options = asked.facts["options"]
    assert (options["arrives_on"], options["refund_minor"]) == (None, 0)
    with pytest.raises(Refused, match="option_gone"):
        collect_answers.answer(ref, "parcel", by="customer")
    collect_answers.answer(ref, "cancel", by="customer")
    pickups.lay_out(job, "Fach A3", BONN)
    with reading() as session:
        code = session.get_one(FulfilmentOrder, job).pickup_code

    sold = register.post("/sales", paying(ref, code)).get_json()

    assert (sold["total_minor"], sold["conflicts"]) == (DUE, [])
    assert order_of(ref).state == "completed"
    assert sum(one.captured_minor for one in rows(Payment, order_ref=ref)) == DUE


def test_a_hand_over_that_came_too_late_is_a_sale_of_the_till_with_a_task(register):
    ref = ordered()
    code = laid_out(ref)
    pickups.give_up(ref, by="customer")

    posted = paying(ref, code, offline=True, customer_number=MUELLER)
    late = register.post("/sales", posted).get_json()

    why = {"order_ref": ref, "why": "collection_state"}
    assert late["conflicts"] == [{"kind": "collection", "facts": why}]
    assert late["collected"] is None
    assert (order_of(ref).state, order_of(late["order_ref"]).channel) == ("cancelled", "till")
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (10, 0, 0, 0)


@pytest.mark.race
@pytest.mark.parametrize("rival", ["till", "expiry", "customer"])
def test_it_is_handed_over_or_given_back_and_never_both(register, app, rival):
    ref = ordered()
    code = laid_out(ref)
    late = clock.now() + timedelta(days=9)
    start = Barrier(2)

    def sell():
        till = Register(app.test_client())
        assert till.get("/device").status_code == 200
        start.wait(30)
        return till.post("/sales", paying(ref, code)).status_code == 200

    def rob():
        with app.app_context():
            start.wait(30)
            try:
                return bool(pickups.expire_due() if rival == "expiry" else _give_up(ref))
            except Refused:
                return False

    with clock.frozen(late), ThreadPoolExecutor(2) as threads:
        running = [threads.submit(sell), threads.submit(sell if rival == "till" else rob)]
        won = [one.result(60) for one in running]

    assert sorted(won) == [False, True]
    sold = won[0] or rival == "till"
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (10 if sold else 12, 0, 0, 0)
        assert len(charges.all_of_order(session, ref)) == (1 if sold else 0)
        assert session.scalar(select(func.count()).select_from(TillReceipt)) == (1 if sold else 0)
    assert order_of(ref).state == ("completed" if sold else "cancelled")


def _give_up(ref):
    return pickups.give_up(ref, by="customer")
