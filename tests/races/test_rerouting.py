"""A picker who begins while the plan is made anew: one of them wins, and nothing is done twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from app.workflows import change_delivery, collect_answers, exceptional, floor, watch
from app.workflows.change_delivery import Wish
from fulfilment.routing import snapshot
from kit import clock
from kit.database import transaction
from kit.errors import KontorError
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, HOOK_MINOR
from tests.workflows.rerouting import (
    BONN,
    KASSEL,
    books,
    job,
    job_at,
    order_of,
    paid,
    parts,
    refunds_of,
)

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.usefixtures("wednesday", "sound")]

ROUNDS = 6
PATIENCE_SECONDS = 60
STOCK = {("lager", HOOK): 40, ("bonn", HOOK): 40, ("koeln", HOOK): 40}
AFTER_CUT_OFF = datetime(2026, 11, 25, 15, 5, tzinfo=UTC)
BERLIN = Wish("Jürgen Müller", "Torstraße 1", "10119", "Berlin")


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    return app


def at_once(app, *steps):
    """Run the steps in threads from one moment on; return what each did, or who refused it."""
    start = threading.Barrier(len(steps))

    def run(step):
        with app.app_context():
            start.wait(PATIENCE_SECONDS)
            try:
                return step()
            except KontorError as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(steps)) as threads:
        running = [threads.submit(run, step) for step in steps]
        return [one.result(PATIENCE_SECONDS) for one in running]


def test_a_picker_begins_while_the_cut_off_sends_it_from_elsewhere(shop, settle_events):
    with transaction() as session:
        small_shop.locations.one(session, "bonn").cut_off = "18:00"
    snapshot.forget()
    moved = 0
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 2))
        first = job_at(ref, "lager")
        with clock.frozen(AFTER_CUT_OFF):
            began, _ = at_once(shop, lambda first=first: floor.start(first, KASSEL), watch.tend)
            settle_events()
            if began is None:
                # Hers: it stays, and leaves tomorrow.
                assert job(first).state == "picking"
                assert parts(ref) == {"lager": [(HOOK, 2)]}
                watch.tend()
                assert job(first).arrives_on == date(2026, 11, 28)
                floor.pick_all(first, KASSEL)
                floor.pack(first, KASSEL)
                floor.hand_over(first, KASSEL)
            else:
                moved += 1
                assert began == "fulfilment_order_state"
                assert job(first).state == "cancelled"
                assert parts(ref) == {"bonn": [(HOOK, 2)]}
            settle_events()
    held = books()
    assert held["bonn", HOOK][3] == 2 * moved
    assert held["lager", HOOK] == (40 - 2 * (ROUNDS - moved), 0, 0, 0)


def test_a_picker_begins_while_the_customer_changes_the_address(shop, settle_events):
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 1))
        first = job_at(ref, "lager")
        began, changed = at_once(
            shop,
            lambda first=first: floor.start(first, KASSEL),
            lambda ref=ref: change_delivery.change(ref, BERLIN, shown_on=FRIDAY),
        )
        # The label says where it goes: either the change came first, or it was refused.
        assert began is None
        city = "Koblenz" if changed == "picking_started" else "Berlin"
        assert order_of(ref).address["city"] == city
        assert job(first).address["city"] == city


def test_a_line_is_refused_while_its_customer_changes_the_address(shop, settle_events):
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 1))
        first = job_at(ref, "lager")
        at_once(
            shop,
            lambda first=first: floor.refuse(first, KASSEL, reason="damaged"),
            lambda ref=ref: change_delivery.change(ref, BERLIN, shown_on=FRIDAY),
        )
        settle_events()
        assert parts(ref) == {"bonn": [(HOOK, 1)]}
        assert job(job_at(ref, "bonn")).address == order_of(ref).address


def test_two_answers_to_one_question_are_one(shop, settle_events):
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 2), collect_at="bonn")
        floor.refuse(job_at(ref, "bonn"), BONN, reason="other", note="zu")
        settle_events()
        outcomes = at_once(
            shop,
            lambda ref=ref: collect_answers.answer(ref, "parcel", by="customer"),
            lambda ref=ref: collect_answers.answer(ref, "cancel", by="service"),
        )
        settle_events()
        assert outcomes.count("question_answered") == 1
        if outcomes[0] is None:
            assert (parts(ref), refunds_of(ref)) == ({"lager": [(HOOK, 2)]}, [])
        else:
            assert (parts(ref), refunds_of(ref)) == ({}, [("customer_cancelled", 2 * HOOK_MINOR)])


def test_the_late_part_is_cancelled_once_or_picked(shop, settle_events):
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 1))
        with clock.frozen(AFTER_CUT_OFF):
            watch.tend()
            settle_events()
            first = job_at(ref, "lager")
            back, again, began = at_once(
                shop,
                lambda ref=ref: exceptional.choose(ref, "cancel", by="customer"),
                lambda ref=ref: exceptional.choose(ref, "cancel", by="service"),
                lambda first=first: floor.start(first, KASSEL),
            )
            settle_events()
            if began is None:
                assert {back, again} == {"picking_started"}
                assert (job(first).state, refunds_of(ref)) == ("picking", [])
            else:
                assert {back, again} == {HOOK_MINOR + 490, "exception_closed"}
                assert refunds_of(ref) == [("customer_cancelled", HOOK_MINOR + 490)]
                assert order_of(ref).state == "cancelled"
