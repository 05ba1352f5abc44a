"""What a till may ask before it sells: itself, goods, customers, prices."""

import pytest

from app.identity.models import Device
from app.workflows import quoting, suggest
from catalog.crosssell import measuring
from kit import clock
from kit.database import reading, transaction
from tests.pos.register import Register, photograph, problem, sale
from tests.small_shop import HOOK, LURE, LURE_GTIN, MUELLER, PAN


def test_a_till_hears_who_it_is_and_what_time_the_shop_has(register):
    answer = register.get("/device")

    assert answer.status_code == 200
    told = answer.get_json()
    fiscal = told.pop("fiscal")
    assert (fiscal["certified"], fiscal["client_id"]) == (False, "KONTOR-BONN-1")
    assert "nicht zertifiziert" in fiscal["note"]
    assert told.pop("retailer")["street"] == "Weg 1"
    assert told == {
        "code": "bonn-1",
        "name": "Kasse 1",
        "location": "bonn",
        "location_name": "Bonn",
        "time": "2026-11-25T11:30:00+00:00",
        "last_receipt_number": 0,
        "session": None,
        "card_reader": False,
        "rules": {
            "cash_rounding_minor": 1,
            "lock_after_seconds": 300,
            "small_discount_basis_points": 1000,
        },
    }


@pytest.mark.parametrize("code", [LURE_GTIN, "0" + LURE_GTIN, LURE, f"%20{LURE}%20"])
def test_an_item_is_found_by_gtin_and_by_sku(register, code):
    answer = register.get(f"/items/{code}")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "sku": LURE,
        "gtin": "0" + LURE_GTIN,
        "title": "Rheinshad 9 cm",
        "unit_minor": 690,
        "vat_basis_points": 1900,
        "age_min": 0,
        "picture": None,
        "stock": [
            {"location": "lager", "name": "Lager Kassel", "on_hand": 24, "available": 24},
            {"location": "bonn", "name": "Bonn", "on_hand": 12, "available": 12},
            {"location": "koeln", "name": "Köln", "on_hand": 0, "available": 0},
        ],
    }


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("9520000000012", 422, "gtin"),
        ("952000000001", 422, "gtin"),
        ("123", 422, "gtin"),
        ("9520000000097", 404, "item"),
        ("rs-9-mo", 404, "item"),
        ("nothing", 404, "item"),
        ("²³", 404, "item"),
        ("%00", 404, "item"),
    ],
)
def test_what_is_no_item_is_named_as_such(register, code, status, name):
    assert problem(register.get(f"/items/{code}")) == (status, name)


@pytest.mark.parametrize("number", [MUELLER, "2 104 881", "2.104.881"])
def test_a_customer_is_found_however_the_number_is_spaced(register, number):
    answer = register.get(f"/customers/{number}")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "number": MUELLER,
        "shown": "2 104 881",
        "name": "Jürgen Müller",
        "price_group": "stamm",
        "price_group_name": "Stammkunde",
        "points": 0,
    }


@pytest.mark.parametrize(
    ("number", "status", "name"),
    [
        ("2104882", 422, "customer_number"),
        ("1000009", 404, "customer"),
        ("x", 422, "customer_number"),
    ],
)
def test_a_number_that_is_nobodys_is_refused(register, number, status, name):
    assert problem(register.get(f"/customers/{number}")) == (status, name)


def test_a_quote_has_prices_savings_points_and_what_the_basket_needs(register):
    asked = {
        "lines": [{"sku": LURE, "quantity": 2}, {"sku": PAN, "quantity": 1}],
        "customer_number": "2 104 881",
    }
    answer = register.post("/quotes", asked)

    assert answer.status_code == 200
    quote = answer.get_json()
    lines = [
        (
            line["sku"],
            line["quantity"],
            line["unit_minor"],
            line["list_unit_minor"],
            line["line_minor"],
        )
        for line in quote["lines"]
    ]
    assert lines == [(LURE, 2, 655, 690, 1310), (PAN, 1, 8455, 8900, 8455)]
    assert (quote["list_minor"], quote["saved_minor"], quote["total_minor"]) == (10280, 515, 9765)
    assert (quote["points"], quote["currency"]) == (97, "EUR")
    assert quote["customer"]["name"] == "Jürgen Müller"
    assert quote["suggestions"] == [
        {
            "sku": HOOK,
            "title": "Offset-Haken 3/0",
            "picture": None,
            "kind": "needs",
            "reason": "passt zu Rheinshad 9 cm",
            "unit_minor": 465,
            "available_here": 5,
        }
    ]


def test_without_a_number_everyones_prices_and_no_points(register):
    quote = register.post("/quotes", {"lines": [{"sku": LURE, "quantity": 3}]}).get_json()

    assert (quote["total_minor"], quote["saved_minor"]) == (2070, 0)
    assert (quote["points"], quote["customer"]) == (0, None)


