"""What nobody ordered: cards, catalogues, samples; who gets them, who does not, what is waste."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.community import campaigns, mailings
from app.community.models import Campaign, Mailpiece
from app.identity import customers as accounts
from app.messages import gate, letters
from app.messages.models import Message, MessageRefusal
from app.sales import orders
from app.workflows import card_preview, floor, tell
from app.workflows.floor import Worker
from catalog import publishing
from fulfilment.models import Parcel, ParcelInsert
from kit import clock
from kit.database import reading, transaction
from loyalty import addresses, consents
from loyalty.consents import Asking
from tests import small_shop
from tests.small_shop import HOOK, LURE, MUELLER, PAN
from tests.standing import moved, snapshot
from tests.web.accounts import sign_in
from tests.web.floor_bench import job_of, paid
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of
from tests.web.test_floor import campaign

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

EMAIL = "mueller@example.org"
HOME = {"name": "Jürgen Müller", "street": "Moselweg 3", "postal_code": "56068", "city": "Koblenz"}
CARD = {
    "code": "fang-2027", "title_de": "Zeig deinen Fang", "title_en": "Show your catch",
    "text_de": "Schick ein Bild.", "text_en": "Send a picture.", "owner": "Adler",
    "starts_on": "2026-11-25", "ends_on": "2026-12-31", "cost": "0,04", "paper_grams": "5",
    "category": "", "next_document": "", "consent": "newsletter",
}  # fmt: skip
CATALOGUE = {
    "code": "katalog", "kind": "catalogue", "title_de": "Katalog", "title_en": "Catalogue",
    "owner": "Adler", "location": "lager", "starts_on": "2026-11-25", "ends_on": "2026-12-31",
    "cost": "2,85", "paper_grams": "420",
}  # fmt: skip


@pytest.fixture
def shop(app):
    small_shop.build(
        {("lager", LURE): 24, ("lager", HOOK): 1, ("bonn", HOOK): 5, ("lager", PAN): 2}
    )
    hire("lager", "bonn", "office", "service")
    return app


def agree(purpose, email=EMAIL):
    asking = Asking("Ja", "de", "account", "127.0.0.1")
    with transaction() as session:
        if purpose == consents.NEWSLETTER:
            consents.confirm(session, consents.ask(session, email, purpose, asking), ip="")
        else:
            consents.agree(session, email, purpose, asking)


def account():
    with transaction() as session:
        accounts.open_account(session, EMAIL, MUELLER)
        addresses.add(session, MUELLER, HOME)


def pack(job, place="lager"):
    who = Worker("Frau Yilmaz", place)
    floor.start(job, who)
    floor.pick_all(job, who)
    floor.pack(job, who)


def cards():
    with reading() as session:
        return session.scalars(select(ParcelInsert.campaign)).all()


def pieces():
    with reading() as session:
        return session.scalars(select(Mailpiece)).all()


def test_a_card_that_wants_a_consent_goes_only_to_who_gave_it(shop, settle_events):
    office = at_work(shop, "office")
    assert office.post("/office/campaigns", data={**CARD, "do": "save"}).status_code == 303
    first = paid(settle_events, (LURE, 1))
    page = words_of(office.get("/office/campaigns/fang-2027"))
    assert f"{first} Jürgen Müller, Koblenz nein: kein Einverständnis" in page
    pack(job_of(first))
    assert cards() == []

    agree(consents.NEWSLETTER)
    second = paid(settle_events, (LURE, 1))
    assert f"{second} Jürgen Müller, Koblenz ja" in words_of(
        office.get("/office/campaigns/fang-2027")
    )
    pack(job_of(second))
    assert cards() == ["fang-2027"]

    with transaction() as session:
        consents.withdraw(session, EMAIL, consents.NEWSLETTER, source="mail", ip="")
    pack(job_of(paid(settle_events, (LURE, 1))))
    assert cards() == ["fang-2027"]


def test_a_split_order_gets_one_card_however_many_campaigns_run(shop, settle_events):
    with transaction() as session:
        session.add(campaign())
        other = campaign()
        other.code = "zweite"
        session.add(other)
    ref = paid(settle_events, (LURE, 1), (HOOK, 3))
    with reading() as session:
        places = {place: small_shop.job_at(session, ref, place) for place in ("lager", "bonn")}
        waiting = card_preview.preview(session, session.get_one(Campaign, "zweite")).waiting
    assert [(fate.why, fate.gets.code) for fate in waiting] == [("other", "fang")]
    for place, job in places.items():
        pack(job, place)
    with reading() as session:
        assert len(session.scalars(select(Parcel)).all()) == 2
    assert cards() == ["fang"]


def test_the_form_tries_without_writing_and_names_what_is_wrong(shop, settle_events):
    ref = paid(settle_events, (LURE, 1))
    office, service = at_work(shop, "office"), at_work(shop, "service")
    before = snapshot()
    tried = office.post("/office/campaigns", data={**CARD, "consent": "", "do": "try"})
    assert f"{ref} Jürgen Müller, Koblenz ja" in words_of(tried)
    assert "1 Karten in 30 Tagen" in words_of(tried)
    for wrong in (
        {"code": "Zwei Wörter"},
        {"ends_on": "2026-11-24"},
        {"paper_grams": "1000"},
        {"cost": "viel"},
        {"consent": "an order"},
        {"category": "nirgends"},
        {"next_document": "keiner"},
        {"title_en": ""},
    ):
        answer = office.post("/office/campaigns", data={**CARD, **wrong, "do": "save"})
        assert answer.status_code == 422, wrong
        assert answer.text.count('aria-invalid="true"') == 1, wrong
    assert service.post("/office/campaigns", data=CARD).status_code == 403
    assert moved(before) == set()


def test_goods_decide_and_an_ended_campaign_sends_no_card(shop, settle_events):
    with transaction() as session:
        publishing.put_category(session, "angeln", name_de="Angeln", name_en="Angling")
        publishing.put_category(
            session, "koeder", name_de="Köder", name_en="Lures", parent="angeln"
        )
        publishing.put_category(session, "messer", name_de="Messer", name_en="Knives")
        for code, category in (("fang", "angeln"), ("messer", "messer")):
            row = campaign()
            row.code, row.category = code, category
            session.add(row)
    with reading() as session:
        standing = campaigns.shelves_of(session, [LURE])
        assert standing == {LURE: {"angeln", "koeder"}}
        why = {
            row.code: campaigns.why_not(row, standing[LURE], agreed=lambda: False)
            for row in campaigns.running(session)
        }
    assert why == {"fang": None, "messer": "goods"}
    answer = at_work(shop, "office").post("/office/campaigns/fang/end", follow_redirects=True)
    assert "Beendet" in words_of(answer)
    pack(job_of(paid(settle_events, (LURE, 1))))
    assert cards() == []


def test_a_catalogue_goes_to_who_asked_and_no_order_knows_of_it(shop, settle_events):
    office, picker = at_work(shop, "office"), at_work(shop, "lager")
    account()
    assert office.post("/office/mailings", data=CATALOGUE).status_code == 303
    ref = paid(settle_events, (LURE, 1))
    assert "Noch niemand hat so etwas angekreuzt" in words_of(
        office.get("/office/mailings/katalog")
    )
    office.post("/office/mailings/katalog/release")
    assert pieces() == []

    agree(consents.CATALOGUES)
    assert "Jürgen Müller Moselweg 3, 56068 Koblenz ja" in words_of(
        office.get("/office/mailings/katalog")
    )
    with reading() as session:
        written = len(session.scalars(select(Message)).all())
    office.post("/office/mailings/katalog/release")
    office.post("/office/mailings/katalog/release")
    (piece,) = pieces()
    assert "1 Sendung für jemanden, der darum gebeten hat" in words_of(picker.get("/floor/"))
    assert "Kein Auftrag" in words_of(picker.get("/floor/mailpieces"))
    label = picker.get(f"/floor/mailpieces/{piece.id}/label.pdf")
    assert (label.mimetype, label.data[:5]) == ("application/pdf", b"%PDF-")
    bonn = at_work(shop, "bonn")
    assert bonn.post(f"/floor/mailpieces/{piece.id}/sent").status_code == 404
    for _twice in range(2):
        picker.post(f"/floor/mailpieces/{piece.id}/sent")
    settle_events()
    (piece,) = pieces()
    assert (piece.state, piece.sent_by) == ("sent", "Dirk Hessler")
    with reading() as session:
        # No letter of any kind came of it, and the order has nothing on its way.
        assert len(session.scalars(select(Message)).all()) == written
        assert session.scalars(select(Parcel).where(Parcel.order_ref == ref)).all() == []


def test_shipped_is_refused_for_a_catalogue_that_has_left(shop, settle_events):
    account()
    agree(consents.CATALOGUES)
    office = at_work(shop, "office")
    office.post("/office/mailings", data=CATALOGUE)
    office.post("/office/mailings/katalog/release")
    (piece,) = pieces()
    at_work(shop, "lager").post(f"/floor/mailpieces/{piece.id}/sent")
    ref = paid(settle_events, (LURE, 1))
    with transaction() as session:
        fact, planned, _cancelled, _back = tell.standing(session, orders.by_ref(session, ref))
        gone = {"handed_over": True, "carrier": "DHL", "tracking_code": piece.sscc}
        said = replace(planned[0], **gone)
        letter = letters.ShippedLetter(fact, (said,), ())
        assert letters.write(session, letter, key="shipped/catalogue") is None
    with transaction() as session:
        (refused,) = session.scalars(select(MessageRefusal))
        gate.see(session, refused.id, by="Ute Kranz", note="ausprobiert")
        assert session.scalars(select(Message).where(Message.kind == "shipped")).all() == []
    assert {one["truth"] for one in refused.reasons} == {"really_handed_over"}


def test_who_takes_the_consent_back_gets_nothing_more(shop):
    account()
    agree(consents.CATALOGUES)
    office = at_work(shop, "office")
    office.post("/office/mailings", data=CATALOGUE)
    office.post("/office/mailings/katalog/release")
    (piece,) = pieces()
    with transaction() as session:
        consents.withdraw(session, EMAIL, consents.CATALOGUES, source="account", ip="")
    answer = at_work(shop, "lager").post(
        f"/floor/mailpieces/{piece.id}/sent", follow_redirects=True
    )
    assert "Bleibt hier" in words_of(answer)
    assert [one.state for one in pieces()] == ["cancelled"]
    # Asked for again, it is opened again: still one piece.
    agree(consents.CATALOGUES)
    office.post("/office/mailings/katalog/release")
    assert [one.state for one in pieces()] == ["open"]
    assert "Das ist schon freigegeben" in words_of(
        office.post("/office/mailings", data={**CATALOGUE, "known": "1"}, follow_redirects=True)
    )
    office.post("/office/mailings/katalog/stop")
    assert [one.state for one in pieces()] == ["cancelled"]


def test_paper_that_was_for_nothing_is_counted(shop, client, settle_events):
    with transaction() as session:
        session.add(campaign())
    for _order in range(2):
        pack(job_of(paid(settle_events, (LURE, 1))))
    with reading() as session:
        seen = session.scalars(select(ParcelInsert.token).order_by(ParcelInsert.id)).first()
    for _look in range(2):
        assert client.get(f"/fang/{seen}").status_code == 200
    account()
    agree(consents.CATALOGUES)
    office = at_work(shop, "office")
    office.post("/office/mailings", data=CATALOGUE)
    office.post("/office/mailings/katalog/release")
    (piece,) = pieces()
    picker = at_work(shop, "lager")
    picker.post(f"/floor/mailpieces/{piece.id}/return")
    assert [one.state for one in pieces()] == ["open"]
    picker.post(f"/floor/mailpieces/{piece.id}/sent")
    picker.post(f"/floor/mailpieces/{piece.id}/return")
    year_ago = clock.now() - timedelta(days=365)
    with reading() as session:
        assert mailings.waste(session, year_ago)["card"].wasted == 0
    with clock.frozen(clock.now() + timedelta(days=15)), reading() as session:
        found = mailings.waste(session, year_ago)
    assert found["card"] == mailings.Paper(2, 6, 8, 1, 3)
    assert found["catalogue"] == mailings.Paper(1, 420, 285, 1, 420)
    assert (found["card"].wasted_percent, found["sample"].wasted_percent) == (50, None)
    assert "420 g · 100 %" in words_of(office.get("/office/mailings"))


def test_default_is_nothing_and_the_account_says_what_comes_by_post(client, shop):
    sign_in(client, EMAIL)
    page = client.get("/konto/einstellungen").text
    assert page.count('name="paper"') == 2
    assert 'value="catalogues" checked' not in page
    for ticked, given in ((["catalogues"], True), ([], False)):
        assert client.post("/konto/post", data={"paper": ticked}).status_code == 303
        with reading() as session:
            assert consents.given(session, EMAIL, consents.CATALOGUES) is given
            assert not consents.given(session, EMAIL, consents.SAMPLES)
            assert not consents.given(session, EMAIL, consents.NEWSLETTER)
    # What comes by mail needs a mail that proves it.
    client.post("/konto/post", data={"paper": ["newsletter"]})
    with reading() as session:
        assert not consents.given(session, EMAIL, consents.NEWSLETTER)
