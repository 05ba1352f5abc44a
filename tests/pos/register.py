"""A till of the tests: it talks to the endpoint, and its books can be photographed."""

import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from kit.database import reading
from tests.small_shop import HOOK, LURE, LURE_MINOR, PAN, TOKEN

STOCK = {("lager", LURE): 24, ("bonn", LURE): 12, ("bonn", HOOK): 5, ("lager", PAN): 7}
_FIGURES = {
    "stock": "SELECT location, sku, on_hand, reserved, allocated FROM stock_balances ORDER BY 1, 2",
    "movements": "SELECT count(*) FROM stock_movements",
    "points": "SELECT number, points FROM points_balances ORDER BY 1",
    "entries": "SELECT count(*) FROM points_entries",
    "numbers": "SELECT name, last FROM number_ranges ORDER BY 1",
    "orders": "SELECT ref, state, receipt_number FROM orders ORDER BY 1",
    "payments": "SELECT order_ref, method, amount_minor, state FROM payments ORDER BY id",
    "events": "SELECT count(*) FROM outbox_events",
    "timeline": "SELECT count(*) FROM order_timeline",
}


class Register:
    """A till with a token; `base` is ``/api`` or, in English, ``/en/api``."""

    def __init__(
        self, client: FlaskClient, token: str | None = TOKEN, base: str = "/api/pos/v1"
    ) -> None:
        self.client = client
        self.base = base
        self.headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.base + path, headers=self.headers)

    def post(self, path: str, body: Any) -> TestResponse:
        return self.client.post(self.base + path, json=body, headers=self.headers)

    def sell(self, **changes: Any) -> TestResponse:
        return self.post("/sales", sale(**changes))


def sale(*lines: tuple[str, int, int], **changes: Any) -> dict[str, Any]:
    """Return a sale: one lure for exact cash, unless told otherwise."""
    sold = lines or ((LURE, 1, LURE_MINOR),)
    total = sum(quantity * unit for _, quantity, unit in sold)
    return {
        "sale_id": str(uuid.uuid4()),
        "lines": [
            {"sku": sku, "quantity": quantity, "unit_minor": unit} for sku, quantity, unit in sold
        ],
        "tenders": [{"method": "cash", "amount_minor": total}],
        **changes,
    }


def photograph() -> dict[str, list[tuple[Any, ...]]]:
    """Return every figure that a sale may move."""
    with reading() as session:
        return {
            name: [tuple(row) for row in session.execute(text(query))]
            for name, query in _FIGURES.items()
        }


def problem(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a problem, after checking its form (RFC 9457)."""
    assert answer.content_type == "application/problem+json"
    told = answer.get_json()
    assert told["status"] == answer.status_code
    assert told["type"] == f"about:blank#{told['code']}"
    assert told["title"]
    return answer.status_code, told["code"]
