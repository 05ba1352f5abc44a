"""What the back office does with an order: hold, cancel, refund, write again; who and why stays."""

import re

import pytest
from sqlalchemy import func, select, update

from app.messages.models import Message
from app.workflows import floor
from fulfilment.outbound import stops
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from tests import small_shop
from tests.small_shop import HOOK, LURE, LURE_GTIN, LURE_MINOR
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.workflows.rerouting import KASSEL, books, job_at, lines_of, noted, paid, refunds_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def office(app):
    small_shop.build({("lager", LURE): 24, ("lager", HOOK): 10})
    hire("office", "lead")
    return at_work(app, "office")


@pytest.fixture
def ref(office, settle_events):
    return paid(settle_events, (LURE, 3), (HOOK, 1))


def by_sku(ref):
    """Return the line of the lures, then that of the hook."""
    return sorted(lines_of(ref), key=lambda line: (LURE, HOOK).index(line.sku))


def page(office, ref):
    return office.get(f"/office/orders/{ref}").text


def key(office, ref):
    return re.search(r'name="key" value="(\w+)"', page(office, ref)).group(1)


def send(ref, settle_events):
    """Pick, pack and hand over all of it."""
    job = job_at(ref, "lager")
    floor.start(job, KASSEL)
    for code in (LURE_GTIN, LURE_GTIN, LURE_GTIN, HOOK):
        floor.scan(job, code, KASSEL)
    floor.finish(job, KASSEL)
    floor.pack(job, KASSEL)
    floor.hand_over(job, KASSEL)
    settle_events()


def test_a_held_order_is_neither_picked_nor_handed_over_until_it_is_released(office, ref):
    job = job_at(ref, "lager")
    assert office.post(f"/office/orders/{ref}/hold", data={"reason": " "}).status_code == 303
    assert noted(ref)[-1] != "order_stopped"
    office.post(f"/office/orders/{ref}/hold", data={"reason": "Adresse unklar"})
    before = snapshot()
    with pytest.raises(Refused, match="order_stopped") as refusal:
        floor.start(job, KASSEL)
    assert refusal.value.facts == {"reason": "Adresse unklar", "by": "Ute Kranz"}
    with pytest.raises(Refused, match="order_stopped"):
        floor.pick_all(job, KASSEL)
    assert moved(before) == set()
    board = office.get("/office/?only=stopped").text
    assert ref in board
    assert "Adresse unklar" in page(office, ref)
    # A second stop changes nothing.
    before = snapshot()
    office.post(f"/office/orders/{ref}/hold", data={"reason": "noch einmal"})
    assert moved(before) == set()
    office.post(f"/office/orders/{ref}/release")
    with reading() as session:
        assert stops.standing(session, ref) is None
    floor.start(job, KASSEL)
    assert noted(ref)[-3:] == ["order_stopped", "order_released", "picking_started"]


def test_what_is_packed_already_waits_for_the_release_before_it_leaves(office, ref, settle_events):
    job = job_at(ref, "lager")
    floor.start(job, KASSEL)
    for code in (LURE_GTIN, LURE_GTIN, LURE_GTIN, HOOK):
        floor.scan(job, code, KASSEL)
    floor.finish(job, KASSEL)
    floor.pack(job, KASSEL)
    office.post(f"/office/orders/{ref}/hold", data={"reason": "Zahlung prüfen"})
    before = snapshot()
    with pytest.raises(Refused, match="order_stopped"):
        floor.hand_over(job, KASSEL)
    assert moved(before) == set()
    office.post(f"/office/orders/{ref}/release")
    floor.hand_over(job, KASSEL)
    assert "handed_over" in noted(ref)


