"""A question answered by a worker, from the shop's own orders; stopped; failed; nothing moved."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.workflows import checkout, what_if
from fulfilment import rules
from fulfilment.events import WhatIfAsked
from fulfilment.whatif import runs
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.jobs import bench
from tests.small_shop import LURE, WEDNESDAY

pytestmark = pytest.mark.usefixtures("wednesday", "sound")
STOCK = {("lager", LURE): 4, ("bonn", LURE): 9, ("koeln", LURE): 9}
HELD = "SELECT location, sku, on_hand, reserved, allocated FROM stock_balances ORDER BY 1, 2"


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    return app


def order(quantity=2):
    return checkout.place(small_shop.basket_with((LURE, quantity)), small_shop.buyer()).order_ref


def ask(values):
    with transaction() as session:
        setup = rules.changed(rules.read(session), values)
        hour = timedelta(hours=1)
        return runs.ask(
            session, "staff:petra", title="", since=WEDNESDAY - hour, until=WEDNESDAY + hour,
            setup=setup,
        ).id  # fmt: skip


def looked_up(run_id):
    with reading() as session:
        return runs.one(session, run_id), runs.result(session, run_id)


def books():
    with reading() as session:
        return session.execute(text(HELD)).all()


def test_the_shops_orders_are_decided_again_and_nothing_moves(shop, settle_events):
    placed = [order(), order()]
    before = books()
    first, _ = looked_up(ask({}))
    settle_events()
    _, same = looked_up(first.id)
    assert (same.orders, same.changed) == (2, 0)
    assert same.then == same.repriced == same.replayed
    dearer = ask({"locations.lager.handling_line_minor": 9000})
    settle_events()
    run, found = looked_up(dearer)
    assert run.state == "done"
    assert {change.order_ref for change in found.changes} == set(placed)
    assert found.then.places.keys() == {"lager"}
    assert "lager" not in found.replayed.places
    assert books() == before


def test_orders_that_nobody_paid_for_are_left_out(shop, settle_events):
    lapsed, stays = order(1), order(2)
    with transaction() as session:
        session.execute(
            text("UPDATE orders SET state = 'lapsed' WHERE ref = :ref"), {"ref": lapsed}
        )
    run_id = ask({"locations.lager.handling_line_minor": 9000})
    settle_events()
    _, found = looked_up(run_id)
    assert [change.order_ref for change in found.changes] == [stays]
    assert found.orders == 1
    with transaction() as session:
        session.execute(
            text("UPDATE orders SET state = 'placed' WHERE ref = :ref"), {"ref": lapsed}
        )


def test_a_question_cancelled_meanwhile_ends_and_one_answered_is_not_answered_again(
    shop, monkeypatch
):
    order()
    run_id = ask({})
    monkeypatch.setattr(what_if, "_SAY_EVERY_SECONDS", 0)
    begin = runs.begin

    def begin_and_cancel(session, which):
        run = begin(session, which)
        runs.cancel(session, which)
        return run

    monkeypatch.setattr(runs, "begin", begin_and_cancel)
    what_if.carry_out(WhatIfAsked(run_id=str(run_id)))
    run, found = looked_up(run_id)
    assert (run.state, found) == ("cancelled", None)
    monkeypatch.setattr(runs, "begin", begin)
    what_if.carry_out(WhatIfAsked(run_id=str(run_id)))
    assert looked_up(run_id)[0].state == "cancelled"


def test_what_breaks_is_kept_as_a_failure(shop, monkeypatch, caplog):
    order()
    run_id = ask({})
    monkeypatch.setattr(what_if, "replay", lambda *_, **__: 1 / 0)
    what_if.carry_out(WhatIfAsked(run_id=str(run_id)))
    run, found = looked_up(run_id)
    assert (run.state, found) == ("failed", None)
    assert "ZeroDivisionError" in run.error
    assert "failed" in caplog.text


@pytest.mark.slow
def test_a_worker_of_its_own_queue_answers(shop):
    relay = shop.extensions["kontor_relay"]
    order()
    run_id = ask({})
    [event_id] = relay.queues["reports"].get_job_ids()
    assert relay.queues["reports"].fetch_job(event_id).timeout == 3600
    with bench.worker(shop, "reports"):
        bench.until(lambda: looked_up(run_id)[0].is_over, "the answer")
    assert looked_up(run_id)[1].orders == 1
    assert clock.now() == WEDNESDAY
