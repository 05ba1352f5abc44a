"""Two people at one order, a person and a picker: one of them wins, and the other is told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.payments import charges
from app.sales import orders
from app.workflows import checkout, floor, override
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder, RoutingOverride
from kit.database import reading
from kit.errors import KontorError
from tests import small_shop
from tests.small_shop import HOOK, LURE

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.usefixtures("wednesday", "sound")]

STOCK = {("lager", LURE): 24, ("lager", HOOK): 30, ("bonn", HOOK): 30, ("koeln", HOOK): 30}
DIRK = Worker("Dirk Hessler", "lager")
ROUNDS = 8
PATIENCE_SECONDS = 60


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    return app


def paid(settle_events, *lines):
    token = small_shop.basket_with(*lines)
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
        checkout.settle(str(payment.id), payment.amount_minor, f"pi_{ref}")
    settle_events()
    return ref


def plan(ref, place):
    with reading() as session:
        found = orders.lines_of(session, orders.by_ref(session, ref))
        hook = next(str(line.id) for line in found if line.sku == HOOK)
        return override.preview(session, ref, override.by_hand(session, ref, {hook: place}))


def at_once(shop, *steps):
    """Run the steps in threads from one moment on; what each returned, or its refusal's code."""
    start = threading.Barrier(len(steps))

    def run(step):
        with shop.app_context():
            start.wait(PATIENCE_SECONDS)
            try:
                return step()
            except KontorError as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(steps)) as threads:
        running = [threads.submit(run, step) for step in steps]
        return [one.result(PATIENCE_SECONDS) for one in running]


def sends(ref, proposal, who):
    return lambda: override.carry_out(
        ref, proposal.wanted, seen=proposal.seen, kind="hand", actor=who, reason="weil"
    )


def hooks():
    with reading() as session:
        found = small_shop.books(session)
    return {place: found[place, HOOK][3] for place in ("lager", "bonn", "koeln")}


def test_of_two_people_at_one_order_one_wins_and_the_other_is_told(shop, settle_events):
    for _ in range(ROUNDS):
        ref = paid(settle_events, (LURE, 1), (HOOK, 1))
        before = hooks()
        bonn, koeln = plan(ref, "bonn"), plan(ref, "koeln")
        one, other = at_once(shop, sends(ref, bonn, "Ute"), sends(ref, koeln, "Karl"))
        refused = [found for found in (one, other) if isinstance(found, str)]
        assert refused == ["override_changed"]
        won = "koeln" if isinstance(one, str) else "bonn"
        change = {place: count - before[place] for place, count in hooks().items()}
        assert change == {"lager": -1, "bonn": 0, "koeln": 0, won: 1}
        with reading() as session:
            of_ref = RoutingOverride.order_ref == ref
            assert session.scalar(select(func.count()).where(of_ref)) == 1


def test_who_starts_to_pick_wins_or_finds_nothing_to_pick(shop, settle_events):
    outcomes = set()
    for _ in range(ROUNDS):
        ref = paid(settle_events, (HOOK, 1))
        before = hooks()
        with reading() as session:
            job = small_shop.job_at(session, ref, "lager")
        picked, moved = at_once(
            shop, lambda job=job: floor.start(job, DIRK), sends(ref, plan(ref, "bonn"), "Ute")
        )
        with reading() as session:
            states = dict(
                session.execute(
                    select(FulfilmentOrder.location, FulfilmentOrder.state).where(
                        FulfilmentOrder.order_ref == ref
                    )
                ).all()
            )
        if isinstance(moved, str):
            outcomes.add("picked")
            assert (moved, picked) == ("picking_started", None)
            assert states == {"lager": "picking"}
            assert hooks() == before
        else:
            outcomes.add("moved")
            assert picked == "fulfilment_order_state"
            assert states == {"lager": "cancelled", "bonn": "open"}
            assert hooks() == {**before, "lager": before["lager"] - 1, "bonn": before["bonn"] + 1}
    assert outcomes <= {"picked", "moved"}


def test_two_orders_that_change_places_never_wait_in_a_circle(shop, settle_events):
    for _ in range(ROUNDS):
        first, second = paid(settle_events, (HOOK, 1)), paid(settle_events, (HOOK, 1))
        there = plan(second, "bonn")
        override.carry_out(
            second, there.wanted, seen=there.seen, kind="hand", actor="Ute", reason="weil"
        )
        before = hooks()
        found = at_once(
            shop,
            sends(first, plan(first, "bonn"), "Ute"),
            sends(second, plan(second, "lager"), "Karl"),
        )
        assert not any(isinstance(one, str) for one in found), found
        assert hooks() == before
