"""A phone on the floor: what a picker sees, may touch, and does from shelf to carrier."""

import re
import uuid
from datetime import date

import pytest
from sqlalchemy import select, text

from app.community.models import Campaign
from app.messages.models import CallTask, Message
from app.sales import orders
from fulfilment.outbound import shipments
from kit.database import reading, transaction
from kit.ids import has_mod10_check_digit
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, HOOK_GTIN, LURE, LURE_GTIN
from tests.standing import moved, snapshot
from tests.web.floor_bench import job_of, paid, parcels_of, state_of
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("koeln", HOOK): 2}
# Every step of the floor, as its form posts it.
STEPS = {
    "start": {},
    "return": {},
    "scans": {"code": LURE_GTIN},
    "short-picks": {"sku": LURE},
    "picked": {},
    "parcels": {},
    "handover": {},
}


@pytest.fixture
def shop(app, settle_events):
    """The small shop with two pickers and Herr Müller's paid order, all of it from Kassel."""
    small_shop.build(STOCK)
    hire("lager", "bonn")
    return app


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def entries(ref):
    with reading() as session:
        return [(entry.what, entry.actor) for entry in orders.timeline(session, ref)]


def step(client, job, what, **form):
    return client.post(f"/floor/jobs/{job}/{what}", data=form or STEPS[what])


def test_the_list_shows_the_work_of_the_own_place_only(shop, ref):
    here = words_of(at_work(shop, "lager").get("/floor/"))
    assert "Lager Kassel" in here
    assert "3 Stück · Jürgen Müller" in here
    assert ref in here
    elsewhere = words_of(at_work(shop, "bonn").get("/floor/"))
    assert "Nichts zu picken" in elsewhere
    assert ref not in elsewhere


@pytest.mark.parametrize("place", ["", "?place=lager", "?place=mars"])
def test_a_picker_of_bonn_cannot_see_kassels_job(shop, ref, place):
    client = at_work(shop, "bonn")
    answer = client.get(f"/floor/jobs/{job_of(ref)}{place}")
    assert answer.status_code == 404
    assert ref not in words_of(answer)


@pytest.mark.parametrize("what", STEPS)
def test_a_picker_of_bonn_cannot_touch_kassels_job(shop, ref, what):
    client = at_work(shop, "bonn")
    job = job_of(ref)
    if what != "start":
        assert step(at_work(shop, "lager"), job, "start").status_code == 302
    before = snapshot()
    for query in ("", "?place=lager"):
        answer = client.post(f"/floor/jobs/{job}/{what}{query}", data=STEPS[what])
        assert answer.status_code == 404
    assert moved(before) == set()


@pytest.mark.parametrize("what", ["", *(f"/{what}" for what in STEPS)])
def test_a_job_that_does_not_exist_is_not_found(shop, what):
    client = at_work(shop, "lager")
    before = snapshot()
    path = f"/floor/jobs/{uuid.uuid4()}{what}"
    answer = client.post(path, data={"code": LURE, "sku": LURE}) if what else client.get(path)
    assert answer.status_code == 404
    assert client.get("/floor/jobs/not-an-id").status_code == 404
    assert moved(before) == set()


@pytest.mark.parametrize("what", STEPS)
def test_nobody_touches_a_job_without_signing_in(shop, ref, what):
    before = snapshot()
    answer = step(shop.test_client(), job_of(ref), what)
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/office/sign-in")
    assert moved(before) == set()


def test_a_form_of_another_site_is_refused(shop, ref, monkeypatch):
    client = at_work(shop, "lager")
    monkeypatch.setitem(shop.config, "WTF_CSRF_ENABLED", True)
    before = snapshot()
    assert step(client, job_of(ref), "start").status_code == 400
    assert moved(before) == set()


