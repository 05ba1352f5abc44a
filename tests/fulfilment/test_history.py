"""What did the books say on Wednesday at 12:30, and what do we know now about that moment?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from fulfilment import answers
from fulfilment.answers import history
from fulfilment.answers.history import Holdings
from fulfilment.claims import allocations, reservations
from fulfilment.stock import counter_sales, counts, ledger, months
from fulfilment.stock import safety as safety_stocks
from kit import clock
from kit.errors import Invalid, Refused
from tests.fulfilment.warehouse import HOOKS, WEDNESDAY, broken, promise, stock, want

AUGUST = datetime(2026, 8, 10, 9, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 10, 9, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 10, 9, tzinfo=UTC)
NOTHING = Holdings(0, 0, 0, 0, 0, 0, 0, 0)


def at(minutes):
    return WEDNESDAY + timedelta(minutes=minutes)


def holdings(**terms):
    return Holdings(**{**dict.fromkeys(Holdings.__slots__, 0), **terms})


def said(session, instant, location="bonn"):
    return history.as_of(session, HOOKS, location, instant).said


@pytest.fixture
def later(shop):
    """Wednesday afternoon: everything before it is past."""
    with clock.frozen(at(300)):
        yield shop


def test_a_sale_of_an_offline_till_tells_the_two_views_apart(later):
    with clock.frozen(at(0)):
        stock(later, "bonn", {HOOKS: 5})
    with clock.frozen(at(60)):
        counter_sales.sell(
            later,
            location="bonn",
            lines=[(HOOKS, 2)],
            document="bonn-1-8",
            actor="till",
            key="s1",
            sold_at=at(20),
        )

    before = history.as_of(later, HOOKS, "bonn", at(19))
    between = history.as_of(later, HOOKS, "bonn", at(20))
    after = history.as_of(later, HOOKS, "bonn", at(60))

    assert (before.said, before.known, before.late) == (
        holdings(on_hand=5),
        holdings(on_hand=5),
        [],
    )
    assert (between.said, between.known) == (holdings(on_hand=5), holdings(on_hand=3))
    [sale] = between.late
    assert (sale.document, sale.quantity, sale.moved_at, sale.booked_at) == (
        "bonn-1-8",
        2,
        at(20),
        at(60),
    )
    assert (after.said, after.known, after.late) == (
        holdings(on_hand=3),
        holdings(on_hand=3),
        [],
    )


def test_a_till_whose_clock_is_ahead_has_not_sold_in_the_future(later):
    with clock.frozen(at(0)):
        stock(later, "bonn", {HOOKS: 5})
        counter_sales.sell(
            later,
            location="bonn",
            lines=[(HOOKS, 2)],
            document="bonn-1-8",
            actor="till",
            key="s1",
            sold_at=at(90),
        )
    seen = history.as_of(later, HOOKS, "bonn", at(0))
    assert (seen.said, seen.known) == (holdings(on_hand=3), holdings(on_hand=3))


def test_every_term_is_what_it_was(later):
    steps = [
        lambda: stock(later, "bonn", {HOOKS: 9}),
        lambda: safety_stocks.put(later, {("bonn", HOOKS): 1}, reason="fair", actor="Eva"),
        lambda: reservations.place(
            later, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=at(200)
        ),
        lambda: ledger.quarantine(
            later, "bonn", [(HOOKS, 1)], document="recall", actor="kai", key="q"
        ),
        lambda: reservations.release(later, "K-1"),
        lambda: counts.surprised(
            later, {("bonn", HOOKS): -2}, cause="rejection", document="K-2", actor="Anna"
        ),
        lambda: safety_stocks.put(later, {("bonn", HOOKS): 0}, reason="over", actor="Eva"),
        lambda: _allocate(later, 3),
        lambda: _count(later, 8),
    ]
    for number, step in enumerate(steps):
        with clock.frozen(at(number)):
            step()

    seen = [said(later, at(number)) for number in range(len(steps))]

    assert seen == [
        holdings(on_hand=9),
        holdings(on_hand=9, safety=1),
        holdings(on_hand=9, safety=1, reserved=2),
        holdings(on_hand=9, safety=1, reserved=2, quarantined=1),
        holdings(on_hand=9, safety=1, quarantined=1),
        holdings(on_hand=9, safety=1, quarantined=1, doubt=2),
        holdings(on_hand=9, quarantined=1, doubt=2),
        holdings(on_hand=9, quarantined=1, doubt=2, allocated=3),
        holdings(on_hand=8, allocated=3),
    ]
    assert [one.available for one in seen] == [9, 8, 6, 5, 7, 5, 6, 3, 5]
    assert said(later, at(0) - timedelta(seconds=1)) == NOTHING


def _allocate(session, units):
    wants = [want(HOOKS, "bonn", units)]
    allocations.allocate(session, order_ref="K-3", wants=wants, promised=promise(wants))


def _count(session, units):
    [task] = counts.open_tasks(session, "bonn")
    counts.post(session, task.id, units, actor="Ben")


def test_a_reservation_counted_until_its_deadline_and_no_longer(later):
    with clock.frozen(at(0)):
        stock(later, "bonn", {HOOKS: 2})
        reservations.place(
            later, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=at(30)
        )
    with clock.frozen(at(45)):
        reservations.expire_due(later, clock.now(), limit=9)
    assert said(later, at(29)).reserved == 2
    assert said(later, at(30)).reserved == 0


def test_goods_on_their_way_belong_to_where_they_go(later):
    goods = {"document": "UL-1", "actor": "kai"}
    with clock.frozen(at(0)):
        stock(later, "lager", {HOOKS: 5})
    with clock.frozen(at(10)):
        ledger.transfer_out(later, "lager", "bonn", [(HOOKS, 4)], **goods, key="out")
    with clock.frozen(at(20)):
        ledger.transfer_in(later, "bonn", [(HOOKS, 3)], **goods, key="in")
    assert said(later, at(10), "lager") == holdings(on_hand=1)
    assert said(later, at(10)) == holdings(in_transit=4)
    assert said(later, at(20)) == holdings(on_hand=3, in_transit=1)


@pytest.mark.parametrize("instant", [at(301), datetime(2026, 11, 18, 12, 30)])  # noqa: DTZ001
def test_the_future_and_times_of_nowhere_are_not_answered(later, instant):
    with pytest.raises(Invalid, match="instant"):
        history.as_of(later, HOOKS, "bonn", instant)


def _detach(session, month):
    """Take a closed month out of the database, as its owner may; the test's end brings it back."""
    table = f"stock_movements_{month:%Y_%m}"
    session.execute(text("SET LOCAL ROLE NONE"))
    session.execute(text(f"ALTER TABLE stock_movements DETACH PARTITION {table}"))
    session.execute(
        text("UPDATE stock_months SET detached_at = now() WHERE month = :month"), {"month": month}
    )
    session.execute(text("SET LOCAL ROLE kontor_app"))


