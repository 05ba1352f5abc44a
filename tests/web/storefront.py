"""What the storefront tests share: a small shop behind a client, and reading its pages."""

import json
import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import small_shop
from tests.small_shop import HOOK, LURE, PAN

STOCK = {
    ("lager", LURE): 24,
    ("lager", HOOK): 3,
    ("bonn", HOOK): 5,
    ("bonn", LURE): 6,
    ("koeln", PAN): 1,
}
FORM = {
    "name": "Jürgen Müller",
    "street": "Moselweg 3",
    "postal_code": "56068",
    "city": "Koblenz",
    "email": "mueller@example.org",
    "phone": "0261 14710777",
    "contact_by": "call",
    "need_by_on": "",
}


def text(answer: TestResponse) -> str:
    """Return what a page says: without tags, blanks collapsed."""
    body = answer.get_data(as_text=True)
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", body, flags=re.DOTALL)
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " "))
    return re.sub(r" ([.,;:)])", r"\1", words).strip()


def data(answer: TestResponse) -> list[dict[str, Any]]:
    """Return the structured data of a page."""
    found = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', answer.get_data(as_text=True)
    )
    return [json.loads(entry) for entry in found]


def add(client: FlaskClient, sku: str, quantity: object = 1, **more: str) -> TestResponse:
    """Put something into the client's basket."""
    form = {"sku": sku, "quantity": str(quantity), **more}
    return client.post("/warenkorb/artikel", data=form)


def basket_of(client: FlaskClient) -> dict[str, int]:
    """Return what is in the client's basket, read from the fields of its page."""
    body = client.get("/warenkorb").get_data(as_text=True)
    found = re.findall(r'id="q-([^"]+)" name="quantity" value="(\d+)"', body)
    return {sku: int(quantity) for sku, quantity in found}


def open_shop() -> None:
    """Build the small shop with the stock of these tests."""
    small_shop.build(STOCK)