def test_from_the_list_to_the_carrier_with_a_short_pick(shop, ref, settle_events):
    with transaction() as session:
        session.add(campaign())
    client, job = at_work(shop, "lager"), job_of(ref)
    page = f"/floor/jobs/{job}"

    assert step(client, job, "start").location == page
    assert state_of(job) == "picking"
    assert "0/3" in words_of(client.get(page))
    step(client, job, "scans", code=LURE_GTIN)
    step(client, job, "scans", code=LURE)
    assert "2/3" in words_of(client.get(page))
    answer = client.post(f"{page}/short-picks", data={"sku": HOOK}, follow_redirects=True)
    assert "1 Stück fehlt: gemeldet. Wir suchen es anderswo." in words_of(answer)
    settle_events()
    with reading() as session:
        books = small_shop.books(session)
    assert books["lager", LURE] == (24, 0, 0, 2)
    assert books["lager", HOOK] == (3, 3, 0, 0)
    assert books["bonn", HOOK] == (5, 0, 0, 1)

    answer = client.post(f"{page}/picked", follow_redirects=True)
    assert state_of(job) == "picked"
    shown = words_of(answer)
    assert "der Rest kommt aus Bonn" in shown
    assert "QR-Karte beilegen" in shown
    assert "„Zeig deinen Fang“ kommt in Paket 1." in words_of(client.get(f"{page}/pack"))
    answer = client.post(f"{page}/parcels", follow_redirects=True)
    assert "Die QR-Karte liegt in diesem Paket." in words_of(answer)
    assert "Paket geschlossen. Etikett und Packzettel liegen bereit." in words_of(answer)
    (parcel,) = parcels_of(ref)
    assert len(parcel.sscc) == 18
    assert has_mod10_check_digit(parcel.sscc)
    assert parcel.weight_grams >= 2 * 40
    slip = words_of(client.get(f"/floor/parcels/{parcel.id}/slip"))
    assert parcel.sscc in slip
    assert "2 × Rheinshad 9 cm RS-9-MO" in slip
    assert "Kommt getrennt" in slip
    assert "1 × Offset-Haken 3/0" in slip
    assert len(re.findall(r"http://shop\.test/fang/\S{32}", slip)) == 1
    assert at_work(shop, "bonn").get(f"/floor/parcels/{parcel.id}/slip").status_code == 404

    answer = client.post(f"{page}/handover", follow_redirects=True)
    assert "Übergeben. Der Kunde bekommt jetzt Nachricht." in words_of(answer)
    assert state_of(job) == "handed_over"
    settle_events()
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (22, 0, 0, 0)
        letters = session.scalars(select(Message).where(Message.kind == "shipped")).all()
    assert [(m.recipient, len(m.facts["still_to_come"])) for m in letters] == [
        ("mueller@example.org", 1)
    ]
    hand_over_the_rest(shop, ref, settle_events)


def hand_over_the_rest(shop, ref, settle_events):
    client, job = at_work(shop, "bonn"), job_of(ref, "bonn")
    assert "1 Stück · Jürgen Müller" in words_of(client.get("/floor/"))
    for what in ("start", "scans", "picked", "parcels", "handover"):
        form = {"code": HOOK_GTIN} if what == "scans" else {}
        assert client.post(f"/floor/jobs/{job}/{what}", data=form).status_code == 302
    settle_events()
    with reading() as session:
        assert orders.by_ref(session, ref).state == "completed"
        cards = [view.has_card for view in shipments.for_order(session, ref)]
        assert session.scalar(text("SELECT points FROM points_balances")) == 17
    assert sorted(cards) == [False, True]
    told = [what for what, _ in entries(ref)]
    once = ("picking_started", "short_pick", "picked", "packed", "handed_over", "order_completed")
    assert {what: told.count(what) for what in once} == {
        "picking_started": 2,
        "short_pick": 1,
        "picked": 2,
        "packed": 2,
        "handed_over": 2,
        "order_completed": 1,
    }


def test_every_step_may_be_tapped_twice(shop, ref, settle_events):
    client, job = at_work(shop, "lager"), job_of(ref)
    scans = [("scans", {"code": code}) for code in (LURE, LURE, HOOK)]
    for what, form in (("start", {}), *scans, ("picked", {}), ("parcels", {}), ("handover", {})):
        client.post(f"/floor/jobs/{job}/{what}", data=form)
        if what in {"start", "picked", "parcels", "handover"}:
            before = snapshot()
            assert client.post(f"/floor/jobs/{job}/{what}", data=form).status_code == 302
            assert moved(before) == set(), what
    assert state_of(job) == "handed_over"
    assert len(parcels_of(ref)) == 1


