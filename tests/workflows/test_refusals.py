"""A location says no: what its reason does to the books, and who sends it instead."""

import pytest

from app.messages.models import Message
from app.workflows import floor, route_order, watch
from fulfilment.models import CountTask, DayLimit, Refusal
from fulfilment.outbound import refusals
from fulfilment.routing import snapshot
from fulfilment.stock import trust
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.small_shop import HOOK, HOOK_MINOR, LURE, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing
from tests.workflows.rerouting import (
    BONN,
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

STOCK = {("lager", HOOK): 3, ("bonn", HOOK): 5, ("koeln", HOOK): 2}


@pytest.fixture
def ref(settle_events):
    small_shop.build(STOCK)
    return paid(settle_events, (HOOK, 2))


def doubt_at(place):
    with reading() as session:
        return [(row.cause, row.difference) for row in trust.surprises(session, HOOK, place)]


def test_not_found_is_a_shortage_a_count_and_a_doubt(ref, settle_events):
    first = job_at(ref, "lager")
    assert floor.refuse(first, KASSEL, reason="not_found") == 2
    settle_events()
    assert job(first).state == "cancelled"
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert books()["lager", HOOK] == (3, 3, 0, 0)
    assert books()["bonn", HOOK] == (5, 0, 0, 2)
    assert doubt_at("lager") == [("rejection", -2)]
    assert [(t.location, t.sku, t.cause) for t in rows(CountTask)] == [("lager", HOOK, "rejection")]
    assert [(r.location, r.quantity, r.reason) for r in rows(Refusal)] == [
        ("lager", 2, "not_found")
    ]


def test_damaged_goods_are_quarantined_and_the_rest_of_the_shelf_is_believed(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="damaged")
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert books()["lager", HOOK] == (3, 2, 0, 0)
    assert doubt_at("lager") == []
    assert rows(CountTask) == []


def test_what_is_laid_aside_is_kept_out_of_sale_and_counted(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="laid_aside")
    settle_events()
    assert books()["lager", HOOK] == (3, 2, 0, 0)
    assert doubt_at("lager") == []
    assert [task.cause for task in rows(CountTask)] == ["laid_aside"]


def test_no_time_leaves_the_goods_and_fills_the_day(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="no_time")
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert books()["lager", HOOK] == (3, 0, 0, 0)
    (limit,) = rows(DayLimit)
    assert (limit.location, limit.day, limit.parcels) == ("lager", clock.today(), 0)
    with reading() as session:
        problem = snapshot.problem_for(session, lines=[], postal_code="56068", now=clock.now())
    capacity = {source.location: source.capacity for source in problem.sources}
    assert capacity["lager"] == (0, 50, 50)
    assert capacity["bonn"] == (49, 50, 50)


def test_another_reason_has_words_and_no_effect_on_the_books(ref, settle_events):
    before = standing()
    with pytest.raises(Invalid, match="refusal_note"):
        floor.refuse(job_at(ref, "lager"), KASSEL, reason="other", note="  ")
    with pytest.raises(Invalid, match="refusal_reason"):
        floor.refuse(job_at(ref, "lager"), KASSEL, reason="lazy")
    assert moved(before) == set()
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="other", note="Strom ist weg")
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 2)]}
    assert books()["lager", HOOK] == (3, 0, 0, 0)
    assert [row.note for row in rows(Refusal)] == ["Strom ist weg"]


def test_who_refused_is_not_asked_again_for_that_line(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="other", note="Strom ist weg")
    settle_events()
    # Bonn is the next; what it lacks goes to Köln, although Kassel has three on its shelf.
    floor.refuse(job_at(ref, "bonn"), BONN, reason="not_found")
    settle_events()
    assert parts(ref) == {"koeln": [(HOOK, 2)]}
    with reading() as session:
        refused = refusals.refused_by(session, ref)
        decision = snapshot.latest(session, ref)
    assert list(refused.values()) == [frozenset({"lager", "bonn"})]
    assert {e.location: e.rule for e in decision.exclusions}["lager"] == "refused"


def test_what_nobody_has_is_refunded_and_what_a_refuser_has_is_kept(settle_events):
    small_shop.build({("lager", HOOK): 2})
    gone = paid(settle_events, (HOOK, 1))
    kept = paid(settle_events, (HOOK, 1))
    floor.refuse(job_at(gone, "lager"), KASSEL, reason="damaged")
    settle_events()
    assert order_of(gone).state == "cancelled"
    assert refunds_of(gone) == [("not_deliverable", HOOK_MINOR + 490)]
    floor.refuse(job_at(kept, "lager"), KASSEL, reason="other", note="zu spät")
    settle_events()
    (line,) = lines_of(kept)
    assert (order_of(kept).state, line.cancelled) == ("confirmed", 0)
    assert books()["lager", HOOK] == (2, 1, 0, 1)
    assert parts(kept) == {}
    exception = open_exception(kept)
    assert (exception.cause, exception.earliest_on) == ("rejection", None)
    assert [fact["arrives_on"] for fact in exception.facts["lines"]] == [None]
    # Nothing moves by itself from here on, and a duty that comes by tells nobody too early.
    before = standing()
    watch.tend()
    assert moved(before) == set()


def test_a_line_is_refused_and_the_others_stay(settle_events):
    small_shop.build({**STOCK, ("lager", LURE): 24})
    ref = paid(settle_events, (LURE, 2), (HOOK, 1))
    first = job_at(ref, "lager")
    hooks = next(line.id for line in lines_of(ref) if line.sku == HOOK)
    floor.start(first, KASSEL)
    floor.scan(first, LURE, KASSEL)
    floor.refuse(first, KASSEL, reason="damaged", line_ids=[hooks])
    settle_events()
    assert job(first).state == "picking"
    assert parts(ref) == {"lager": [(LURE, 2)], "bonn": [(HOOK, 1)]}


def test_what_is_picked_cannot_be_refused_and_nothing_moves(ref):
    first = job_at(ref, "lager")
    floor.start(first, KASSEL)
    floor.pick_all(first, KASSEL)
    before = standing()
    with pytest.raises(Refused, match="fulfilment_order_state"):
        floor.refuse(first, KASSEL, reason="no_time")
    assert moved(before) == set()


def test_somebody_elses_job_cannot_be_refused(ref):
    first = job_at(ref, "lager")
    floor.start(first, KASSEL)
    before = standing()
    with pytest.raises(Refused, match="claimed_by_other"):
        floor.refuse(first, floor.Worker("Herr Boll", "lager"), reason="no_time")
    assert moved(before) == set()


def test_a_refusal_is_told_in_words_that_are_true(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="no_time")
    settle_events()
    letters = rows(Message, kind="changed")
    assert len(letters) == 1
    assert "nicht mehr im Regal" not in letters[0].body_text
    assert "Ankunft Freitag, 27.11." in letters[0].body_text
    assert noted(ref)[-3:] == ["refused", "order_rerouted", "changed_told"]
    with transaction() as session:
        route_order.reroute(session, ref, cause="rejection")
    assert len(rows(Message, kind="changed")) == 1


def test_how_much_a_location_refuses_is_counted(ref, settle_events):
    floor.refuse(job_at(ref, "lager"), KASSEL, reason="other", note="zu")
    settle_events()
    with reading() as session:
        shares = refusals.shares(session, WEDNESDAY)
    assert shares == {"lager": (1, 1)}
    paid(settle_events, (HOOK, 1))
    with reading() as session:
        assert refusals.shares(session, WEDNESDAY) == {"lager": (1, 2)}
