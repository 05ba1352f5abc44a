"""What a phone did without a network: told afterwards, each step once, in its order."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.sales import orders
from fulfilment.models import FloorStep, FulfilmentOrder
from fulfilment.outbound import picking
from kit import clock
from kit.database import reading, transaction
from tests.small_shop import HOOK, LURE, LURE_GTIN
from tests.standing import moved, snapshot
from tests.web import floor_bench
from tests.web.floor_bench import job_of, paid, parcels_of, scan, state_of, tell
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def shop(app):
    floor_bench.build()
    return app


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def test_what_a_phone_did_without_network_counts_once_however_often_it_is_told(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    client.post(f"/floor/jobs/{job}/start")
    steps, answers = tell(
        client, scan(job, LURE_GTIN), scan(job, "4006381333931"), scan(job, LURE), scan(job, LURE)
    )
    assert [(one["state"], one["left"]) for one in answers] == [
        ("picking", 2), ("refused", 0), ("picking", 1), ("refused", 0),
    ]  # fmt: skip
    assert answers[3]["words"] == "Davon ist schon alles gepickt."
    before = snapshot()
    again = client.post("/floor/steps", json={"steps": [steps[0], steps[2]]})
    assert [one["left"] for one in again.json["answers"]] == [2, 1]
    assert moved(before) == set()
    _, [last] = tell(client, {"job": str(job), "what": "short", "code": HOOK})
    assert (last["state"], last["left"]) == ("picked", 0)
    _, [done] = tell(client, {"job": str(job), "what": "finish", "code": ""})
    assert (done["state"], state_of(job)) == ("picked", "picked")
    # What is missing altogether is no line of the packing any more.
    shown = client.get(f"/floor/jobs/{job}/pack")
    assert (shown.status_code, shown.text.count("data-most=")) == (200, 1)


def test_what_was_taken_without_network_counts_unless_somebody_was_faster(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    take = {"job": str(job), "what": "take"}
    done, answers = tell(client, take, scan(job, LURE))
    assert [(one["state"], one["left"]) for one in answers] == [("picking", 3), ("picking", 2)]
    client.post(f"/floor/jobs/{job}/return")
    # As the phone says it again: it counts no second time.
    again = client.post("/floor/steps", json={"steps": done})
    assert [one["left"] for one in again.json["answers"]] == [3, 2]
    assert state_of(job) == "open"
    with transaction() as session:
        picking.claim(session, job, "Somebody Else")
        picking.pick_all(session, job, "Somebody Else")
    before = snapshot()
    lines = lines_of(ref)
    packed = [parcel("s", **{lines[LURE]: 2, lines[HOOK]: 1})]
    pack = {"job": str(job), "what": "pack", "parcels": packed}
    # The packing alone would fit what somebody else has picked.
    _, answers = tell(client, take, scan(job, LURE), pack)
    assert [one["state"] for one in answers] == ["refused"] * 3
    assert moved(before) == set()


def test_a_key_that_meant_another_step_is_refused(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    client.post(f"/floor/jobs/{job}/start")
    [step], _ = tell(client, scan(job, LURE))
    other = {**step, "what": "short"}
    [answer] = client.post("/floor/steps", json={"steps": [other]}).json["answers"]
    assert answer["state"] == "refused"
    for wrong in (
        {},
        {"steps": [1]},
        {"steps": [{**step, "what": "pay"}]},
        {"steps": [step] * 201},
    ):
        assert client.post("/floor/steps", json=wrong).status_code == 422
    with reading() as session:
        assert len(session.scalars(select(FloorStep)).all()) == 1


@pytest.mark.parametrize(
    "parcels",
    [[{}], [1], 1, "x", [{"units": []}], [{"units": {"x": 1}}], [{"units": {str(uuid4()): 0}}]],
)
def test_parcels_that_nobody_can_read_are_refused_in_words(shop, ref, parcels):
    client, job = at_work(shop, "lager"), job_of(ref)
    before = snapshot()
    step = {"key": "k", "job": str(job), "what": "pack", "parcels": parcels}
    assert client.post("/floor/steps", json={"steps": [step]}).status_code == 422
    assert moved(before) == set()


def test_only_who_has_claimed_it_scans_it(shop, ref):
    with transaction() as session:
        job = session.get_one(FulfilmentOrder, job_of(ref))
        job.state, job.picker, job.picking_at = "picking", "Somebody Else", clock.now()
    client, job = at_work(shop, "lager"), job_of(ref)
    before = snapshot()
    _, answers = tell(client, scan(job, LURE), {"job": str(job), "what": "short", "code": LURE})
    assert [one["state"] for one in answers] == ["refused", "refused"]
    client.post(f"/floor/jobs/{job}/scans", data={"code": LURE})
    client.post(f"/floor/jobs/{job}/short-picks", data={"sku": LURE})
    assert moved(before) == set()
    assert "Somebody Else pickt diesen Auftrag" in words_of(client.get(f"/floor/jobs/{job}"))


def parcel(box, grams=None, **units):
    return {"units": units, "box": box, "grams": grams}


def lines_of(ref):
    with reading() as session:
        return {
            line.sku: str(line.id) for line in orders.lines_of(session, orders.by_ref(session, ref))
        }


def test_parcels_that_were_closed_without_network_are_closed_once_as_they_were(shop, ref):
    client, job, lines = at_work(shop, "lager"), job_of(ref), lines_of(ref)
    client.post(f"/floor/jobs/{job}/start")
    lure, hook = lines[LURE], lines[HOOK]
    packed = [parcel("s", 160, **{lure: 2}), parcel("m", **{hook: 1})]
    pack = {"job": str(job), "what": "pack", "parcels": packed}
    before = snapshot()
    _, [early] = tell(client, pack)
    assert early["state"] == "refused"
    assert moved(before) == set()
    scans = [scan(job, code) for code in (LURE, LURE, HOOK)]
    tell(client, *scans)
    before = snapshot()
    for wrong in (
        [parcel("s", **{lure: 3}), parcel("m", **{hook: 1})],
        [parcel("s", **{lure: 2})],
        [parcel("gone", **{lure: 2, hook: 1})],
        [parcel("s", 99_000, **{lure: 2, hook: 1})],
        *([parcel(None, grams, **{lure: 2, hook: 1})] for grams in (0, -1, 1_500_000, 1e23)),
    ):
        _, [answer] = tell(client, {**pack, "parcels": wrong})
        assert answer["state"] == "refused"
    for broken in (1, ["x"], [{"units": {"x": 1}}], [parcel("s", **{lure: 0})], packed * 7):
        step = {**pack, "key": "k" * 9, "parcels": broken}
        assert client.post("/floor/steps", json={"steps": [step]}).status_code == 422
    assert moved(before) == set()
    steps, [done] = tell(client, pack)
    assert (done["state"], state_of(job)) == ("packed", "packed")
    one, two = parcels_of(ref)
    assert (one.box, one.weight_grams, two.box, two.weight_grams) == ("s", 160, "m", 202)
    before = snapshot()
    again = client.post("/floor/steps", json={"steps": steps}).json["answers"]
    assert [answer["state"] for answer in again] == ["packed"]
    assert moved(before) == set()
    assert "Etikett und Packzettel liegen bereit" in words_of(client.get(f"/floor/jobs/{job}"))
    assert client.get(f"/floor/jobs/{job}/pack").location.endswith(f"/floor/jobs/{job}")


def test_who_picks_or_may_take_it_looks_at_the_packing_before_and_nobody_else(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    page = f"/floor/jobs/{job}/pack"
    before = snapshot()
    assert "Noch nicht fertig gepickt" in words_of(client.get(page))
    client.post(f"/floor/jobs/{job}/parcels")
    assert moved(before) == set()
    client.post(f"/floor/jobs/{job}/start")
    shown = client.get(page)
    assert "Noch nicht fertig gepickt" in words_of(shown)
    assert shown.text.count('data-most="2"') == shown.text.count('data-most="1"') == 1
    hire("office")
    office = at_work(shop, "office")
    assert office.get(f"{page}?place=lager").location.endswith(f"/floor/jobs/{job}?place=lager")