def test_what_was_put_back_is_open_again_with_an_empty_tote(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    step(client, job, "start")
    step(client, job, "scans", code=LURE)
    with reading() as session:
        assert picked(session) == 1
    for _ in range(2):
        answer = step(client, job, "return")
        assert (answer.status_code, answer.location) == (302, "/floor/")
    assert state_of(job) == "open"
    with reading() as session:
        assert picked(session) == 0
    assert [what for what, _ in entries(ref)].count("picking_put_back") == 1


def picked(session):
    return session.scalar(text("SELECT sum(picked) FROM stock_balances"))


@pytest.mark.parametrize(
    ("what", "form", "said"),
    [
        ("scans", {"code": "9520000000035"}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("scans", {"code": "4006381333931"}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("scans", {"code": "9520000000012"}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("scans", {"code": ""}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("scans", {}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("short-picks", {"sku": "PAN-28"}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("short-picks", {}, "Falscher Artikel: gehört nicht zu diesem Auftrag."),
        ("picked", {}, "Es fehlt noch etwas."),
    ],
)
def test_a_wrong_step_is_explained_and_moves_nothing(shop, ref, what, form, said):
    client, job = at_work(shop, "lager"), job_of(ref)
    step(client, job, "start")
    before = snapshot()
    answer = client.post(f"/floor/jobs/{job}/{what}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert said in words_of(answer)
    assert moved(before) == set()


@pytest.mark.parametrize("what", ["scans", "short-picks", "picked", "parcels", "handover"])
def test_a_step_before_its_time_moves_nothing(shop, ref, what):
    client, job = at_work(shop, "lager"), job_of(ref)
    before = snapshot()
    answer = client.post(f"/floor/jobs/{job}/{what}", data=STEPS[what], follow_redirects=True)
    assert answer.status_code == 200
    assert moved(before) == set()


def test_more_scans_than_ordered_are_refused(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    step(client, job, "start")
    for _ in range(2):
        step(client, job, "scans", code=LURE)
    before = snapshot()
    answer = client.post(f"/floor/jobs/{job}/scans", data={"code": LURE}, follow_redirects=True)
    assert "Davon ist schon alles gepickt." in words_of(answer)
    assert moved(before) == set()


def test_a_job_that_somebody_else_has_taken_stays_theirs(shop, ref):
    from tests.web.staff_bench import PEOPLE

    job = job_of(ref)
    with transaction() as session:
        session.execute(text("UPDATE staff SET location = 'lager' WHERE location = 'bonn'"))
    step(at_work(shop, "bonn"), job, "start")
    client = at_work(shop, "lager")
    before = snapshot()
    answer = client.post(f"/floor/jobs/{job}/start", follow_redirects=True)
    said = words_of(answer)
    assert "Daran arbeitet schon jemand." in said
    assert PEOPLE["bonn"][2] in said
    assert moved(before) == set()


def test_nothing_on_the_shelf_ends_the_job_here(shop, settle_events):
    ref = paid(settle_events, (HOOK, 1))
    client, job = at_work(shop, "lager"), job_of(ref)
    step(client, job, "start")
    step(client, job, "short-picks", sku=HOOK)
    answer = client.post(f"/floor/jobs/{job}/picked", follow_redirects=True)
    assert "Nichts zu packen: der Auftrag ist hier zu Ende." in words_of(answer)
    assert state_of(job) == "cancelled"


def test_the_office_chooses_the_place(shop, ref):
    hire("office")
    client = at_work(shop, "office")
    assert ref in words_of(client.get("/floor/?place=lager"))
    assert ref not in words_of(client.get("/floor/?place=bonn"))
    assert client.get("/floor/?place=mars").status_code == 404
    job = job_of(ref)
    assert client.get(f"/floor/jobs/{job}?place=bonn").status_code == 404
    answer = client.post(f"/floor/jobs/{job}/start?place=lager")
    assert answer.location == f"/floor/jobs/{job}?place=lager"
    assert ("picking_started", "Ute Kranz") in entries(ref)


def test_a_call_is_made_by_its_own_store_once(shop, ref, settle_events):
    hire("till")
    lager, job = at_work(shop, "lager"), job_of(ref)
    step(lager, job, "start")
    step(lager, job, "short-picks", sku=HOOK)
    settle_events()
    with reading() as session:
        (task,) = session.scalars(select(CallTask))
    assert task.location == "bonn"
    assert "Jürgen Müller" not in words_of(lager.get("/floor/calls"))
    store = at_work(shop, "till")
    answer = store.get("/floor/calls")
    assert "Jürgen Müller" in words_of(answer)
    assert 'href="tel:+4926114710777"' in answer.get_data(as_text=True)

    before = snapshot()
    path = f"/floor/calls/{task.id}"
    assert lager.post(path, data={"outcome": "reached"}).status_code == 404
    assert store.post(path, data={"outcome": "shouted"}).status_code == 422
    assert store.post(path).status_code == 422
    other = f"/floor/calls/{uuid.uuid4()}"
    assert store.post(other, data={"outcome": "reached"}).status_code == 404
    assert moved(before) == set()

    assert store.post(path, data={"outcome": "reached"}).location == "/floor/calls"
    before = snapshot()
    answer = store.post(path, data={"outcome": "voicemail"}, follow_redirects=True)
    assert "Der Anruf ist schon erledigt." in words_of(answer)
    assert moved(before) == set()
    with reading() as session:
        done = session.get_one(CallTask, task.id)
    assert (done.done_by, done.outcome) == ("Marie Overath", "reached")
    assert entries(ref).count(("customer_called", "Marie Overath")) == 1


def campaign():
    return Campaign(
        code="fang", title_de="Zeig deinen Fang", title_en="Show your catch", text_de="Text.",
        text_en="Text.", category=None, next_document=None, owner="Adler",
        starts_on=date(2026, 11, 1), ends_on=FRIDAY, cost_minor=4, paper_grams=3,
    )  # fmt: skip
