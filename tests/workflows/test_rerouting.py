"""Plans that do not hold: a cut-off passes, a location closes, the customer changes their mind."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.messages.models import CallTask, Message
from app.workflows import change_delivery, exceptional, floor, watch
from app.workflows.change_delivery import Wish
from catalog.models import Item
from fulfilment.events import SetupPublished
from fulfilment.routing import Decision, snapshot
from fulfilment.stock import ledger
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, HOOK_MINOR, LURE, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing
from tests.workflows.rerouting import (
    KASSEL,
    books,
    job,
    job_at,
    lines_of,
    noted,
    open_exception,
    order_of,
    paid,
    parts,
    refunds_of,
    rows,
)

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", HOOK): 3, ("bonn", HOOK): 5}
SATURDAY = date(2026, 11, 28)
AFTER_CUT_OFF = datetime(2026, 11, 25, 15, 5, tzinfo=UTC)  # 16:05 in Berlin
HOME = Wish("Jürgen Müller", "Moselweg 3", "56068", "Koblenz")
BERLIN = Wish("Jürgen Müller", "Torstraße 1", "10119", "Berlin")


@pytest.fixture
def ref(settle_events):
    small_shop.build(STOCK)
    return paid(settle_events, (HOOK, 2))


def causes(ref):
    with reading() as session:
        return [row.cause for row in snapshot.history(session, ref)]


def receive(place, sku, units):
    with transaction() as session:
        ledger.receive(
            session, place, [(sku, units)], document="more", actor="test", key=f"more/{place}/{sku}"
        )


def late_bonn():
    """Let Bonn pack until 18:00."""
    with transaction() as session:
        small_shop.locations.one(session, "bonn").cut_off = "18:00"
    snapshot.forget()


def test_a_missed_cut_off_sends_it_from_where_it_is_still_in_time(ref, settle_events):
    late_bonn()
    assert watch.tend() == 0
    with clock.frozen(AFTER_CUT_OFF):
        assert watch.tend() == 1
        settle_events()
        assert parts(ref) == {"bonn": [(HOOK, 2)]}
        assert books()["lager", HOOK] == (3, 0, 0, 0)
        assert causes(ref) == ["placed", "cut_off_missed"]
        assert (order_of(ref).promised_on, open_exception(ref)) == (FRIDAY, None)
        # One parcel on the same day, as they were told: nothing to write about.
        assert {m.kind for m in rows(Message)} == {"order_placed", "order_confirmed"}
        before = standing()
        assert watch.tend() == 0
        assert moved(before) == set()


def letters_for(longest_mm):
    """Let every place send letters, cheaper than parcels, and measure the hook."""
    with transaction() as session:
        group = {"steps": [1000], "minor": [160], "max_parcels": 1, "longest_mm": 350}
        small_shop.locations.put_tariff(
            session,
            code="brief",
            name="Brief",
            carrier="DHL",
            carrier_days=[0, 1, 2, 3, 4, 5],
            zones=[[2000, 2, 0]],
            groups={"std": group},
        )
        for place in ("lager", "bonn"):
            small_shop.locations.one(session, place).tariffs = ["brief", "paket"]
        session.get_one(Item, HOOK).length_mm = longest_mm
    snapshot.forget()


@pytest.mark.parametrize(("longest_mm", "service"), [(900, "paket"), (350, "brief")])
def test_what_is_too_long_for_a_letter_is_so_when_it_is_routed_again(
    longest_mm, service, settle_events
):
    small_shop.build(STOCK)
    letters_for(longest_mm)
    ref = paid(settle_events, (HOOK, 2))
    assert [line.longest_mm for line in lines_of(ref)] == [longest_mm]
    late_bonn()
    with clock.frozen(AFTER_CUT_OFF):
        assert watch.tend() == 1
        settle_events()
    with reading() as session:
        decided = [Decision.from_json(row.decision) for row in snapshot.history(session, ref)]
    assert [[(p.location, p.tariff) for p in one.parcels] for one in decided] == [
        [("lager", service)],
        [("bonn", service)],
    ]


def test_a_day_that_no_plan_keeps_is_told_before_it_with_a_choice(ref, settle_events):
    with clock.frozen(AFTER_CUT_OFF):
        assert watch.tend() == 1
        settle_events()
        waits = job(job_at(ref, "lager"))
        assert (waits.ships_on, waits.arrives_on) == (FRIDAY - timedelta(1), SATURDAY)
        assert waits.due_at > clock.now()
        exception = open_exception(ref)
        assert (exception.promised_on, exception.earliest_on) == (FRIDAY, SATURDAY)
        assert exception.cause == "cut_off_missed"
        assert exception.told_at == AFTER_CUT_OFF
        assert [fact["told_on"] for fact in exception.facts["lines"]] == ["2026-11-27"]
        assert order_of(ref).promised_on == SATURDAY
        (letter,) = rows(Message, kind="promise")
        assert "Ankunft Samstag, 28.11. statt Freitag, 27.11." in letter.body_text
        assert "14,70" in letter.body_text
        before = standing()
        assert watch.tend() == 0
        assert moved(before) == set()


def test_who_keeps_the_later_day_is_asked_no_more(ref, settle_events):
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        assert exceptional.choose(ref, "keep", by="customer") == 0
        assert open_exception(ref) is None
        before = standing()
        with pytest.raises(Refused, match="exception_closed"):
            exceptional.choose(ref, "cancel", by="customer")
        with pytest.raises(Invalid, match="choice"):
            exceptional.choose(ref, "maybe", by="customer")
        assert moved(before) == set()
        assert parts(ref) == {"lager": [(HOOK, 2)]}


def test_who_cancels_the_late_part_has_its_money_back(settle_events):
    small_shop.build({("lager", LURE): 5, ("bonn", HOOK): 5})
    late_bonn()
    ref = paid(settle_events, (LURE, 1), (HOOK, 2))
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        assert parts(ref) == {"lager": [(LURE, 1)], "bonn": [(HOOK, 2)]}
        assert [fact["sku"] for fact in open_exception(ref).facts["lines"]] == [LURE]
        assert exceptional.choose(ref, "cancel", by="customer") == small_shop.LURE_MINOR
        settle_events()
        assert parts(ref) == {"bonn": [(HOOK, 2)]}
        assert books()["lager", LURE] == (5, 0, 0, 0)
        assert {line.sku: line.cancelled for line in lines_of(ref)} == {LURE: 1, HOOK: 0}
        assert refunds_of(ref) == [("customer_cancelled", small_shop.LURE_MINOR)]
        assert (order_of(ref).state, open_exception(ref)) == ("confirmed", None)


def test_who_cancels_all_of_it_has_the_delivery_back_too(ref, settle_events):
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        assert exceptional.choose(ref, "cancel", by="customer") == 2 * HOOK_MINOR + 490
        assert order_of(ref).state == "cancelled"
        assert books()["lager", HOOK] == (3, 0, 0, 0)


def test_once_somebody_picks_the_late_part_cannot_be_cancelled(ref, settle_events):
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        floor.start(job_at(ref, "lager"), KASSEL)
        before = standing()
        with pytest.raises(Refused, match="picking_started"):
            exceptional.choose(ref, "cancel", by="customer")
        assert moved(before) == set()


def test_picking_that_has_begun_is_never_moved_but_its_days_are_true(ref, settle_events):
    late_bonn()
    first = job_at(ref, "lager")
    floor.start(first, KASSEL)
    with clock.frozen(AFTER_CUT_OFF):
        assert watch.tend() == 0
        settle_events()
        assert parts(ref) == {"lager": [(HOOK, 2)]}
        waits = job(first)
        assert (waits.state, waits.picker, waits.arrives_on) == ("picking", "Frau Yilmaz", SATURDAY)
        assert open_exception(ref).earliest_on == SATURDAY
        assert len(rows(Message, kind="promise")) == 1
        before = standing()
        watch.tend()
        assert moved(before) == set()


def test_who_prefers_calls_is_called_about_the_new_day(settle_events):
    small_shop.build(STOCK)
    ref = paid(settle_events, (HOOK, 2), contact_by="call", phone="+4926114710777")
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        (task,) = rows(CallTask)
        assert (task.order_ref, task.kind) == (ref, "promise")
        assert task.facts["later"][0]["arrives_on"] == "2026-11-28"
        assert rows(Message, kind="promise") == []


def test_a_location_that_closes_for_the_day_gives_its_orders_away(ref, settle_events):
    started = paid(settle_events, (HOOK, 1))
    floor.start(job_at(started, "lager"), KASSEL)
    watch.close_day("lager", reason="Wasserschaden", actor="Frau Yilmaz")
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert causes(ref) == ["placed", "location_closed"]
    assert parts(started) == {"lager": [(HOOK, 1)]}
    after = paid(settle_events, (HOOK, 1))
    assert parts(after) == {"bonn": [(HOOK, 1)]}
    watch.reopen_day("lager", actor="Frau Yilmaz")
    again = paid(settle_events, (HOOK, 1))
    assert parts(again) == {"lager": [(HOOK, 1)]}


def test_a_day_closed_in_the_calendar_gives_its_orders_away_too(ref, settle_events):
    with transaction() as session:
        watch.on_setup_published(session, SetupPublished(number=2, actor="office"))
    settle_events()
    assert causes(ref) == ["placed"]
    with transaction() as session:
        small_shop.locations.close_on(session, "lager", [(clock.today(), "Inventur")])
    snapshot.forget()
    with transaction() as session:
        watch.on_setup_published(session, SetupPublished(number=3, actor="office"))
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert causes(ref) == ["placed", "location_closed"]


def test_a_closed_location_that_alone_has_it_sends_it_the_next_day(settle_events):
    small_shop.build({("lager", HOOK): 2})
    ref = paid(settle_events, (HOOK, 1))
    watch.close_day("lager", reason="Wasserschaden", actor="Frau Yilmaz")
    settle_events()
    assert parts(ref) == {"lager": [(HOOK, 1)]}
    assert job(job_at(ref, "lager")).ships_on == FRIDAY - timedelta(1)
    assert open_exception(ref).cause == "location_closed"


def test_a_part_of_a_claim_moves_where_only_a_part_has_to(settle_events):
    small_shop.build({("lager", HOOK): 3, ("bonn", HOOK): 1})
    ref = paid(settle_events, (HOOK, 3))
    first = job_at(ref, "lager")
    with transaction() as session:
        small_shop.keep_back(session, "bonn", HOOK, 0)
    floor.start(first, KASSEL)
    floor.scan(first, HOOK, KASSEL)
    floor.put_back(first, KASSEL)
    # A count finds one unit fewer: it comes from Bonn, the other two stay where they are.
    with transaction() as session:
        from fulfilment.stock import counts

        counts.plan(session, [("lager", HOOK)], document="week 48")
        (task,) = counts.open_tasks(session, "lager")
        counts.post(session, task.id, 2, actor="Frau Yilmaz")
    settle_events()
    assert parts(ref) == {"lager": [(HOOK, 2)], "bonn": [(HOOK, 1)]}
    assert books()["lager", HOOK] == (2, 0, 0, 2)
    assert causes(ref) == ["placed", "count"]


def test_a_customer_changes_the_address_and_sees_before_what_it_does(ref, settle_events):
    before = standing()
    seen = change_delivery.preview(ref, BERLIN)
    assert moved(before) == set()
    assert (seen.before_on, seen.before_parcels) == (FRIDAY, 1)
    assert (seen.after_on, seen.after_parcels) == (FRIDAY, 1)
    change_delivery.change(ref, BERLIN, shown_on=seen.after_on)
    order = order_of(ref)
    assert order.address["city"] == "Berlin"
    assert job(job_at(ref, "lager")).address["street"] == "Torstraße 1"
    assert causes(ref) == ["placed", "delivery_changed"]
    (letter,) = rows(Message, kind="delivery_changed")
    assert "10119 Berlin" in letter.body_text
    assert noted(ref)[-1] == "delivery_changed"


def test_a_day_that_cannot_be_met_is_refused_with_the_earliest_and_nothing_moves(ref):
    before = standing()
    tomorrow = Wish("Jürgen Müller", "Moselweg 3", "56068", "Koblenz", date(2026, 11, 26))
    for step in (
        lambda: change_delivery.preview(ref, tomorrow),
        lambda: change_delivery.change(ref, tomorrow, shown_on=FRIDAY),
    ):
        with pytest.raises(Refused, match="need_by_missed") as caught:
            step()
        assert caught.value.facts == {"earliest_on": "2026-11-27"}
    assert moved(before) == set()


def test_another_outcome_than_was_shown_is_shown_again_and_nothing_moves(ref):
    before = standing()
    with pytest.raises(Refused, match="plan_changed") as caught:
        change_delivery.change(ref, BERLIN, shown_on=SATURDAY)
    assert caught.value.facts == {"after_on": "2026-11-27"}
    with pytest.raises(Invalid, match="buyer") as wrong:
        change_delivery.change(ref, Wish("J", "", "00000", "K"), shown_on=FRIDAY)
    assert wrong.value.facts == {"fields": ["name", "street", "city", "postal_code"]}
    assert moved(before) == set()


def test_once_somebody_picks_nothing_is_changed(ref):
    floor.start(job_at(ref, "lager"), KASSEL)
    before = standing()
    with pytest.raises(Refused, match="picking_started"):
        change_delivery.change(ref, HOME, shown_on=FRIDAY)
    assert moved(before) == set()


def test_an_unpaid_order_is_not_changed(settle_events):
    from app.workflows import checkout

    small_shop.build(STOCK)
    token = small_shop.basket_with((HOOK, 1))
    placed = checkout.place(token, small_shop.buyer())
    with pytest.raises(Refused, match="order_state"):
        change_delivery.preview(placed.order_ref, BERLIN)


def test_a_need_by_day_moves_the_order_to_where_it_can_be_met(ref, settle_events):
    late_bonn()
    with clock.frozen(WEDNESDAY + timedelta(hours=3, minutes=45)):  # 16:15, nobody has picked
        wish = Wish("Jürgen Müller", "Moselweg 3", "56068", "Koblenz", FRIDAY)
        seen = change_delivery.preview(ref, wish)
        change_delivery.change(ref, wish, shown_on=seen.after_on)
        assert parts(ref) == {"bonn": [(HOOK, 2)]}
        assert order_of(ref).need_by_on == FRIDAY
