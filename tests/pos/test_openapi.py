"""The description is what a third party builds a till from: complete, and true."""

import re

import pytest

from app.tills import pairing
from kit.database import transaction
from loyalty import gift_cards
from tests.pos.register import sale
from tests.small_shop import LURE, MUELLER

_IN = "/api/pos/v1"
# What an operation answers beside 200; all but pairing want a token, and say 401 without one.
OPERATIONS = {
    ("/baskets/{code}", "get"): {"404"},
    ("/best-sellers", "get"): set(),
    ("/card-payments", "post"): {"409", "422", "503"},
    ("/card-payments/{card_payment_id}", "delete"): {"404", "503"},
    ("/card-payments/{card_payment_id}", "get"): {"404", "503"},
    ("/cash-movements", "post"): {"422"},
    ("/cashiers", "get"): set(),
    ("/changes", "get"): {"422"},
    ("/collections", "get"): {"404", "422"},
    ("/collections/{ref}/hand-over", "post"): {"403", "404", "409", "422"},
    ("/collections/{ref}/proof", "post"): {"403", "404", "409", "422"},
    ("/customers/{number}", "get"): {"404", "422"},
    ("/device", "get"): set(),
    ("/gift-cards", "post"): {"404", "422", "429"},
    ("/items/{code}", "get"): {"404", "409", "422"},
    ("/offers", "get"): set(),
    ("/offers", "post"): {"404", "409", "422"},
    ("/offers/{ref}/renewal", "post"): {"404", "409"},
    ("/pairings", "post"): {"404", "422", "429"},
    ("/parked", "get"): set(),
    ("/parked", "post"): {"422"},
    ("/parked/{parked_id}", "delete"): {"404"},
    ("/phone-baskets", "post"): {"404", "422"},
    ("/quotes", "post"): {"404", "409", "422"},
    ("/receipt-mails", "post"): {"404", "422", "429"},
    ("/receipts", "get"): {"404", "422"},
    ("/receipts/{sale_id}/print", "get"): {"404"},
    ("/sales", "post"): {"403", "404", "409", "422"},
    ("/sessions", "post"): {"409", "422"},
    ("/sessions/{session_id}", "get"): {"404"},
    ("/sessions/{session_id}/closing", "post"): {"404", "422"},
    ("/sign-ins", "post"): {"422", "429"},
    ("/suggestions", "post"): {"422"},
    ("/voids", "post"): {"404", "409", "422"},
}
OPERATIONS = {
    (_IN + path, method): refusals | ({"200"} if path == "/pairings" else {"200", "401"})
    for (path, method), refusals in OPERATIONS.items()
}


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").get_json()


def test_every_operation_names_its_answers_its_problems_and_its_lock(document):
    assert document["openapi"] == "3.1.0"
    found = {
        (path, method): set(operation["responses"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert found == OPERATIONS
    scheme = document["components"]["securitySchemes"]["device"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    names = set()
    for path, method in OPERATIONS:
        operation = document["paths"][path][method]
        names.add(operation["operationId"])
        open_to_all = path.endswith("/pairings")
        assert operation["security"] == ([] if open_to_all else [{"device": []}])
        assert operation["summary"]
        for status, answer in operation["responses"].items():
            kind = "application/json" if status == "200" else "application/problem+json"
            assert list(answer["content"]) == [kind]
            assert answer["description"]
    assert len(names) == len(OPERATIONS)


def test_every_reference_leads_somewhere_and_every_path_parameter_is_described(document):
    schemas = document["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/(\w+)"', str(document).replace("'", '"')):
        assert name in schemas
    for path, item in document["paths"].items():
        described = [one["name"] for one in item.get("parameters", ()) if one["in"] == "path"]
        assert described == re.findall(r"{(\w+)}", path)
        assert all(one["required"] and one["schema"]["type"] == "string"
                   for one in item.get("parameters", ()))  # fmt: skip


def test_what_a_till_posts_is_closed_and_what_it_gets_may_grow(document):
    schemas = document["components"]["schemas"]
    for name in ("SaleRequest", "SaleLine", "Tender", "QuoteRequest", "QuoteLine", "VoidRequest"):
        assert schemas[name]["additionalProperties"] is False
    for name in ("Receipt", "Quote", "Item", "Customer", "Device", "Problem"):
        assert schemas[name].get("additionalProperties") is not False
    assert schemas["SaleLine"]["properties"]["quantity"]["minimum"] == 1
    assert schemas["Tender"]["properties"]["method"]["enum"] == [
        "cash",
        "card_terminal",
        "gift_card",
        "voucher",
        "original",
        "rounding",
    ]


def _fits(document, schema, value, place):
    """Check a value against the part of JSON Schema that the document uses."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if (one.get("type") == "null") == (value is None)]
        return _fits(document, kinds[0], value, place) if kinds else pytest.fail(place)
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict,
             "null": type(None), "number": (int, float)}  # fmt: skip
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, kinds[name]) for name in named), place
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= set(value), place
        assert set(value) <= set(schema["properties"]), f"{place}: not described"
        for name, deeper in value.items():
            _fits(document, schema["properties"][name], deeper, f"{place}.{name}")
    if isinstance(value, list):
        for position, deeper in enumerate(value):
            _fits(document, schema["items"], deeper, f"{place}.{position}")
    return None


def test_real_answers_are_as_described(register, document):
    quoted = {"lines": [{"sku": LURE, "quantity": 1}], "customer_number": MUELLER}
    with transaction() as session:
        _, code = gift_cards.issue(
            session, 1000, kind="sold", document="R-1", actor="test", key="card"
        )
        offered = pairing.offer(
            session, till="bonn-2", name="Kasse 2", location="bonn", actor="test"
        )
    moved = {"movement_id": "moved-001", "kind": "deposit", "amount_minor": 5, "reason": "Wechsel"}
    opened = {"session_id": "drawer-1", "opening_minor": 10_000}
    sold = sale(customer_number=MUELLER)
    void = {"sale_id": "void-0001", "voids": sold["sale_id"], "reason": "Versehen"}
    steps = [
        ("/pairings", "post", {"pairing_code": offered.code}),
        ("/gift-cards", "post", {"code": code}),
        ("/device", "get", None),
        ("/cashiers", "get", None),
        ("/changes", "get", None),
        (f"/items/{LURE}", "get", None),
        (f"/customers/{MUELLER}", "get", None),
        ("/quotes", "post", quoted),
        ("/suggestions", "post", {"sale_id": "seen-0001", "taken": [LURE]}),
        ("/sessions", "post", opened),
        ("/sales", "post", sold),
        (f"/receipts?code={sold['sale_id']}", "get", None),
        ("/voids", "post", void),
        ("/cash-movements", "post", moved),
        ("/parked", "post", {"parked_id": "parked-1", "document": {"lines": []}}),
        ("/parked", "get", None),
        ("/sessions/drawer-1", "get", None),
        ("/sessions/drawer-1/closing", "post", {"counted_minor": 10_000}),
    ]
    named = {f"/items/{LURE}": "/items/{code}", f"/customers/{MUELLER}": "/customers/{number}"}
    for path, method, body in steps:
        answer = register.post(path, body) if method == "post" else register.get(path)
        assert answer.status_code == 200, (path, answer.get_json())
        place = named.get(path, path.split("?")[0]).replace("drawer-1", "{session_id}")
        operation = document["paths"][_IN + place][method]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        _fits(document, schema, answer.get_json(), path)
