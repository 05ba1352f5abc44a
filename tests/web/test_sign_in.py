"""Customers sign in by mail; the card of the counter and the account are one customer."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.identity.customer_models import CustomerAccount, CustomerSession, MailLink
from app.messages import account_letters
from app.messages.models import Message
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from kit.database import reading, transaction
from loyalty import customers, points
from loyalty.models import Customer
from tests.small_shop import HOOK, HOOK_MINOR, LURE, LURE_MINOR, MUELLER, TOKEN
from tests.web.accounts import link_in, newest_mail, sign_in
from tests.web.storefront import open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


def count(row: object) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def sell(sku: str, minor: int, number: str, sale_id: str) -> str:
    from app.identity import devices

    with reading() as session:
        till = devices.by_token(session, TOKEN)
    sale = Sale(sale_id, [SaleLine(sku, 1, minor)], [Tender("cash", minor)], number)
    return str(sales.sell(till, sale).order.receipt_number)


@pytest.fixture
def shop(client):
    open_shop()
    return client


def test_a_known_address_opens_its_customers_account_with_the_receipts_of_the_counter(shop):
    receipt = sell(LURE, LURE_MINOR, MUELLER, "s-1")
    link = sign_in(shop, " Mueller@Example.org ")
    page = text(shop.get("/konto"))
    assert "Guten Tag, Jürgen Müller" in page
    assert "2 104 881" in page
    assert f"Beleg {receipt}" in page
    assert "6 Punkte" in page
    # Once is once, also for somebody who finds the mail later.
    other = shop.application.test_client()
    assert other.get(link).status_code == 410
    assert other.post(link).status_code == 410
    assert other.get("/konto").status_code == 302
    assert count(CustomerSession) == 1


def test_asking_says_the_same_for_every_address_and_a_mailbox_is_not_flooded(shop):
    known = text(shop.post("/anmelden", data={"email": "mueller@example.org"}))
    unknown = text(shop.post("/anmelden", data={"email": "niemand@example.org"}))
    assert known.replace("mueller@", "niemand@") == unknown
    assert count(CustomerAccount) == 0
    for _ in range(6):
        answer = shop.post("/anmelden", data={"email": "niemand@example.org"})
        assert text(answer) == unknown
    assert count(MailLink) == 1 + 5
    assert shop.post("/anmelden", data={"email": "kein Postfach"}).status_code == 422


def test_a_link_is_good_for_a_quarter_of_an_hour_and_for_this_shop_only(shop):
    shop.post("/anmelden", data={"email": "a@example.org", "weiter": "//evil.example"})
    link = link_in(newest_mail("sign_in"))
    with transaction() as session:
        late = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(MailLink).values(ends_at=late))
    assert shop.post(link).status_code == 410
    with transaction() as session:
        session.execute(update(MailLink).values(ends_at=datetime.now(UTC) + timedelta(minutes=1)))
    assert shop.post(link).location == "/konto"


def test_a_stranger_becomes_a_customer_with_a_number_and_signs_out_again(shop):
    shop.get("/konto/einkaeufe?wo=laden")
    shop.post("/anmelden", data={"email": "neu@example.org", "weiter": "/konto/einkaeufe?wo=laden"})
    answer = shop.post(link_in(newest_mail("sign_in")))
    assert answer.location == "/konto/einkaeufe?wo=laden"
    cookie = answer.headers["Set-Cookie"]
    assert "kontor_kunde=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    with reading() as session:
        account = session.scalars(select(CustomerAccount)).one()
        made = customers.by_number(session, account.number)
    assert (made.name, made.email) == ("neu", "neu@example.org")
    # The staff's rooms know nothing of it.
    assert shop.get("/office/").status_code == 302
    assert shop.post("/abmelden").status_code == 303
    assert shop.get("/konto").status_code == 302
    assert count(CustomerSession) == 0


def test_a_sent_mail_keeps_no_way_in_and_the_office_never_sees_it(shop):
    shop.post("/anmelden", data={"email": "mueller@example.org"})
    token = link_in(newest_mail("sign_in")).rpartition("/")[2]
    with transaction() as session:
        account_letters.blot(session.scalars(select(Message)).one())
    sent = newest_mail("sign_in")
    assert token not in sent.body_text + sent.body_html + str(sent.facts)


def test_a_card_of_the_counter_and_an_account_become_one_customer(shop):
    """Linked by the number and a mail to the address that was left at the counter."""
    sell(LURE, LURE_MINOR, MUELLER, "s-1")
    sign_in(shop, "jm@privat.example")
    with reading() as session:
        web = session.scalars(select(CustomerAccount)).one().number
    sell(HOOK, HOOK_MINOR, web, "s-2")
    assert "6 Punkte" not in text(shop.get("/konto"))

    wrong = text(shop.post("/konto/karte", data={"number": "1234567"}))
    assert "Kundennummer stimmt nicht" in wrong
    unknown = text(shop.post("/konto/karte", data={"number": "9999992"}))
    asked = text(shop.post("/konto/karte", data={"number": "2 104 881"}))
    assert asked == unknown
    mail = newest_mail("link_card")
    assert mail.recipient == "mueller@example.org"
    owner = shop.application.test_client()
    assert owner.get(link_in(mail)).status_code == 200
    assert owner.post(link_in(mail)).status_code == 303
    assert owner.post(link_in(mail)).status_code == 410

    page = text(shop.get("/konto"))
    assert "2 104 881" in page
    assert "10 Punkte" in page
    assert page.count("Beleg bonn-1-") == 2
    with reading() as session:
        assert customers.by_number(session, web).number == MUELLER
        assert points.balance(session, web) == points.balance(session, MUELLER) == 10
        row = session.scalars(select(Customer).where(Customer.number == web)).one()
        assert row.merged_into == MUELLER
    # What the old number earns from now on is the same customer's.
    sell(LURE, LURE_MINOR, web, "s-3")
    assert "16 Punkte" in text(shop.get("/konto"))


def test_nobody_sees_what_is_not_theirs(shop):
    receipt = sell(LURE, LURE_MINOR, MUELLER, "s-1")
    sign_in(shop, "neu@example.org")
    assert receipt not in text(shop.get("/konto/einkaeufe"))
    with reading() as session:
        from app.sales.models import Order

        ref = session.scalars(select(Order.ref)).one()
    assert shop.get(f"/konto/beleg/{ref}").status_code == 404
    mueller = shop.application.test_client()
    sign_in(mueller, "mueller@example.org")
    page = text(mueller.get(f"/konto/beleg/{ref}"))
    assert "Rheinshad 9 cm" in page
    assert "6,90 €" in page
    assert "1,10 €" in page
