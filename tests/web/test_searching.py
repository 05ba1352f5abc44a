"""Finding on the pages: suggestions, stores and help, no dead end; synonyms, what is asked."""

import re

import pytest
from sqlalchemy import func, select, update

from app.workflows import findable
from catalog import misses, questions, synonyms
from catalog.models import SearchMiss, ShopperQuestion, Synonym
from fulfilment.models import Location
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import LURE
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday")
WISH = {"kind": "anleitung", "about": "XK-99", "email": "mueller@example.org"}


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24, ("bonn", LURE): 6})
    findable.refresh()
    return app


@pytest.fixture
def client(shop):
    return shop.test_client()


def options(answer):
    body = answer.get_data(as_text=True)
    return re.findall(r'role="option"[^>]*href="([^"]+)"', body)


def rows(model):
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_suggestions_are_links_best_first_and_end_with_all_results(client):
    answer = client.get("/suche/vorschlaege?q=K%C3%B6")
    assert answer.status_code == 200
    assert options(answer)[0] == "/sortiment/koeder"
    assert options(answer)[-1] == "/suche?q=K%C3%B6&amp;alle=1"
    assert "<html" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["", "k", "qqqxyz", "' | 'a':*", "\x00%"])
def test_where_nothing_begins_so_nothing_is_suggested(client, typed):
    answer = client.get("/suche/vorschlaege", query_string={"q": typed})
    assert (answer.status_code, options(answer)) == (200, [])


def test_a_slip_does_not_end_the_suggestions(client):
    meant = options(client.get("/suche/vorschlaege?q=Rheinshad"))
    assert len(meant) >= 2
    slipped = options(client.get("/suche/vorschlaege?q=Rheinshda"))
    assert slipped == [*meant[:-1], "/suche?q=Rheinshda&amp;alle=1"]


def test_a_store_is_found_by_its_town_with_its_hours_before_goods(client):
    said = text(client.get("/suche?q=Bonn+öffnungszeiten"))
    assert re.search(r"Filialen Bonn offen bis \d\d:\d\d", said)
    page = client.get("/suche?q=Bonn").get_data(as_text=True)
    assert 'href="/filialen#bonn"' in page
    assert 'href="/filialen#koeln"' not in page


def test_help_is_found_by_what_people_call_it(client):
    for typed, where in (("Versandkosten", "/versand"), ("Umtausch", "/widerruf")):
        assert f'class="tile" href="{where}"' in client.get(f"/suche?q={typed}").get_data(True)


def test_a_missing_manual_leads_to_a_request_that_is_filled_in(client, shop):
    page = client.get("/suche?q=Gebrauchsanleitung+XK-99").get_data(as_text=True)
    assert 'href="/anfrage?art=anleitung&amp;zu=XK-99"' in page
    form = client.get("/anfrage?art=anleitung&zu=XK-99").get_data(as_text=True)
    assert 'value="XK-99"' in form
    sent = client.post("/anfrage", data=WISH)
    assert (sent.status_code, sent.location) == (303, "/anfrage/eingegangen")
    assert "mueller@example.org" in text(client.get("/anfrage/eingegangen"))
    client.post("/anfrage", data=WISH)
    assert rows(ShopperQuestion) == 1
    hire("office", "till")
    office = at_work(shop, "office")
    waiting = text(office.get("/office/asked"))
    assert "XK-99 Anleitung" in waiting
    assert at_work(shop, "till").get("/office/asked").status_code == 403
    with reading() as session:
        asked = questions.listed(session)[0].id
    office.post(f"/office/asked/{asked}/outcome", data={"outcome": "published"})
    with reading() as session:
        assert questions.listed(session) == []
        assert questions.listed(session, closed=True)[0].closed_by == "Ute Kranz"


def test_a_wrong_address_is_said_at_its_field_and_nothing_is_kept(client):
    answer = client.post("/anfrage", data={**WISH, "email": "mueller"})
    assert answer.status_code == 422
    assert "vollständige Adresse" in text(answer)
    assert 'value="XK-99"' in answer.get_data(as_text=True)
    assert rows(ShopperQuestion) == 0
    assert client.get("/anfrage/eingegangen").location == "/anfrage"


def test_a_store_can_be_asked_and_only_one_that_exists(client):
    for store, kept in (("bonn", "bonn"), ("lager", None), ("mars", None)):
        form = {"kind": "frage", "about": f"Habt ihr {store}?", "email": "a@b.de", "store": store}
        client.post("/anfrage", data=form)
        with reading() as session:
            assert questions.listed(session)[-1].store == kept


def test_what_nobody_finds_is_counted_and_offers_ways_on(client):
    page = client.get("/suche?q=Xylophon").get_data(as_text=True)
    assert 'href="/anfrage?art=frage&amp;zu=Xylophon"' in page
    assert 'href="/anfrage?art=anleitung&amp;zu=Xylophon"' in page
    client.get("/suche?q=xylophon")
    client.get("/suche?q=Rheinshad")
    with reading() as session:
        assert [(one.term, one.times) for one in misses.listed(session)] == [("xylophon", 2)]


def test_the_back_office_tries_a_synonym_out_then_keeps_it(client, shop):
    hire("office", "lead")
    client.get("/suche?q=Quirlix")
    office = at_work(shop, "office")
    tried = text(office.get("/office/synonyms?word=Quirlix&meaning=Rheinshad"))
    assert "„Quirlix“ findet jetzt 0 Artikel Nichts." in tried
    assert "und mit „Rheinshad“ 1 Artikel" in tried
    assert rows(Synonym) == 0
    form = {"word": "Quirlix", "meaning": "Rheinshad", "language": "de"}
    assert at_work(shop, "lead").post("/office/synonyms", data=form).status_code == 403
    assert rows(Synonym) == 0
    assert office.post("/office/synonyms", data=form).status_code == 302
    assert "Rheinshad" in text(client.get("/suche?q=quirlix&alle=1"))
    assert rows(SearchMiss) == 0, "what has a synonym now is no miss any more"
    again = office.post("/office/synonyms", data=form)
    assert "schon hinterlegt" in text(again)
    office.post("/office/synonyms/removals", data={"word": "quirlix", "meaning": "rheinshad"})
    with reading() as session:
        assert [(one.action, one.actor) for one in synonyms.history(session)] == [
            ("removed", "Ute Kranz"),
            ("added", "Ute Kranz"),
        ]


def test_a_store_that_closes_for_good_is_found_no_more(client, shop):
    assert 'href="/filialen#bonn"' in client.get("/suche?q=Bonn").get_data(as_text=True)
    with transaction() as session:
        session.execute(update(Location).where(Location.code == "bonn").values(kind="warehouse"))
    findable.refresh()
    assert 'href="/filialen#bonn"' not in client.get("/suche?q=Bonn").get_data(as_text=True)
