"""One counter for all channels: sent home, reserved, collected, begun on the web."""

from sqlalchemy import select

from app.payments import charges
from app.sales import baskets, orders
from app.workflows import checkout, floor, pickups, reserve_in_store
from app.workflows.floor import Worker
from app.workflows.reserve_in_store import Reserver
from catalog.models import Item, Product
from fulfilment.models import FulfilmentOrder, Pickup
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.register import photograph, problem
from tests.pos.test_races import _charged
from tests.small_shop import HOOK, LURE, PAN

SEND = {
    "name": "Jürgen Müller", "street": "Moselweg 3", "postal_code": "56068", "city": "Koblenz",
    "email": "mueller@example.org",
}  # fmt: skip


def line(sku, quantity, unit, **more):
    return {"sku": sku, "quantity": quantity, "unit_minor": unit, **more}


def test_one_basket_one_payment_one_receipt_for_what_is_taken_and_what_is_sent(
    register, settle_events
):
    wanted = [{"sku": LURE, "quantity": 1}, {"sku": PAN, "quantity": 2, "home": True}]
    asked = {"lines": wanted, "postal_code": "56068"}
    home = register.post("/quotes", asked).get_json()["home"]
    assert (home["shipping_minor"], home["promised_on"], home["missing"]) == (0, "2026-11-27", [])
    posted = {
        "sale_id": "home-0001",
        "lines": [line(LURE, 1, 690), line(PAN, 2, 8900, home=True)],
        "send": SEND,
        "tenders": [
            {"method": "card_terminal", "amount_minor": 10_000},
            {"method": "cash", "amount_minor": 8490},
        ],
    }

    sold = register.post("/sales", posted).get_json()
    settle_events()

    assert (sold["total_minor"], sold["conflicts"]) == (18_490, [])
    assert sold["home"] == {
        "order_ref": sold["home"]["order_ref"], "promised_on": "2026-11-27", "shipping_minor": 0,
    }  # fmt: skip
    assert register.post("/sales", posted).get_json() == {**sold, "repeated": True}
    with reading() as session:
        sent = orders.by_ref(session, sold["home"]["order_ref"])
        assert (sent.state, sent.channel, sent.device) == ("confirmed", "web", "bonn-1")
        paid = charges.all_of_order(session, sent.ref)
        assert [(one.method, one.captured_minor) for one in paid] == [
            ("card_terminal", 9310), ("cash", 8490),
        ]  # fmt: skip
        (job,) = session.scalars(select(FulfilmentOrder)).all()
        assert (job.order_ref, job.location, job.state) == (sent.ref, "lager", "open")
        assert small_shop.books(session)["lager", PAN] == (7, 0, 0, 2)
        assert small_shop.books(session)["bonn", LURE] == (11, 0, 0, 0)
    before = photograph()
    many = {**posted, "sale_id": "home-0002", "lines": [line(PAN, 9, 8900, home=True)],
            "tenders": [{"method": "cash", "amount_minor": 80_100}]}  # fmt: skip
    assert problem(register.post("/sales", many)) == (409, "stock_short")
    assert problem(register.post("/sales", {**posted, "sale_id": "home-0003", "send": None})) == (
        422, "send",
    )  # fmt: skip
    assert photograph() == before


def test_what_was_put_aside_is_sold_to_who_comes_for_it(register):
    token = small_shop.basket_with((HOOK, 5))
    held = reserve_in_store.reserve(token, Reserver("Jürgen Müller", "m@example.org"), "bonn")
    found = register.get(f"/collections?code={held.ref}").get_json()
    assert (found["state"], found["paid"], found["lines"][0]["unit_minor"]) == ("held", False, 490)

    sold = register.sell(
        lines=[line(HOOK, 5, 490)], hold_ref=held.ref,
        tenders=[{"method": "cash", "amount_minor": 2450}],
    )  # fmt: skip

    assert sold.get_json()["conflicts"] == []
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (0, 0, 0, 0)
    gone = register.get(f"/collections?code={held.ref}").get_json()
    assert gone["state"] == "handed_over"
    before = photograph()
    assert problem(register.sell(hold_ref=held.ref)) == (409, "store_hold_state")
    assert photograph() == before
    late = register.sell(hold_ref=held.ref, offline=True).get_json()
    assert [one["kind"] for one in late["conflicts"]] == ["store_hold"]


