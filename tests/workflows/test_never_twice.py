"""Whatever happens to orders, no unit is worked on twice, and picking that has begun is not moved.

A crowd without a plan: customers, pickers, tills, refusals, closed days and passing hours, in an
order that comes from a seed. After every step the books are asked.
"""

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app import invariants
from app.sales import collect_questions
from app.sales.models import Order
from app.workflows import change_delivery, collect_answers, exceptional, floor, watch
from app.workflows.change_delivery import Wish
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import refusals
from fulfilment.stock import counter_sales
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.workflows.rerouting import paid

pytestmark = pytest.mark.usefixtures("sound")

PLACES = ("lager", "bonn", "koeln")
STOCK = {(place, sku): 15 for place in PLACES for sku in (HOOK, LURE)}
STEPS = 45
SEEDS = int(os.environ.get("KONTOR_CROWD_SEEDS", "4"))
# Units of each order line in fulfilment orders that somebody works on, and those it may have.
_WORKED_ON = text(
    """
    SELECT line.id, line.quantity - line.cancelled - line.shipped AS may,
        coalesce(sum(claim.quantity), 0) AS does
    FROM order_lines AS line JOIN orders ON orders.id = line.order_id
    LEFT JOIN stock_allocations AS claim ON claim.line_id = line.id
        AND claim.state IN ('open', 'picked') AND claim.fulfilment_order_id IN (
            SELECT id FROM fulfilment_orders WHERE state NOT IN ('cancelled', 'handed_over')
        )
    WHERE orders.channel = 'web'
    GROUP BY line.id
    """
)
_BEGUN = text(
    """
    SELECT job.id::text || claim.sku AS what, sum(claim.quantity)
    FROM fulfilment_orders AS job
    JOIN stock_allocations AS claim ON claim.fulfilment_order_id = job.id
    WHERE job.state IN ('picking', 'picked', 'packed') AND claim.state = 'picked'
    GROUP BY job.id, claim.sku
    """
)


class Crowd:
    """People who do what they may do, at random."""

    def __init__(self, seed: int, settle_events: Any) -> None:
        self.chance = random.Random(seed)
        self.settle = settle_events
        self.sales = 0
        self.done: dict[str, int] = {}

    def jobs(self, *states: str) -> list[FulfilmentOrder]:
        with reading() as session:
            query = select(FulfilmentOrder).where(FulfilmentOrder.state.in_(states))
            return list(session.scalars(query.order_by(FulfilmentOrder.id)))

    def refs(self) -> list[str]:
        with reading() as session:
            query = select(Order.ref).where(Order.state == "confirmed", Order.channel == "web")
            return sorted(session.scalars(query))

    def step(self) -> None:
        names = [name for name in dir(self) if name.startswith("do_")]
        name = self.chance.choice(names)
        try:
            getattr(self, name)()
            self.done[name] = self.done.get(name, 0) + 1
        except (Refused, Invalid):
            pass

    def worker(self, job: FulfilmentOrder) -> floor.Worker:
        return floor.Worker(job.picker or f"picker of {job.location}", job.location)

    def one(self, *states: str) -> FulfilmentOrder:
        found = self.jobs(*states)
        if not found:
            raise Refused("nobody")
        return self.chance.choice(found)

    def ref(self) -> str:
        found = self.refs()
        if not found:
            raise Refused("nobody")
        return self.chance.choice(found)

    def do_order(self) -> None:
        lines = [(sku, self.chance.randint(1, 3)) for sku in (HOOK, LURE)]
        collect = self.chance.choice([None, None, "bonn", "koeln"])
        paid(self.settle, *lines[: self.chance.randint(1, 2)], collect_at=collect)

    do_order_again = do_order_more = do_order

    def do_start(self) -> None:
        job = self.one("open")
        floor.start(job.id, self.worker(job))

    def do_scan(self) -> None:
        job = self.one("picking")
        floor.scan(job.id, self.chance.choice([HOOK, LURE]), self.worker(job))

    def do_put_back(self) -> None:
        job = self.one("picking")
        floor.put_back(job.id, self.worker(job))

    def do_short(self) -> None:
        job = self.one("picking")
        floor.short_pick(job.id, self.chance.choice([HOOK, LURE]), self.worker(job))

    def do_send(self) -> None:
        job = self.one("picking", "picked", "packed")
        who = self.worker(job)
        if job.state == "picking":
            floor.pick_all(job.id, who)
        elif job.state == "picked":
            floor.pack(job.id, who)
        else:
            floor.hand_over(job.id, who)

    do_send_on = do_send

    def do_refuse(self) -> None:
        job = self.one("open", "picking")
        reason = self.chance.choice(refusals.REASONS)
        floor.refuse(job.id, self.worker(job), reason=reason, note="so")

    def do_till(self) -> None:
        self.sales += 1
        with transaction() as session:
            counter_sales.sell(
                session,
                location=self.chance.choice(["bonn", "koeln"]),
                lines=[(self.chance.choice([HOOK, LURE]), 2)],
                document=f"bonn-1-{self.sales:06d}",
                actor="till bonn-1",
                key=f"sale/{self.sales}",
            )

    def do_close(self) -> None:
        watch.close_day(self.chance.choice(PLACES), reason="zu", actor="lead")

    def do_change(self) -> None:
        ref = self.ref()
        wish = Wish("Jürgen Müller", "Torstraße 1", self.chance.choice(["10119", "80331"]), "Stadt")
        seen = change_delivery.preview(ref, wish)
        change_delivery.change(ref, wish, shown_on=seen.after_on)

    def do_answer(self) -> None:
        with reading() as session:
            asked = collect_questions.waiting(session)
        if asked:
            ref = self.chance.choice(asked).order_ref
            collect_answers.answer(
                ref, self.chance.choice(["parcel", "cancel", "store:koeln"]), by="customer"
            )

    def do_decide(self) -> None:
        exceptional.choose(self.ref(), self.chance.choice(["keep", "cancel"]), by="customer")

    def do_ask_again(self) -> None:
        exceptional.ask_again(self.ref(), actor="office")


def begun() -> dict[str, int]:
    with reading() as session:
        return {what: int(units) for what, units in session.execute(_BEGUN)}


def check(trail: str) -> None:
    with reading() as session:
        for line, may, does in session.execute(_WORKED_ON):
            assert does <= may, f"{trail}: {line} has {does} of {may} units"
        broken = [one for one in invariants.check(session) if one.state == "broken"]
    assert broken == [], trail


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_unit_is_ever_worked_on_twice(app, settle_events, seed):
    small_shop.build(STOCK)
    crowd = Crowd(seed, settle_events)
    now = WEDNESDAY
    for number in range(STEPS):
        now += timedelta(minutes=crowd.chance.randint(1, 40))
        with clock.frozen(now):
            crowd.step()
            tote = begun()
            if crowd.chance.random() < 0.7:
                settle_events()
                watch.tend()
                settle_events()
                # What lies in a tote stays there, whatever is planned anew around it.
                assert begun() == tote
            check(f"seed {seed}, step {number}: {crowd.done}")
    with clock.frozen(now):
        settle_events()
        check(f"seed {seed}, end: {crowd.done}")
    assert len(crowd.done) > 6
