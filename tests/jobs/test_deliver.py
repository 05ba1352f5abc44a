"""Each handler acts once per event, whatever the others do and however often it is delivered."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app import subscribers
from app.jobs import handlers
from app.jobs.deliver import deliver
from app.jobs.handlers import Handler
from app.jobs.inline import deliver_within
from kit import events
from kit.database import in_transaction, reading, transaction
from kit.events import MAX_ATTEMPTS
from tests.jobs.bench import LampLit, count, lit, outbox

pytestmark = pytest.mark.usefixtures("app")
CLAIMS = "SELECT count(*) FROM event_deliveries"


def writes(name):
    """A handler that writes its name."""

    def act(session, event):
        session.execute(text("INSERT INTO hall VALUES (:lamp)"), {"lamp": f"{name} {event.room}"})

    return Handler(name, inside=act)


class Fuse:
    """A handler that writes, and then fails as often as it was told to."""

    def __init__(self, failures):
        self.failures = failures

    def __call__(self, session, event):
        session.execute(text("INSERT INTO hall VALUES ('fuse')"))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("blown")


def make_due(owner):
    owner.execute("UPDATE outbox_events SET due_at = now()")


def test_every_handler_runs_in_its_order_and_the_event_is_delivered(listen, hall):
    order = []
    listen(
        Handler("a", inside=lambda _session, event: order.append(("a", event, in_transaction()))),
        Handler("b", outside=lambda event: order.append(("b", event, in_transaction()))),
    )
    event_id = lit("attic")
    deliver(event_id)
    assert order == [("a", LampLit("attic"), True), ("b", LampLit("attic"), False)]
    assert outbox(event_id) == (0, True, False, None)


def test_a_second_delivery_does_nothing(listen, hall):
    listen(writes("a"))
    event_id = lit()
    deliver(event_id)
    deliver(event_id)
    assert hall() == ["a hall"]


def test_an_event_that_was_delivered_but_not_marked_acts_once(listen, hall, owner):
    listen(writes("a"))
    event_id = lit()
    deliver(event_id)
    owner.execute("UPDATE outbox_events SET delivered_at = NULL")
    deliver(event_id)
    assert hall() == ["a hall"]
    assert outbox(event_id) == (0, True, False, None)


def test_a_failing_handler_leaves_the_others_alone_and_is_tried_again(listen, hall, owner):
    listen(writes("a"), Handler("b", inside=Fuse(1)), writes("c"))
    event_id = lit()
    deliver(event_id)
    assert hall() == ["a hall", "c hall"]
    assert outbox(event_id) == (1, False, False, "b: RuntimeError('blown')")
    assert count(CLAIMS) == 2
    make_due(owner)
    deliver(event_id)
    assert hall() == ["a hall", "c hall", "fuse"]
    assert outbox(event_id) == (1, True, False, "b: RuntimeError('blown')")
    assert count(CLAIMS) == 3


def test_what_fails_every_time_is_given_up_and_then_left_alone(listen, hall, owner):
    fuse = Fuse(1000)
    listen(Handler("a", inside=fuse))
    event_id = lit()
    for _ in range(MAX_ATTEMPTS + 3):
        make_due(owner)
        deliver(event_id)
    assert 1000 - fuse.failures == MAX_ATTEMPTS
    assert outbox(event_id) == (MAX_ATTEMPTS, False, True, "a: RuntimeError('blown')")
    assert hall() == []


@pytest.mark.parametrize(
    ("name", "payload"), [("LampStolen", '{"room": "hall"}'), ("LampLit", '{"place": "hall"}')]
)
def test_an_event_that_nobody_can_read_ends_in_the_dead_letter_list(
    listen, hall, owner, name, payload
):
    listen(writes("a"))
    event_id = lit()
    owner.execute("UPDATE outbox_events SET name = %s, payload = %s", [name, payload])
    deliver(event_id)
    attempts, delivered, dead, error = outbox(event_id)
    assert (attempts, delivered, dead) == (1, False, False)
    assert error.startswith(f"{name} cannot be read")
    for _ in range(MAX_ATTEMPTS - 1):
        deliver(event_id)
    assert outbox(event_id)[:3] == (MAX_ATTEMPTS, False, True)
    assert hall() == []


def test_an_id_that_no_event_has_is_nobodys_business(listen, hall):
    listen(writes("a"))
    deliver(str(uuid.uuid4()))
    assert hall() == []


def test_a_failure_after_another_delivery_managed_it_changes_nothing(listen, hall):
    event_id = lit()
    with transaction() as session:
        events.mark_delivered(session, uuid.UUID(event_id))
    with transaction() as session:
        events.mark_failed(session, uuid.UUID(event_id), "too late")
    assert outbox(event_id) == (0, True, False, None)


@pytest.mark.race
def test_two_deliveries_at_the_same_moment_act_once(listen, hall):
    start = threading.Barrier(2)
    listen(writes("a"))
    event_id = lit()

    def together():
        start.wait(20)
        deliver(event_id)

    with ThreadPoolExecutor(2) as threads:
        for running in [threads.submit(together) for _ in range(2)]:
            running.result(30)
    assert hall() == ["a hall"]
    assert outbox(event_id) == (0, True, False, None)


def test_an_import_delivers_inside_its_own_transaction(listen, hall):
    listen(writes("a"))
    with transaction() as session:
        event_id = str(events.record(session, LampLit("attic")))
        assert deliver_within(session) == 1
    assert hall() == ["a attic"]
    assert outbox(event_id) == (0, True, False, None)
    deliver(event_id)
    assert hall() == ["a attic"]


def test_an_import_cannot_call_the_outside_world(listen, hall):
    listen(Handler("a", outside=lambda _event: None))
    with transaction() as session:
        events.record(session, LampLit("attic"))
        with pytest.raises(RuntimeError, match="outside world"):
            deliver_within(session)
        session.rollback()
    with reading() as session:
        assert events.waiting(session) == []


def test_every_event_of_the_shop_has_an_entry_on_the_page_of_subscribers():
    import app.events as shop_events
    import catalog.events as goods_events
    import fulfilment.events as stock_events

    declared = {
        found
        for module in (shop_events, goods_events, stock_events)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, events.Event) and found is not events.Event
    }
    assert declared == set(subscribers.HANDLERS)
    for each in subscribers.HANDLERS.values():
        # What an event has had done is remembered by the handler's name.
        assert len({one.name for one in each}) == len(each)
        assert all((one.inside is None) != (one.outside is None) for one in each)
    for event in declared:
        assert handlers.of(event(**dict.fromkeys(event.__dataclass_fields__, "x"))) is not None
