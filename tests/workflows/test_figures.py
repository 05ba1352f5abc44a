"""Figures count what they say: promises by the first day, splits by their postage, sales once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.sales import exceptions
from app.sales.models import Order
from app.workflows import figures, floor, return_order
from app.workflows.return_order import Returned
from fulfilment.models import Parcel
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, HOOK_MINOR, LURE, LURE_GTIN, LURE_MINOR
from tests.workflows.rerouting import BONN, KASSEL, job_at, lines_of, order_of, paid

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24, ("bonn", HOOK): 5})


def sent(settle_events):
    """Two lures from Kassel and a hook from Bonn, to one customer."""
    ref = paid(settle_events, (LURE, 2), (HOOK, 1))
    for place, worker, codes in (
        ("lager", KASSEL, (LURE_GTIN, LURE_GTIN)), ("bonn", BONN, (HOOK,)),
    ):  # fmt: skip
        job = job_at(ref, place)
        floor.start(job, worker)
        for code in codes:
            floor.scan(job, code, worker)
        floor.finish(job, worker)
        floor.pack(job, worker)
        floor.hand_over(job, worker)
    settle_events()
    return ref


def asked(days=28):
    until = clock.now() + timedelta(days=7)
    with reading() as session:
        return figures.of(session, until - timedelta(days=days), until, clock.today())


def come(ref, location, days_off):
    """A parcel arrives so many days off the promised one."""
    day = order_of(ref).promised_on + timedelta(days=days_off)
    at = clock.now().replace(year=day.year, month=day.month, day=day.day)
    with transaction() as session:
        session.execute(
            update(Parcel)
            .where(Parcel.order_ref == ref, Parcel.location == location)
            .values(delivered_at=at)
        )


def test_early_and_late_count_against_a_promise_and_a_new_day_does_not_mend_the_old(
    shop, settle_events
):
    ref = sent(settle_events)
    come(ref, "lager", -1)
    come(ref, "bonn", 0)
    (week,) = asked().promises
    assert (week.early, week.kept, week.late, week.total) == (1, 1, 0, 2)
    come(ref, "lager", 1)
    (week,) = asked().promises
    assert (week.early, week.kept, week.late) == (0, 1, 1)
    # Promised anew for the day after: what was said first is what counts.
    was = order_of(ref).promised_on
    with transaction() as session:
        exceptions.open_(
            session, ref, cause="goods_late", promised_on=was, earliest_on=was, facts={}
        )
        session.execute(
            update(Order).where(Order.ref == ref).values(promised_on=was + timedelta(days=1))
        )
    (week,) = asked().promises
    assert (week.early, week.kept, week.late) == (0, 1, 1)


def test_a_split_costs_the_postage_beyond_the_first_parcel(shop, settle_events):
    sent(settle_events)
    paid(settle_events, (LURE, 1))
    (week,) = asked().splits
    assert (week.whole, week.split, week.parcels) == (1, 1, 3)
    assert (week.postage_minor, week.extra_minor) == (3 * 490, 490)


def test_what_a_store_sends_is_the_webs_sale_and_the_stores_work(shop, settle_events):
    ref = sent(settle_events)
    found = asked()
    work = {one.location: (one.till_minor, one.sent_minor) for one in found.sales}
    assert work == {
        "lager": (0, 2 * LURE_MINOR), "bonn": (0, HOOK_MINOR), "koeln": (0, 0),
    }  # fmt: skip
    assert found.by_channel == {"web": 2 * LURE_MINOR + HOOK_MINOR, "till": 0}
    # Brought back to Köln: the web has sold less, and so has Köln's work.
    lure = next(line for line in lines_of(ref) if line.sku == LURE)
    return_order.take_back(ref, [Returned(lure.id, 1)], location="koeln", actor="x", key="1")
    found = asked()
    assert found.by_channel == {"web": LURE_MINOR + HOOK_MINOR, "till": 0}
    assert sum(one.total_minor for one in found.sales) == sum(found.by_channel.values())
    assert {one.location: one.returned_minor for one in found.sales}["koeln"] == LURE_MINOR


def test_short_picks_and_counts_are_told_by_location(shop, settle_events):
    ref = paid(settle_events, (LURE, 3))
    job = job_at(ref, "lager")
    floor.start(job, KASSEL)
    floor.scan(job, LURE_GTIN, KASSEL)
    floor.short_pick(job, LURE, KASSEL)
    floor.finish(job, KASSEL)
    floor.pack(job, KASSEL)
    settle_events()
    found = asked()
    (lager,) = [one for one in found.shorts if one.location == "lager"]
    assert (lager.times, lager.picked, lager.per_thousand) == (1, 1, 1000.0)
    (bonn,) = [one for one in found.shorts if one.location == "bonn"]
    assert (bonn.times, bonn.per_thousand) == (0, None)
    assert [one.share for one in found.truth] == [None, None, None]