def test_a_sku_that_comes_twice_is_one_line(register):
    twice = {"lines": [{"sku": LURE, "quantity": 1}, {"sku": LURE, "quantity": 2}]}

    quote = register.post("/quotes", twice).get_json()

    assert [(line["sku"], line["quantity"]) for line in quote["lines"]] == [(LURE, 3)]


def test_texts_come_in_english_below_en(register, client):
    english = Register(client, base="/en/api/pos/v1")

    quote = english.post("/quotes", {"lines": [{"sku": LURE, "quantity": 1}]}).get_json()

    assert quote["suggestions"][0]["reason"] == "fits Rheinshad 9 cm"
    assert english.get(f"/customers/{MUELLER}").get_json()["price_group_name"] == "Regular"


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic dGlsbA==", "till"]
)
@pytest.mark.parametrize("path", ["/device", f"/items/{LURE}", f"/customers/{MUELLER}"])
def test_without_a_valid_token_nothing_is_told(register, client, header, path):
    headers = {"Authorization": header} if header else {}

    answer = client.get("/api/pos/v1" + path, headers=headers)

    assert problem(answer) == (401, "device_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Müller" not in answer.text


def test_a_wrong_or_revoked_token_sells_nothing(register, client):
    before = photograph()

    assert problem(Register(client, "wrong").sell()) == (401, "device_token")
    assert problem(Register(client, None).post("/sales", sale())) == (401, "device_token")
    with transaction() as session:
        session.query(Device).one().revoked_at = clock.now()
    assert problem(register.sell()) == (401, "device_token")
    assert problem(register.get("/device")) == (401, "device_token")

    assert photograph() == before


def test_the_till_suggests_what_the_web_does_for_the_same_basket_and_customer(register):
    with reading() as session:
        quote = quoting.quote(
            session, [(LURE, 30)], customer_number=MUELLER, postal_code=None, at=clock.now()
        )
        web = suggest.beside(session, quote, at=clock.now(), customer=MUELLER)
    asked = {"lines": [{"sku": LURE, "quantity": 30}], "customer_number": MUELLER}
    till = register.post("/quotes", asked).get_json()["suggestions"]

    said = [(one.item.sku, one.kind, one.reason("de"), one.unit_minor) for one in web]
    assert said == [(HOOK, "needs", "passt zu Rheinshad 9 cm", 465)]
    assert [(one["sku"], one["kind"], one["reason"], one["unit_minor"]) for one in till] == said
    # Both stores and the warehouse send something: the hooks ride with the part from Bonn.
    assert web[0].extra_parcels == 0


def test_what_a_till_showed_is_counted_by_its_sale_alone(register, settle_events):
    shown = [{"sku": HOOK, "kind": "needs"}, {"sku": "NIX", "kind": "fits"}]
    for _ in range(2):
        seen = register.post("/suggestions", {"sale_id": "till-sale-1", "shown": shown})
        assert seen.get_json() == {"sale_id": "till-sale-1"}
    register.post("/suggestions", {"sale_id": "till-sale-1", "taken": [HOOK]})
    register.post("/sales", sale((LURE, 1, 690), (HOOK, 2, 490), sale_id="till-sale-1"))
    settle_events()

    with reading() as session:
        (one,) = measuring.places(session, clock.today())
    assert (one.source, one.position, one.channel) == ("needs", 1, "till")
    assert (one.shown, one.added, one.bought, one.unavailable) == (1, 1, 1, 0)
    assert one.margin_minor == 294
    wrong = {"sale_id": "till-sale-1", "shown": [{"sku": HOOK, "kind": "magic"}]}
    assert problem(register.post("/suggestions", wrong)) == (422, "malformed")


def test_a_till_takes_part_in_a_trial_by_the_hash_of_its_sale(register):
    with transaction() as session:
        trial = measuring.start(session, "Mit und ohne", "nothing", 50, "Frau Adler")
    asked = {"lines": [{"sku": LURE, "quantity": 1}]}
    for number in range(8):
        sale_id = f"till-sale-{number:04}"
        arm = measuring.arm_of(trial, measuring.unit_of(sale_id))
        quote = register.post("/quotes", {**asked, "sale_id": sale_id}).get_json()
        assert (len(quote["suggestions"]), quote["trial"]) == ({"a": 1, "b": 0}[arm], True)
        register.post("/suggestions", {"sale_id": sale_id})
    assert len(register.post("/quotes", asked).get_json()["suggestions"]) == 1
    with reading() as session:
        assert sum(arm.baskets for arm in measuring.arms(session, trial.id)) == 8