@pytest.fixture
def quarter(shop):
    """Five hooks came in August, two went in September, four came in October; all is closed."""
    for instant, units in ((AUGUST, 5), (SEPTEMBER, -2), (OCTOBER, 4)):
        with clock.frozen(instant):
            if units > 0:
                stock(shop, "bonn", {HOOKS: units})
            else:
                ledger.write_off(
                    shop, "bonn", [(HOOKS, -units)], document="rust", actor="kai", key="w"
                )
    with clock.frozen(AUGUST):
        stock(shop, "koblenz", {HOOKS: 3})
    with clock.frozen(WEDNESDAY):
        stock(shop, "bonn", {HOOKS: 1})
    closed = [months.close_due(shop) for _ in range(4)]
    assert closed == [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), None]
    return shop


def test_closed_months_are_read_from_their_closings(quarter):
    instants = (AUGUST - timedelta(days=1), AUGUST, SEPTEMBER, OCTOBER, WEDNESDAY)
    assert [said(quarter, one).on_hand for one in instants] == [0, 5, 3, 7, 8]
    # Nothing moved in Koblenz since August; its closing of August still counts.
    assert [said(quarter, one, "koblenz").on_hand for one in instants] == [0, 3, 3, 3, 3]
    turn = datetime(2026, 10, 1, tzinfo=UTC)
    assert [said(quarter, turn - timedelta(microseconds=1)).on_hand] == [3]
    assert said(quarter, turn).on_hand == 3
    # A closing that says otherwise is believed: what came before it is not read again.
    quarter.execute(text("SET LOCAL ROLE NONE"))
    changed = text(
        "UPDATE stock_closings SET quantity = quantity + 90"
        " WHERE month = '2026-09-01' AND location = 'bonn'"
    )
    quarter.execute(changed)
    assert [said(quarter, one).on_hand for one in instants] == [0, 5, 3, 97, 8]
    quarter.execute(text(str(changed).replace("+ 90", "- 90")))
    quarter.execute(text("SET LOCAL ROLE kontor_app"))


def test_what_lies_before_the_oldest_month_is_refused_with_the_date_it_can_be_asked_from(quarter):
    _detach(quarter, date(2026, 8, 1))
    turn = datetime(2026, 9, 1, tzinfo=UTC)
    with pytest.raises(Refused) as refusal:
        history.as_of(quarter, HOOKS, "bonn", turn - timedelta(microseconds=1))
    assert (refusal.value.code, refusal.value.facts) == (
        "stock_month_detached",
        {"month": "2026-08-01", "since": "2026-09-01T00:00:00+00:00"},
    )
    assert said(quarter, turn).on_hand == 5
    assert said(quarter, SEPTEMBER).on_hand == 3
    assert broken(quarter) == []


def test_why_opens_with_what_detached_months_left_behind(quarter):
    _detach(quarter, date(2026, 8, 1))
    terms = answers.why(quarter, HOOKS, "bonn")
    assert (terms.opening, terms.opened_on, terms.on_hand) == (5, date(2026, 8, 1), 8)
    assert [(one.cause, one.quantity) for one in terms.causes] == [
        ("write_off", -2),
        ("receipt", 5),
    ]
    assert answers.why(quarter, HOOKS, "koblenz").opening == 3
    assert terms.opening + sum(one.quantity for one in terms.causes) == terms.on_hand


def test_steps_lead_from_then_to_now(quarter):
    since = datetime(2026, 9, 1, tzinfo=UTC)
    assert history.steps(quarter, HOOKS, "bonn", since, WEDNESDAY) == [
        (since, 5),
        (SEPTEMBER, 3),
        (OCTOBER, 7),
        (WEDNESDAY, 8),
    ]
    assert history.steps(quarter, HOOKS, "koeln", since, WEDNESDAY) == [(since, 0)]


def test_many_steps_are_put_together(later):
    for minute in range(0, 300, 3):
        with clock.frozen(at(minute)):
            stock(later, "bonn", {HOOKS: 2})
    points = history.steps(later, HOOKS, "bonn", at(-1), at(300))
    assert len(points) == 101
    days = history.steps(later, HOOKS, "bonn", at(0) - timedelta(days=240), at(300))
    assert (len(days), days[0][1], days[-1]) == (2, 0, (at(297), 200))
