"""The account: addresses, devices, points, gift cards, consents, one's data, the end."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.identity import devices
from app.identity.customer_models import CustomerAccount
from app.identity.models import Device
from app.messages import failures
from app.messages.models import Message, Undelivered
from app.sales import counter_offers, store_holds, terms
from app.sales.models import Order
from app.workflows import checkout, forgetting, reserve_in_store
from app.workflows import counter_offers as counter_offer
from app.workflows.reserve_in_store import Reserver
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from catalog import publishing, questions
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound
from loyalty import consents, customers, gift_cards, points
from tests import small_shop
from tests.small_shop import LURE, LURE_MINOR, MUELLER, PAN, PAN_MINOR, TOKEN, WEDNESDAY
from tests.web.accounts import link_in, newest_mail, sign_in
from tests.web.storefront import open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

HOME = {"name": "Jürgen Müller", "street": "Moselweg 3", "postal_code": "56068", "city": "Koblenz"}


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    open_shop()
    sign_in(client, "mueller@example.org")
    return client


def sell(*goods: tuple[str, int], sale_id: str = "s-1") -> None:
    with reading() as session:
        till = devices.by_token(session, TOKEN)
    lines = [SaleLine(sku, 1, minor) for sku, minor in goods]
    total = sum(minor for _, minor in goods)
    sales.sell(till, Sale(sale_id, lines, [Tender("cash", total)], MUELLER))


def streets(client: FlaskClient) -> list[str]:
    """Return the streets in their order; each is named again by its buttons."""
    found = re.findall(r"Moselweg \d+|Hafen \d+", text(client.get("/konto/adressen")))
    return list(dict.fromkeys(found))


def test_addresses_are_added_changed_and_removed_and_one_is_the_usual_one(
    shop: FlaskClient,
) -> None:
    add = "/konto/adressen"
    assert shop.post(add, data={**HOME, "postal_code": "00000"}).status_code == 422
    for street in ("Moselweg 3", "Moselweg 3", "Hafen 1"):
        assert shop.post(add, data={**HOME, "street": street}).status_code == 303
    assert streets(shop) == ["Moselweg 3", "Hafen 1"]
    ids = re.findall(r'action="(/konto/adressen/[0-9a-f-]{36})"', shop.get(add).text)
    shop.post(ids[1], data={"what": "default"})
    assert streets(shop) == ["Hafen 1", "Moselweg 3"]
    shop.post(ids[1], data={**HOME, "street": "Hafen 2"})
    shop.post(ids[0], data={"what": "remove"})
    assert streets(shop) == ["Hafen 2"]
    stranger = shop.application.test_client()
    sign_in(stranger, "fremd@example.org")
    assert stranger.get(ids[1]).status_code == 404
    assert stranger.post(ids[1], data={"what": "remove"}).status_code == 404
    assert streets(shop) == ["Hafen 2"]


def test_what_was_bought_on_any_channel_stands_with_its_manual(shop: FlaskClient) -> None:
    with transaction() as session:
        publishing.put_document(
            session,
            "pfanne",
            kind="manual",
            title_de="Anleitung Schmiedepfanne",
            title_en="Pan manual",
            language="de",
            path="documents/pfanne.pdf",
            bytes=1,
            products=[PAN.lower()],
        )
    assert "Noch kein Gerät" in text(shop.get("/konto/geraete"))
    sell((PAN, PAN_MINOR), (LURE, LURE_MINOR))
    page = text(shop.get("/konto/geraete"))
    assert "Schmiedepfanne 28 cm" in page
    assert "Anleitung Schmiedepfanne" in page
    assert "Rheinshad" not in page


def test_points_say_what_they_came_from_and_a_gift_card_shows_what_is_on_it(
    shop: FlaskClient,
) -> None:
    sell((LURE, LURE_MINOR))
    with transaction() as session:
        card, code = gift_cards.issue(
            session, 2500, kind="goodwill", document="x", actor="test", key="x"
        )
    for _ in range(2):
        shop.post("/konto/gutscheine", data={"code": code})
    page = text(shop.get("/konto/punkte"))
    assert "6 Punkte" in page
    assert f"…{card.ending}" in page
    assert page.count("25,00 €") == 1
    shop.post("/konto/gutscheine", data={"code": "falsch"})
    shop.post(f"/konto/gutscheine/{card.id}")
    assert "25,00 €" not in text(shop.get("/konto/punkte"))


def test_the_newsletter_needs_a_tick_and_a_confirmation_and_ends_with_one_step(
    shop: FlaskClient,
) -> None:
    where = {"REMOTE_ADDR": "192.0.2.7"}
    form = {"email": "Mueller@example.org"}
    assert shop.post("/newsletter", data=form).status_code == 422
    agreed = {**form, "agree": "1"}
    first = text(shop.post("/newsletter", data=agreed, environ_overrides=where))
    again = text(shop.post("/newsletter", data=agreed))
    assert first == again
    link = link_in(newest_mail("newsletter_confirm"))
    with reading() as session:
        assert not consents.given(session, "mueller@example.org", "newsletter")
        asked = session.scalars(select(Message).where(Message.kind == "newsletter_confirm")).all()
    assert len(asked) == 1
    shop.get(link)
    done = shop.post(link, environ_overrides={"REMOTE_ADDR": "192.0.2.8"})
    leave = re.search(r'href="http://[^/]+(/newsletter/abmelden/[^"]+)"', done.text)
    assert leave
    with reading() as session:
        history = consents.history(session, "mueller@example.org")
    assert [(step.step, step.ip) for step in history] == [
        ("asked", "192.0.2.7"),
        ("confirmed", "192.0.2.8"),
    ]
    assert {step.wording for step in history} == {history[0].wording}
    assert "Abmelden geht jederzeit" in history[0].wording
    assert {step.entered_at for step in history} == {WEDNESDAY}
    assert "bestellt" in text(shop.get("/konto/einstellungen"))
    # The mail program's own button, without a page and without a cookie (RFC 8058).
    out = shop.application.test_client()
    assert out.post(leave[1]).status_code == 200
    with reading() as session:
        assert not consents.given(session, "mueller@example.org", "newsletter")
    assert out.post(f"{leave[1]}x").status_code == 404


def test_an_order_is_no_consent(shop: FlaskClient) -> None:
    checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    with reading() as session:
        assert consents.history(session, "mueller@example.org") == []


def test_another_mail_address_has_to_be_confirmed_from_there(shop: FlaskClient) -> None:
    shop.post("/konto/mailadresse", data={"email": "neu@example.org"})
    link = link_in(newest_mail("change_email"))
    assert "mueller@example.org" in text(shop.get("/konto/einstellungen"))
    assert shop.post(link).status_code == 303
    assert shop.post(link).status_code == 410
    assert "neu@example.org" in text(shop.get("/konto/einstellungen"))
    with reading() as session:
        assert customers.by_number(session, MUELLER).email == "neu@example.org"


def test_ones_data_are_a_file(shop: FlaskClient) -> None:
    sell((LURE, LURE_MINOR))
    shop.post("/konto/adressen", data=HOME)
    found = json.loads(shop.get("/konto/meine-daten.json").data)
    assert found["customer"]["number"] == MUELLER
    assert found["points"]["balance"] == 6
    assert found["purchases"][0]["lines"][0]["title"] == "Rheinshad 9 cm"
    assert found["addresses"][0]["street"] == "Moselweg 3"


def test_what_a_store_keeps_stands_in_the_account_in_ones_data_and_in_the_way_of_its_end(
    shop: FlaskClient,
) -> None:
    mine = Reserver("Jürgen Müller", "Mueller@example.org")
    held = reserve_in_store.reserve(small_shop.basket_with((LURE, 1)), mine, "bonn")
    other = Reserver("Anna Berg", "anna@example.org")
    hers = reserve_in_store.reserve(small_shop.basket_with((LURE, 1)), other, "bonn")
    page = text(shop.get("/konto"))
    assert held.ref in page
    assert hers.ref not in page
    [told] = json.loads(shop.get("/konto/meine-daten.json").data)["reservations"]
    assert (told["ref"], told["location"], told["state"]) == (held.ref, "bonn", "held")
    assert told["lines"] == [{"sku": LURE, "title": "Rheinshad 9 cm", "quantity": 1}]
    shop.post("/konto/loeschen")
    assert shop.get("/konto").status_code == 200
    reserve_in_store.cancel(held.ref, actor="customer")
    assert held.ref not in text(shop.get("/konto"))
    shop.post("/konto/loeschen")
    assert shop.get("/konto").status_code == 302
    with reading() as session:
        row = store_holds.by_ref(session, held.ref)
        assert (row.name, row.email, row.phone, row.customer_number) == ("", "", None, None)
        assert store_holds.by_ref(session, hers.ref).name == "Anna Berg"


def test_with_an_account_goes_what_was_reserved_offered_and_asked_without_buying(
    shop: FlaskClient, settle_events: Callable[[], None]
) -> None:
    made = []
    for name, email in (("Jürgen Müller", "Mueller@example.org"), ("Anna Berg", "a@example.org")):
        mine = Reserver(name, email)
        held = reserve_in_store.reserve(small_shop.basket_with((LURE, 1)), mine, "bonn")
        settle_events()
        reserve_in_store.cancel(held.ref, actor="customer")
        with transaction() as session:
            till = session.scalars(select(Device)).one()
            asked = questions.Asked("question", "Rolle 4000", email, "bitte zurückrufen")
            questions.ask(session, asked)
        wish = [counter_offer.Wish(LURE, 2)]
        new = counter_offer.NewOffer(f"o-{email}", wish, name, email, days=7)
        offer, _repeated = counter_offer.make(till, new)
        settle_events()
        made.append((held.ref, offer.ref))
    told = json.loads(shop.get("/konto/meine-daten.json").data)
    assert [one["ref"] for one in told["offers"]] == [made[0][1]]
    assert [one["about"] for one in told["questions"]] == ["Rolle 4000"]

    assert shop.post("/konto/loeschen").status_code == 303

    assert shop.get("/konto").status_code == 302
    for (hold, offer_ref), name in zip(made, ("", "Anna Berg"), strict=True):
        with reading() as session:
            told_of = session.scalars(select(Message.kind).where(Message.order_ref == hold)).all()
            assert bool(told_of) is bool(name)
            assert counter_offers.by_ref(session, offer_ref).name == name
    with reading() as session:
        assert [one.email for one in questions.listed(session)] == ["a@example.org"]
        everybody = {one.lower() for one in session.scalars(select(Message.recipient))}
    assert everybody == {"a@example.org"}


def test_whose_an_offer_and_a_question_were_is_forgotten_a_while_after_their_end(
    shop: FlaskClient,
) -> None:
    with transaction() as session:
        till = session.scalars(select(Device)).one()
        asked = questions.Asked("question", "Rolle 4000", "a@example.org", "bitte zurückrufen")
        question = questions.ask(session, asked)
    wish = [counter_offer.Wish(LURE, 2)]
    new = counter_offer.NewOffer("o-1", wish, "Anna Berg", "a@example.org", days=7)
    offer, _repeated = counter_offer.make(till, new)
    with clock.frozen(offer.valid_until_at), transaction() as session:
        questions.close(session, question, outcome="answered", actor="Ute")
    late = offer.valid_until_at + terms.ENDED_KNOWN_FOR
    for at, name in ((late, "Anna Berg"), (late + timedelta(seconds=1), "")):
        with clock.frozen(at):
            forgetting.long_ended()
        with reading() as session:
            assert counter_offers.by_ref(session, offer.ref).name == name
            [known] = questions.listed(session, closed=True)
        assert (bool(known.email), bool(known.note)) == (bool(name), bool(name))
    with clock.frozen(late + timedelta(days=1)), pytest.raises(NotFound, match="counter_offer"):
        counter_offer.again(offer.ref)


def test_an_account_is_deleted_and_says_what_stays(shop: FlaskClient) -> None:
    sell((LURE, LURE_MINOR))
    shop.post("/konto/adressen", data=HOME)
    assert "31.12.2034" in text(shop.get("/konto/loeschen"))
    placed = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    assert "noch unterwegs" in text(shop.post("/konto/loeschen", follow_redirects=True))
    with transaction() as session:
        row = session.scalars(select(Order).where(Order.ref == placed.order_ref)).one()
        row.state, row.closed_at = "lapsed", clock.now()
    assert shop.post("/konto/loeschen").status_code == 303
    assert shop.get("/konto").status_code == 302
    with reading() as session:
        assert session.scalars(select(CustomerAccount)).all() == []
        with pytest.raises(NotFound):
            customers.by_number(session, MUELLER)
        assert points.balance(session, MUELLER) == 0
        till = session.scalars(select(Order).where(Order.channel == "till")).one()
        assert till.customer_number == MUELLER


def test_an_account_is_deleted_whose_mail_came_back(shop: FlaskClient) -> None:
    with transaction() as session:
        link = session.scalars(select(Message).where(Message.order_ref.is_(None))).first()
        assert link is not None
        assert failures.note(session, link, failures.BOUNCED, "5.1.1", "no such mailbox")
    assert shop.post("/konto/loeschen").status_code == 303
    with reading() as session:
        assert session.scalars(select(CustomerAccount)).all() == []
        assert session.scalars(select(Undelivered)).all() == []
        assert session.get(Message, link.id) is None


def test_signed_out_on_every_other_device(shop: FlaskClient) -> None:
    phone = shop.application.test_client()
    sign_in(phone, "mueller@example.org")
    shop.post("/konto/abmelden-ueberall")
    assert shop.get("/konto").status_code == 200
    assert phone.get("/konto").status_code == 302
