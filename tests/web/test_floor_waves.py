"""The walk past the shelves: their order, and several orders in one walk."""

import pytest
from sqlalchemy import select

from fulfilment.models import FulfilmentOrder, Wave
from fulfilment.outbound import shelving
from kit.database import reading, transaction
from kit.errors import Invalid
from tests.small_shop import HOOK, LURE, LURE_GTIN, PAN
from tests.standing import moved, snapshot
from tests.web import floor_bench
from tests.web.floor_bench import job_of, paid, state_of
from tests.web.staff_bench import at_work
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def shop(app):
    floor_bench.build()
    return app


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def test_the_job_stands_in_the_order_of_the_shelves(shop, ref):
    shown = words_of(at_work(shop, "lager").get(f"/floor/jobs/{job_of(ref)}"))
    assert shown.index("A-10") < shown.index("Offset-Haken") < shown.index("B-1")


def test_a_place_needs_words(shop):
    with pytest.raises(Invalid, match="shelf_place"), transaction() as session:
        shelving.put(session, "lager", {LURE: ""})


def test_a_wave_fills_one_tote_after_the_other_and_ends_by_itself(shop, settle_events):
    first = paid(settle_events, (LURE, 1), (HOOK, 1))
    second = paid(settle_events, (LURE, 1))
    client = at_work(shop, "lager")
    one, two = job_of(first), job_of(second)
    page = client.post(
        "/floor/waves", data={"job": [str(one), str(two)], "totes": "11 12"}
    ).location
    shown = words_of(client.get(page))
    assert shown.index("A-10") < shown.index("B-1")
    assert "In Kiste 11." in words_of(
        client.post(f"{page}/scans", data={"code": LURE_GTIN}, follow_redirects=True)
    )
    assert "In Kiste 12." in words_of(
        client.post(f"{page}/scans", data={"code": LURE_GTIN}, follow_redirects=True)
    )
    before = snapshot()
    for code in (LURE_GTIN, PAN):
        client.post(f"{page}/scans", data={"code": code})
    assert moved(before) == set()
    assert (state_of(one), state_of(two)) == ("picking", "picked")
    client.post(f"{page}/scans", data={"code": HOOK})
    with reading() as session:
        [wave] = session.scalars(select(Wave))
        assert (wave.state, wave.picker) == ("done", "Dirk Hessler")
        totes = session.execute(select(FulfilmentOrder.tote).order_by(FulfilmentOrder.tote))
        assert totes.scalars().all() == ["11", "12"]


def test_a_wave_takes_all_or_none(shop, ref, settle_events):
    other = paid(settle_events, (LURE, 1))
    client = at_work(shop, "lager")
    client.post(f"/floor/jobs/{job_of(other)}/start")
    before = snapshot()
    for form in (
        {"job": [str(job_of(ref)), str(job_of(other))]},
        {"job": []},
        {"job": [str(job_of(ref))], "totes": "1 2"},
        {"job": ["x"]},
    ):
        assert client.post("/floor/waves", data=form).location.endswith("/floor/waves")
    assert moved(before) == set()
    with reading() as session:
        assert session.scalars(select(Wave)).all() == []
