"""A person sends an order otherwise: looked at first, with a reason, all of it or nothing."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.messages.models import CallTask, Message
from app.payments import charges
from app.sales import orders
from app.sales.models import PromiseException
from app.workflows import checkout, floor, override, override_plans
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder, RoutingOverride
from fulfilment.routing import snapshot
from kit import clock
from kit.database import reading
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, LURE, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("bonn", LURE): 1}
DIRK = Worker("Dirk Hessler", "lager")
WHY = "Der Kunde hat darum gebeten"


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)


@pytest.fixture
def ordered(shop, settle_events):
    """Two lures and a hook, paid, all of them to be sent from Kassel on Friday; told by mail."""

    def place(**facts):
        token = small_shop.basket_with((LURE, 2), (HOOK, 1))
        ref = checkout.place(token, small_shop.buyer(**facts)).order_ref
        with reading() as session:
            payment = charges.of_order(session, ref)
            checkout.settle(str(payment.id), payment.amount_minor, f"pi_{ref}")
        settle_events()
        return ref

    return place


@pytest.fixture
def ref(ordered):
    return ordered(contact_by="mail", phone=None)


def lines_of(ref):
    with reading() as session:
        found = orders.lines_of(session, orders.by_ref(session, ref))
        return {line.sku: line for line in found}


def by_hand(ref, **places):
    """What would be sent where, and its price: ``by_hand(ref, **{HOOK: "bonn"})``."""
    lines = lines_of(ref)
    with reading() as session:
        chosen = {str(lines[sku].id): code for sku, code in places.items()}
        return override.preview(session, ref, override.by_hand(session, ref, chosen))


def do(ref, proposal, reason=WHY, kind="hand", actor="Ute Kranz"):
    return override.carry_out(
        ref, proposal.wanted, seen=proposal.seen, kind=kind, actor=actor, reason=reason
    )


def work(ref):
    """State of the fulfilment orders of an order, by location."""
    with reading() as session:
        rows = session.scalars(select(FulfilmentOrder).where(FulfilmentOrder.order_ref == ref))
        return {(row.location, row.state) for row in rows}


def books():
    with reading() as session:
        return small_shop.books(session)


def test_the_preview_says_what_it_costs_and_moves_nothing(ref):
    before = standing()
    proposal = by_hand(ref, **{HOOK: "bonn"})
    hook, lure = (str(lines_of(ref)[sku].id) for sku in (HOOK, LURE))
    assert proposal.wanted == {lure: {"lager": 2}, hook: {"bonn": 1}}
    # A second parcel for 4.90 €, 1.90 € for the trouble; the lines' handling is the same.
    assert proposal.decision.cost.minus(proposal.router.cost) == {
        "parcels": 490, "handling": 0, "counter": 0, "split": 190, "late": 0, "short": 0,
    }  # fmt: skip
    assert proposal.dearer_minor == 680
    assert proposal.later == {}
    assert len(proposal.now.parcels) == 1
    assert len(proposal.decision.parcels) == 2
    assert moved(before) == set()


def test_the_hook_goes_from_bonn_and_everything_is_on_record(ref, settle_events):
    done = do(ref, by_hand(ref, **{HOOK: "bonn"}))
    settle_events()
    assert books() == {
        ("lager", LURE): (24, 0, 0, 2),
        ("lager", HOOK): (3, 0, 0, 0),
        ("bonn", HOOK): (5, 0, 0, 1),
        ("bonn", LURE): (1, 0, 0, 0),
    }
    assert work(ref) == {("lager", "open"), ("bonn", "open")}
    with reading() as session:
        row = session.scalars(select(RoutingOverride)).one()
        stored = snapshot.by_id(session, str(done.decision_id))
        note = orders.timeline(session, ref)[-2]
        letter = session.scalars(select(Message).where(Message.kind == "changed")).one()
        promised = orders.by_ref(session, ref).promised_on
    assert (row.order_ref, row.kind, row.actor, row.reason) == (ref, "hand", "Ute Kranz", WHY)
    assert (row.decision_id, row.dearer_minor) == (done.decision_id, 680)
    assert done.router.locations == ("lager",)
    assert set(stored.locations) == {"lager", "bonn"}
    assert stored.stock["bonn"] == {key: 5 if sku == HOOK else 1 for sku, key in _keys(ref)}
    assert not stored.proved
    assert (note.what, note.actor, note.facts["reason"]) == ("order_overridden", "Ute Kranz", WHY)
    assert promised == FRIDAY
    assert "anders als gesagt" in letter.subject
    assert "nicht mehr im Regal" not in letter.body_text
    assert letter.facts["later"] == []


def _keys(ref):
    return [(sku, str(line.id)) for sku, line in lines_of(ref).items()]


def test_an_order_that_goes_whole_from_elsewhere_leaves_no_empty_work(ref, settle_events):
    small = by_hand(ref, **{HOOK: "bonn"})
    do(ref, small)
    back = by_hand(ref, **{HOOK: "lager"})
    assert back.wanted == override_spread(back.router)
    do(ref, back, reason="doch nicht", kind="router")
    settle_events()
    assert work(ref) == {("lager", "open"), ("bonn", "cancelled")}
    assert books()["bonn", HOOK] == (5, 0, 0, 0)
    with reading() as session:
        kinds = [row.kind for row in session.scalars(select(RoutingOverride))]
    assert kinds == ["hand", "router"]


def override_spread(decision):
    found = {}
    for part in decision.assignments:
        found.setdefault(part.key, {})[part.location] = part.quantity
    return found


def test_what_a_store_has_too_few_of_stays_where_it_is(ref):
    proposal = by_hand(ref, **{LURE: "bonn"})
    key = str(lines_of(ref)[LURE].id)
    assert proposal.wanted[key] == {"bonn": 1, "lager": 1}
    do(ref, proposal)
    assert books()["bonn", LURE] == (1, 0, 0, 1)
    assert books()["lager", LURE] == (24, 0, 0, 1)


def test_ready_plans_begin_with_the_routers_and_each_can_be_had(ref):
    with reading() as session:
        options = override.options(session, ref)
    assert options.plans[0].locations == ("lager",)
    others = [set(plan.locations) for plan in options.plans[1:]]
    assert {"lager", "bonn"} in others
    totals = [plan.cost.total for plan in options.plans]
    assert totals == sorted(totals)
    for plan in options.plans[1:]:
        with reading() as session:
            found = override.preview(session, ref, override_spread(plan))
        assert found.decision.cost == plan.cost


def test_a_promise_that_breaks_is_said_before_and_told_after(ordered, settle_events):
    ref = ordered()
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        # Köln's parcel has left at noon: from there it is Saturday.
        _receive("koeln", HOOK, 4)
        proposal = by_hand(ref, **{HOOK: "koeln"})
        key = str(lines_of(ref)[HOOK].id)
        saturday = date(2026, 11, 28)
        assert proposal.later == {key: (FRIDAY, saturday)}
        do(ref, proposal)
        settle_events()
    lines = lines_of(ref)
    assert (lines[HOOK].promised_on, lines[LURE].promised_on) == (saturday, FRIDAY)
    with reading() as session:
        task = session.scalars(select(CallTask)).one()
        assert orders.by_ref(session, ref).promised_on == saturday
        broken = session.scalars(select(PromiseException)).one()
    assert (broken.cause, broken.promised_on, broken.earliest_on) == ("override", FRIDAY, saturday)
    assert task.kind == "promise"
    assert task.facts["later"] == [
        {"sku": HOOK, "title": "Offset-Haken 3/0", "quantity": 1, "told_on": "2026-11-27",
         "arrives_on": "2026-11-28"}
    ]  # fmt: skip
    assert len(task.facts["parcels"]) == 2


def _receive(place, sku, units):
    from fulfilment.stock import ledger
    from kit.database import transaction

    with transaction() as session:
        ledger.receive(
            session, place, [(sku, units)], document="later", actor="test", key=f"later/{place}"
        )


def test_the_customer_hears_nothing_of_another_shelf_for_the_same_parcel(shop, settle_events):
    token = small_shop.basket_with((HOOK, 1))
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
        checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    do(ref, by_hand(ref, **{HOOK: "bonn"}))
    settle_events()
    with reading() as session:
        assert session.scalars(select(CallTask)).all() == []
        kinds = set(session.scalars(select(Message.kind)))
    assert kinds == {"order_placed", "order_confirmed"}
    assert work(ref) == {("bonn", "open"), ("lager", "cancelled")}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_moves(ref, reason):
    proposal = by_hand(ref, **{HOOK: "bonn"})
    before = standing()
    with pytest.raises(Invalid, match="reason"):
        do(ref, proposal, reason=reason)
    assert moved(before) == set()


def test_what_has_changed_since_it_was_shown_is_shown_again(ref):
    proposal = by_hand(ref, **{HOOK: "bonn"})
    with clock.frozen(WEDNESDAY + timedelta(hours=4)):
        # The cut-offs are over: the parcels would come a day later than was seen.
        before = standing()
        with pytest.raises(Refused, match="override_changed"):
            do(ref, proposal)
        assert moved(before) == set()


def test_the_same_plan_again_is_refused(ref):
    proposal = by_hand(ref, **{HOOK: "lager"})
    before = standing()
    with pytest.raises(Refused, match="nothing_moves"):
        do(ref, proposal)
    assert moved(before) == set()


def test_when_picking_has_begun_nothing_can_be_chosen(ref):
    proposal = by_hand(ref, **{HOOK: "bonn"})
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, DIRK)
    before = standing()
    with pytest.raises(Refused, match="picking_started"):
        do(ref, proposal)
    with reading() as session, pytest.raises(Refused, match="picking_started"):
        override.options(session, ref)
    assert moved(before) == set()
    floor.put_back(job, DIRK)
    do(ref, by_hand(ref, **{HOOK: "bonn"}))
    assert books()["bonn", HOOK] == (5, 0, 0, 1)


def test_a_part_that_is_picked_stays_and_the_rest_moves(ref, settle_events):
    do(ref, by_hand(ref, **{HOOK: "bonn"}))
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, DIRK)
    with reading() as session:
        options = override.options(session, ref)
    assert override_plans.spread_now(options.units) == {str(lines_of(ref)[HOOK].id): {"bonn": 1}}
    assert work(ref) == {("lager", "picking"), ("bonn", "open")}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"hook": {"bonn": 2}, "lure": {"lager": 2}},
        {"hook": {"bonn": 1}},
        {"hook": {"bonn": -1, "lager": 2}, "lure": {"lager": 2}},
    ],
)
def test_a_choice_holds_exactly_what_is_movable(ref, wanted):
    names = {"hook": HOOK, "lure": LURE}
    lines = lines_of(ref)
    spread = {str(lines[names[name]].id): at for name, at in wanted.items()}
    with reading() as session, pytest.raises(Invalid, match="choice"):
        override.preview(session, ref, spread)


def test_an_unknown_line_or_place_is_refused(ref):
    lines = lines_of(ref)
    with reading() as session:
        with pytest.raises(Invalid, match="choice"):
            override.by_hand(session, ref, {str(uuid.uuid4()): "bonn"})
        with pytest.raises(Invalid, match="location"):
            override.by_hand(session, ref, {str(lines[HOOK].id): "paris"})


def test_a_place_without_enough_is_no_plan(ref):
    lines = lines_of(ref)
    wanted = {str(lines[HOOK].id): {"bonn": 1}, str(lines[LURE].id): {"bonn": 2}}
    with reading() as session, pytest.raises(Refused, match="plan_impossible"):
        override.preview(session, ref, wanted)


def test_an_unpaid_order_is_not_moved(shop):
    token = small_shop.basket_with((HOOK, 1))
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        order = orders.by_ref(session, ref)
        assert not override.movable(session, order)
        with pytest.raises(Refused, match="order_state"):
            override.options(session, ref)
