"""Every column of amounts adds up to the cent, from the basket to the letter."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.messages.models import Message
from app.sales.models import Order
from catalog import promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit.database import reading, transaction
from tests.small_shop import HOOK, LURE, MUELLER, WEDNESDAY
from tests.web.storefront import FORM, add, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")

# 5 % off 6.90 and 4.90 for the card, 2.00 shared out over both lines by the code.
GOODS, DELIVERY = 2 * 655 + 465 - 200, 490


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client with a customer number and a code that takes an amount off all of the basket."""
    open_shop()
    rule = Rule("", "amount", name_de="Herbst", name_en="Autumn", amount_minor=200)
    days = (WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(days=1))
    with transaction() as session:
        offer = Offer(rule, starts_at=days[0], ends_at=days[1], code="HERBST")
        promotions.create(session, offer, actor="Frau Adler")
    add(client, LURE, 2)
    add(client, HOOK)
    client.post("/warenkorb/kundennummer", data={"customer_number": MUELLER})
    client.post("/warenkorb/code", data={"code": "HERBST"})
    return client


def cents(words: str) -> int:
    """Return an amount as it is written, minor units."""
    sign, euros, rest = re.search(r"(−?)(\d+),(\d\d)\s€", words).groups()
    return (-1 if sign else 1) * (int(euros) * 100 + int(rest))


def column(body: str) -> tuple[list[int], dict[str, int]]:
    """Return what a page shows beside its lines, and below them by its word."""
    lines = [cents(unescape(one)) for one in re.findall(r'class="line__sum">(.*?)</p>', body)]
    below = re.search(r'<dl class="facts facts--sum">(.*?)</dl>', body, re.DOTALL).group(1)
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", below, re.DOTALL)
    return lines, {re.sub("<[^>]+>", "", term): cents(unescape(value)) for term, value in pairs}


@pytest.mark.parametrize("address", ["/warenkorb", "/bestellen", "/bestellen/pruefen"])
def test_the_lines_add_up_to_the_goods_and_these_with_the_delivery_to_the_total(
    shop: FlaskClient, address: str
) -> None:
    shop.post("/bestellen", data=FORM)
    answer = shop.get(address)
    lines, below = column(answer.get_data(as_text=True))
    assert sum(lines) == GOODS
    assert below == {"Artikel": GOODS, "Versand": DELIVERY, "Gesamt": GOODS + DELIVERY}
    assert "schon abgezogen: Kundenpreis 0,95 €, Herbst 2,00 €" in text(answer)
    assert "je 6,55 € statt 6,90 €" in text(answer)


def test_what_is_reserved_adds_up_to_what_is_paid_in_the_store(shop: FlaskClient) -> None:
    shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": "3"})
    lines, below = column(shop.get("/reservieren").get_data(as_text=True))
    assert below == {"Im Laden zu zahlen": sum(lines)}


def test_the_page_of_the_order_and_the_letter_add_up_like_the_review(
    shop: FlaskClient, settle_events
) -> None:
    shop.post("/bestellen", data=FORM)
    shop.post("/bestellen/pruefen", data={"total_minor": str(GOODS + DELIVERY)})
    settle_events()
    with reading() as session:
        order = session.scalars(select(Order)).one()
        letter = session.scalars(select(Message.body_text).limit(1)).one()
    answer = shop.get(f"/bestellung/{order.ref}?t={order.token}")
    lines, below = column(answer.get_data(as_text=True))
    assert sum(lines) == below["Artikel"] == GOODS
    assert below["Gesamt, inkl. MwSt."] == GOODS + DELIVERY
    assert "je 6,55 € · Herbst −1,48 €" in text(answer)
    *written, delivery, total = [
        cents(line) for line in letter.splitlines() if re.search(r"\d,\d\d\s€$", line)
    ]
    assert written == lines
    assert sum(written) + delivery == total == GOODS + DELIVERY
