"""The description is what a third party builds a till from: complete, and true."""

import re

import pytest

from kit.database import transaction
from loyalty import gift_cards
from tests.pos.register import sale
from tests.small_shop import LURE, MUELLER

OPERATIONS = {
    ("/api/pos/v1/device", "get"): {"200", "401"},
    ("/api/pos/v1/items/{code}", "get"): {"200", "401", "404", "409", "422"},
    ("/api/pos/v1/customers/{number}", "get"): {"200", "401", "404", "422"},
    ("/api/pos/v1/gift-cards", "post"): {"200", "401", "404", "422", "429"},
    ("/api/pos/v1/quotes", "post"): {"200", "401", "404", "409", "422"},
    ("/api/pos/v1/sales", "post"): {"200", "401", "404", "409", "422"},
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
        assert operation["security"] == [{"device": []}]
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
        described = [one["name"] for one in item.get("parameters", ())]
        assert described == re.findall(r"{(\w+)}", path)
        assert all(one["required"] and one["schema"]["type"] == "string"
                   for one in item.get("parameters", ()))  # fmt: skip


def test_what_a_till_posts_is_closed_and_what_it_gets_may_grow(document):
    schemas = document["components"]["schemas"]
    for name in ("SaleRequest", "SaleLine", "Tender", "QuoteRequest", "WantedLine"):
        assert schemas[name]["additionalProperties"] is False
    for name in ("Receipt", "Quote", "Item", "Customer", "Device", "Problem"):
        assert schemas[name].get("additionalProperties") is not False
    assert schemas["SaleLine"]["properties"]["quantity"]["minimum"] == 1
    assert schemas["Tender"]["properties"]["method"]["enum"] == [
        "cash",
        "card_terminal",
        "gift_card",
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
    if isinstance(value, dict):
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
    answers = {
        ("/api/pos/v1/gift-cards", "post"): register.post("/gift-cards", {"code": code}),
        ("/api/pos/v1/device", "get"): register.get("/device"),
        ("/api/pos/v1/items/{code}", "get"): register.get(f"/items/{LURE}"),
        ("/api/pos/v1/customers/{number}", "get"): register.get(f"/customers/{MUELLER}"),
        ("/api/pos/v1/quotes", "post"): register.post("/quotes", quoted),
        ("/api/pos/v1/sales", "post"): register.post("/sales", sale(customer_number=MUELLER)),
    }
    assert set(answers) == set(OPERATIONS)
    for (path, method), answer in answers.items():
        assert answer.status_code == 200
        schema = document["paths"][path][method]["responses"]["200"]["content"]
        _fits(document, schema["application/json"]["schema"], answer.get_json(), path)