def _paid_for_bonn(settle_events):
    token = small_shop.basket_with((LURE, 2))
    ref = checkout.place(token, small_shop.buyer(collect_at="bonn")).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, _charged(payment.amount_minor))
    settle_events()
    return ref


def _laid_out(ref):
    with reading() as session:
        job = small_shop.job_at(session, ref, "bonn")
    with transaction() as session:
        floor.pick_all_in(session, job, Worker("Test", "bonn"))
        floor.pack_in(session, job, Worker("Test", "bonn"))
    return job


def _code_of(job):
    with reading() as session:
        return session.get_one(FulfilmentOrder, job).pickup_code


def test_goods_for_adults_are_given_out_once_somebody_has_looked_at_the_age(
    register, settle_events
):
    ref = _paid_for_bonn(settle_events)
    _laid_out(ref)
    with transaction() as session:
        session.get_one(Product, session.get_one(Item, LURE).product).age_min = 18
    shown = register.get(f"/collections?code={ref}").get_json()
    before = photograph()
    given = {"identity": True, "taken_by": "Eva Müller"}
    refused = register.post(f"/collections/{ref}/hand-over", given)
    assert (problem(refused), refused.get_json()["age_min"]) == ((403, "age_unchecked"), 18)
    assert (photograph(), shown["age_min"]) == (before, 18)

    done = register.post(f"/collections/{ref}/hand-over", {**given, "of_age": True})

    assert done.get_json()["state"] == "handed_over"
    with reading() as session:
        [pickup] = session.scalars(select(Pickup)).all()
        assert (pickup.proof, pickup.taken_by, pickup.age_checked) == (
            "identity", "Eva Müller", True,
        )  # fmt: skip


def test_a_paid_order_is_handed_over_by_its_code_once(register, settle_events):
    ref = _paid_for_bonn(settle_events)
    page = f"/collections?code=http://shop.test/bestellung/{ref}?t=x"
    assert register.get(page).get_json()["state"] == "not_ready"
    early = register.post(f"/collections/{ref}/hand-over", {})
    assert (problem(early), early.get_json()["state"]) == ((409, "collection_state"), "not_ready")
    job = _laid_out(ref)
    pickups.move(job, "Fach A3", Worker("Test", "bonn"))
    ready = register.get(page).get_json()
    assert (ready["state"], ready["shelf_place"]) == ("ready", "Fach A3")
    code = _code_of(job)
    before = photograph()
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    for given, told in [
        ({}, (403, "pickup_code")),
        ({"code": wrong}, (403, "pickup_code")),
        ({"identity": True}, (422, "taken_by")),
        ({"code": code, "signature": "<svg>"}, (422, "malformed")),
    ]:
        assert problem(register.post(f"/collections/{ref}/hand-over", given)) == told
    assert photograph() == before

    given = {"code": code, "cashier": "11", "signature": "M1 2L3 4"}
    answers = [register.post(f"/collections/{ref}/hand-over", given).get_json() for _ in range(2)]

    assert [one["state"] for one in answers] == ["handed_over", "handed_over"]
    with reading() as session:
        [pickup] = session.scalars(select(Pickup)).all()
        kept = (pickup.proof, pickup.taken_by, pickup.signature, pickup.age_checked, pickup.actor)
        assert kept == ("code", "Jürgen Müller", "M1 2L3 4", None, "till bonn-1, 11")
        assert small_shop.books(session)["bonn", LURE] == (10, 0, 0, 0)
        assert orders.by_ref(session, ref).state == "completed"
    assert problem(register.get("/collections?code=K-NOBODY")) == (404, "collection")


def test_a_web_basket_is_opened_with_consent_and_bought_at_the_counter(register):
    token = small_shop.basket_with((LURE, 1), (HOOK, 2), number=small_shop.MUELLER)
    assert problem(register.get("/baskets/B-NOBODY")) == (404, "basket")
    with transaction() as session:
        code = baskets.give_code(session, baskets.by_token(session, token)).code
    shown = register.get(f"/baskets/{code}").get_json()
    assert shown["customer_number"] == small_shop.MUELLER
    assert sorted((one["sku"], one["quantity"]) for one in shown["lines"]) == [
        (HOOK, 2), (LURE, 1),
    ]  # fmt: skip

    register.sell(
        lines=[line(LURE, 1, 655)], customer_number=small_shop.MUELLER, basket_code=code,
        tenders=[{"method": "cash", "amount_minor": 655}],
    )  # fmt: skip

    assert problem(register.get(f"/baskets/{code}")) == (404, "basket")