def test_lines_are_cancelled_with_a_reason_and_the_timeline_says_before_and_after(office, ref):
    lure, hook = by_sku(ref)
    form = {"key": key(office, ref), f"units-{lure.id}": "2", f"units-{hook.id}": "0"}
    office.post(f"/office/orders/{ref}/cancel", data={**form, "reason": ""})
    assert [line.cancelled for line in by_sku(ref)] == [0, 0]
    for _twice in range(2):
        office.post(f"/office/orders/{ref}/cancel", data={**form, "reason": "Kunde rief an"})
    assert [line.cancelled for line in by_sku(ref)] == [2, 0]
    assert refunds_of(ref) == [("customer_cancelled", 2 * LURE_MINOR)]
    shown = page(office, ref)
    assert f"{LURE}: 3 → 1" in shown
    assert "Kunde rief an" in shown
    assert "Kunde hat einen Teil storniert" not in shown
    assert noted(ref).count("office_cancelled") == 1


def test_a_refund_goes_with_restock_without_it_or_as_a_sum(office, ref, settle_events):
    send(ref, settle_events)
    lure, _hook = by_sku(ref)
    on_hand = books()["lager", LURE][0]

    def refund(**form):
        answer = office.post(
            f"/office/orders/{ref}/refund",
            data={"key": key(office, ref), "reason": "beschädigt", "location": "lager", **form},
        )
        assert answer.status_code == 303

    refund(**{f"units-{lure.id}": "1", "restock": "shelf"})
    assert books()["lager", LURE][0] == on_hand + 1
    refund(**{f"units-{lure.id}": "1", "restock": "kept"})
    assert books()["lager", LURE][0] == on_hand + 1
    assert [line.returned for line in by_sku(ref)] == [1, 0]
    refund(amount="5,00")
    assert refunds_of(ref) == [
        ("return", LURE_MINOR), ("goodwill", LURE_MINOR), ("goodwill", 500),
    ]  # fmt: skip
    # More than was paid, more than was sent, nothing, without a reason: nothing moves.
    before = snapshot()
    for wrong in (
        {"amount": "1000"}, {"amount": "-1"}, {"amount": "viel"},
        {f"units-{lure.id}": "3", "restock": "shelf"},
        {"restock": "shelf"}, {f"units-{lure.id}": "1", "restock": "shelf", "location": "mond"},
        {"amount": "1,00", "reason": ""}, {f"units-{lure.id}": "1", "restock": "burnt"},
    ):  # fmt: skip
        refund(**wrong)
    assert moved(before) == set()
    same = {"key": "once", "reason": "Kratzer", "amount": "1,00"}
    for _twice in range(2):
        office.post(f"/office/orders/{ref}/refund", data=same)
    assert refunds_of(ref)[3:] == [("goodwill", 100)]


def test_a_message_goes_out_once_more_word_for_word(app, office, ref):
    with reading() as session:
        mail = session.scalars(select(Message).where(Message.order_ref == ref)).first()
        count = session.scalar(select(func.count()).select_from(Message))
    # It waits to be sent: a copy of it is no help.
    office.post(f"/office/messages/{mail.id}/copies")
    assert "message_resent" not in noted(ref)
    with transaction() as session:
        session.execute(update(Message).values(sent_at=clock.now()))
    office.post(f"/office/messages/{mail.id}/copies")
    with reading() as session:
        again = session.get(Message, mail.id)
        assert session.scalar(select(func.count()).select_from(Message)) == count
    assert (again.body_text, again.copies, again.sent_at) == (mail.body_text, 1, None)
    assert "message_resent" in noted(ref)
    # Another click before it has left asks for no third one.
    office.post(f"/office/messages/{mail.id}/copies")
    with reading() as session:
        assert session.get(Message, mail.id).copies == 1


def test_a_store_lead_sees_an_order_and_does_nothing_with_it(app, office, ref):
    lead = at_work(app, "lead")
    assert "Stornieren" not in lead.get(f"/office/orders/{ref}").text
    for what in ("hold", "release", "cancel", "refund"):
        assert lead.post(f"/office/orders/{ref}/{what}").status_code == 403
