"""The back office's page of tills: tasks to look at, codes, PINs, reports, files for auditors."""

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from app.identity import devices
from app.sales import collect_terms
from app.sales.models import CollectTerms
from app.tills import conflicts, sessions
from app.tills.sessions import Closing
from app.workflows.till import sales
from app.workflows.till.documents import Sale, SaleLine, Tender
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import LURE
from tests.web.staff_bench import at_work, hire


@pytest.fixture
def shop(wednesday, sound, app):
    small_shop.build({("bonn", LURE): 5})
    hire("lead", "office")
    with reading() as session:
        till = devices.by_token(session, small_shop.TOKEN)
    sales.sell(
        till, Sale("sale-0001", (SaleLine(LURE, 1, 500),), (Tender("cash", 500),), receipt_number=1)
    )
    return app


def test_what_does_not_fit_is_seen_and_done_with(shop):
    office = at_work(shop, "office")
    page = office.get("/office/tills").text
    assert "für 5,00\xa0€ verkauft, in den Büchern 6,90\xa0€" in page
    assert "bonn-1-000001" in page
    done = re.search(r"/office/tills/conflicts/[0-9a-f-]+", page).group()

    answer = office.post(done, data={"note": "Preisschild war alt"})

    assert answer.status_code == 303
    assert "Nichts anzusehen" in office.get("/office/tills").text
    with reading() as session:
        assert session.scalar(conflicts.open_count()) == 0


def test_a_lead_pairs_a_till_sets_a_pin_and_sees_the_own_store_only(shop):
    lead = at_work(shop, "lead")
    page = lead.post("/office/tills/pairings", data={"till": "bonn-9", "name": "Kasse 9"}).text
    code = re.search(r'id="pairing-code"><strong>([0-9A-Z-]+)<', page).group(1)
    paired = shop.test_client().post("/api/pos/v1/pairings", json={"pairing_code": code}).get_json()
    assert paired["device"]["code"] == "bonn-9"
    wrong = lead.post("/office/tills/pairings", data={"till": "Ä b", "name": "x"})
    assert wrong.status_code == 422
    person = re.search(r'<option value="([0-9a-f-]{36})"', lead.get("/office/tills").text).group(1)
    assert lead.post("/office/tills/pins", data={"staff": person, "pin": "12"}).status_code == 422
    assert lead.post("/office/tills/pins", data={"staff": person, "pin": "1234"}).status_code == 303


def test_a_session_is_reported_and_its_files_are_handed_over(shop):
    with transaction() as session:
        till = devices.by_token(session, small_shop.TOKEN)
        (row,) = sessions.listed(session, "bonn")
        sessions.count(session, till, row.session_id, Closing(counted_minor=480))
        key = row.id
    office = at_work(shop, "office")
    page = office.get(f"/office/tills/sessions/{key}").text
    assert "Z-Bericht 1" in page
    assert "-0,20\xa0€" in page.replace("−", "-")

    packed = office.get(f"/office/tills/sessions/{key}/dsfinvk.zip")
    sheet = office.get("/office/tills/notification/bonn.csv")

    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert "transactions.csv" in archive.namelist()
    assert "KONTOR-BONN-1" in sheet.data.decode("utf-8-sig")


def test_a_store_says_what_it_takes_unpaid_and_no_other_store_does(shop):
    lead = at_work(shop, "lead")
    given = {"location": "bonn", "offered": "1", "most": "49,50", "open": "3"}
    for wrong in ({"most": "viel"}, {"open": "0"}, {"location": "koeln"}, {"location": "nirgends"}):
        lead.post("/office/tills/collecting", data={**given, **wrong})
    with reading() as session:
        assert session.scalars(select(CollectTerms)).all() == []

    lead.post("/office/tills/collecting", data=given)

    with reading() as session:
        [row] = session.scalars(select(CollectTerms)).all()
        assert (row.location, row.offered, row.most_minor, row.most_open) == ("bonn", True, 4950, 3)
    assert "Bonn: bis 49,50\xa0€, 3 je Kunde" in lead.get("/office/tills").text
    lead.post("/office/tills/collecting", data={**given, "offered": ""})
    with reading() as session:
        assert not collect_terms.of(session, "bonn").offered
